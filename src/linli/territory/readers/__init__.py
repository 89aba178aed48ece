"""Reading unit files: CSV or Excel tables and GeoJSON, as rows with findings. Reads files, no database."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from linli.kernel.text import Text
from linli.territory.readers.common import Choices, Reading, unreadable
from linli.territory.readers.features import from_geojson
from linli.territory.readers.tables import from_csv, from_sheet

__all__ = ["Choices", "Reading", "read"]


def read(path: Path, choices: Choices) -> Reading:
    """The rows of a CSV, Excel or GeoJSON file (also gzipped), told apart by content.

    Raises `Problem(FILE_UNREADABLE)` when it is none of them.
    """
    data = _bytes(path)
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return from_sheet(data, choices)
    text = _decoded(data)
    if text.lstrip()[:1] in ("{", "["):
        return from_geojson(text, choices)
    return from_csv(text, choices)


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        detail = getattr(error, "strerror", None) or type(error).__name__
        raise unreadable(
            Text(f"打不开文件 {path.name}:{detail}", f"Cannot open {path.name}: {detail}")
        ) from error


def _decoded(data: bytes) -> str:
    """Text in UTF-8 (with or without mark), UTF-16 with mark, or GB 18030, as Chinese Excel saves it."""
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise unreadable(
        Text("文字编码无法识别,请存为 UTF-8", "The text encoding is unknown; save the file as UTF-8")
    )
