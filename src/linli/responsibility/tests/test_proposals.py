"""Proposals: previewed, put in force as one whole, or shown for what they would move."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linli.cases.tests import loop
from linli.cases.words import State
from linli.kernel.access import SYSTEM
from linli.kernel.errors import Problem
from linli.kernel.ids import uuid7
from linli.people import actions as people
from linli.people import queries as people_queries
from linli.people.words import Part, Standing, Taker
from linli.responsibility import actions, files, queries
from linli.responsibility.models import Proposal
from linli.responsibility.words import About
from linli.territory import queries as territory
from tests.world import AT, Town, actor

HEAD = "单元代码,点位,事项代码,分工,部门或角色,依据\n"


def sent(town: Town, *lines: str, about: About = About.MATRIX, head: str = HEAD) -> Proposal:
    data = (head + "\n".join(lines)).encode()
    return actions.propose_file(about=about, name="清单.csv", data=data, by=actor(town, "guan"), at=AT)


def code(town: Town) -> str:
    unit = territory.snapshot().unit(town.root)
    assert unit
    return unit.code


def test_a_file_is_previewed_and_nothing_is_in_force_until_it_is_confirmed(town: Town) -> None:
    by = actor(town, "guan")
    people.set_cell(
        kind_prefix="E09", unit_id=town.root, part="lead", takers=[Taker("grid_lead", None)], by=by, at=AT
    )
    made = sent(town, f"{code(town)},,E06,牵头,CG,镇办发3号", f"{code(town)},,E06,配合,HW,")
    plan = queries.plan_of(made, by, AT)
    assert [plan.counts.get(what, 0) for what in ("added", "changed", "removed")] == [2, 0, 1]
    assert not plan.blocked
    assert len(people_queries.matrix_rows()) == 1
    assert actions.put_in_force(proposal_id=made.id, by=by, at=AT) == 3
    assert {row.kind_prefix for row in people_queries.matrix_rows()} == {"E06"}
    with pytest.raises(Problem) as refused:
        actions.put_in_force(proposal_id=made.id, by=by, at=AT)
    assert refused.value.error.code == "responsibility.applied"


def test_the_exported_matrix_sent_back_changes_nothing(town: Town) -> None:
    by = actor(town, "guan")
    for prefix, part, taker in (
        ("E06", "lead", Taker("", town.departments["CG"])),
        ("", "supervise", Taker("auditor", None)),
    ):
        people.set_cell(
            kind_prefix=prefix,
            unit_id=town.unit("001"),
            part=part,
            takers=[taker],
            source="=1+1",
            by=by,
            at=AT,
        )
    data = files.write(About.MATRIX.label, files.MATRIX_HEADINGS, queries.matrix_lines(by, AT))
    made = actions.propose_file(about=About.MATRIX, name="x.xlsx", data=data, by=by, at=AT)
    plan = queries.plan_of(made, by, AT)
    assert (plan.changes, plan.findings) == ((), ())


def test_a_file_with_a_wrong_line_is_blocked_as_a_whole(town: Town) -> None:
    made = sent(town, f"{code(town)},,E06,牵头,CG,", f"{code(town)},,E07,牵头,没有,")
    by = actor(town, "guan")
    plan = queries.plan_of(made, by, AT)
    assert [(each.line, each.field) for each in plan.findings] == [(3, "taker")]
    with pytest.raises(Problem) as refused:
        actions.put_in_force(proposal_id=made.id, by=by, at=AT)
    assert refused.value.error.code == "responsibility.blocked"
    assert people_queries.matrix_rows() == ()


def test_a_proposal_whose_ground_has_moved_is_compared_anew_first(town: Town) -> None:
    by = actor(town, "guan")
    made = sent(town, f"{code(town)},,E06,牵头,CG,")
    people.set_cell(
        kind_prefix="E07", unit_id=town.root, part="lead", takers=[Taker("grid_lead", None)], by=by, at=AT
    )
    assert queries.plan_of(made, by, AT).stale
    with pytest.raises(Problem) as refused:
        actions.put_in_force(proposal_id=made.id, by=by, at=AT)
    assert refused.value.error.code == "people.matrix-stale"
    actions.renew(proposal_id=made.id, by=by, at=AT)
    assert actions.put_in_force(proposal_id=made.id, by=by, at=AT) == 2


def test_a_proposal_is_its_owners_and_is_sent_once(town: Town) -> None:
    by, id = actor(town, "guan"), uuid7(AT)
    given = {"about": About.MATRIX, "name": "a.csv", "by": by, "at": AT, "id": id}
    data = (HEAD + f"{code(town)},,E06,牵头,CG,").encode()
    first = actions.propose_file(data=data, **given)  # type: ignore[arg-type]  # as given above
    assert actions.propose_file(data=data, **given).id == first.id  # type: ignore[arg-type]  # as given above
    with pytest.raises(Problem) as refused:
        actions.propose_file(data=data.replace(b"CG", b"HW"), **given)  # type: ignore[arg-type]  # as given above
    assert refused.value.error.status == 409
    for other in ("shen", "ma"):
        with pytest.raises(Problem):
            actions.propose_file(about=About.MATRIX, name="b", data=data, by=actor(town, other), at=AT)
        with pytest.raises(Problem) as hidden:
            queries.proposal_for(actor(town, other), first.id)
        assert hidden.value.error.status == 404
    actions.give_up(proposal_id=first.id, by=by)
    assert not Proposal.objects.exists()


def test_old_proposals_are_forgotten_after_the_days_of_the_rulebook(town: Town) -> None:
    by = actor(town, "guan")
    sent(town, f"{code(town)},,E06,牵头,CG,")
    data = (HEAD + f"{code(town)},,E07,牵头,CG,").encode()
    actions.propose_file(about=About.MATRIX, name="b", data=data, by=by, at=AT + timedelta(days=31))
    assert Proposal.objects.count() == 1


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"PK\x03\x04nothing", "颜色\n红".encode()])
def test_a_file_that_is_no_table_is_refused_with_why(town: Town, data: bytes) -> None:
    with pytest.raises(Problem) as refused:
        actions.propose_file(about=About.MATRIX, name="x", data=data, by=actor(town, "guan"), at=AT)
    assert refused.value.error.code == "responsibility.unreadable"
    assert "file" in refused.value.fields


def test_a_duty_list_is_taken_over_as_an_edition(town: Town) -> None:
    head = "事项代码,履职类别,上级部门,依据\n"
    by = actor(town, "guan")
    wrong = sent(town, "E06,配合履职,,清单1", about=About.DUTIES, head=head)
    assert [each.field for each in queries.plan_of(wrong, by, AT).findings] == ["lead_zh"]
    made = sent(town, "E06,配合履职,区绿容局,清单1", "E05009,基本履职,,清单2", about=About.DUTIES, head=head)
    plan = queries.plan_of(made, by, AT)
    assert not plan.blocked
    assert plan.counts["removed"] > 40
    actions.put_in_force(proposal_id=made.id, by=by, at=AT)
    assert people_queries.duty("E06010", AT).lead.zh == "区绿容局"
    assert people_queries.duty("E05009", AT).standing is Standing.BASIC
    data = files.write(About.DUTIES.label, files.DUTY_HEADINGS, queries.duty_lines(AT))
    again = actions.propose_file(about=About.DUTIES, name="x", data=data, by=by, at=AT)
    assert queries.plan_of(again, by, AT).changes == ()


def test_what_if_lists_the_cases_that_would_have_gone_elsewhere_and_no_other(town: Town) -> None:
    by = actor(town, "guan")
    rubbish = loop.in_state(State.HANDLING, town, AT)
    loop.in_state(State.DISPATCHED, town, AT, kind=loop.NOTED)
    rows = people_queries.matrix_rows()
    since, until = AT - timedelta(days=1), AT + timedelta(days=1)
    nothing = queries.what_if(by, rows, since, until)
    assert (nothing.cases, nothing.moved) == (2, 0)
    made = actions.propose_cell(
        kind_prefix="E06010", unit_id=town.root, part=Part.LEAD, takers=[Taker("", town.departments["CG"])],
        by=by, at=AT,
    )  # fmt: skip
    shift = queries.what_if(by, queries.plan_of(made, by, AT).rows, since, until)
    assert (shift.cases, shift.moved) == (2, 1)
    (moved,) = shift.listed
    assert (moved.id, moved.before.zh, moved.after.zh, moved.other) == (
        rubbish.id,
        "环卫所",
        "城管中队",
        False,
    )
    assert [(flow.before.zh, flow.after.zh, flow.number) for flow in shift.flows] == [
        ("环卫所", "城管中队", 1)
    ]
    assert (
        queries.what_if(by, queries.plan_of(made, by, AT).rows, until, until + timedelta(days=1)).cases == 0
    )


def test_what_if_asks_the_same_few_questions_however_many_cases(town: Town) -> None:
    by = actor(town, "guan")
    since, until = AT - timedelta(days=1), AT + timedelta(days=1)

    def asked() -> int:
        people_queries.responsible_for(town.root, "HW", AT)
        with CaptureQueriesContext(connection) as found:
            queries.what_if(by, [], since, until)
        return len([query for query in found if "people_revision" not in query["sql"]])

    loop.in_state(State.DISPATCHED, town, AT)
    first = asked()
    for _ in range(4):
        loop.in_state(State.DISPATCHED, town, AT)
    assert asked() <= first + 2  # what is kept in memory asks now and then whether it is still so


@pytest.mark.parametrize(
    ("since", "until", "fine"),
    [(None, None, True), (timedelta(days=2), timedelta(), True), (timedelta(), timedelta(), False),
     (timedelta(days=400), timedelta(), False)],
)  # fmt: skip
def test_the_time_looked_at_is_the_last_month_unless_another_is_chosen(
    since: timedelta | None, until: timedelta | None, fine: bool
) -> None:
    given = [AT - part if part is not None else None for part in (since, until)]
    if not fine:
        with pytest.raises(Problem):
            queries.window(AT, *given)
        return
    begins, ends = queries.window(AT, *given)
    assert ends == AT
    assert ends - begins == (since or timedelta(days=30))


def test_the_system_is_no_owner_of_proposals(town: Town) -> None:
    with pytest.raises(Problem):
        actions.propose_file(about=About.MATRIX, name="x", data=b"x", by=SYSTEM, at=AT)
