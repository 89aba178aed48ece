"""The journal: history, audit trail, outbox and feed in one append-only table.

An action records a fact in its own transaction; nothing else writes the table, and triggers refuse any
change. Personal fields are stored as salted commitments beside separately encrypted text, so that a person
can be forgotten and the record still verifies (`forget`, `kernel.seal`).
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, fields
from datetime import datetime
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.db import models, transaction

from linli.kernel import codec, composed
from linli.kernel import fields as personal
from linli.kernel import rows as sql
from linli.kernel.errors import RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.models import FactRow, Job, Secret
from linli.kernel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from linli.kernel.access import Actor, HeldPost

KINDS: dict[str, type[Fact]] = {}
STORIES: dict[str, list[str]] = {}  # kind of fact -> the stories that hear it; filled by jobs.story
SALT = 16


class Fact:
    """Something that happened, in a module's words: a frozen dataclass in the module's events.py.

    `KIND` is its stable name in the journal ("cases.CaseDispatched"); `PERSONAL` names the fields whose
    values are personal text.
    """

    __slots__ = ()
    KIND: ClassVar[str]
    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        kind = cls.__dict__.get("KIND")
        if kind is None:
            raise TypeError(f"{cls.__name__} needs a KIND")
        known = KINDS.get(kind)
        # dataclass(slots=True) makes the class a second time under the same name: that is no conflict.
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"the kind {kind} is taken by {known.__qualname__}")
        KINDS[kind] = cls

    def sentence(self) -> Text:
        """The fact as one sentence for a history page."""
        return Text(self.KIND, self.KIND)


@dataclass(frozen=True, slots=True)
class Unknown(Fact):
    """A fact whose kind this version of Linli does not know, with its data as stored."""

    KIND: ClassVar[str] = "kernel.Unknown"
    kind: str
    data: dict[str, Any]

    def sentence(self) -> Text:
        """Its kind, which is all that is known."""
        return Text(f"记录({self.kind})", f"Record ({self.kind})")


@dataclass(frozen=True, slots=True)
class PersonalTextForgotten(Fact):
    """The personal text of earlier facts was erased; what remains of it are commitments."""

    KIND: ClassVar[str] = "kernel.PersonalTextForgotten"
    facts: int

    def sentence(self) -> Text:
        """What was erased."""
        return Text("已删除 {n} 条记录中的个人信息", "Personal details in {n} records were erased").fill(
            n=self.facts
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it stands in the journal. `forgotten` names personal fields whose text was erased."""

    seq: int
    id: UUID
    kind: str
    fact: Fact
    about: UUID
    at: datetime
    recorded_at: datetime
    by_kind: str
    by_id: UUID | None
    by_label: str
    by_post: Text
    fingerprint: str
    forgotten: frozenset[str] = frozenset()


def record(
    fact: Fact,
    *,
    about: UUID,
    by: Actor,
    at: datetime,
    id: UUID | None = None,
    post: HeldPost | None = None,
    fingerprint: str = "",
) -> UUID:
    """Write the fact in the caller's transaction and give its id.

    `about` is what it happened to; `at` when (aware, UTC); `id` the client's write id, so that a retry is
    recognised by `repeated`; `post` in which capacity `by` acted (their first post, when not given).
    The stories that hear this kind of fact get their jobs in the same transaction.
    """
    written = rows(fact, about=about, by=by, at=at, id=id, post=post, fingerprint=fingerprint)
    sql.insert(written)
    identity: UUID = written[0][1]["fact_id"]
    return identity


def rows(
    fact: Fact,
    *,
    about: UUID,
    by: Actor,
    at: datetime,
    id: UUID | None = None,
    post: HeldPost | None = None,
    fingerprint: str = "",
    stories: bool = True,
) -> list[sql.Row]:
    """The rows that `record` would write, for `kernel.rows.insert` or `copy_in`; the journal's comes first.

    `stories=False` wakes no story: for history that is imported and must not send messages today.
    """
    identity = id or uuid7(at)
    data, secret = _split(fact, identity)
    held = post or (by.posts[0] if by.posts else None)
    written: list[sql.Row] = [
        (
            FactRow,
            {
                "fact_id": identity,
                "kind": fact.KIND,
                "about": about,
                "at": at,
                "by_kind": by.kind,
                "by_id": by.account_id or by.resident_id,
                # A resident's name is personal and is read from the register, where it can be erased; an
                # account without a post is a resident's.
                "by_label": by.name if by.kind == "system" or by.posts else "",
                "by_post": f"{held.title.zh}|{held.title.en}" if held else "",
                "data": codec.dumps(data),
                "fingerprint": fingerprint,
            },
        )
    ]
    if secret is not None:
        written.append((Secret, {"fact_id": identity, "about": about, "ciphertext": secret}))
    if stories:
        written.extend(_story_rows(fact.KIND, identity, at))
    return written


