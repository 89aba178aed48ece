"""A batch from the upload to the answer: what is counted, taken in once, stopped, resumed, sent back, forgotten."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from openpyxl import Workbook, load_workbook

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import Source, State, number_of
from linli.intake.actions import batch_runs
from linli.intake.actions import batches as actions
from linli.intake.batches import judging, results
from linli.intake.batches.words import COLUMNS_WRONG, GAVE_UP, KINDS_WRONG, NOT_NOW, BatchState
from linli.intake.models import Batch, BatchPart, BatchRow, SavedMapping
from linli.intake.queries import batches as queries
from linli.kernel import jobs, journal, rulebook, sheets
from linli.kernel.access import SYSTEM
from linli.kernel.errors import NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.models import Job, Secret
from linli.people import actions as people
from linli.people import queries as people_queries
from linli.people.models import Post, Resident, Tenure
from tests.world import AT, Town, actor

HEADING = ("工单编号", "诉求内容", "地址", "诉求类别", "诉求人", "联系电话", "来电时间")
ROWS = (
    ("H1", "路口垃圾没人清", "禾苑路 8 号", "E06010", "王女士", "16100000011", "2026-03-10 08:30"),
    ("H2", "夜里施工太吵", "禾苑", "噪音扰民", "", "", "2026/3/10 8:00"),
    ("H3", "下水道堵了", "禾苑路", "没听说过的类别", "李先生", "号码不对", ""),
)
KNOWN = {"没听说过的类别": loop.OFFICE_ONLY, "噪音扰民": loop.NOTED}


def sheet(rows: Iterable[Iterable[Any]] = ROWS, heading: Iterable[str] = HEADING) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([heading, *rows])
    return text.getvalue().encode()


def file(data: bytes | None = None, name: str = "12345.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, sheet() if data is None else data)


def upload(
    town: Town, data: bytes | None = None, who: str = "shen", source: Source = Source.HOTLINE
) -> Batch:
    batch_id, _ = actions.upload(file(data), source=source, by=actor(town, who), at=AT)
    return Batch.objects.get(pk=batch_id)


def looked(town: Town, data: bytes | None = None, **changes: Any) -> Batch:
    """The batch after its rows were looked through."""
    batch = upload(town, data)
    given = {"columns": batch.columns, "find_duplicates": False, "suggest": False} | changes
    actions.set_columns(batch.id, by=actor(town, "shen"), at=AT, **given)
    work()
    batch.refresh_from_db()
    return batch


def work(at: Any = AT) -> None:
    """The worker, until there is nothing more to do."""
    while jobs.work_once(at):
        pass
    assert not jobs.failed()


def taken(
    town: Town, data: bytes | None = None, kinds: dict[str, str] | None = None, **changes: Any
) -> Batch:
    """The batch after it was taken in."""
    batch = looked(town, data, **changes)
    actions.set_kinds(batch.id, kinds=KNOWN if kinds is None else kinds, by=actor(town, "shen"), at=AT)
    actions.take(batch.id, by=actor(town, "shen"), at=AT)
    work()
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    return batch


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows a part."""
    table = rulebook.table("batches")
    monkeypatch.setitem(table, "file", {**table["file"], "chunk_rows": 3})


def many(count: int) -> bytes:
    return sheet([(f"N{n}", f"第 {n} 件:垃圾没人清", "禾苑路", "E06010", "", "", "") for n in range(count)])


def test_the_preview_counts_and_writes_no_case(town: Town) -> None:
    batch = looked(town)
    assert batch.state == BatchState.LOOKED
    counts = batch.counts["look"]
    assert (counts["rows"], counts["fresh"], counts["refused"], counts["no_phone"]) == (3, 3, 0, 1)
    assert {theirs: each["rows"] for theirs, each in batch.unknown.items()} == {
        "噪音扰民": 1, "没听说过的类别": 1,
    }  # fmt: skip
    assert not Case.objects.exists()
    assert not Resident.objects.exclude(pk=town.resident).exists()


