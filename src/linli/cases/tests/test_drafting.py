"""Drafting the catalogue: overlays, rebasing, differences that keep their promise, dates, collisions, bad files."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.cases import catalogue_draft, catalogue_files, catalogue_store
from linli.cases.actions import drafting, opening
from linli.cases.actions.foreseeing import foresee
from linli.cases.catalogue import Catalogue
from linli.cases.catalogue_diff import KindChange, difference
from linli.cases.catalogue_draft import COLUMNS, Entry
from linli.cases.models import Case
from linli.cases.queries import catalogues
from linli.cases.tests.loop import report
from linli.cases.words import DRAFT_STALE, UNKNOWN_KIND, Source, State
from linli.kernel import drafts, editions, journal, rulebook
from linli.kernel.access import SYSTEM, Actor
from linli.kernel.drafts import Overlay, laid_over
from linli.kernel.errors import CONFLICT, INVALID, NOT_ALLOWED, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.worktime import Limit, Unit
from tests.world import AT, Town, actor

Rows = dict[str, Any]
SHIPPED = rulebook.table("catalogue")
FEW = ("E06010", "E06013", "E06020", "L90003", "L93001", "C01001")


def small() -> Rows:
    """A catalogue of six kinds, one of them with several conditions."""
    return {
        "kinds": [dict(row) for row in SHIPPED["kinds"] if row["code"] in FEW],
        "conditions": [dict(row) for row in SHIPPED["conditions"] if row["kind"] in FEW],
    }


BASE = small()
words = st.text("路灯坏了abc1 -", min_size=1, max_size=20).map(str.strip).filter(bool)
limits = st.sampled_from(
    [("2", "work_hour"), ("1.5", "urgent_hour"), ("3", "work_day"), ("30", "natural_day")]
)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, Entry]:
    """A kind with its new rows: changed, with a condition more or fewer, or retired."""
    code = draw(st.sampled_from(FEW))
    known = catalogue_draft.entry(BASE, code)
    if draw(st.integers(0, 5)) == 0:
        return code, Entry(None)
    assert known.kind is not None
    conditions = [dict(row) for row in known.conditions]
    for row in conditions:
        if draw(st.booleans()):
            row["limit"], row["unit"] = draw(limits)
            row["closing_zh"] = draw(words)
    if draw(st.booleans()):
        place = catalogue_draft.next_condition(code, [row["code"] for row in conditions])
        conditions.append({**conditions[0], "code": place, "text_zh": draw(words)})
    if len(conditions) > 1 and draw(st.booleans()):
        conditions.pop(draw(st.integers(0, len(conditions) - 1)))
    changed = {
        name: draw(words) for name in draw(st.sets(st.sampled_from(["name_zh", "name_en", "keywords_zh"])))
    }
    kind = {**known.kind, **changed, "default_condition": conditions[0]["code"]}
    return code, Entry(kind, tuple(conditions))


def overlaid(base: Rows, changes: list[tuple[str, Entry]]) -> Overlay:
    overlay: Overlay = {}
    for code, fresh in changes:
        overlay = catalogue_draft.with_entry(overlay, base, fresh, code)
    return overlay


def contents(table: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, str]]:
    """Every row by sheet and code; the order of rows is no content."""
    return {
        (sheet, row["code"]): {column: row.get(column) or "" for column in columns}
        for sheet, columns in COLUMNS.items()
        for row in table[sheet]
    }


def patched(old: Mapping[str, Any], changes: list[KindChange]) -> dict[tuple[str, str], dict[str, str]]:
    """The old rows after doing what a reader of the differences would do by hand."""
    rows = contents(old)
    for change in changes:
        told = [("kinds", change.code, change.what, change.fields)]
        told += [("conditions", one.code, one.what, one.fields) for one in change.conditions]
        for sheet, code, what, fields in told:
            if what == "removed":
                del rows[sheet, code]
                continue
            row = rows.setdefault((sheet, code), dict.fromkeys(COLUMNS[sheet], ""))
            for each in fields:
                assert row[each.name] == each.stored[0]
                row[each.name] = each.stored[1]
            row["code"] = code
            if sheet == "conditions":
                row["kind"] = change.code
    return rows


@given(st.lists(edits(), max_size=8))
def test_the_difference_promises_exactly_what_the_draft_makes(changes: list[tuple[str, Entry]]) -> None:
    wanted = laid_over(BASE, overlaid(BASE, changes))
    told = difference(BASE, wanted)
    assert patched(BASE, told) == contents(wanted)
    assert {change.code for change in told} == set(catalogue_draft.changed_codes(overlaid(BASE, changes)))


@given(st.lists(edits(), max_size=8))
def test_an_overlay_is_what_lies_between_two_tables(changes: list[tuple[str, Entry]]) -> None:
    overlay = overlaid(BASE, changes)
    wanted = laid_over(BASE, overlay)
    assert catalogue_draft.between(BASE, wanted) == overlay
    assert catalogue_draft.between(wanted, wanted) == {}


@given(st.lists(edits(), max_size=6), st.lists(edits(), max_size=6))
def test_rebasing_keeps_what_either_side_alone_changed(
    mine: list[tuple[str, Entry]], theirs: list[tuple[str, Entry]]
) -> None:
    new = laid_over(BASE, overlaid(BASE, theirs))
    overlay = overlaid(BASE, mine)
    fresh, both = catalogue_draft.rebased(overlay, BASE, new)
    result = laid_over(new, fresh)
    touched, changed = set(catalogue_draft.changed_codes(overlay)), {code for code, _ in theirs}
    for code in FEW:
        if code not in touched:
            assert catalogue_draft.entry(result, code) == catalogue_draft.entry(new, code)
        elif code not in changed:
            assert catalogue_draft.entry(result, code) == catalogue_draft.entry(
                laid_over(BASE, overlay), code
            )
    assert set(both) <= touched & changed


@given(st.lists(edits(), max_size=6))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_parses_goes_out_to_excel_and_csv_and_comes_back(
    tmp_path: Path, changes: list[tuple[str, Entry]]
) -> None:
    table = laid_over(BASE, overlaid(BASE, changes))
    if not isinstance(Catalogue.parse(table["kinds"], table["conditions"]), Catalogue):
        return
    folder = tmp_path / str(uuid7(AT))
    for write, path in (
        (catalogue_files.write_excel, folder.with_suffix(".xlsx")),
        (catalogue_files.write_csv, folder),
    ):
        write(table, path)
        rows, made = catalogue_files.catalogue_of(catalogue_files.read(path), BASE)
        assert isinstance(made, Catalogue)
        assert contents(rows) == contents(table)
        assert catalogue_draft.between(table, rows) == {}


def test_a_file_without_the_newer_columns_leaves_them_as_they_are(tmp_path: Path) -> None:
    columns = [
        column
        for column in COLUMNS["kinds"]
        if column not in {"stages", "handling_zh", "handling_en", "checklist_zh", "checklist_en"}
    ]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([[row[column] for column in columns] for row in BASE["kinds"]])
    (tmp_path / "kinds.csv").write_text(out.getvalue(), "utf-8")
    rows, made = catalogue_files.catalogue_of(catalogue_files.read(tmp_path / "kinds.csv"), BASE)
    assert isinstance(made, Catalogue)
    assert catalogue_draft.between(BASE, rows) == {}


BAD_STEPS = [
    ("stages", "sign=soon"), ("stages", "sign=0 work_day"), ("stages", "sleep=1 work_day"), ("stages", "sign"),
    ("stages", "sign=-1 work_hour"), ("stages", "sign=NaN work_hour"), ("stages", "x" * 201),
    ("handling_en", "One"), ("checklist_zh", "一;二;三;四;五"), ("handling_zh", "长" * 401),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value"), BAD_STEPS)
def test_limits_of_stages_and_steps_that_make_no_sense_are_told(column: str, value: str) -> None:
    rows = small()
    rows["kinds"][0][column] = value
    found = Catalogue.parse(rows["kinds"], rows["conditions"])
    assert isinstance(found, list)
    assert {each.line for each in found} == {2}


def test_a_stage_may_be_written_in_chinese() -> None:
    rows = small()
    rows["kinds"][0]["stages"] = "签收=2 工作时;contact=1 urgent_hour"
    made = Catalogue.parse(rows["kinds"], rows["conditions"])
    assert isinstance(made, Catalogue)
    kind = made.kinds[rows["kinds"][0]["code"]]
    assert kind.stages == {"sign": Limit(2, Unit.WORK_HOUR), "contact": Limit(1, Unit.URGENT_HOUR)}


# The numbers of the classification of 2013 that the domain reference names (§1.2).
OLD = [
    "01-01", "01-07", "01-10", "01-11", "01-12", "01-36", "02-01", "02-03", "03-11", "04-01", "04-05", "04-06", "04-09",
    "04-10", "01-99", "01-96", "04-96", "05-01", "06-02",
]  # fmt: skip


def test_every_number_of_2013_that_is_in_use_leads_to_a_kind() -> None:
    book = catalogue_store.load(0)
    found = {number: [kind.code for kind in book.by_legacy(number)] for number in OLD}
    assert all(found.values()), found
    assert found["04-09"] == ["E09009"]
    assert found["01-10"] == ["E06010"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("01-10", "E06010"), ("04-09", "E09009"), ("06010", "E06010"), ("31011706010", "E06010"), ("e06010", "E06010"),
        ("C01003", "E01003"), ("01-99", "L06902"), ("C01-81", None), ("99-99", None), ("", None), ("310117", None),
    ],
)  # fmt: skip
def test_a_number_of_another_system_leads_to_one_kind_or_to_none(number: str, code: str | None) -> None:
    found = catalogue_store.load(0).by_number(number)
    assert (found.code if found else None) == code


def test_every_kind_says_what_handling_and_closing_need() -> None:
    for kind in catalogue_store.load(0).kinds.values():
        assert len(kind.handling) >= 3, kind.code
        assert len(kind.checklist) >= 3, kind.code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("楼上漏水到我家", "L92002"), ("电动车在楼道充电", "L93001"), ("狗咬人了", "L93015"), ("老人走丢了", "L93010"),
        ("河里有死鱼", "L94006"), ("有人烧秸秆", "L94012"), ("庙会人太多", "L93018"), ("停电了", "L96010"),
        ("工地不发农民工工资", "L95001"), ("骗子打电话", "L93011"), ("夫妻吵架", "L91002"), ("押金不退", "L92006"),
        ("消费投诉要退款", "L95005"), ("感谢民警", "L96016"), ("我要信访", "L97001"), ("domestic violence", "L91003"),
    ],
)  # fmt: skip
def test_social_matters_are_found_by_what_people_say(text: str, code: str) -> None:
    assert catalogue_store.load(0).search(text)[0].code == code


@pytest.mark.parametrize(("words", "count"), [("", 10_000), ("sheet", 20_001)])
def test_a_very_large_file_is_read_or_refused_in_a_moment(tmp_path: Path, words: str, count: int) -> None:
    kind, condition = BASE["kinds"][1], BASE["conditions"][1]
    made = {
        "kinds": [{**kind, "code": f"L{n:05d}", "default_condition": f"L{n:05d}-1"} for n in range(count)],
        "conditions": [{**condition, "kind": f"L{n:05d}", "code": f"L{n:05d}-1"} for n in range(count)],
    }
    catalogue_files.write_csv(made, tmp_path / "big")
    start = time.perf_counter()
    _, found = catalogue_files.catalogue_of(catalogue_files.read(tmp_path / "big"), BASE)
    assert isinstance(found, list if words else Catalogue)
    assert time.perf_counter() - start < 20  # about one second; the margin is for a machine that is busy


def test_an_edition_of_before_is_still_read() -> None:
    rows = small()
    for row in rows["kinds"]:
        for column in ("stages", "handling_zh", "handling_en", "checklist_zh", "checklist_en"):
            del row[column]
    made = Catalogue.parse(rows["kinds"], rows["conditions"])
    assert isinstance(made, Catalogue)
    assert not any(kind.handling for kind in made.kinds.values())


@pytest.fixture
def keeper(town: Town) -> Actor:
    """The administrator, in a town whose first edition is in force."""
    editions.sync_files(AT - timedelta(days=1))
    catalogue_store.forget()
    return actor(town, "guan")


def renamed(draft_id: Any, by: Actor, code: str = "E06010", name: str = "垃圾暴露") -> None:
    """Change the name of a kind in the draft."""
    known = catalogue_draft.entry(catalogues.drafted(draft_id).table, code)
    assert known.kind is not None
    fresh = Entry({**known.kind, "name_zh": name}, known.conditions)
    drafting.change_kind(draft_id, code, fresh, mark=known.mark, by=by, at=AT)


def published(draft_id: Any, by: Actor, **more: Any) -> Any:
    """Publish what the draft is now."""
    seen = catalogues.drafted(draft_id).draft.version
    given = {"seen": seen, "source": "会议纪要", "effective_from": None, "by": by, "at": AT} | more
    return drafting.publish_draft(draft_id, **given)


@pytest.mark.django_db
def test_what_is_published_equals_what_the_difference_promised(keeper: Actor) -> None:
    draft = drafting.open_draft(title="修订", by=keeper, at=AT)
    renamed(draft.id, keeper)
    drafting.retire_kind(
        draft.id, "L97006", mark=catalogue_draft.entry(SHIPPED, "L97006").mark, by=keeper, at=AT
    )
    found = catalogues.drafted(draft.id)
    told = catalogues.catalogue_difference(found.base, found.table, AT)
    made = published(draft.id, keeper)
    assert contents(editions.rows_of(made)) == patched(found.base, told)
    assert [line.fact.KIND for line in journal.history(made.id)] == ["kernel.EditionPublished"]
    assert catalogues.catalogue_editions(AT)[0].by.zh == "管理员 方宁"
    assert [row.standing for row in catalogues.catalogue_editions(AT)] == ["in_force", "past"]
    assert len(journal.history(draft.id)) == 3


@pytest.mark.django_db
def test_of_two_who_publish_on_one_edition_the_second_is_refused(keeper: Actor) -> None:
    first, second = (drafting.open_draft(title=name, by=keeper, at=AT) for name in ("一", "二"))
    renamed(first.id, keeper)
    renamed(second.id, keeper, "E06013")
    published(first.id, keeper)
    with pytest.raises(Problem) as refused:
        published(second.id, keeper)
    assert refused.value.error is DRAFT_STALE
    assert drafting.bring_up_to_date(second.id, onto=2, by=keeper, at=AT) == ()
    assert published(second.id, keeper).version == 3
    assert catalogue_store.load(3).kinds["E06010"].name.zh == "垃圾暴露"


@pytest.mark.django_db
def test_an_edition_before_one_that_is_to_come_stands_on_what_is_in_force_then(keeper: Actor) -> None:
    later = drafting.open_draft(title="明年", by=keeper, at=AT)
    renamed(later.id, keeper)
    published(later.id, keeper, effective_from=AT + timedelta(days=90))
    soon = drafting.open_draft(title="现在", by=keeper, at=AT)
    renamed(soon.id, keeper, "E06013")
    with pytest.raises(Problem) as refused:
        published(soon.id, keeper, effective_from=AT + timedelta(days=91))
    assert refused.value.error is DRAFT_STALE
    assert published(soon.id, keeper).version == 3
    assert catalogues.edition_at(AT) == 3
    assert catalogues.edition_at(AT + timedelta(days=91)) == 2


@pytest.mark.django_db
def test_a_draft_is_opened_once_however_often_it_is_sent(keeper: Actor) -> None:
    sent = uuid7(AT)
    for _ in range(2):
        assert drafting.open_draft(title="修订", by=keeper, at=AT, id=sent).id == sent
    assert len(catalogues.open_drafts()) == 1


@pytest.mark.django_db
def test_a_draft_read_before_another_saved_it_is_not_saved_over(keeper: Actor) -> None:
    draft = drafting.open_draft(title="修订", by=keeper, at=AT)
    stale = catalogues.drafted(draft.id).draft
    renamed(draft.id, keeper)
    with pytest.raises(Problem) as refused:
        drafts.save(stale, {}, entries=(), base=1, by=keeper, at=AT)
    assert refused.value.error is CONFLICT
    assert catalogues.drafted(draft.id).changed == ("E06010",)


@pytest.mark.django_db
def test_only_a_post_at_the_top_keeps_the_catalogue(keeper: Actor, town: Town) -> None:
    draft = drafting.open_draft(title="修订", by=keeper, at=AT)
    drafting.open_draft(title="值班长的", by=actor(town, "qian"), at=AT)
    for who in ("shen", "chen", "zhou", "ma", "jian"):
        by = actor(town, who)
        for write in (
            lambda by=by: drafting.open_draft(title="x", by=by, at=AT),
            lambda by=by: drafting.drop_draft(draft.id, by=by, at=AT),
            lambda by=by: renamed(draft.id, by),
            lambda by=by: published(draft.id, by),
            lambda by=by: drafting.bring_up_to_date(draft.id, onto=0, by=by, at=AT),
            lambda by=by: drafting.take_file(Path("x.csv"), title="x", by=by, at=AT),
        ):
            with pytest.raises(Problem) as refused:
                write()
            assert refused.value.error is NOT_ALLOWED, who


@pytest.mark.django_db
def test_requests_that_make_no_sense_are_refused(keeper: Actor) -> None:
    draft = drafting.open_draft(title="修订", by=keeper, at=AT)
    known = catalogue_draft.entry(SHIPPED, "E06010")
    assert known.kind is not None
    spoilt = Entry({**known.kind, "name_zh": ""}, known.conditions)
    for write, error in (
        (lambda: drafting.open_draft(title=" ", by=keeper, at=AT), INVALID),
        (lambda: drafting.open_draft(title="长" * 121, by=keeper, at=AT), INVALID),
        (lambda: drafting.open_draft(title="x", like=77, by=keeper, at=AT), NOT_FOUND),
        (lambda: drafting.change_kind(draft.id, "E06010", spoilt, mark=known.mark, by=keeper, at=AT), INVALID),
        (lambda: drafting.change_kind(draft.id, "E06010", Entry(None), mark=known.mark, by=keeper, at=AT), INVALID),
        (lambda: drafting.change_kind(draft.id, "E06010", known, mark="", by=keeper, at=AT), INVALID),
        (lambda: drafting.change_kind(draft.id, "E06010", known, mark="x", by=keeper, at=AT), CONFLICT),
        (lambda: drafting.retire_kind(draft.id, "E06010", mark="", by=keeper, at=AT), NOT_FOUND),
        (lambda: drafting.bring_up_to_date(draft.id, onto=99, by=keeper, at=AT), NOT_FOUND),
        (lambda: drafting.drop_draft(uuid7(AT), by=keeper, at=AT), NOT_FOUND),
        (lambda: published(draft.id, keeper), INVALID),
    ):  # fmt: skip
        with pytest.raises(Problem) as refused:
            write()
        assert refused.value.error is error


@pytest.mark.django_db
def test_what_is_foreseen_is_what_opening_the_report_makes(keeper: Actor, town: Town) -> None:
    book = catalogue_store.load()
    for code in ("E06010", "E06005", "E06028", "L90001", "L93010"):
        for source in (Source.RESIDENT, Source.HOTLINE, Source.POLICE):
            sent = report(town, kind=code, source=source, unit_id=town.unit("001-1-1"), lng=None, lat=None)
            seen = foresee(text=sent.text, kind=code, source=source, book=book, at=AT, unit_id=sent.unit_id)
            case = Case.objects.get(pk=opening.open_case(sent, by=SYSTEM, at=AT).id)
            assert seen.unit_id == case.unit_id
            assert seen.straight == (case.state == State.DISPATCHED)
            assert [[why.zh, why.en] for why in seen.responsible.why] == case.why
            named = {stage.label.zh: stage.due for stage in seen.stages}
            assert (named["处置"] if seen.straight else None) == case.due_at
            first = min(named["签收"], named["处置"]) if seen.straight else named["派遣"]
            assert first == case.next_due_at


@pytest.mark.django_db
def test_nothing_is_foreseen_for_a_kind_that_is_not_there(keeper: Actor) -> None:
    for code in ("E99999", "C01001", ""):
        with pytest.raises(Problem) as refused:
            foresee(text="x", kind=code, source=Source.HOTLINE, book=catalogue_store.load(), at=AT)
        assert refused.value.error is UNKNOWN_KIND
