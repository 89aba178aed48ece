"""Another system's cases: what is taken, what is refused and why, and that nothing is half there."""

from __future__ import annotations

import csv
import gzip
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.db import connection
from shapely.geometry import box

from linli.cases import exporting, queries
from linli.cases.events import CaseClosed, CaseImported
from linli.cases.models import Case
from linli.intake import actions as importing
from linli.intake import mapping as mappings
from linli.intake.mapping import CaseMapping
from linli.intake.words import Refusal
from linli.kernel import clocks, codec, journal
from linli.kernel.access import ANONYMOUS, SYSTEM
from linli.kernel.errors import Problem
from linli.kernel.models import ClockRow, FactRow, Job
from linli.territory import actions as territory
from linli.territory import queries as places

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
HEAD = ["编号", "时间", "期限", "办结", "状态", "类别", "内容", "经度", "纬度", "网格", "按期"]
RULES: dict[str, Any] = {
    "source": {"name": "old"},
    "fields": {
        "number": "编号", "reported": "时间", "due": "期限", "closed": "办结", "state": "状态", "kind": "类别",
        "text": "内容", "lng": "经度", "lat": "纬度",
    },
    "states": {"办结": "closed", "在办": "registered"},
    "kinds": {"路灯": "E01037", "default": "L90016"},
    "check": {"ontime": "按期", "on_time": "是", "overdue": "否", "unit": "网格"},
}  # fmt: skip
ONE = ["1", "2024-03-05 08:30:00", "2024-03-08 23:59:59", "2024-03-06 10:00:00", "办结", "路灯", "灯不亮",
       "121.05", "30.95", "310199100001", "是"]  # fmt: skip


def line(**changes: str) -> list[str]:
    """A good line with some cells changed, by the titles of HEAD."""
    return [changes.get(title, cell) for title, cell in zip(HEAD, ONE, strict=True)]


def made(**changes: Any) -> CaseMapping:
    """The mapping above with sections changed."""
    return mappings.parse({**RULES, **changes}, lambda code: queries.catalogue(None).kind(code) is not None)


def written(folder: Path, *lines: list[str], head: list[str] = HEAD, encoding: str = "utf-8") -> Path:
    """A CSV file of these lines."""
    path = folder / "cases.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([head, *lines])
    return path


