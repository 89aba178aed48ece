from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from linli.kernel import clocks, journal, rows
from linli.kernel.access import SYSTEM
from linli.kernel.models import ClockRow, FactRow, Job, Secret

from .facts import AT, Noted


def _case(about, words="门口积水"):
    return [
        *journal.rows(Noted(1, words), about=about, by=SYSTEM, at=AT),
        *journal.rows(Noted(2), about=about, by=SYSTEM, at=AT),
        *clocks.rows_for_start(
            about=about,
            name="kerneltests.rows",
            started_at=AT,
            due_at=AT + timedelta(days=1),
            amount=Decimal("1.5"),
        ),
    ]


@pytest.mark.django_db
def test_rows_of_several_tables_are_written_and_the_first_answers():
    about = uuid4()
    written = _case(about)
    seq, identity = rows.insert(written, returning=("seq", "fact_id"))
    assert identity == written[0][1]["fact_id"]
    assert FactRow.objects.get(seq=seq).fact_id == identity
    assert [r.fact for r in journal.history(about)] == [Noted(1, "门口积水"), Noted(2)]
    clock = ClockRow.objects.get(about=about)
    assert (clock.limit_amount, clock.due_at, clock.step, clock.last_error) == (
        Decimal("1.5"),
        AT + timedelta(days=1),
        1,
        "",
    )
    assert rows.insert(_case(uuid4())) == ()


@pytest.mark.django_db
def test_the_rows_are_the_same_when_queries_are_watched():
    about = uuid4()
    with CaptureQueriesContext(connection) as queries:
        (seq,) = rows.insert(_case(about), returning=("seq",))
    assert FactRow.objects.get(seq=seq).about == about
    if connection.vendor == "postgresql":
        assert len(queries) == 1  # one statement, one round trip
    else:
        assert sum("INSERT" in q["sql"] for q in queries) == 4


@pytest.mark.django_db(transaction=True)
def test_either_all_rows_are_written_or_none():
    about = uuid4()
    written = _case(about)
    written.append(written[-1])  # the same clock again
    with pytest.raises(IntegrityError):
        rows.insert(written)
    assert (FactRow.objects.count(), Secret.objects.count(), ClockRow.objects.count()) == (0, 0, 0)
    rows.insert(_case(about))  # the connection is still good
    assert FactRow.objects.count() == 2


@pytest.mark.django_db
def test_a_moment_in_another_zone_is_stored_as_the_same_moment():
    about = uuid4()
    eight = timezone(timedelta(hours=8))
    written = journal.rows(Noted(1), about=about, by=SYSTEM, at=AT.astimezone(eight))
    rows.insert(written)
    copied = {**written[0][1], "fact_id": uuid4()}
    rows.copy_in(FactRow, list(copied), [list(copied.values())])
    assert [r.at for r in journal.history(about)] == [AT, AT]


@pytest.mark.django_db
def test_a_copy_gives_what_single_inserts_give():
    moment = AT.replace(microsecond=0)
    values = {
        "id": uuid4(), "handler": "kerneltests.none", "key": None, "payload": '{"a":"\\t\\\\"}', "fact_id": uuid4(),
        "created_at": AT, "not_before": moment, "attempts": 3, "lease_until": None, "lease_by": "a\tb\nc\\d",
    }  # fmt: skip
    Job.objects.create(**{**values, "id": uuid4()})
    rows.copy_in(Job, list(values), [list(values.values())])
    rows.insert([(Job, {**values, "id": uuid4()})])
    found = [{k: v for k, v in row.items() if k != "id"} for row in Job.objects.values()]
    assert found[0] == found[1] == found[2]
    assert found[0]["not_before"] == moment


@pytest.mark.django_db
def test_a_copy_of_many_takes_a_generator_and_counts():
    about = uuid4()
    columns = ("id", "about", "name", "started_at", "due_at", "provisional")
    count = rows.copy_in(
        ClockRow,
        columns,
        ((uuid4(), about, f"kerneltests.{n}", AT, AT, n % 2 == 0) for n in range(rows.CHUNK + 7)),
    )
    assert count == rows.CHUNK + 7 == ClockRow.objects.filter(about=about).count()
    assert ClockRow.objects.filter(about=about, provisional=True).count() == (rows.CHUNK + 8) // 2


@pytest.mark.django_db
def test_a_copy_of_rows_that_share_values_gives_what_single_inserts_give():
    about, unit = uuid4(), "kerneltests\tunit\\"
    own, shared = ("id", "about", "name"), ("started_at", "due_at", "limit_amount", "limit_unit", "warn_at")
    values = [(AT, AT + timedelta(days=n), Decimal("1.5"), unit, None) for n in range(2)]
    lines = [(uuid4(), about, f"kerneltests.{n}", values[n % 2]) for n in range(rows.CHUNK + 3)]
    assert rows.copy_in(ClockRow, own, lines, shared=shared) == len(lines)
    rows.copy_in(ClockRow, own, [(uuid4(), about, "kerneltests.none", values[0])], shared=shared)
    found = {row.pop("name"): row for row in ClockRow.objects.filter(about=about).values("name", *shared)}
    assert len(found) == len(lines) + 1
    for line in (*lines[:4], lines[-1]):
        assert found[line[2]] == dict(zip(shared, line[3], strict=True))


@pytest.mark.django_db(transaction=True)
def test_a_copy_that_fails_leaves_nothing():
    line = [uuid4(), uuid4(), "kerneltests.a", AT, AT]
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.copy_in(ClockRow, ("id", "about", "name", "started_at", "due_at"), [line, line])
    assert ClockRow.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_rows_that_are_sent_beside_are_there_when_they_are_asked_for(monkeypatch):
    monkeypatch.setattr(rows, "PLACES", 1_003)  # ten statements on SQLite, the last one shorter
    columns = ("id", "about", "name", "started_at", "due_at")
    abouts = [uuid4() for _ in range(3)]
    with transaction.atomic(), rows.beside():
        for about in abouts:
            lines = ((uuid4(), about, f"kerneltests.{n}", AT, AT) for n in range(2_000))
            rows.copy_in(ClockRow, columns, lines)
        assert ClockRow.objects.filter(about=abouts[-1]).count() == 2_000
        rows.insert(_case(abouts[0]))
        rows.copy_in(ClockRow, columns, [(uuid4(), abouts[0], "kerneltests.last", AT, AT)])
    assert ClockRow.objects.filter(about__in=abouts).count() == 6_002


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("then", ["a question", "more rows", "the end", "a mistake"])
def test_what_the_engine_refuses_beside_is_told_and_leaves_nothing(then):
    columns, line = (
        ("id", "about", "name", "started_at", "due_at"),
        [uuid4(), uuid4(), "kerneltests.a", AT, AT],
    )

    def write():
        with transaction.atomic(), rows.beside():
            rows.copy_in(ClockRow, columns, [line] if then == "a mistake" else [line, line])
            if then == "a question":
                ClockRow.objects.count()
                pytest.fail("the question was answered")
            if then == "more rows":
                rows.copy_in(ClockRow, columns, [[uuid4(), *line[1:]]])
            if then == "a mistake":
                raise KeyError

    with pytest.raises(KeyError if then == "a mistake" else IntegrityError):
        write()
    assert ClockRow.objects.count() == 0
    rows.copy_in(ClockRow, columns, [line])  # the connection is still good
    assert ClockRow.objects.count() == 1
