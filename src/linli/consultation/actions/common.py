"""What every write of this room does the same way."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from linli.cases import queries as cases
from linli.cases.words import number_of
from linli.consultation import documents, queries, rules
from linli.consultation.models import Consultation, Document, Invitation, Opinion
from linli.consultation.words import Upload
from linli.kernel import clock, journal, seal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.kernel.fields import blind_index
from linli.kernel.ids import uuid7
from linli.kernel.journal import Fact
from linli.kernel.text import Text
from linli.notices import actions as notices
from linli.notices.words import To

SALT = 16
NUL = "\x00"


def fingerprint(name: str, **content: Any) -> str:
    """What two requests for the same write with the same content have in common; keyed, as it stays in the
    journal."""
    return blind_index("write", json.dumps([name, content], default=str, sort_keys=True))


def marks(uploads: Iterable[Upload]) -> list[str]:
    """The documents as a fingerprint takes them in."""
    return [f"{upload.name} {sha256(upload.data).hexdigest()}" for upload in uploads]


def done_before(id: UUID, fact: type[Fact], digest: str) -> bool:
    """Whether this write was made before; RETRY_DIFFERS when its id was used for anything else."""
    return journal.repeated(id, kind=fact.KIND, fingerprint=digest) is not None


def record(
    fact: Fact, *, about: UUID, by: Actor, at: datetime, id: UUID | None = None, digest: str = ""
) -> UUID:
    """Write the fact; the same id for something else at the same moment is RETRY_DIFFERS."""
    try:
        return journal.record(fact, about=about, by=by, at=at, id=id, fingerprint=digest)
    except IntegrityError:
        raise Problem(RETRY_DIFFERS) from None


def words(name: str, text: str, most: str, *, needed: bool = True) -> str:
    """The text without blanks around it; refused at its field when it is missing or longer than the rulebook's
    bound `most`."""
    clean, limit = text.replace("\r\n", "\n").strip(), queries.bound(most)
    if NUL in clean:
        raise _wrong(name, Text("含有不能保存的字符", "It holds a character that cannot be kept"))
    if needed and not clean:
        raise _wrong(name, Text("请填写此项", "Please fill this in"))
    if len(clean) > limit:
        raise _wrong(name, Text(f"最多 {limit} 字", f"At most {limit} characters"))
    return clean


def reason(name: str, text: str) -> str:
    """A reason of the rulebook's least length."""
    clean, least = words(name, text, "reason_words"), queries.bound("reason_least")
    if len(clean) < least:
        raise _wrong(name, Text(f"至少 {least} 个字", f"At least {least} characters"))
    return clean


def _wrong(name: str, why: Text) -> Problem:
    return Problem(INVALID, fields={name: why})


def locked(consultation_id: UUID) -> Consultation:
    """The consultation with its case, held until the transaction ends. What is written in it waits for its turn."""
    found = (
        Consultation.objects.select_for_update(of=("self",))
        .select_related("case")
        .filter(pk=consultation_id)
        .first()
    )
    if found is None:
        raise Problem(NOT_FOUND)
    return found


def keep(
    uploads: Sequence[Upload], consultation: Consultation, at: datetime, opinion: Opinion | None = None
) -> tuple[str, ...]:
    """Keep the documents with the question, or with an opinion; their SHA-256."""
    found = []
    for upload in uploads:
        digest = documents.keep(upload)
        found.append(digest)
        Document.objects.create(
            id=uuid7(at), consultation=consultation, opinion=opinion, name=_name(upload.name),
            size=len(upload.data), sha256=digest, at=at,
        )  # fmt: skip
    return tuple(found)


def _name(name: str) -> str:
    """The file's own name without folders and signs that no file's name has."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in bare if sign.isprintable() and sign not in '<>:"|?*')[-120:] or "1.pdf"


def signed(title: str, lines: Sequence[tuple[str, object]], text: str) -> tuple[str, str, str]:
    """The statement about these words, signed with the town's key: salt, note, and the note's SHA-256.

    The note states the words' salted digest, so it can be shown where the words may not be.
    """
    salt = os.urandom(SALT).hex()
    note = seal.signer().sign(rules.statement(title, [*lines, ("text-sha256", rules.digest(salt, text))]))
    return salt, note, sha256(note.encode()).hexdigest()


def who(invitation: Invitation) -> Text:
    """Who was asked, as the facts name them."""
    return Text(invitation.name_zh, invitation.name_en)


def acting(by: Actor) -> str:
    """Who acts, with the post, as a statement names them."""
    post = by.posts[0].title.zh if by.posts else ""
    return " ".join(part for part in (by.name, post) if part) or "系统"


def tell(
    template: str, consultation: Consultation, accounts: Iterable[UUID], at: datetime, **more: object
) -> None:
    """A message in the app to each of these accounts."""
    case = consultation.case
    kind = cases.kind_of(case)
    title = kind.name if kind else Text(case.kind, case.kind)
    params = {"number": number_of(case.serial, case.reported_at), "title": title, **more}
    for account_id in accounts:
        notices.tell(template, to=To(account_id=account_id), params=params, at=at, about=case.id)


def until(due: datetime) -> Text:
    """A deadline as a message says it."""
    by = clock.local(due)
    return Text(f"{by.month}月{by.day}日 {by:%H:%M} 前", f"by {by:%d %b %H:%M}")