def _story_rows(
    kind: str, identity: UUID, at: datetime
) -> Iterable[tuple[type[models.Model], dict[str, Any]]]:
    for story in STORIES.get(kind, ()):
        yield (
            Job,
            {
                "id": uuid7(at),
                "handler": f"flow:{story}",
                "key": str(identity),
                "payload": "{}",
                "fact_id": identity,
                "created_at": at,
                "not_before": at,
            },
        )


def _split(fact: Fact, identity: UUID) -> tuple[dict[str, Any], bytes | None]:
    """The stored data with commitments in place of personal text, and the text with its salts, encrypted."""
    cls = type(fact)
    data = {name: getattr(fact, name) for name in codec.field_names(cls)}
    hidden: dict[str, list[Any]] = {}
    for name in cls.PERSONAL:
        value = data[name]
        if value not in (None, "", ()):
            salt = os.urandom(SALT)
            data[name] = {"#": commitment(salt, name, value)}
            hidden[name] = [salt.hex(), value]
    if not hidden:
        return data, None
    return data, personal.encrypt(codec.dumps(hidden), secret_place(identity))


def seal_texts(facts: Sequence[tuple[UUID, Mapping[str, str]]]) -> list[tuple[list[str], bytes]]:
    """What `rows` makes of facts whose personal fields are texts (by field, in the order of their names): the
    commitments and the secret's ciphertext. For those who write a hundred thousand facts and put their JSON
    together themselves."""
    count = sum(len(texts) for _, texts in facts)
    random = os.urandom(SALT * count)
    salts = iter([random[start : start + SALT] for start in range(0, len(random), SALT)])
    marks, hidden = [], []
    for fact_id, texts in facts:
        salted = [(field, next(salts), text) for field, text in texts.items()]
        marks.append([commitment(salt, field, text) for field, salt, text in salted])
        secret = ",".join(
            [f'"{field}":["{salt.hex()}",{encode_basestring(text)}]' for field, salt, text in salted]
        )
        hidden.append((f"{{{secret}}}", secret_place(fact_id)))
    return list(zip(marks, personal.encrypt_many(hidden), strict=True))


def commitment(salt: bytes, field: str, value: Any) -> str:
    """SHA-256 over salt (16 bytes), field name, a zero byte and the value (JSON unless it is a text)."""
    text = value if isinstance(value, str) else codec.dumps(value)
    return hashlib.sha256(salt + field.encode() + b"\0" + text.encode()).hexdigest()


def secret_place(fact_id: UUID) -> str:
    """The place that a fact's secret is bound to when it is encrypted."""
    return f"kernel_secret|ciphertext|{fact_id}"


def open_secret(fact_id: UUID, ciphertext: bytes) -> dict[str, tuple[bytes, Any]]:
    """The salts and values of a fact's personal fields."""
    hidden = json.loads(personal.decrypt(ciphertext, secret_place(fact_id)))
    return {name: (bytes.fromhex(salt), value) for name, (salt, value) in hidden.items()}


def history(about: UUID) -> list[Recorded]:
    """Everything that happened to this, oldest first."""
    return _read(FactRow.objects.filter(about=about).order_by("seq"))


def about_any(subjects: Iterable[UUID]) -> list[Recorded]:
    """Everything that happened to these subjects (a page's worth of them), oldest first."""
    return _read(FactRow.objects.filter(about__in=list(subjects)).order_by("seq"))


def of_many(abouts: Sequence[UUID], kinds: Sequence[str]) -> list[Recorded]:
    """The facts of these kinds about these subjects (at most some hundreds), oldest first."""
    return _read(FactRow.objects.filter(about__in=abouts, kind__in=kinds).order_by("seq"))


