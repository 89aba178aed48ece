"""What a staff file would make of the town, and what is wrong with its lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from linli.kernel.access import SYSTEM
from linli.kernel.errors import Problem
from linli.people import actions, queries
from linli.people.actions import Issued
from linli.people.models import Account, Department, Post, Tenure
from linli.people.rules.staff_plan import Row
from linli.people.tests.town import AT, DAY_ONE, Town, account, staffed

TOWN, EAST = "310199100", "310199100201"
GOOD = Row(2, EAST, "grid_lead", username="wang", name="王芳")


def wrong(*rows: Row) -> list[tuple[int, str]]:
    plan = actions.plan_staff(rows, at=AT)
    return [(found.line, found.field) for found in plan.findings if not found.note]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (replace(GOOD, unit=""), "unit"),
        (replace(GOOD, unit="999999999999"), "unit"),
        (replace(GOOD, role=""), "role"),
        (replace(GOOD, role="mayor"), "role"),
        (replace(GOOD, role="处置人员"), "department"),
        (replace(GOOD, role="handler", department="LH"), "department"),
        (replace(GOOD, title="长" * 81), "title"),
        (replace(GOOD, title="\x07"), "title"),
        (replace(GOOD, username="w"), "username"),
        (replace(GOOD, username=""), "username"),
        (replace(GOOD, name=""), "name"),
        (replace(GOOD, name="名" * 61), "name"),
        (replace(GOOD, since="yesterday"), "since"),
        (replace(GOOD, since="2026-02-30"), "since"),
        (replace(GOOD, username="old", name="王芳"), "name"),
        (replace(GOOD, username="gone", name=""), "username"),
    ],
)
def test_a_wrong_line_is_named_with_its_field(town: Town, row: Row, field: str) -> None:
    account("old", "李强")
    gone = account("gone")
    actions.close_account(account_id=gone.id, reason="调离", by=SYSTEM, at=AT)
    assert wrong(row) == [(2, field)]


def test_lines_that_disagree_are_named(town: Town) -> None:
    assert wrong(GOOD, replace(GOOD, line=3)) == [(3, "username")]
    assert wrong(GOOD, replace(GOOD, line=3, role="checker", name="王方")) == [(3, "name")]
    office = Row(2, TOWN, "handler", department="LH", department_name="绿化所")
    assert wrong(office, replace(office, line=3, title="组长", department_name="园林所")) == [
        (3, "department_name")
    ]


def test_a_good_file_is_written_whole_and_adds_nothing_the_second_time(town: Town) -> None:
    rows = [
        GOOD,
        Row(3, EAST, "网格长", username="zhao", name="赵敏", since="2026-01-20"),
        Row(4, EAST, "handler", department="HW", username="ma", name="马军"),
        Row(5, EAST, "handler", department="LH", title="绿化工", username="ma"),
        Row(6, TOWN, "handler", department="LH", department_name="绿化所", title="绿化工"),
        Row(7, "310199100201-1", "Grid worker", username="WANG"),
    ]
    plan = actions.import_staff(rows, by=SYSTEM, at=AT)
    assert not plan.findings
    assert [(new.code, new.unit_id) for new in plan.offices] == [("LH", town.town)]
    assert (len(plan.chairs), len(plan.people), len(plan.tenures)) == (5, 3, 5)
    assert {held.name for held in queries.holders_of("grid_lead", town.east, AT)} == {"王芳", "赵敏"}
    assert Post.objects.get(unit_id=town.east, department=town.office).title == "处置人员"
    assert not Account.objects.get(username="wang").has_usable_password()
    counts = [model.objects.count() for model in (Department, Post, Tenure, Account)]
    again = actions.import_staff(rows, by=SYSTEM, at=AT)
    assert again.empty
    assert again.already == 5
    assert [model.objects.count() for model in (Department, Post, Tenure, Account)] == counts


def test_whoever_left_is_not_appointed_again_by_the_same_file(town: Town) -> None:
    actions.import_staff([GOOD], by=SYSTEM, at=DAY_ONE)
    actions.end_tenure(tenure_id=Tenure.objects.get().id, reason="退休", by=SYSTEM, at=AT)
    again = actions.plan_staff([GOOD], at=AT)
    assert again.empty
    assert [found.note for found in again.findings] == [True]
    assert len(actions.plan_staff([replace(GOOD, since="2026-03-01")], at=AT).tenures) == 1


def test_a_closed_post_is_not_opened_again_under_its_title(town: Town) -> None:
    actions.import_staff([GOOD], by=SYSTEM, at=DAY_ONE)
    actions.close_post(post_id=Post.objects.get().id, reason="撤并", by=SYSTEM, at=AT)
    assert wrong(GOOD) == [(2, "title")]


def test_without_a_title_the_only_post_of_the_role_is_meant(town: Town) -> None:
    first = staffed("grid_lead", town.east, "li").post
    actions.import_staff([GOOD], by=SYSTEM, at=AT)
    assert first.tenures.count() == 2
    actions.open_post(role="grid_lead", unit_id=town.east, title="副网格长", by=SYSTEM, at=AT)
    assert wrong(replace(GOOD, username="qian", name="钱进")) == [(2, "title")]


def test_nothing_is_written_when_the_passwords_cannot_be_handed_over(town: Town) -> None:
    def fail(issued: list[Issued]) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        actions.import_staff([GOOD], by=SYSTEM, at=AT, passwords=fail)
    assert not Account.objects.exists()
    assert not Post.objects.exists()


def test_initial_passwords_open_the_accounts(town: Town) -> None:
    heard: list[Issued] = []
    actions.import_staff([GOOD], by=SYSTEM, at=AT, passwords=heard.extend)
    assert [(one.username, one.name) for one in heard] == [("wang", "王芳")]
    assert Account.objects.get().check_password(heard[0].password)


def test_an_administrator_imports_only_into_their_own_units(town: Town) -> None:
    boss = staffed("administrator", town.west, "boss")
    by = queries.actor_for(boss.holder_id, AT)
    with pytest.raises(Problem):
        actions.import_staff([GOOD], by=by, at=AT)
    assert not Account.objects.filter(username="wang").exists()


def test_headings_may_be_chinese_or_english_and_wrong_ones_are_named(tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_bytes("单位代码,Role,用户名,姓名\n310199100201,网格长,wang,王芳\n".encode("gb18030"))
    assert actions.read_staff(file) == ([replace(GOOD, role="网格长")], [])
    file.write_text("unit,color\nx,red\n", encoding="utf-8")
    rows, findings = actions.read_staff(file)
    assert rows == []
    assert [(found.line, found.field) for found in findings] == [(1, "color"), (1, "role")]
    file.write_bytes(b"\xff\x00\x81" * 9)
    assert actions.read_staff(file)[1]
    file.write_text("", encoding="utf-8")
    assert actions.read_staff(file)[1]