def test_every_row_becomes_the_case_that_a_clerk_would_open(town: Town) -> None:
    batch = taken(town)
    assert {name: batch.counts["take"][name] for name in ("taken", "refused")} == {"taken": 3, "refused": 0}
    first, second, third = Case.objects.order_by("source_number")
    assert (first.source, first.source_number, first.kind, first.text) == (
        "hotline", "H1", "E06010", "路口垃圾没人清",
    )  # fmt: skip
    assert first.state == State.REPORTED
    assert first.reported_at == AT.replace(hour=0, minute=30)  # 08:30 in the town
    assert first.next_due_at == first.reported_at + timedelta(hours=24)
    assert first.reporter_id is not None
    assert people_queries.phone_of(first.reporter_id) == "+8616100000011"
    assert people_queries.name_of(first.reporter_id) == "王女士"
    assert third.reporter_id is None
    assert third.reported_at == AT
    assert (second.kind, third.kind) == (loop.NOTED, loop.OFFICE_ONLY)
    assert journal.history(first.id)[0].by_label == actor(town, "shen").name


def test_a_category_is_matched_once_and_the_next_file_knows_it(town: Town) -> None:
    taken(town)
    other = sheet([("H9", "又堵了", "禾苑路", "没听说过的类别", "", "", "")])
    batch = looked(town, other)
    assert batch.unknown == {}
    assert batch.kinds["没听说过的类别"] == loop.OFFICE_ONLY


def test_columns_are_remembered_for_the_source(town: Town) -> None:
    heading = ("甲", "乙", "丙")
    columns = {"number": "甲", "text": "乙", "address": "丙"}
    looked(town, sheet([("1", "有事", "禾苑路")], heading), columns=columns)
    again = upload(town, sheet([("2", "有事", "禾苑路")], heading))
    assert again.columns == columns
    assert upload(town, sheet([("3", "有事", "禾苑路")], heading), source=Source.MEDIA).columns == {}


def test_nothing_is_taken_while_a_category_has_no_kind(town: Town) -> None:
    batch = looked(town)
    with pytest.raises(Problem) as refused:
        actions.take(batch.id, by=actor(town, "shen"), at=AT)
    assert refused.value.error is KINDS_WRONG
    assert set(refused.value.fields) == {"噪音扰民", "没听说过的类别"}


def test_what_is_right_is_kept_when_another_category_is_not(town: Town) -> None:
    batch = looked(town)
    with pytest.raises(Problem) as refused:
        actions.set_kinds(
            batch.id, kinds={"噪音扰民": loop.NOTED, "没听说过的类别": "什么"}, by=actor(town, "shen"), at=AT
        )
    assert set(refused.value.fields) == {"没听说过的类别"}
    batch.refresh_from_db()
    assert batch.kinds == {"噪音扰民": loop.NOTED}


def test_the_same_file_is_recognised(town: Town) -> None:
    first, new = actions.upload(file(), source=Source.HOTLINE, by=actor(town, "shen"), at=AT)
    again, newer = actions.upload(file(name="copy.csv"), source=Source.HOTLINE, by=actor(town, "shen"), at=AT)
    assert (first, new, newer) == (again, True, False)
    assert actions.upload(file(), source=Source.POLICE, by=actor(town, "shen"), at=AT)[1]


def test_rows_that_are_here_already_or_twice_in_the_file_are_not_opened_again(town: Town) -> None:
    here = loop.opened(town, by=actor(town, "shen"), source=Source.HOTLINE, source_number="H1")
    rows = [*ROWS, ("H2", "还是吵", "禾苑", "噪音扰民", "", "", "")]
    batch = taken(town, sheet(rows))
    counts = batch.counts
    assert (counts["look"]["here"], counts["look"]["twice"], counts["look"]["fresh"]) == (1, 1, 2)
    assert (counts["take"]["here"], counts["take"]["twice"], counts["take"]["taken"]) == (1, 1, 2)
    assert BatchRow.objects.get(line=2).case_id == here.id
    assert "第 3 行" in BatchRow.objects.get(line=5).reason_zh
    assert Case.objects.count() == 3


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("another_process", [False, True])
def test_a_number_of_an_earlier_part_is_known_to_whoever_looks_at_the_later_one(
    town: Town, another_process: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"N{n % 5}", f"第 {n} 件:垃圾没人清", "禾苑路", "E06010", "", "", "") for n in range(10)]
    if another_process:  # which remembers nothing of what this one looked through
        plain = batch_runs.queries.lines_of

        def lines_of(batch: Batch, number: int) -> Any:
            batch_runs._looked.clear()
            return plain(batch, number)

        monkeypatch.setattr(batch_runs.queries, "lines_of", lines_of)
    batch = looked(town, sheet(rows))
    assert (batch.counts["look"]["fresh"], batch.counts["look"]["twice"]) == (5, 5)
    assert batch.twice == {str(line): line - 5 for line in range(7, 12)}


