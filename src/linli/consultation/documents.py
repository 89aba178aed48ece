"""The PDFs of consultations on disk: by the SHA-256 of their bytes, whole under their name or not there.

They are never opened here, and leave as downloads that a browser does not interpret (`web.documents`).
"""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from linli.consultation import rules
from linli.consultation.words import NO_DOCUMENT, Upload
from linli.kernel import rulebook
from linli.kernel.errors import INVALID, TOO_LARGE, Problem
from linli.kernel.text import Text


def path_of(digest: str) -> Path:
    """Where the document with this SHA-256 lies."""
    return Path(settings.MEDIA_ROOT) / "documents" / digest[:2] / f"{digest[2:]}.pdf"


def check(uploads: tuple[Upload, ...]) -> None:
    """Refuse what is too many, too large, or no PDF, naming the field `documents`."""
    bounds = rulebook.table("consultation")["bounds"]
    most = bounds["documents"]
    if len(uploads) > most:
        raise Problem(INVALID, fields={"documents": Text(f"最多 {most} 份文件", f"At most {most} documents")})
    for upload in uploads:
        if len(upload.data) > bounds["document_bytes"]:
            limit = bounds["document_bytes"] >> 20
            raise Problem(
                TOO_LARGE, fields={"documents": Text(f"每份最大 {limit} MB", f"At most {limit} MB each")}
            )
        if not rules.is_document(upload.name, upload.data):
            raise Problem(NO_DOCUMENT, fields={"documents": NO_DOCUMENT.title})


def keep(upload: Upload) -> str:
    """Write the document and give its SHA-256; done when the disk has it. The same bytes are kept once."""
    digest = sha256(upload.data).hexdigest()
    write(path_of(digest), upload.data)
    return digest


def write(path: Path, data: bytes) -> None:
    """Write a file for this town's own eyes that is whole under its name or not there."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def dossier_path(digest: str) -> Path:
    """Where the dossier with this SHA-256 lies."""
    return Path(settings.DATA_DIR) / "dossiers" / f"{digest}.zip"
