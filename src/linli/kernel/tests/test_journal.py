from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import codec, journal, rows
from linli.kernel.access import SYSTEM
from linli.kernel.errors import RETRY_DIFFERS, Problem
from linli.kernel.models import FactRow, Secret

from .facts import AT, CLERK, RESIDENT, Colour, Everything, Noted, Spot

EVERYTHING = Everything(
    who=UUID(int=5),
    when=AT,
    day=date(2026, 3, 2),
    amount=Decimal("1.50"),
    colour=Colour.RED,
    spot=Spot(Decimal("2.5"), ("a", "b")),
    ids=(UUID(int=1), UUID(int=2)),
    pair=(3, "x"),
    maybe=None,
    late=AT,
    extra={"n": 1, "deep": {"list": [1, None, "乙"]}},
)


def _record_and_fail(about):
    """An action that records a fact and then fails as a whole."""

    def action():
        with transaction.atomic():
            journal.record(Noted(-1), about=about, by=SYSTEM, at=AT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        action()


@pytest.mark.django_db
def test_a_recorded_fact_is_read_back_as_it_was():
    about = uuid4()
    identity = journal.record(EVERYTHING, about=about, by=CLERK, at=AT)
    (found,) = journal.history(about)
    assert found.fact == EVERYTHING
    assert (found.id, found.kind, found.about, found.at) == (identity, Everything.KIND, about, AT)
    assert (found.by_kind, found.by_id, found.by_label) == ("account", CLERK.account_id, "王芳")
    assert found.by_post == ("派遣员", "Dispatcher")
    assert journal.find(identity) == found
    assert journal.find(uuid4()) is None


@pytest.mark.django_db
def test_history_is_in_the_order_of_recording_and_of_one_subject_only():
    about = uuid4()
    for number in range(5):
        journal.record(Noted(number), about=about, by=SYSTEM, at=AT - timedelta(days=number))
        journal.record(Noted(99), about=uuid4(), by=SYSTEM, at=AT)
    assert [r.fact.number for r in journal.history(about)] == [0, 1, 2, 3, 4]


@pytest.mark.django_db
def test_a_fact_of_an_action_that_fails_is_not_recorded():
    about = uuid4()
    _record_and_fail(about)
    assert journal.history(about) == []


@pytest.mark.django_db
def test_personal_text_is_stored_only_encrypted():
    about = uuid4()
    journal.record(Noted(1, "住在三号楼", ("13800001234",)), about=about, by=RESIDENT, at=AT)
    line, secret = FactRow.objects.get(about=about), Secret.objects.get(about=about)
    assert "三号楼" not in line.data
    assert "1380000" not in line.data
    assert line.by_label == ""  # a resident's name is personal
    assert "三号楼".encode() not in bytes(secret.ciphertext)
    (found,) = journal.history(about)
    assert found.fact == Noted(1, "住在三号楼", ("13800001234",))


@pytest.mark.django_db
def test_equal_personal_texts_have_different_commitments():
    about = uuid4()
    for _ in range(2):
        journal.record(Noted(1, "同样的话"), about=about, by=RESIDENT, at=AT)
    assert len({line.data for line in FactRow.objects.filter(about=about)}) == 2


@pytest.mark.django_db
def test_forgetting_empties_the_personal_text_and_is_itself_recorded():
    about = uuid4()
    journal.record(Noted(1, "住在三号楼"), about=about, by=RESIDENT, at=AT)
    kept = journal.record(Noted(2, "别人的话"), about=uuid4(), by=RESIDENT, at=AT)
    assert journal.forget(about=about, by=CLERK, at=AT) == 1
    first, second = journal.history(about)
    assert (first.fact, first.forgotten) == (Noted(1, ""), {"words"})
    assert second.fact == journal.PersonalTextForgotten(1)
    other = journal.find(kept)
    assert other is not None
    assert other.fact == Noted(2, "别人的话")
    assert journal.forget(about=about, by=CLERK, at=AT) == 0
    assert journal.forget(fact_id=kept, by=CLERK, at=AT) == 1


@pytest.mark.django_db
def test_a_kind_that_is_no_longer_known_is_still_shown():
    about = uuid4()
    journal.record(Noted(1), about=about, by=SYSTEM, at=AT)
    known = journal.KINDS.pop(Noted.KIND)
    try:
        (found,) = journal.history(about)
    finally:
        journal.KINDS[Noted.KIND] = known
    assert isinstance(found.fact, journal.Unknown)
    assert found.fact.data["number"] == 1
    assert Noted.KIND in found.fact.sentence().zh


def test_two_facts_cannot_share_a_kind():
    with pytest.raises(TypeError, match="taken"):

        @dataclass(frozen=True)
        class Another(journal.Fact):
            KIND: ClassVar[str] = Noted.KIND


def test_a_fact_needs_a_kind():
    with pytest.raises(TypeError, match="KIND"):

        class Nameless(journal.Fact):
            pass


@pytest.mark.django_db
def test_a_retry_finds_the_first_answer_and_other_content_is_refused():
    about, write = uuid4(), uuid4()
    print_ = codec.digest({"kind": "0101", "text": "路灯"})
    assert journal.repeated(write, kind=Noted.KIND, fingerprint=print_) is None
    journal.record(Noted(1), about=about, by=CLERK, at=AT, id=write, fingerprint=print_)
    again = journal.repeated(write, kind=Noted.KIND, fingerprint=print_, about=about)
    assert again is not None
    assert again.about == about
    for different in (
        {"kind": Noted.KIND, "fingerprint": codec.digest("other")},
        {"kind": Everything.KIND, "fingerprint": print_},
        {"kind": Noted.KIND, "fingerprint": print_, "about": uuid4()},
    ):
        with pytest.raises(Problem) as refused:
            journal.repeated(write, **different)
        assert refused.value.error is RETRY_DIFFERS
    with pytest.raises(IntegrityError), transaction.atomic():
        journal.record(Noted(1), about=about, by=CLERK, at=AT, id=write)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda: FactRow.objects.update(kind="x"),
        lambda: FactRow.objects.all().delete(),
        lambda: connection.cursor().execute("UPDATE kernel_fact SET data = '{}'"),
    ],
)
def test_the_database_refuses_to_change_or_delete_a_fact(change):
    about = uuid4()
    journal.record(Noted(1), about=about, by=SYSTEM, at=AT)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change()
    assert [r.fact for r in journal.history(about)] == [Noted(1)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "nasty", ["'; DROP TABLE kernel_fact; --", "\"\\'%s %(x)s {0}", "\t\n\r\\N\\.", "𠮷🏮"]
)
def test_any_text_is_stored_as_text(nasty):
    about = uuid4()
    journal.record(Noted(1, nasty), about=about, by=SYSTEM, at=AT)
    one = journal.rows(Noted(2, nasty), about=about, by=SYSTEM, at=AT)
    rows.insert(one)
    line = {
        **one[0][1],
        "fact_id": uuid4(),
        "by_label": nasty,
        "data": json.dumps({"number": 3, "words": nasty}),
    }
    rows.copy_in(FactRow, list(line), [list(line.values())])
    assert [r.fact for r in journal.history(about)] == [Noted(1, nasty), Noted(2, nasty), Noted(3, nasty)]
    assert journal.history(about)[2].by_label == nasty


