"""Pictures that people send: taken in, kept once, forgotten when nothing uses them.

Files lie under MEDIA_ROOT by the SHA-256 of their rebuilt content (`ab/cdef….jpg`, `ab/cdef….small.jpg`) and
are complete as soon as they have their name, whatever happens to the machine meanwhile.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from linli.kernel import composed, pictures, rulebook
from linli.kernel.errors import NOT_FOUND, TOO_LARGE, TOO_MANY, UNSUPPORTED_TYPE, Problem, declare
from linli.kernel.file_models import StoredFile
from linli.kernel.ids import uuid7
from linli.kernel.text import Text

UNREADABLE = declare(
    "files.unreadable", 422, Text("图片无法打开", "The picture cannot be opened"),
    Text("文件可能不完整或已损坏,请换一张。", "It may be cut off or damaged; take or choose it again."),
)  # fmt: skip
TOO_MANY_FILES = declare(
    "files.too-many", 422, Text("一次最多 {most} 张图片", "At most {most} pictures at a time"),
    Text("请去掉几张后再提交。", "Remove some and send again."),
)  # fmt: skip
GONE = declare(
    "files.gone", 422, Text("图片已失效,请重新上传", "A picture is no longer there; add it again"),
    Text(
        "未使用的图片只保留一天,已使用的图片不能再次使用。",
        "Unused pictures are kept for a day; a used one cannot be used again.",
    ),
)  # fmt: skip

_FIELD = "file"
_MEDIA_TYPE = "image/jpeg"


@cache
def limits() -> pictures.Limits:
    """What is taken and how it is kept, from the rulebook."""
    return pictures.Limits(**rulebook.table("files")["picture"])


def counts() -> dict[str, Any]:
    """How many pictures, and how long an unused one waits, from the rulebook."""
    found: dict[str, Any] = rulebook.table("files")["count"]
    return found


def session_mark(session_key: str | None) -> str:
    """The fingerprint under which an anonymous sender's session is remembered; "" for no session."""
    return hashlib.sha256(session_key.encode()).hexdigest() if session_key else ""


def take_upload(file: UploadedFile, *, by: UUID | None, at: datetime, session: str = "") -> StoredFile:
    """`take_picture` of what a form or a request sent; one of too many bytes is refused before it is read."""
    if (file.size or 0) > limits().max_bytes:
        raise _too_large()
    return take_picture(file.read(), file.name or "", file.content_type, by=by, at=at, session=session)


def take_picture(
    data: bytes,
    name: str,
    declared_type: str | None = None,
    *,
    by: UUID | None,
    at: datetime,
    session: str = "",
) -> StoredFile:
    """Check a picture, rebuild it from its pixels and keep it, not yet attached to anything.

    `by` is the sender's account, `session` an anonymous sender's session key. The same sender who sends the
    same picture again before using it gets the same row. Refuses with TOO_LARGE (bytes or pixels),
    UNSUPPORTED_TYPE (content, name and declared type must agree), UNREADABLE, TOO_MANY (of one sender's
    unused pictures). Not inside a transaction: the picture is on the disk and its row committed afterwards.
    """
    picture = _rebuilt(data, name, declared_type)
    sha256 = hashlib.sha256(picture.data).hexdigest()
    mark = session_mark(session)
    file = StoredFile(
        id=uuid7(at), sha256=sha256, media_type=_MEDIA_TYPE, size=len(picture.data), width=picture.width,
        height=picture.height, created_at=at, uploader=by, session=mark,
    )  # fmt: skip
    with _disk(fcntl.LOCK_SH):
        _keep(path_of(file), picture.data)
        _keep(path_of(file, thumbnail=True), picture.thumbnail)
        with transaction.atomic(durable=True):
            known = _waiting(sha256, by, mark) if by or mark else None
            if known is None:
                file.save(force_insert=True)
    return known or file


def attach(
    ids: Iterable[UUID], *, at: datetime, by: UUID | None = None, session: str = ""
) -> list[StoredFile]:
    """Mark pictures as used, so that they stay; inside the transaction of what uses them.

    Returns them in the given order. Each can be used once: GONE when one is unknown, used or forgotten, or
    was sent by neither the account nor the session given here. TOO_MANY_FILES beyond the rulebook's
    count.
    """
    wanted = list(dict.fromkeys(ids))
    most = counts()["per_matter"]
    if len(wanted) > most:
        raise Problem(TOO_MANY_FILES, most=most)
    if not wanted:
        return []
    with transaction.atomic():
        free = composed.every(StoredFile, ("id",), lock=True, id=tuple(wanted), attached_at=None)
        found = {file.id: file for file in free if _sent_by(file, by, session)}
        if len(found) < len(wanted):
            raise Problem(GONE)
        composed.change(StoredFile, {"id": tuple(wanted)}, attached_at=at)
    for file in found.values():
        file.attached_at = at
    return [found[each] for each in wanted]