class Heard(list[Refusal]):
    """What the importer said; `stop` is called after each chunk."""

    def __init__(self, stop: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.listener = importing.Listener(self.append, lambda done, size, lines: stop())


def run(path: Path, mapping: CaseMapping | None = None, **more: Any) -> tuple[importing.Outcome, Heard]:
    heard = Heard()
    outcome = importing.import_cases(
        path, mapping or made(), by=SYSTEM, at=AT, listener=heard.listener, **more
    )
    return outcome, heard


@pytest.fixture
def _town(db: None) -> None:
    """A town of two squares beside each other."""
    whole = box(121.0, 30.9, 121.2, 31.0)
    west, east = box(121.0, 30.9, 121.1, 31.0), box(121.1, 30.9, 121.2, 31.0)
    rows = [
        territory.Row(1, "310199100000", name="镇", rank="town", shape=whole),
        territory.Row(2, "310199100001", name="西村", rank="village", parent="310199100000", shape=west),
        territory.Row(3, "310199100002", name="东村", rank="village", parent="310199100000", shape=east),
    ]
    territory.apply_plan(territory.plan_rows(rows, source="test"), by=SYSTEM, at=AT - timedelta(days=1))
    places.forget()


pytestmark = pytest.mark.usefixtures("_town")


def test_a_line_becomes_a_case_at_its_recorded_times_in_its_unit(tmp_path: Path) -> None:
    outcome, heard = run(written(tmp_path, line()))
    case = Case.objects.get()
    unit = places.snapshot().by_code("310199100001")
    town = places.snapshot().by_code("310199100000")
    assert unit
    assert town
    assert not heard
    assert (outcome.taken, outcome.closed, outcome.open) == (1, 1, 0)
    assert (case.source, case.source_number, case.kind, case.source_kind) == (
        "imported",
        "old/1",
        "E01037",
        "路灯",
    )
    assert case.reported_at == datetime(
        2024, 3, 5, 0, 30, tzinfo=UTC
    )  # the mapping names no zone: the town's
    assert case.due_at == datetime(2024, 3, 8, 15, 59, 59, tzinfo=UTC)
    assert case.closed_at == case.handled_at == datetime(2024, 3, 6, 2, tzinfo=UTC)
    assert (case.state, case.desk, case.next_due_at) == ("closed", "done", None)
    assert (case.unit_id, case.a1, case.a2, case.located) == (unit.id, unit.id, None, "inside")
    assert case.catalogue == queries.catalogue(None).version
    assert case.id.version == 7
    assert (outcome.ontime.compared, outcome.ontime.differing) == (1, 0)
    assert (outcome.unit.compared, outcome.unit.differing) == (1, 0)


def test_the_journal_tells_of_the_import_and_wakes_nobody(tmp_path: Path) -> None:
    run(written(tmp_path, line(编号='七"号\\')))
    case = Case.objects.get()
    imported, closed = journal.history(case.id)
    assert isinstance(imported.fact, CaseImported)
    assert isinstance(closed.fact, CaseClosed)
    assert (imported.at, closed.at) == (case.reported_at, case.closed_at)
    assert (imported.fact.number, imported.fact.due, imported.fact.closed) == (
        '七"号\\',
        case.due_at,
        case.closed_at,
    )
    assert (closed.fact.verdict, imported.by_kind) == ("on_time", "system")
    for row in FactRow.objects.filter(about=case.id):
        fact = next(each.fact for each in (imported, closed) if each.id == row.fact_id)
        data = {name: getattr(fact, name) for name in codec.field_names(type(fact))}
        assert row.data == codec.dumps(data)  # written out by hand, and still canonical
    assert not Job.objects.exists()


def test_an_open_case_waits_for_its_dispatch_with_its_recorded_clock(tmp_path: Path) -> None:
    due = "2026-12-01 12:00:00"
    run(written(tmp_path, line(办结="", 状态="在办", 期限=due, 时间="2026-11-22 09:00:00")))
    case = Case.objects.get()
    (clock,) = clocks.running(case.id)
    assert (case.state, case.desk, case.handled_at) == ("registered", "dispatch", None)
    assert case.due_at == case.next_due_at == clock.due_at == clock.next_at or clock.warn_at == clock.next_at
    assert (clock.name, clock.started_at) == ("cases.handle", case.reported_at)
    assert clock.warn_at is not None
    assert clock.warn_at > AT


def test_old_open_cases_are_overdue_but_do_not_escalate(tmp_path: Path) -> None:
    outcome, _ = run(written(tmp_path, line(办结="", 状态="在办")))
    assert outcome.open == 1
    assert clocks.next_due() is None
    assert clocks.fire_due(AT + timedelta(days=400)) == 0
    late = Case.objects.get()
    (clock,) = clocks.running(late.id)
    assert clock.fired_at == late.due_at == late.next_due_at
    assert [row["verdict"] for row in exported()] == ["open"]


def test_an_open_case_without_a_target_gets_the_usual_time_to_be_dispatched_and_its_clock_runs(
    tmp_path: Path,
) -> None:
    run(written(tmp_path, line(办结="", 状态="在办", 期限="")))
    case = Case.objects.get()
    (clock,) = clocks.running(case.id)
    assert case.due_at is None
    assert (clock.name, clock.started_at, clock.due_at) == ("cases.dispatch", AT, case.next_due_at)
    assert (clock.amount, clock.unit) == (4, "work_hour")
    assert clock.warn_at is not None
    assert AT < clock.warn_at == clock.next_at < clock.due_at
    assert clocks.fire_due(clock.due_at) == 2
    assert Case.objects.get().escalations == 1


def test_a_closed_case_keeps_its_stopped_clock(tmp_path: Path) -> None:
    run(written(tmp_path, line(办结="2024-04-01 10:00:00", 按期="否")))
    case, row = Case.objects.get(), ClockRow.objects.get()
    assert (row.stopped_at, row.fired_at, row.next_at) == (case.closed_at, case.due_at, None)
    assert exported()[0]["verdict"] == "overdue"


def test_running_the_file_again_adds_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, *(line(编号=str(n)) for n in range(30)))
    run(path)
    facts = FactRow.objects.count()
    outcome, heard = run(path)
    assert (outcome.taken, outcome.already, len(heard)) == (0, 30, 0)
    assert (Case.objects.count(), FactRow.objects.count()) == (30, facts)


