"""Contracts of legal advisers: adding or renewing one, and ending it early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from linli.kernel import journal
from linli.kernel.access import Actor
from linli.kernel.errors import INVALID, NOT_ALLOWED, NOT_FOUND, NOT_SIGNED_IN, RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people import queries as people
from linli.responsibility import queries
from linli.responsibility.actions.texts import sound
from linli.responsibility.events import ContractEnded, ContractSigned
from linli.responsibility.models import Contract, ContractUnit
from linli.responsibility.words import CONTRACT_ENDED

UNITS = Text("请选择村居", "Choose villages of the list")
ORDER = Text("结束日期不能早于开始日期", "The last day is before the first")
LONG = Text("合同期限最长 {n} 年", "A contract runs {n} years at most")
INSIDE = Text("应在合同期内:{first} 至 {last}", "Within the contract: {first} to {last}")


@dataclass(frozen=True, slots=True)
class Signed:
    """A contract as somebody fills it in; it holds from `starts` to `ends`, both days included."""

    firm: str
    lawyer: str
    coverage: str
    units: Sequence[UUID]
    starts: date
    ends: date
    contact: str = ""
    renews: UUID | None = None


@transaction.atomic
def sign_contract(given: Signed, *, by: Actor, at: datetime, id: UUID | None = None) -> Contract:
    """The firm's lawyer covers these villages; for whoever manages them all. A renewal names what it follows.
    Sending it again with the same id gives the first answer."""
    units = tuple(dict.fromkeys(given.units))
    _require(by, units)
    again = Contract.objects.filter(pk=id).first() if id else None
    if again is not None:
        return _same(again, given, units)
    _check(given, units, by)
    made = Contract.objects.create(
        id=id or uuid7(at), firm=given.firm.strip(), lawyer=given.lawyer.strip(), contact=given.contact.strip(),
        coverage=given.coverage.strip(), starts=given.starts, ends=given.ends, renews_id=given.renews, created_at=at,
    )  # fmt: skip
    ContractUnit.objects.bulk_create(ContractUnit(contract=made, unit_id=unit) for unit in units)
    fact = ContractSigned(made.firm, made.lawyer, units, made.starts, made.ends, given.renews)
    journal.record(fact, about=made.id, by=by, at=at)
    return made


@transaction.atomic
def end_contract(*, contract_id: UUID, ended_on: date, reason: str, by: Actor, at: datetime) -> None:
    """The contract holds no more from this day on; nothing is deleted. CONTRACT_ENDED when it was ended before."""
    contract = Contract.objects.select_for_update().filter(pk=contract_id).first()
    if contract is None:
        raise Problem(NOT_FOUND)
    _require(by, [each.unit_id for each in contract.units.all()])
    if contract.ended_on is not None:
        raise Problem(CONTRACT_ENDED)
    sound(reason=(reason, 200))
    if not contract.starts <= ended_on <= contract.ends:
        raise Problem(INVALID, fields={"ended_on": INSIDE.fill(first=contract.starts, last=contract.ends)})
    Contract.objects.filter(pk=contract_id).update(ended_on=ended_on, ended_reason=reason.strip())
    journal.record(ContractEnded(ended_on, reason.strip()), about=contract_id, by=by, at=at)


def _require(by: Actor, units: Sequence[UUID]) -> None:
    if not people.may_manage(by):
        raise Problem(NOT_SIGNED_IN if by.kind == "anonymous" else NOT_ALLOWED)
    if not set(units) <= queries.managed_units(by):
        raise Problem(NOT_ALLOWED)


def _check(given: Signed, units: Sequence[UUID], by: Actor) -> None:
    sound(firm=(given.firm, 120), lawyer=(given.lawyer, 60), coverage=(given.coverage, 500))
    if len(given.contact.strip()) > 60:
        sound(contact=(given.contact, 60))
    if not units or not set(units) <= {unit for unit, _ in queries.village_choices(by)}:
        raise Problem(INVALID, fields={"units": UNITS})
    if given.ends < given.starts:
        raise Problem(INVALID, fields={"ends": ORDER})
    years = int(queries.advisers_book()["years_most"])
    if given.ends - given.starts > timedelta(days=366 * years):
        raise Problem(INVALID, fields={"ends": LONG.fill(n=years)})
    if given.renews is not None:
        queries.contract_for(by, given.renews)


def _same(contract: Contract, given: Signed, units: Sequence[UUID]) -> Contract:
    """What sending the same again gives; other content is refused."""
    kept = (contract.firm, contract.lawyer, contract.coverage, contract.starts, contract.ends)
    sent = (given.firm.strip(), given.lawyer.strip(), given.coverage.strip(), given.starts, given.ends)
    if kept != sent or {each.unit_id for each in contract.units.all()} != set(units):
        raise Problem(RETRY_DIFFERS)
    return contract
