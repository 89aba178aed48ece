"""Residents: found by their telephone's blind index; the number is read only for sending or with a reason."""

from __future__ import annotations

from uuid import UUID

from linli.kernel import rulebook
from linli.kernel.fields import blind_index, decrypt, mask_phone
from linli.people.models import Resident
from linli.people.rules.phone import normalise_phone

PHONE_PURPOSE = "phone"


def phone_place(resident_id: UUID) -> str:
    """Where a resident's number is kept, as the encryption binds it."""
    return f"people_resident|phone|{resident_id}"


def name_place(resident_id: UUID) -> str:
    """Where a resident's name is kept, as the encryption binds it."""
    return f"people_resident|name|{resident_id}"


def phone_of(resident_id: UUID) -> str | None:
    """The resident's number in E.164, in clear: for sending, or after a logged reason. Never for lists."""
    cipher = Resident.objects.filter(pk=resident_id).values_list("phone_cipher", flat=True).first()
    return decrypt(bytes(cipher), phone_place(resident_id)) if cipher else None


def masked_phone_of(resident_id: UUID) -> str:
    """The number as its owner recognises it and nobody else can use it; empty when there is none."""
    return mask_phone((phone_of(resident_id) or "").removeprefix("+86"))


def name_of(resident_id: UUID) -> str:
    """The name that the resident gave, in clear; empty when none was given."""
    cipher = Resident.objects.filter(pk=resident_id).values_list("name_cipher", flat=True).first()
    return decrypt(bytes(cipher), name_place(resident_id)) if cipher else ""


def is_phone(written: str) -> bool:
    """Whether it is a telephone number, however it is written."""
    return normalise_phone(written, rulebook.table("people")["phone"]["region"]) is not None


def resident_id_of(phone: str) -> UUID | None:
    """The resident with this number, however it is written; None when there is none or it is no number."""
    region = rulebook.table("people")["phone"]["region"]
    number = normalise_phone(phone, region)
    if number is None:
        return None
    return (
        Resident.objects.filter(phone_index=blind_index(PHONE_PURPOSE, number))
        .values_list("id", flat=True)
        .first()
    )
