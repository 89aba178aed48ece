"""Many residents at once: those whose telephone numbers stand in a batch that a hotline sends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from linli.kernel import access, journal, rulebook
from linli.kernel.access import Actor, Subject
from linli.kernel.fields import blind_index, encrypt, mask_phone
from linli.kernel.ids import uuid7
from linli.kernel.models import FactRow, Secret
from linli.kernel.rows import copy_in
from linli.people.events import ResidentNamed, ResidentRegistered
from linli.people.models import Resident
from linli.people.queries.residents import PHONE_PURPOSE, name_place, phone_place
from linli.people.rules.names import tidy
from linli.people.rules.phone import normalise_phone

NAME_MOST = 40
_FACT = (
    "fact_id", "kind", "about", "at", "by_kind", "by_id", "by_label", "by_post", "data", "fingerprint",
)  # fmt: skip


@transaction.atomic
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
        self.teller = tuple(sample[0][1][name] for name in _FACT[4:8])
        self.residents: list[tuple[Any, ...]] = []
        self.facts: list[tuple[Any, ...]] = []
        self.secrets: list[tuple[Any, ...]] = []

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
        copy_in(Resident, ("id", "phone_index", "phone_cipher", "name_cipher", "created_at"), self.residents)
        copy_in(FactRow, _FACT, self.facts)
        copy_in(Secret, ("fact_id", "about", "ciphertext"), self.secrets)
        return [made[number] if number else None for number in numbers]

    def _make(self, number: str, index: str, name: str) -> UUID:
        identity = uuid7(self.at)
        name_cipher = encrypt(name, name_place(identity)) if name else b""
        self.residents.append((identity, index, encrypt(number, phone_place(identity)), name_cipher, self.at))
        self._tell(ResidentRegistered.KIND, identity, "phone", mask_phone(number), ',"verified":false')
        if name:
            self._tell(ResidentNamed.KIND, identity, "name", name, "")
        return identity

    def _name_later(self, resident_id: UUID, name: str) -> None:
        Resident.objects.filter(pk=resident_id).update(name_cipher=encrypt(name, name_place(resident_id)))
        self._tell(ResidentNamed.KIND, resident_id, "name", name, "")

    def _tell(self, kind: str, about: UUID, field: str, text: str, rest: str) -> None:
        identity = uuid7(self.at)
        mark, ciphertext = journal.seal_text(identity, field, text)
        data = f'{{"{field}":{{"#":"{mark}"}}{rest}}}'
        self.facts.append((identity, kind, about, self.at, *self.teller, data, ""))
        self.secrets.append((identity, about, ciphertext))


def _known(indexes: list[str]) -> dict[str, tuple[UUID, bool]]:
    """The residents with these blind indexes, and whether they have a name. One query and one parameter."""
    if connection.vendor == "postgresql":
        many, given = "= ANY(%s)", indexes
    else:
        many, given = "IN (SELECT value FROM json_each(%s))", json.dumps(indexes)  # type: ignore[assignment]  # as the engine takes it
    sql = f"SELECT phone_index, id, length(name_cipher) FROM people_resident WHERE phone_index {many}"  # noqa: S608 - of constants
    with connection.cursor() as cursor:
        cursor.execute(sql, [given])
        return {
            index: (key if isinstance(key, UUID) else UUID(key), bool(length))
            for index, key, length in cursor
        }