def find(id: UUID) -> Recorded | None:
    """The fact with this id."""
    return next(iter(_read(composed.every(FactRow, fact_id=id))), None)


def repeated(id: UUID, *, kind: str, fingerprint: str, about: UUID | None = None) -> Recorded | None:
    """The fact that an earlier sending of the same write left, or None when this is the first.

    Raises `RETRY_DIFFERS` when the id was used for other content, another kind of write or another subject.
    """
    row = composed.one(FactRow, fact_id=id)
    if row is None:
        return None
    if row.kind != kind or row.fingerprint != fingerprint or (about is not None and row.about != about):
        raise Problem(RETRY_DIFFERS)
    return _read([row])[0]


def forget(*, by: Actor, at: datetime, about: UUID | None = None, fact_id: UUID | None = None) -> int:
    """Erase the personal text of one fact, or of all facts about a subject; give the number of facts.

    Afterwards the text cannot be read from the journal by anyone; the facts stay and still verify. The
    erasing is itself recorded about the subject. Backups made before still hold the text until they expire.
    """
    if (about is None) == (fact_id is None):
        raise ValueError("name either the subject or one fact")
    facts = FactRow.objects.filter(about=about).values("fact_id") if about is not None else [fact_id]
    chosen = Secret.objects.filter(fact_id__in=facts)
    with transaction.atomic():
        subject = chosen.values_list("about", flat=True).first()
        count, _ = chosen.delete()
        if subject is not None:
            record(PersonalTextForgotten(count), about=subject, by=by, at=at)
    return count


def since(seq: int, limit: int = 500) -> list[Recorded]:
    """The facts after `seq`, at most `limit`, in order, and never past one that may still come.

    On PostgreSQL a lower number can be committed after a higher one. A reader that goes on from the last
    `seq` it was given misses nothing: see `kernel.tail`.
    """
    from linli.kernel import tail

    return _read(tail.settled(seq, limit))


def _read(found: Iterable[FactRow]) -> list[Recorded]:
    lines = list(found)
    secrets = _secrets([line.fact_id for line in lines if '{"#":"' in line.data])
    return [_recorded(line, secrets.get(line.fact_id)) for line in lines]


def _secrets(ids: Sequence[UUID]) -> dict[UUID, bytes]:
    if len(ids) == 1:
        secret = composed.one(Secret, fact_id=ids[0])
        return {} if secret is None else {secret.fact_id: bytes(secret.ciphertext)}
    found: dict[UUID, bytes] = {}
    for start in range(0, len(ids), 500):
        chosen = Secret.objects.filter(fact_id__in=ids[start : start + 500])
        found.update((key, bytes(text)) for key, text in chosen.values_list("fact_id", "ciphertext"))
    return found


def _recorded(line: FactRow, secret: bytes | None) -> Recorded:
    data = json.loads(line.data)
    cls = KINDS.get(line.kind)
    forgotten: set[str] = set()
    if cls is not None and cls.PERSONAL:
        forgotten = _reveal(cls, data, {} if secret is None else open_secret(line.fact_id, secret))
    zh, _, en = line.by_post.partition("|")
    return Recorded(
        seq=line.seq,
        id=line.fact_id,
        kind=line.kind,
        fact=codec.build(cls, data) if cls is not None else Unknown(line.kind, data),
        about=line.about,
        at=line.at,
        recorded_at=line.recorded_at,
        by_kind=line.by_kind,
        by_id=line.by_id,
        by_label=line.by_label,
        by_post=Text(zh, en),
        fingerprint=line.fingerprint,
        forgotten=frozenset(forgotten),
    )


def _reveal(cls: type[Fact], data: dict[str, Any], hidden: dict[str, tuple[bytes, Any]]) -> set[str]:
    """Put the personal values back into the data; name those that are gone, which become empty."""
    gone = set()
    for name in cls.PERSONAL:
        if not isinstance(data.get(name), dict) or "#" not in data[name]:
            continue
        if name in hidden:
            data[name] = hidden[name][1]
        else:
            gone.add(name)
            data[name] = "" if _is_text(cls, name) else None
    return gone


def _is_text(cls: type[Any], name: str) -> bool:
    return any(f.name == name and str(f.type).startswith(("str", "<class 'str'>")) for f in fields(cls))
