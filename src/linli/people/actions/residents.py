"""Residents: codes to telephones, proving a number, names, linking an account."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from linli.kernel import access, journal, rulebook
from linli.kernel.access import ANONYMOUS, Actor, Subject
from linli.kernel.errors import CONFLICT, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.fields import blind_index, encrypt, mask_phone
from linli.kernel.ids import uuid7
from linli.people.actions.common import changed, named
from linli.people.events import CodeIssued, ResidentLinked, ResidentNamed, ResidentRegistered
from linli.people.models import Account, PhoneCode, Resident
from linli.people.queries.residents import PHONE_PURPOSE, name_place, phone_place
from linli.people.rules.names import NAME_MOST
from linli.people.rules.phone import CodeLimits, may_send, normalise_phone
from linli.people.words import CODE_TOO_SOON, WRONG_CODE, WRONG_PHONE

KEPT = timedelta(days=2)  # longer than any limit looks back


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code to be sent; it is stored nowhere in clear. `phone` is in E.164."""

    id: UUID
    phone: str
    code: str
    expires_at: datetime
    valid_minutes: int


@transaction.atomic
def issue_phone_code(*, phone: str, sender: str, at: datetime) -> IssuedCode:
    """A new code for this number, which replaces an earlier one. The caller sends it (`notices`).

    `sender` is the network address that asks. Refused with 422 when it is no telephone number and with 429
    when this number or this address asked too often (rulebook `people`, phone_code).
    """
    number, index = _number(phone)
    limits = _limits()
    sender_index = blind_index("sender", sender)
    PhoneCode.objects.filter(phone_index=index, sent_at__lt=at - KEPT).delete()
    recent = PhoneCode.objects.filter(sent_at__gt=at - timedelta(days=1))
    to_phone = list(recent.filter(phone_index=index).values_list("sent_at", flat=True))
    from_sender = recent.filter(sender_index=sender_index).order_by("-sent_at")
    sent = list(from_sender.values_list("sent_at", flat=True)[: limits.per_sender_hour])
    if not may_send(to_phone, sent, at, limits):
        raise Problem(CODE_TOO_SOON)
    PhoneCode.objects.filter(phone_index=index, closed_at=None).update(closed_at=at)
    identity = uuid7(at)
    code = "".join(secrets.choice("0123456789") for _ in range(limits.digits))
    row = PhoneCode(
        id=identity, phone_index=index, sender_index=sender_index, code_hash=_hash(identity, code),
        sent_at=at, expires_at=limits.expires(at),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:  # somebody asked for the same number in this very moment
        raise Problem(CODE_TOO_SOON) from error
    journal.record(CodeIssued(phone=mask_phone(number)), about=identity, by=ANONYMOUS, at=at)
    return IssuedCode(identity, number, code, row.expires_at, limits.valid_minutes)


def verify_phone_code(*, phone: str, code: str, at: datetime) -> Resident:
    """The resident with this number, made now when it is the first time; the code cannot be used again.

    Refused with one and the same 422 when the code is wrong, expired, used, replaced or tried too often.
    A try is counted and committed before the code is compared, so no refusal and no race gives more tries;
    hence not to be called inside a transaction.
    """
    number, index = _number(phone)
    row = PhoneCode.objects.filter(phone_index=index, closed_at=None).first()
    if row is None:
        raise Problem(WRONG_CODE)
    open_code = PhoneCode.objects.filter(pk=row.pk, closed_at=None, expires_at__gt=at)
    with transaction.atomic(durable=True):
        counted = open_code.filter(attempts__lt=_limits().tries).update(attempts=F("attempts") + 1)
    given = "".join(unicodedata.normalize("NFKC", code[:40]).split())
    if not counted or not hmac.compare_digest(_hash(row.id, given), row.code_hash):
        raise Problem(WRONG_CODE)
    with transaction.atomic():
        if not open_code.update(closed_at=at, used_at=at):
            raise Problem(WRONG_CODE)
        return _known(number, index, verified=True, by=ANONYMOUS, at=at)


@transaction.atomic
def register_resident(*, phone: str, by: Actor, at: datetime, name: str = "") -> Resident:
    """The resident whom a clerk has on the telephone or at the counter; the one already known when there
    is one. A name is only added where none was given before."""
    _require_clerk(by)
    number, index = _number(phone)
    called = named("name", name, NAME_MOST) if name else ""
    resident = _known(number, index, verified=False, by=by, at=at, name=called)
    if called and not resident.name_cipher:
        _name(resident, called, by, at)
    return resident


@transaction.atomic
def name_resident(*, resident_id: UUID, name: str, by: Actor, at: datetime) -> None:
    """The resident goes by this name: said by themselves or taken down by a clerk."""
    if by.resident_id != resident_id:
        _require_clerk(by)
    _name(_locked(resident_id), name, by, at)


@transaction.atomic
def link_account(*, resident_id: UUID, account_id: UUID, by: Actor, at: datetime) -> None:
    """The account signs in as this resident. The caller has seen both proved: the account is `by`'s own
    and the telephone was verified in the same session. 409 when either is linked to another already."""
    if by.kind != "system" and by.account_id != account_id:
        raise Problem(NOT_ALLOWED)
    resident = _locked(resident_id)
    account = Account.objects.select_for_update().filter(pk=account_id, is_active=True).first()
    if account is None:
        raise Problem(NOT_FOUND)
    if resident.account_id == account.id:
        return
    if resident.account_id is not None or Resident.objects.filter(account=account).exists():
        raise Problem(CONFLICT)
    resident.account = account
    resident.save(update_fields=["account"])
    journal.record(ResidentLinked(account=account.id), about=resident.id, by=by, at=at)
    changed()


def _known(number: str, index: str, *, verified: bool, by: Actor, at: datetime, name: str = "") -> Resident:
    resident = Resident.objects.filter(phone_index=index).first()
    if resident is not None:
        return resident
    identity = uuid7(at)
    phone_cipher = encrypt(number, phone_place(identity))
    name_cipher = encrypt(name, name_place(identity)) if name else b""
    try:
        with transaction.atomic():
            resident = Resident.objects.create(
                id=identity,
                phone_index=index,
                phone_cipher=phone_cipher,
                name_cipher=name_cipher,
                created_at=at,
            )
    except IntegrityError:  # the same number was taken down in this very moment
        return Resident.objects.get(phone_index=index)
    fact = ResidentRegistered(phone=mask_phone(number), verified=verified, name=name)
    journal.record(fact, about=resident.id, by=by, at=at)
    return resident


def _name(resident: Resident, name: str, by: Actor, at: datetime) -> None:
    clean = named("name", name, NAME_MOST)
    resident.name_cipher = encrypt(clean, name_place(resident.id))
    resident.save(update_fields=["name_cipher"])
    journal.record(ResidentNamed(name=clean), about=resident.id, by=by, at=at)


def _require_clerk(by: Actor) -> None:
    access.require(by, "case.intake", Subject(units=frozenset(post.unit_id for post in by.posts)))


def _locked(resident_id: UUID) -> Resident:
    resident = Resident.objects.select_for_update().filter(pk=resident_id).first()
    if resident is None:
        raise Problem(NOT_FOUND)
    return resident


def _number(phone: str) -> tuple[str, str]:
    number = normalise_phone(phone, rulebook.table("people")["phone"]["region"])
    if number is None:
        raise Problem(WRONG_PHONE, fields={"phone": WRONG_PHONE.title})
    return number, blind_index(PHONE_PURPOSE, number)


def _hash(identity: UUID, code: str) -> str:
    return blind_index("phone-code", f"{identity}|{code}")


def _limits() -> CodeLimits:
    return CodeLimits.of(rulebook.table("people")["phone_code"])