def test_another_file_with_the_same_numbers_opens_nothing(town: Town) -> None:
    taken(town)
    before = Case.objects.count()
    batch = taken(town, sheet(ROWS[::-1]))
    assert batch.counts["take"]["here"] == 3
    assert Case.objects.count() == before


@pytest.mark.usefixtures("small_parts")
def test_it_can_be_stopped_and_goes_on_where_it_was(town: Town) -> None:
    batch = looked(town, many(8))
    by = actor(town, "shen")
    actions.take(batch.id, by=by, at=AT)
    jobs.work_once(AT, batch=1)
    actions.stop(batch.id, by=by, at=AT)
    work()
    batch.refresh_from_db()
    assert (batch.state, batch.next_part, Case.objects.count()) == (BatchState.STOPPED, 1, 3)
    actions.take(batch.id, by=by, at=AT)
    actions.take(batch.id, by=by, at=AT)
    work()
    batch.refresh_from_db()
    assert (batch.state, Case.objects.count(), BatchRow.objects.count()) == (BatchState.DONE, 8, 8)
    kinds = [line.kind for line in journal.history(batch.id)]
    assert kinds == [
        "intake.BatchReceived", "intake.BatchBegun", "intake.BatchStopped", "intake.BatchBegun",
        "intake.BatchTaken",
    ]  # fmt: skip


@pytest.mark.usefixtures("small_parts")
def test_a_worker_that_died_after_writing_does_not_write_again(town: Town) -> None:
    batch = looked(town, many(8))
    actions.take(batch.id, by=actor(town, "shen"), at=AT)
    payload = {"batch": str(batch.id), "run": Batch.objects.get().run, "part": 0}
    batch_runs.run_part(payload, AT)
    batch_runs.run_part(payload, AT)  # its job is leased again: it never marked it as done
    assert Case.objects.count() == 3
    work()
    assert Case.objects.count() == BatchRow.objects.count() == 8


@pytest.mark.usefixtures("small_parts")
def test_a_part_that_fails_leaves_nothing_and_is_tried_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = looked(town, many(5))
    actions.take(batch.id, by=actor(town, "shen"), at=AT)
    opened = batch_runs.receiving.open_cases

    def fail(*given: Any, **named: Any) -> Any:
        opened(*given, **named)
        raise ConnectionError("the database went away")

    monkeypatch.setattr(batch_runs.receiving, "open_cases", fail)
    jobs.work_once(AT)
    assert not Case.objects.exists()
    assert not BatchRow.objects.exists()
    monkeypatch.undo()
    work(AT + timedelta(minutes=1))
    assert Case.objects.count() == 5


def gone(*_: Any, **__: Any) -> Any:
    raise ConnectionError("the database went away")


@pytest.mark.usefixtures("small_parts")
def test_a_batch_that_stumbles_says_so_and_when_it_has_given_up_somebody_can_go_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, by = looked(town, many(5)), actor(town, "shen")
    actions.take(batch.id, by=by, at=AT)
    batch.refresh_from_db()
    assert queries.stumbled(batch, AT) is None
    jobs.work_once(AT, batch=1)
    batch.refresh_from_db()
    monkeypatch.setattr(batch_runs.receiving, "open_cases", gone)
    at = AT
    for times in range(1, jobs.MAX_ATTEMPTS):
        at += timedelta(hours=1)
        assert jobs.work_once(at) == 1
        found = queries.stumbled(batch, at)
        assert found is not None
        assert (found.times, found.gave_up) == (times, False)
        assert found.again_at == at + jobs.wait_after(times)
    jobs.work_once(at + timedelta(hours=1))
    batch.refresh_from_db()
    assert (batch.state, batch.trouble, batch.next_part) == (BatchState.STOPPED, GAVE_UP, 1)
    assert [line.kind for line in journal.history(batch.id)][-1] == "intake.BatchStopped"
    assert Case.objects.count() == 3
    monkeypatch.undo()
    actions.take(batch.id, by=by, at=at)
    while jobs.work_once(at + timedelta(hours=2)):
        pass
    batch.refresh_from_db()
    assert (batch.state, batch.trouble) == (BatchState.DONE, "")
    assert Case.objects.count() == 5