def test_the_same_number_with_other_content_is_listed_and_not_overwritten(tmp_path: Path) -> None:
    run(written(tmp_path, line()))
    outcome, (refusal,) = run(written(tmp_path, line(内容="灯杆倒了")))
    assert (outcome.taken, outcome.refused) == (0, 1)
    assert (refusal.line, refusal.field, refusal.number) == (2, "number", "1")
    assert "内容不同" in refusal.reason.zh
    assert Case.objects.get().text == "灯不亮"


def test_what_is_only_checked_does_not_make_a_line_another(tmp_path: Path) -> None:
    run(written(tmp_path, line()))
    outcome, heard = run(written(tmp_path, line(按期="否", 网格="310199100002")))
    assert (outcome.already, len(heard)) == (1, 0)


BAD = {
    "missing number": ({"编号": " "}, "number", "缺少"),
    "number too long": ({"编号": "9" * 61}, "number", "60"),
    "missing time": ({"时间": ""}, "reported", "缺少"),
    "unreadable time": ({"时间": "昨天"}, "reported", "时间"),
    "impossible date": ({"期限": "2024-02-30 10:00:00"}, "due", "时间"),
    "absurd year": ({"期限": "0001-01-01 00:00:00"}, "due", "时间"),
    "in the future": ({"时间": "2027-01-01 00:00:00", "办结": "2027-01-02 00:00:00"}, "reported", "将来"),
    "closed before reported": ({"办结": "2024-03-05 08:29:59"}, "closed", "早于"),
    "closed without a time": ({"办结": ""}, "closed", "没有结案时间"),
    "open with a time": ({"状态": "在办"}, "closed", "未结案"),
    "unknown state": ({"状态": "挂起"}, "state", "状态"),
    "longitude is no number": ({"经度": "东"}, "lng", "不是数字"),
    "longitude nan": ({"经度": "nan"}, "lng", "不可能"),
    "latitude out of range": ({"纬度": "91"}, "lat", "不可能"),
    "half a point": ({"纬度": ""}, "lat", "只有一个"),
    "text too long": ({"内容": "长" * 4001}, "text", "4000"),
    "kind too long": ({"类别": "长" * 121}, "kind", "120"),
    "nul": ({"内容": "灯\0不亮"}, "text", "NUL"),
}


@pytest.mark.parametrize(("changes", "field", "words"), BAD.values(), ids=BAD.keys())
def test_a_line_that_cannot_be_taken_is_listed_with_line_field_and_reason(
    tmp_path: Path, changes: dict[str, str], field: str, words: str
) -> None:
    outcome, heard = run(
        written(tmp_path, line(**{**changes, "编号": changes.get("编号", "bad")}), line(编号="good"))
    )
    (refusal,) = heard
    assert (refusal.line, refusal.field) == (2, field)
    assert words in refusal.reason.zh
    assert refusal.reason.en
    assert (outcome.lines, outcome.taken, outcome.refused) == (2, 1, 1)
    assert Case.objects.get().source_number == "old/good"


def test_a_number_that_stands_in_the_file_twice_is_taken_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing.importing, "CHUNK", 3)  # the second is in another chunk than the first
    path = written(tmp_path, *(line(编号=str(n)) for n in (1, 2, 1, 3, 4, 5, 2)))
    for dry_run in (True, False):
        outcome, heard = run(path, dry_run=dry_run)
        assert [(each.line, each.reason) for each in heard] == [(4, importing.TWICE), (8, importing.TWICE)]
        assert outcome.taken == 5


def test_lines_are_counted_as_they_stand_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, line(内容="两\n行"), line(编号=""), [], line(编号="3")[:-1], line(编号="4"))
    _, heard = run(path)
    assert [(each.line, each.field) for each in heard] == [(4, "number"), (6, "")]
    assert "10 列" in heard[1].reason.zh


def test_an_unclosed_quote_is_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    rows = io.StringIO()
    csv.writer(rows).writerows([HEAD, line()])
    path.write_text(rows.getvalue() + '9,"' + "x\n" * 70_000 + ",".join(line(编号="7")) + "\n", "utf-8")
    outcome, heard = run(path)
    assert outcome.taken == 2
    assert heard[0].line == 3
    assert "引号" in heard[0].reason.zh