EARLY, LATE = datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2200-01-01")
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(
    amount=st.decimals(allow_nan=False, allow_infinity=False, places=2),
    when=st.datetimes(EARLY, LATE, timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])),
    late=st.none() | st.datetimes(timezones=st.just(UTC)),  # also the year 999
    ids=st.lists(st.uuids(), max_size=3).map(tuple),
    extra=st.dictionaries(st.text(max_size=5), plain, max_size=3),
)
def test_any_content_survives_the_encoding(amount, when, late, ids, extra):
    fact = Everything(
        UUID(int=1),
        when,
        date(2026, 1, 1),
        amount,
        Colour.RED,
        Spot(amount),
        ids,
        (1, "y"),
        None,
        late,
        extra,
    )
    assert codec.build(Everything, json.loads(codec.dumps(fact))) == fact


def test_one_moment_has_one_form():
    eight = timezone(timedelta(hours=8))
    assert codec.moment(AT) == codec.moment(AT.astimezone(eight)) == "2026-03-02T01:30:00.123456Z"
    assert codec.moment(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"


def test_what_has_no_place_in_a_fact_is_refused_when_it_is_recorded():
    with pytest.raises(TypeError, match="object has no place"):
        codec.dumps({"x": object()})


@pytest.mark.django_db
def test_a_reader_pages_through_the_journal_without_loss_or_repetition():
    about, seen, cursor = uuid4(), [], 0
    for number in range(23):
        journal.record(Noted(number), about=about, by=SYSTEM, at=AT)
    ends = time.monotonic() + 30
    while (
        len(seen) < 23 and time.monotonic() < ends
    ):  # while another database commits, a page may have to wait
        page = journal.since(cursor, 5)
        assert len(page) <= 5
        seen += [r.fact.number for r in page if r.about == about]
        cursor = page[-1].seq if page else cursor
    assert seen == list(range(23))
    assert journal.since(cursor, 5) == []


def _apart(work):
    """Run it in a thread of its own, which has a connection of its own."""
    failures = []

    def run():
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, failures


@pytest.mark.django_db(transaction=True)
def test_a_reader_does_not_skip_what_commits_late():
    """On PostgreSQL the later number commits first and waits for the earlier; on SQLite there is no such order."""
    about = uuid4()
    journal.record(Noted(0), about=about, by=SYSTEM, at=AT)
    assert [r.fact.number for r in journal.since(0)] == [0]
    began, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            journal.record(Noted(1), about=about, by=SYSTEM, at=AT)
            began.set()
            assert go_on.wait(20)

    thread, failures = _apart(slow)
    assert began.wait(20)
    seen = []
    if connection.vendor == "postgresql":
        journal.record(Noted(2), about=about, by=SYSTEM, at=AT)
        seen = [r for r in journal.since(0) if r.about == about]
        assert [r.fact.number for r in seen] == [0]
        assert FactRow.objects.filter(about=about).count() == 2  # 2 is visible, and is held back
    else:
        seen = [r for r in journal.since(0) if r.about == about]
        assert [r.fact.number for r in seen] == [0]
    go_on.set()
    thread.join()
    assert failures == []
    if connection.vendor == "sqlite":
        journal.record(Noted(2), about=about, by=SYSTEM, at=AT)
    rest = [r.fact.number for r in journal.since(seen[-1].seq) if r.about == about]
    assert rest == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_number_that_never_comes_does_not_hold_the_reader_back():
    about = uuid4()
    journal.record(Noted(0), about=about, by=SYSTEM, at=AT)
    _record_and_fail(about)
    journal.record(Noted(2), about=about, by=SYSTEM, at=AT)
    assert [r.fact.number for r in journal.since(0)] == [0, 2]


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_a_reader_lose_nothing():
    about = uuid4()
    done = threading.Event()

    def write(first):
        for number in range(first, first + 25):
            if number % 7 == 0:
                _record_and_fail(about)
            with transaction.atomic():
                journal.record(Noted(number), about=about, by=SYSTEM, at=AT)

    seen: list[int] = []

    def read():
        cursor = 0
        while True:
            finished = done.is_set()
            page = journal.since(cursor)
            seen.extend(r.fact.number for r in page)
            cursor = page[-1].seq if page else cursor
            if finished and not page:
                return

    reader, wrong = _apart(read)
    writers = [_apart(lambda first=n * 100: write(first)) for n in range(4)]
    for thread, _ in writers:
        thread.join()
    done.set()
    reader.join()
    assert wrong == []
    assert [f for _, failures in writers for f in failures] == []
    assert sorted(seen) == [n * 100 + k for n in range(4) for k in range(25)]