def _sent_by(file: StoredFile, by: UUID | None, session: str) -> bool:
    """Whether it is this sender's: of the account, or of the browser's session, which outlives signing in or out."""
    if by is not None and file.uploader == by:
        return True
    if session:
        return bool(file.session == session_mark(session))
    return by is None and file.uploader is None and not file.session


def path_of(file: StoredFile, *, thumbnail: bool = False) -> Path:
    """Where the picture, or its small copy, lies on disk."""
    ending = ".small.jpg" if thumbnail else ".jpg"
    sha256: str = file.sha256
    return _root() / sha256[:2] / f"{sha256[2:]}{ending}"


def open_file(file_id: UUID, *, thumbnail: bool = False) -> BinaryIO:
    """The picture's bytes, open for reading; NOT_FOUND when there is none. Asks not who may see it."""
    file = StoredFile.objects.filter(pk=file_id).first()
    try:
        if file is not None:
            return path_of(file, thumbnail=thumbnail).open("rb")
    except FileNotFoundError:
        pass
    raise Problem(NOT_FOUND)


def forget_unattached(at: datetime) -> int:
    """Remove the pictures that nothing has used for a day, rows and files; how many were removed.

    A file that another row still needs stays. Files go before the commit: after a crash between the two the
    next run finds the rows again. Not inside a transaction.
    """
    before = at - timedelta(hours=counts()["waiting_hours"])
    with _disk(fcntl.LOCK_EX), transaction.atomic(durable=True):
        old = list(
            StoredFile.objects.select_for_update(skip_locked=True).filter(
                attached_at__isnull=True, created_at__lt=before
            )
        )
        StoredFile.objects.filter(pk__in=[file.pk for file in old]).delete()
        contents = {file.sha256: file for file in old}
        needed = set(
            StoredFile.objects.filter(sha256__in=contents).values_list("sha256", flat=True).distinct()
        )
        for sha256, file in contents.items():
            if sha256 not in needed:
                path_of(file).unlink(missing_ok=True)
                path_of(file, thumbnail=True).unlink(missing_ok=True)
    return len(old)


def _waiting(sha256: str, by: UUID | None, mark: str) -> StoredFile | None:
    """The sender's unused picture with this content, if any; refuses when too many others wait already."""
    waiting = composed.every(StoredFile, ("id",), attached_at=None, uploader=by, session=mark)
    known = next((file for file in waiting if file.sha256 == sha256), None)
    if known is None and len(waiting) >= counts()["waiting"]:
        raise Problem(TOO_MANY)
    return known


def _rebuilt(data: bytes, name: str, declared_type: str | None) -> pictures.Rebuilt:
    allowed = limits()
    try:
        if len(data) > allowed.max_bytes:
            raise pictures.TooLarge
        if not data:
            raise pictures.Unreadable
        media_type = pictures.media_type_of(data, name, declared_type)
        return pictures.rebuild(data, media_type, allowed)
    except pictures.TooLarge as error:
        raise _too_large() from error
    except pictures.WrongType as error:
        kinds = Text("请使用 JPEG、PNG 或 WebP 图片", "Use a JPEG, PNG or WebP picture")
        raise Problem(UNSUPPORTED_TYPE, fields={_FIELD: kinds}) from error
    except pictures.Unreadable as error:
        raise Problem(UNREADABLE, fields={_FIELD: UNREADABLE.title}) from error


def _too_large() -> Problem:
    allowed = limits()
    most = Text(
        f"图片最大 {allowed.max_bytes >> 20} MB、{allowed.max_pixels // 10_000} 万像素",
        f"At most {allowed.max_bytes >> 20} MB and {allowed.max_pixels // 1_000_000} megapixels",
    )
    return Problem(TOO_LARGE, fields={_FIELD: most})


def _root() -> Path:
    return Path(settings.MEDIA_ROOT)


@contextmanager
def _disk(lock: int) -> Iterator[None]:
    """Keeps a file from being removed between the moment that it is found and that its row is committed.

    Those who add share the lock; who removes has it alone.
    """
    _root().mkdir(parents=True, exist_ok=True)
    with (_root() / ".lock").open("a") as file:
        fcntl.flock(file, lock)
        yield


def _keep(path: Path, data: bytes) -> None:
    """Write a file that is whole under its name or not there; done when the disk has it."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
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
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