def test_a_byte_of_another_encoding_costs_its_line_only(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    good, bad = (",".join(line(编号=number)) for number in ("1", "2"))
    path.write_bytes(f"{','.join(HEAD)}\n{good}\n{bad}\n".encode().replace(b"2,2024", b"2\xff,2024"))
    outcome, (refusal,) = run(path)
    assert outcome.taken == 1
    assert (refusal.line, refusal.field) == (3, "number")
    refusal.value.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_the_encodings_that_are_met_are_told_apart(tmp_path: Path, encoding: str) -> None:
    outcome, _ = run(written(tmp_path, line(), encoding=encoding))
    assert outcome.taken == 1
    assert Case.objects.get().text == "灯不亮"


def test_a_zipped_file_reads_like_the_plain_one(tmp_path: Path) -> None:
    plain = written(tmp_path, line())
    run(plain)
    zipped = tmp_path / "cases.csv.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    outcome, _ = run(zipped)
    assert outcome.already == 1


def test_an_excel_file_reads_like_the_csv_file(tmp_path: Path) -> None:
    run(written(tmp_path, line()))
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    when = [datetime.fromisoformat(ONE[n]) for n in (1, 2, 3)]
    book.active.append([1, *when, *ONE[4:7], 121.05, 30.95, *ONE[9:]])
    book.active.append([None] * len(HEAD))
    book.active.append([2, "不知道", *when[1:], *ONE[4:7], 121.05, 30.95, *ONE[9:]])
    path = tmp_path / "cases.xlsx"
    book.save(path)
    outcome, (refusal,) = run(path)
    assert outcome.already == 1
    assert (refusal.line, refusal.field, refusal.number) == (4, "reported", "2")


def test_a_heading_without_a_mapped_column_refuses_the_whole_file(tmp_path: Path) -> None:
    path = written(tmp_path, line(), head=["编号", "日期", *HEAD[2:]])
    with pytest.raises(Problem) as caught:
        run(path)
    assert caught.value.error.code == "cases.import-header"
    assert set(caught.value.fields) == {"时间"}
    assert not Case.objects.exists()


def test_a_column_that_is_declared_optional_may_be_missing(tmp_path: Path) -> None:
    path = written(tmp_path, line()[:-1], head=HEAD[:-1])  # what is only checked is optional by itself
    outcome, _ = run(path, made(file={"optional": ["内容"]}))
    assert (outcome.taken, outcome.checks) == (1, ("check_unit",))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", gzip.compress(b"a" * 99_999)[:-9], b"\n\n\n"])
def test_a_file_that_is_none_is_refused_as_a_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(content)
    with pytest.raises(Problem) as caught:
        run(path)
    assert caught.value.error.status == 422
    assert not Case.objects.exists()


def test_a_file_that_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing.importing, "CHUNK", 100)
    plain = written(tmp_path, *(line(编号=str(n), 内容=os.urandom(40).hex()) for n in range(3000)))
    zipped = tmp_path / "cases.csv.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes())[:-2000])
    with pytest.raises(Problem):
        run(zipped)
    assert not Case.objects.exists()
    assert not ClockRow.objects.exists()


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing.importing, "CHUNK", 2)

    def stop() -> None:
        assert Case.objects.count() == 2
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.import_cases(
            written(tmp_path, *(line(编号=str(n)) for n in range(9))), made(), by=SYSTEM, at=AT,
            listener=Heard(stop).listener,
        )  # fmt: skip
    assert not Case.objects.exists()
    assert not FactRow.objects.filter(kind__startswith="cases.").exists()


