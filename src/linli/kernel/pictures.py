"""Pictures rebuilt from their pixels: what comes out holds nothing but what can be seen.

The decoder is given only the parts that draw the picture. Position, camera, comments, colour profiles,
embedded previews and whatever hides behind the end are gone before it starts, and the result is a new JPEG.
"""

from __future__ import annotations

import re
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

_PNG_START = b"\x89PNG\r\n\x1a\n"
_SUFFIXES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "jpe": "image/jpeg", "jfif": "image/jpeg",
    "png": "image/png", "webp": "image/webp",
}  # fmt: skip
_OTHER_NAMES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
_SAYS_NOTHING = {"", "application/octet-stream"}
_OPENERS: dict[str, Callable[[BytesIO], ImageFile.ImageFile]] = {
    "image/jpeg": JpegImagePlugin.JpegImageFile,
    "image/png": PngImagePlugin.PngImageFile,
    "image/webp": WebPImagePlugin.WebPImageFile,
}
_UNREADABLE = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, AttributeError,
    OverflowError, struct.error, zlib.error,
)  # fmt: skip
# EXIF 2.32, tag 0x0112: how to turn the stored pixels so that they stand upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
# Before a marker there may be any number of filling bytes; inside a scan FF is data when 00 follows it.
_MARKER = re.compile(rb"\xff++([^\x00\xff\xd0-\xd7])")
_SCAN_END = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_MOST_SEGMENTS = 5000
# A large picture takes a few hundred megabytes while it is decoded: two at a time in a process.
_AT_ONCE = threading.BoundedSemaphore(2)


class WrongType(Exception):
    """Not a picture that is taken, or its name or declared type says something else than its content."""


class TooLarge(Exception):
    """More bytes or pixels than the limits allow."""


class Unreadable(Exception):
    """It begins like a picture but cannot be decoded to its end."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken and how it is kept: bytes, pixels, JPEG passes as sent; sides in pixels; JPEG quality."""

    max_bytes: int
    max_pixels: int
    max_scans: int
    longest_side: int
    thumbnail_side: int
    quality: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A picture as it is kept: JPEG bytes, size in pixels, and a small copy."""

    data: bytes
    width: int
    height: int
    thumbnail: bytes


def media_type_of(data: bytes, name: str, declared: str | None) -> str:
    """The picture's type, on which content, name and declared type agree. Raises WrongType.

    A name without a suffix says nothing, which is fine as long as the declared type says it; of several
    suffixes the last one counts.
    """
    content = _sniff(data)
    _, dot, suffix = re.split(r"[/\\]", name)[-1].lower().rpartition(".")
    said = (declared or "").partition(";")[0].strip().lower()
    said = _OTHER_NAMES.get(said, said)
    by_name = _SUFFIXES.get(suffix) if dot else said
    if content is None or by_name != content or said not in {content, *_SAYS_NOTHING}:
        raise WrongType
    return content


def rebuild(data: bytes, media_type: str, limits: Limits) -> Rebuilt:
    """The picture anew from its pixels: upright, on white, at most `longest_side` long, as plain JPEG.

    The same bytes give the same result. Raises TooLarge or Unreadable.
    """
    if len(data) > limits.max_bytes:
        raise TooLarge
    try:
        with _AT_ONCE:
            return _rebuild(data, media_type, limits)
    except (Image.DecompressionBombError, MemoryError) as error:
        raise TooLarge from error
    except _UNREADABLE as error:
        raise Unreadable from error


def _sniff(data: bytes) -> str | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(_PNG_START):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def _rebuild(data: bytes, media_type: str, limits: Limits) -> Rebuilt:
    exif = b""
    if media_type == "image/jpeg":
        data, exif = _drawing_jpeg(data, limits.max_scans)
    elif media_type == "image/png":
        data, exif = _drawing_png(data)
    with _OPENERS[media_type](BytesIO(data)) as image:
        if image.width * image.height > limits.max_pixels:
            raise TooLarge
        # JPEG can be decoded at a half, a quarter or an eighth; the others ignore this.
        image.draft("RGB", (limits.longest_side, limits.longest_side))
        image.load()
        turn = _TURNS.get(_orientation(exif or image.info.get("exif", b"")))
        picture = _on_white(image)
    picture.thumbnail((limits.longest_side, limits.longest_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if turn is not None:
        picture = picture.transpose(turn)
    small = picture.copy()
    small.thumbnail((limits.thumbnail_side, limits.thumbnail_side), Image.Resampling.LANCZOS)
    return Rebuilt(
        _jpeg(picture, limits.quality), picture.width, picture.height, _jpeg(small, limits.quality)
    )


def _on_white(image: Image.Image) -> Image.Image:
    """The pixels alone, in RGB: transparency shows white paper, 16-bit grey is narrowed."""
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    fresh = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        pixels = image if image.mode == "RGBA" else image.convert("RGBA")
        fresh.paste(pixels, mask=pixels.getchannel("A"))
    else:
        fresh.paste(image if image.mode == "RGB" else image.convert("RGB"))
    return fresh


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _drawing_jpeg(data: bytes, max_scans: int) -> tuple[bytes, bytes]:
    """The segments that draw the picture, and its EXIF block. Raises ValueError when its end is missing.

    Of the application segments only Adobe's (APP14) says how to read the colours. A file of very many scans
    takes minutes to decode whatever its size.
    """
    kept, exif, scans = [data[:2]], b"", 0
    for marker, start, end in _jpeg_segments(data):
        scans += marker == 0xDA
        if scans > max_scans:
            raise ValueError("too many scans")
        if marker == 0xE1 and data.startswith(b"Exif\0\0", start + 4):
            exif = exif or data[start + 10 : end]
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker == 0xEE:
            kept.append(data[start:end])
    return b"".join(kept), exif


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment up to the end of the image; a scan runs to the next marker."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.match(data, at)
        if found is None:
            raise ValueError("no marker where one must be")
        marker, start = found[1][0], found.end() - 2
        if marker == 0xD9:
            yield marker, start, found.end()
            return
        (length,) = struct.unpack_from(">H", data, found.end())
        at = found.end() + max(length, 2)
        if marker == 0xDA:
            after = _SCAN_END.search(data, at)
            if after is None:
                raise ValueError("the picture has no end")
            at = after.start()
        yield marker, start, at
    raise ValueError("too many segments")


def _drawing_png(data: bytes) -> tuple[bytes, bytes]:
    """The chunks that draw the picture, and its EXIF block. Raises ValueError when its end is missing."""
    kept, exif, at, kind = [data[:8]], b"", 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise ValueError("the picture has no end")
        if kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            kept.append(data[at:end])
        elif kind == b"eXIf":
            exif = data[at + 8 : end - 4]
        at = end
    return b"".join(kept), exif


def _orientation(exif: bytes) -> int:
    """The orientation (1 to 8) that an EXIF block gives; 1 when it says nothing or makes no sense."""
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, entry)
            if (tag, kind) == (0x0112, 3):
                return int(value)
    except struct.error:
        return 1
    return 1