def test_a_file_that_cannot_be_looked_through_waits_for_its_columns_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, by = upload(town), actor(town, "shen")
    given = {"columns": batch.columns, "find_duplicates": False, "suggest": False, "by": by, "at": AT}
    actions.set_columns(batch.id, **given)
    monkeypatch.setattr(batch_runs, "_known", gone)
    for hour in range(jobs.MAX_ATTEMPTS):
        jobs.work_once(AT + timedelta(hours=hour))
    batch.refresh_from_db()
    assert (batch.state, batch.trouble) == (BatchState.MAPPING, GAVE_UP)
    monkeypatch.undo()
    actions.set_columns(batch.id, **given)
    while jobs.work_once(AT):
        pass
    batch.refresh_from_db()
    assert (batch.state, batch.trouble) == (BatchState.LOOKED, "")


@pytest.mark.usefixtures("small_parts")
def test_it_stops_when_whoever_began_it_no_longer_holds_the_post(town: Town) -> None:
    batch = looked(town, many(5))
    actions.take(batch.id, by=actor(town, "shen"), at=AT)
    for tenure in Tenure.objects.filter(holder_id=town.accounts["shen"], ends=None):
        people.end_tenure(tenure_id=tenure.id, reason="调离", by=SYSTEM, at=AT)
    work()
    batch.refresh_from_db()
    assert (batch.state, batch.trouble) == (BatchState.STOPPED, NOT_ALLOWED.code)
    assert not Case.objects.exists()


def test_rows_without_a_number_are_opened_once_however_often_the_part_is_taken(town: Town) -> None:
    rows = [("", "路灯坏了", "禾苑路", "E06010", "", "", "2026-03-10 08:00")] * 2
    batch = taken(town, sheet(rows))
    assert Case.objects.count() == 2
    assert Case.objects.filter(source_number=None).count() == 2
    Batch.objects.filter(pk=batch.id).update(state=BatchState.TAKING, next_part=0)
    BatchRow.objects.all().delete()
    batch_runs.run_part({"batch": str(batch.id), "run": batch.run, "part": 0}, AT)
    assert Case.objects.count() == 2
    assert set(BatchRow.objects.values_list("result", flat=True)) == {"here"}


def test_a_row_without_a_category_takes_the_one_chosen_for_all_such_rows(town: Town) -> None:
    data = sheet([("1", "不好说", "禾苑路", "", "", "", "")])
    batch = looked(town, data)
    assert batch.unknown[""]["rows"] == 1
    actions.set_kinds(batch.id, kinds={"": loop.OFFICE_MATTER}, by=actor(town, "shen"), at=AT)
    actions.take(batch.id, by=actor(town, "shen"), at=AT)
    work()
    assert Case.objects.get().kind == loop.OFFICE_MATTER


def test_a_row_without_any_category_is_refused_with_the_reason(town: Town) -> None:
    batch = taken(town, sheet([("1", "嗯", "禾苑路", "", "", "", "")]), kinds={})
    row = BatchRow.objects.get()
    assert (row.result, row.field, batch.counts["take"]["refused"]) == ("refused", "kind", 1)


def test_the_kind_is_told_by_the_text_when_the_clerk_wishes_it(town: Town) -> None:
    rows = [("1", "小区门口垃圾堆成山,垃圾桶满了没有人清运", "禾苑路", "", "", "", "")]
    taken(town, sheet(rows), kinds={}, suggest=True)
    assert Case.objects.get().kind


def test_a_probable_duplicate_is_taken_in_and_named(town: Town) -> None:
    lng, lat = town.point_in(loop.HERE)
    text = "路口的垃圾桶倒了三天没有人来扶"
    open_one = loop.opened(town, AT - timedelta(hours=2), text=text, kind="E06010")
    heading = (*HEADING, "经度", "纬度")
    rows = [
        ("1", text, "禾苑路", "E06010", "", "", "", str(lng), str(lat)),
        ("2", "公交站台玻璃碎了", "禾苑路", loop.NOTED, "", "", "", "", ""),
    ]
    batch = taken(town, sheet(rows, heading), find_duplicates=True)
    assert BatchRow.objects.get(number="1").like_id == open_one.id
    assert BatchRow.objects.get(number="2").like_id is None
    assert batch.counts["take"]["like"] == 1


