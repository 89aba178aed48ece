"""Many residents at once: those whose telephone numbers stand in a batch that a hotline sends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from linli.kernel import access, journal, rulebook
from linli.kernel.access import Actor, Subject
from linli.kernel.fields import blind_index, encrypt, encrypt_many, mask_phone
from linli.kernel.ids import uuid7, uuid7_many
from linli.kernel.lookups import by_key
from linli.kernel.models import FactRow, Secret
from linli.kernel.rows import copy_in
from linli.people.events import ResidentNamed, ResidentRegistered
from linli.people.models import Resident
from linli.people.queries.residents import PHONE_PURPOSE, name_place, phone_place
from linli.people.rules.names import NAME_MOST, tidy
from linli.people.rules.phone import normalise_phone

_FACT = ("fact_id", "kind", "about", "at", "data", "fingerprint")
_TELLER = ("by_kind", "by_id", "by_label", "by_post")


class _Told(NamedTuple):
    """A fact about a resident: its personal texts by field, and what stands before and after them in its JSON;
    all in the order of their names, as the journal writes them."""

    kind: str
    about: UUID
    texts: dict[str, str]
    before: str = ""
    after: str = ""


@transaction.atomic(savepoint=False)
def register_residents(*, people: Sequence[tuple[str, str]], by: Actor, at: datetime) -> list[UUID | None]:
    """The resident of each telephone number and name, made now when there is none; None for what is no number.

    Each becomes what `register_resident` makes of it, except that a name which cannot be one is left out instead
    of refused. The caller may do it when they may take in matters (`case.intake`). Raises IntegrityError when one
    of the numbers is taken down by somebody else in this very moment: nothing is written then; call it again.
    """
    access.require(by, "case.intake", Subject(units=frozenset(post.unit_id for post in by.posts)))
    return _Register(by, at).all(people)


class _Register:
    def __init__(self, by: Actor, at: datetime) -> None:
        self.at = at
        self.region = rulebook.table("people")["phone"]["region"]
        sample = journal.rows(ResidentNamed(name="x"), about=UUID(int=0), by=by, at=at)
        self.teller = tuple(sample[0][1][name] for name in _TELLER)
        self.new: list[tuple[UUID, str, str, str]] = []
        self.told: list[_Told] = []

    def all(self, people: Sequence[tuple[str, str]]) -> list[UUID | None]:
        numbers = [normalise_phone(phone, self.region) if phone else None for phone, _ in people]
        indexes = {number: blind_index(PHONE_PURPOSE, number) for number in set(numbers) if number}
        names: dict[str, str] = {}
        for number, (_, name) in zip(numbers, people, strict=True):
            if number and name and not names.get(number):
                names[number] = tidy(name, NAME_MOST) or ""
        known = _known(list(indexes.values()))
        made: dict[str, UUID] = {}
        for number, index in indexes.items():
            before = known.get(index)
            name = names.get(number, "")
            made[number] = before[0] if before else self._make(number, index, name)
            if before and name and not before[1]:
                self._name_later(before[0], name)
        self._write_residents()
        self._write_facts()
        return [made[number] if number else None for number in numbers]

    def _make(self, number: str, index: str, name: str) -> UUID:
        identity = uuid7(self.at)
        self.new.append((identity, number, index, name))
        phone = mask_phone(number)
        texts = {"name": name, "phone": phone} if name else {"phone": phone}
        before = "" if name else '"name":"",'
        self.told.append(_Told(ResidentRegistered.KIND, identity, texts, before, ',"verified":false'))
        return identity

    def _name_later(self, resident_id: UUID, name: str) -> None:
        Resident.objects.filter(pk=resident_id).update(name_cipher=encrypt(name, name_place(resident_id)))
        self.told.append(_Told(ResidentNamed.KIND, resident_id, {"name": name}))

    def _write_residents(self) -> None:
        phones = encrypt_many([(number, phone_place(id)) for id, number, _, _ in self.new])
        named = iter(encrypt_many([(name, name_place(id)) for id, _, _, name in self.new if name]))
        lines = [
            (id, index, phone, next(named) if name else b"", self.at)
            for (id, _, index, name), phone in zip(self.new, phones, strict=True)
        ]
        copy_in(Resident, ("id", "phone_index", "phone_cipher", "name_cipher", "created_at"), lines)

    def _write_facts(self) -> None:
        keys = uuid7_many([self.at] * len(self.told))
        sealed = journal.seal_texts([(key, of.texts) for key, of in zip(keys, self.told, strict=True)])
        facts, secrets = [], []
        for key, of, (marks, ciphertext) in zip(keys, self.told, sealed, strict=True):
            texts = [f'"{field}":{{"#":"{mark}"}}' for field, mark in zip(of.texts, marks, strict=True)]
            data = f"{{{of.before}{','.join(texts)}{of.after}}}"
            facts.append((key, of.kind, of.about, self.at, data, "", self.teller))
            secrets.append((key, of.about, ciphertext))
        copy_in(FactRow, _FACT, facts, shared=_TELLER)
        copy_in(Secret, ("fact_id", "about", "ciphertext"), secrets)


def _known(indexes: list[str]) -> dict[str, tuple[UUID, bool]]:
    """The residents with these blind indexes, and whether they have a name."""
    found = by_key(Resident, "phone_index", indexes, give=("phone_index", "id", "name_cipher"))
    return {index: (key, bool(name)) for index, key, name in found}