KILLED = """
import sys, time, django
django.setup()
from datetime import datetime
from pathlib import Path
from linli.intake import actions as importing
from linli.intake import mapping
from linli.kernel.access import SYSTEM
from linli.cases.models import Case
importing.importing.CHUNK = 2
def told(done, size, lines):
    if lines == 6:
        print(Case.objects.count(), flush=True)
        time.sleep(600)
m = mapping.parse({"source": {"name": "old"}, "fields": {"number": "编号", "reported": "时间"},
                   "kinds": {"default": "L90016"}}, lambda code: True)
importing.import_cases(Path(sys.argv[1]), m, by=SYSTEM, at=datetime.fromisoformat(sys.argv[2]),
                       listener=importing.Listener(print, told))
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, *(line(编号=str(n)) for n in range(9)))
    command = [sys.executable, "-c", KILLED, str(path), AT.isoformat()]
    environment = {
        **os.environ,
        "LINLI_DATABASE_URL": present_database(),
        "LINLI_DATA_DIR": str(settings.DATA_DIR),
    }
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout:
        assert process.stdout.readline() == "6\n"
        process.send_signal(signal.SIGKILL)
    process.wait()
    assert not Case.objects.exists()
    assert not FactRow.objects.filter(kind__startswith="cases.").exists()
    assert run(path)[0].taken == 9


def present_database() -> str:
    """The address of the database of this test."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return f"postgresql://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


def test_a_dry_run_judges_every_line_and_writes_none(tmp_path: Path) -> None:
    path = written(tmp_path, line(), line(编号="2", 经度="东"))
    outcome, heard = run(path, dry_run=True)
    assert (outcome.taken, outcome.refused, len(heard)) == (1, 1, 1)
    assert not Case.objects.exists()


def test_only_the_operator_may_import(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        importing.import_cases(
            written(tmp_path, line()), made(), by=ANONYMOUS, at=AT, listener=Heard().listener
        )
    assert caught.value.error.code == "not-allowed"


def test_a_unit_by_its_code_or_by_a_known_address_needs_no_point(tmp_path: Path) -> None:
    fields = {**RULES["fields"], "unit": "网格", "address": "内容"}
    lines = [
        line(编号="1", 经度="", 纬度="", 网格="310199100002"),
        line(编号="2", 经度="", 纬度="", 网格="", 内容="镇西村3号"),
        line(编号="3", 经度="", 纬度="", 网格="", 内容="别处"),
        line(编号="4", 网格="999"),
    ]
    _, (refusal,) = run(written(tmp_path, *lines), made(fields=fields))
    units = {unit.id: unit.name for unit in places.snapshot().units}
    found = [(units[case.unit_id], case.located) for case in Case.objects.order_by("serial") if case.unit_id]
    assert found == [("东村", "given"), ("西村", "address"), ("镇", "none")]
    assert (refusal.line, refusal.field) == (5, "unit")


def test_running_numbers_go_on_where_they_were(tmp_path: Path) -> None:
    run(written(tmp_path, line(), line(编号="2")))
    run(written(tmp_path, line(编号="3"), line(编号="4")))
    serials = list(Case.objects.order_by("source_number").values_list("serial", flat=True))
    assert serials == list(range(serials[0], serials[0] + 4))


def exported(source: str = "") -> list[dict[str, str]]:
    file = io.StringIO()
    exporting.export_cases(file, source)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


def test_the_export_gives_the_sources_own_number_and_the_towns_time(tmp_path: Path) -> None:
    run(written(tmp_path, line()))
    (row,) = exported("old")
    assert tuple(row) == exporting.COLUMNS
    assert row == {
        "number": row["number"], "source_number": "1", "kind": "E01037", "unit": "310199100001", "state": "closed",
        "reported": "2024-03-05T08:30:00+08:00", "registered": "2024-03-05T08:30:00+08:00",
        "due": "2024-03-08T23:59:59+08:00", "closed": "2024-03-06T10:00:00+08:00", "verdict": "on_time",
        "handled": "2024-03-06T10:00:00+08:00",
    }  # fmt: skip
    assert row["number"].startswith("20240305")


def test_the_export_can_be_narrowed_to_a_source(tmp_path: Path) -> None:
    run(written(tmp_path, line()))
    run(written(tmp_path, line()), made(source={"name": "older"}))
    assert len(exported()) == len(exported("imported")) == 2
    assert len(exported("old")) == len(exported("older")) == 1
    assert exporting.knows("old")
    assert exporting.knows("resident")
    assert not exporting.knows("ol")


def test_no_spreadsheet_takes_an_exported_number_for_a_formula(tmp_path: Path) -> None:
    run(written(tmp_path, line(编号="=HYPERLINK(1)")))
    assert exported()[0]["source_number"] == "'=HYPERLINK(1)"
