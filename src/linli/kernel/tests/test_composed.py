"""Statements composed once: they read and change what Django's own would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from linli.kernel import clocks, composed
from linli.kernel.ids import uuid7
from linli.kernel.models import ClockRow

AT = datetime(2026, 3, 10, 2, 0, 0, 250, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def _clock(about: UUID, name: str, hours: int) -> UUID:
    due = AT + timedelta(hours=hours)
    return clocks.start(about=about, name=name, due_at=due, started_at=AT, amount=hours, unit="urgent_hour")


def test_a_row_reads_as_django_reads_it() -> None:
    key = _clock(uuid7(AT), "kerneltests.plain", 2)
    read, wanted = composed.one(ClockRow, id=key), ClockRow.objects.get(pk=key)
    assert read is not None
    assert read == wanted
    assert all(getattr(read, f.attname) == getattr(wanted, f.attname) for f in ClockRow._meta.concrete_fields)
    read.save(update_fields=["limit_unit"])  # it is known as a row of the table, not as a new one


def test_no_row_is_none_and_no_rows_are_an_empty_list() -> None:
    assert composed.one(ClockRow, id=uuid7(AT)) is None
    assert composed.every(ClockRow, ("due_at",), about=uuid7(AT), stopped_at=None) == []


def test_rows_are_found_by_a_value_by_one_of_a_few_and_by_null_in_the_order_asked_for() -> None:
    about = uuid7(AT)
    for name, hours in (("late", 9), ("soon", 1), ("other", 4)):
        _clock(about, name, hours)
    _clock(uuid7(AT), "soon", 1)
    clocks.stop(about, "other", at=AT)
    running = composed.every(ClockRow, ("due_at",), about=about, stopped_at=None)
    assert [row.name for row in running] == ["soon", "late"]
    few = composed.every(ClockRow, ("name",), about=about, name=("other", "late", "none"))
    assert [row.name for row in few] == ["late", "other"]
    with pytest.raises(ValueError, match="no condition"):  # and not all that have none
        composed.every(ClockRow, about=about, name=())


def test_a_change_reaches_the_rows_that_fit_and_says_how_many() -> None:
    about = uuid7(AT)
    for name in ("a", "b", "c"):
        _clock(about, name, 3)
    where = {"about": about, "name": ("a", "b"), "stopped_at": None}
    assert composed.change(ClockRow, where, stopped_at=AT, next_at=None) == 2
    assert composed.change(ClockRow, where, stopped_at=AT, next_at=None) == 0
    assert ClockRow.objects.get(about=about, name="a").stopped_at == AT
    assert ClockRow.objects.get(about=about, name="c").stopped_at is None


@pytest.mark.django_db(transaction=True)
def test_a_row_is_locked_only_inside_a_transaction() -> None:
    key = _clock(uuid7(AT), "kerneltests.plain", 2)
    with pytest.raises(TransactionManagementError):
        composed.one(ClockRow, lock=True, id=key)
    with transaction.atomic():
        assert composed.one(ClockRow, lock=True, id=key) is not None