def test_a_row_without_an_address_lies_where_its_text_says_or_waits_to_be_placed(town: Town) -> None:
    rows = [("1", "垃圾没人清", "", "E06010", "", "", "")]
    taken(town, sheet(rows))
    case = Case.objects.get()
    assert case.located == "none"
    assert case.unit_id == town.root


def test_the_result_file_says_what_became_of_each_row_and_holds_no_formula(town: Town) -> None:
    rows = [
        ("=1+1", "路灯坏了", "禾苑路", "E06010", "", "", ""),
        ("H2", "", "禾苑路", "E06010", "", "", ""),
        ("H3", "有事", "禾苑路", "E06010", "", "", "昨天"),
    ]
    batch = taken(town, sheet(rows))
    lines = list(csv.reader(io.StringIO("".join(sheets.csv_lines(results.results(batch))).lstrip("\ufeff"))))
    case = Case.objects.get()
    assert lines[0][:4] == ["行号", "来源编号", "结果", "本镇编号"]
    assert lines[1][:5] == ["2", "'=1+1", "已接收", number_of(case.serial, AT), "待受理"]
    assert lines[1][6] == "2026-03-11 10:00"
    assert lines[2][2:4] == ["未接收", ""]
    assert lines[2][8:10] == ["诉求内容", "缺少"]
    assert lines[3][8:10] == ["来电时间", "不是可读的时间"]
    book = load_workbook(io.BytesIO(sheets.workbook("结果", results.results(batch))))
    assert book.active["B2"].value == "'=1+1"
    assert book.active["B2"].data_type == "s"


def test_the_replies_tell_how_the_matters_stand_now(town: Town) -> None:
    batch = taken(town, sheet(ROWS[:1]))
    case = Case.objects.get()
    at = AT
    for who, move in loop.WAYS[State.HANDLED]:
        at += loop.MINUTE
        loop.make(move, case.id, actor(town, who, at), at)
    heading, line = results.replies(batch)
    told = dict(zip(heading, line, strict=True))
    assert (told["来源编号"], told["状态"], told["办理情况"]) == ("H1", "待核查", "已清理")
    assert told["处置完成时间"]


def test_what_the_file_said_is_kept_encrypted_and_no_number_stands_in_clear(town: Town) -> None:
    batch = looked(town)
    with connection.cursor() as cursor:
        for table in ("intake_batch", "intake_batchpart", "intake_savedmapping"):
            cursor.execute(f"SELECT * FROM {table}")
            assert "16100000011" not in str(
                [[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()]
            )
    shown = str(queries.samples(batch, AT))
    assert "16100000011" not in shown
    assert "王女士" not in shown
    assert "H1" in shown


def test_a_telephone_in_another_column_is_masked_in_the_preview(town: Town) -> None:
    rows = [("16100000012", "请打 16100000011 联系我", "禾苑路", "E06010", "", "", "")]
    shown = str(queries.samples(upload(town, sheet(rows)), AT))
    assert "请打 161****0011 联系我" in shown
    assert "16100000012" not in shown


def test_what_the_file_said_is_forgotten_in_due_time_and_the_results_stay(town: Town) -> None:
    batch = taken(town)
    keep = timedelta(days=judging.limits()["keep"]["days"])
    assert actions.forget_old(AT + keep) == 0
    assert actions.forget_old(AT + keep + loop.MINUTE) == 1
    assert not BatchPart.objects.exists()
    assert BatchRow.objects.count() == 3
    batch.refresh_from_db()
    assert batch.forgotten_at
    assert queries.samples(batch, AT) == []
    assert actions.forget_old(AT + 3 * keep) == 0


def test_a_file_that_nobody_takes_goes_whole(town: Town) -> None:
    looked(town)
    days = judging.limits()["keep"]["untaken_days"]
    assert actions.forget_old(AT + timedelta(days=days, minutes=1)) == 1
    assert not Batch.objects.exists()


def test_it_can_be_dropped_only_before_anything_was_taken(town: Town) -> None:
    batch = looked(town)
    actions.drop(batch.id, by=actor(town, "shen"), at=AT)
    assert not Batch.objects.exists()
    done = taken(town)
    with pytest.raises(Problem) as refused:
        actions.drop(done.id, by=actor(town, "shen"), at=AT)
    assert refused.value.error is NOT_NOW


def test_only_those_who_take_in_see_the_batches_of_their_unit(town: Town) -> None:
    batch = upload(town)
    for who in ("shen", "lu", "qian"):
        assert queries.batch_for(actor(town, who), batch.id) == batch
    for who in ("chen", "ma", "gu", "lin", "jian"):
        with pytest.raises(Problem) as refused:
            queries.batch_for(actor(town, who), batch.id)
        assert refused.value.error is NOT_ALLOWED
    village = Post.objects.create(
        role="receiver", unit_id=town.unit("201"), title="村受理员", opened_on=AT.date()
    )
    people.appoint(post_id=village.id, holder_id=town.accounts["gu"], by=SYSTEM, at=AT)
    with pytest.raises(Problem) as refused:
        queries.batch_for(actor(town, "gu", AT + loop.MINUTE), batch.id)
    assert refused.value.error is NOT_FOUND


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"text": "没有的列"}, "text"),
        ({"text": "诉求内容", "address": "诉求内容"}, "address"),
        ({"number": "工单编号", "address": "地址"}, "text"),
        ({"text": "诉求内容"}, "address"),
        ({"text": "诉求内容", "address": "地址", "lng": "联系电话"}, "lng"),
    ],
)
def test_columns_that_do_not_fit_are_marked(town: Town, columns: dict[str, str], field: str) -> None:
    batch = upload(town)
    with pytest.raises(Problem) as refused:
        actions.set_columns(
            batch.id, columns=columns, find_duplicates=False, suggest=False, by=actor(town, "shen"), at=AT
        )
    assert refused.value.error is COLUMNS_WRONG
    assert field in refused.value.fields
    assert not SavedMapping.objects.exists()


def test_columns_can_be_changed_after_the_preview_but_not_after_taking_began(town: Town) -> None:
    batch = looked(town)
    given: dict[str, Any] = {
        "columns": batch.columns, "find_duplicates": False, "suggest": False, "by": actor(town, "shen"), "at": AT,
    }  # fmt: skip
    actions.set_columns(batch.id, **given)
    work()
    assert Batch.objects.get().state == BatchState.LOOKED
    assert Batch.objects.get().counts["look"]["rows"] == 3
    actions.set_kinds(batch.id, kinds=KNOWN, by=actor(town, "shen"), at=AT)
    actions.take(batch.id, by=actor(town, "shen"), at=AT)
    with pytest.raises(Problem) as refused:
        actions.set_columns(batch.id, **given)
    assert refused.value.error is NOT_NOW


def test_the_reporters_telephones_are_secret_in_the_journal_too(town: Town) -> None:
    taken(town)
    assert Secret.objects.filter(about__in=Resident.objects.values("id")).exists()
    assert not Job.objects.filter(payload__contains="16100000011").exists()


@pytest.fixture
def xlsx() -> Callable[[Iterable[Iterable[Any]]], bytes]:
    def made(rows: Iterable[Iterable[Any]]) -> bytes:
        book = Workbook()
        for row in rows:
            book.active.append(list(row))
        written = io.BytesIO()
        book.save(written)
        return written.getvalue()

    return made


def test_excel_and_csv_in_any_usual_encoding_give_the_same_cases(
    town: Town, xlsx: Callable[..., bytes]
) -> None:
    text = sheet(ROWS[:1]).decode()
    files = [
        text.encode(), text.encode("utf-8-sig"), text.encode("gb18030"), xlsx([HEADING, ROWS[0]]),
        text.encode("utf-16"),
    ]  # fmt: skip
    found = set()
    for number, data in enumerate(files):
        data = data if number else data + b"\r\n"
        batch = taken(town, data)
        case = Case.objects.get(source_number="H1")
        found.add((case.text, case.address, case.kind, case.reported_at, batch.rows))
        BatchRow.objects.all().delete()
        Case.objects.filter(pk=case.pk).update(source_number=f"old {number}")
    assert len(found) == 1
