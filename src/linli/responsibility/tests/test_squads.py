"""Squads: who claims what, that exactly one gets it, and that a squad is counted as one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from linli.cases.models import Assignment, Case
from linli.cases.tests import loop
from linli.cases.tests.loop import signed_in
from linli.cases.tests.test_together import at_once
from linli.cases.words import State
from linli.kernel import clock, journal
from linli.kernel.access import SYSTEM
from linli.kernel.errors import CONFLICT, NOT_ALLOWED, NOT_FOUND, RETRY_DIFFERS, Problem
from linli.responsibility import actions, queries
from linli.responsibility.models import Squad, SquadClaim
from linli.responsibility.words import DISSOLVED, RULED_FIXED, TAKEN, UNIT_IN_SQUAD
from tests.world import AT, Town, actor

MINE = "/desk/squad/"


def post_of(town: Town, username: str, at: Any = AT) -> UUID:
    return actor(town, username, at).posts[0].id


def squad(town: Town, at: Any = AT, **changes: Any) -> Squad:
    """Heyuan's two grids and one of the other village, led by Heyuan's lead."""
    given: dict[str, Any] = {
        "name": "第一中队", "units": [town.unit("001-1"), town.unit("001-2"), town.unit("201-1")],
        "leader": post_of(town, "zhou", at), "deputies": [post_of(town, "chen", at)], "by": actor(town, "guan", at), "at": at,
    }  # fmt: skip
    return actions.set_squad(**(given | changes))


def waiting(town: Town, at: Any = AT, **changes: Any) -> Case:
    """A matter of Chen's own grid that nobody has signed for."""
    case = loop.opened(town, at, kind=loop.GRID_MATTER, **changes)
    assert case.state == State.DISPATCHED
    assert case.post_id in {post.id for post in actor(town, "chen", at).posts}
    return case


def other(town: Town, at: Any = AT) -> Any:
    """A grid worker of the other village, who may not see the case by their post."""
    return actor(town, "grid-201-1", at)


@pytest.mark.django_db
def test_a_member_of_another_grid_claims_a_task_and_it_is_dispatched_and_signed_in_one(town: Town) -> None:
    made, case = squad(town), waiting(town)
    who = other(town)
    got = actions.claim(squad_id=made.id, case_id=case.id, by=who, at=AT)
    assert (got.state, got.handler_id, got.post_id) == (State.HANDLING, who.account_id, who.posts[0].id)
    assert got.due_at == case.due_at
    lead = Assignment.objects.get(case_id=case.id, part="lead", done_at=None)
    assert (lead.holder_id, lead.signed_at) == (who.account_id, AT)
    kinds = [line.kind for line in journal.history(case.id)][-2:]
    assert kinds == ["cases.CaseDispatched", "cases.CaseSigned"]
    assert "第一中队" in journal.history(case.id)[-2].fact.note


@pytest.mark.django_db
def test_a_task_at_the_members_own_post_is_only_signed(town: Town) -> None:
    made, case = squad(town), waiting(town)
    actions.claim(squad_id=made.id, case_id=case.id, by=actor(town, "chen"), at=AT)
    kinds = [line.kind for line in journal.history(case.id)]
    assert kinds.count("cases.CaseDispatched") <= 1
    assert kinds[-1] == "cases.CaseSigned"


@pytest.mark.django_db
def test_sending_a_claim_twice_is_one_and_the_slower_member_is_told(town: Town) -> None:
    made, case, id = squad(town), waiting(town), uuid4()
    for _ in range(2):
        actions.claim(squad_id=made.id, case_id=case.id, by=other(town), at=AT, id=id)
    assert SquadClaim.objects.count() == 1
    with pytest.raises(Problem) as slower:
        actions.claim(squad_id=made.id, case_id=case.id, by=actor(town, "chen"), at=AT)
    assert slower.value.error is TAKEN
    with pytest.raises(Problem) as differs:
        actions.claim(squad_id=made.id, case_id=waiting(town).id, by=other(town), at=AT, id=id)
    assert differs.value.error is RETRY_DIFFERS


@pytest.mark.django_db
def test_what_is_ruled_elsewhere_or_nobody_of_the_squads_is_refused(town: Town) -> None:
    made = squad(town, units=[town.unit("001-1"), town.unit("001-2")])
    ruled = waiting(town)
    Case.objects.filter(pk=ruled.id).update(ruled=True)
    chen = actor(town, "chen")
    office = loop.in_state(State.DISPATCHED, town)
    lng, lat = town.point_in("201-1-1")
    far = loop.opened(town, kind=loop.GRID_MATTER, lng=lng, lat=lat)
    for case, by, error in (
        (ruled, chen, RULED_FIXED), (office, chen, TAKEN), (far, chen, NOT_FOUND), (waiting(town), other(town), NOT_FOUND),
        (waiting(town), actor(town, "ma"), NOT_FOUND),
    ):  # fmt: skip
        before = Case.objects.get(pk=case.id).version
        with pytest.raises(Problem) as refused:
            actions.claim(squad_id=made.id, case_id=case.id, by=by, at=AT)
        assert refused.value.error is error
        assert Case.objects.get(pk=case.id).version == before


@pytest.mark.django_db(transaction=True)
def test_of_two_members_at_the_same_moment_exactly_one_gets_it(town: Town) -> None:
    made, case = squad(town), waiting(town)
    people_of = [other(town), actor(town, "chen"), actor(town, "zhou")]
    works = [
        lambda who=who: actions.claim(squad_id=made.id, case_id=case.id, by=who, at=AT).handler_id
        for who in people_of
    ]
    answers = at_once(works)
    won = [answer for answer in answers if isinstance(answer, UUID)]
    lost = [answer for answer in answers if not isinstance(answer, UUID)]
    assert len(won) == 1
    assert [getattr(problem, "error", problem) for problem in lost] == [TAKEN, TAKEN]
    case.refresh_from_db()
    assert case.handler_id == won[0]
    assert SquadClaim.objects.count() == 1
    assert [line.kind for line in journal.history(case.id)].count("cases.CaseSigned") == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_squads_formed_at_once_with_the_same_grid_one_is(town: Town) -> None:
    works = [lambda name=name: squad(town, name=name, deputies=[]).id for name in ("甲队", "乙队")]
    answers = at_once(works)
    assert sum(isinstance(answer, UUID) for answer in answers) == 1
    assert [a.error for a in answers if isinstance(a, Problem)] == [UNIT_IN_SQUAD]


@pytest.mark.django_db
def test_a_squad_is_counted_as_one(town: Town) -> None:
    made = squad(town)
    cases = [waiting(town) for _ in range(3)]
    for case, who in zip(cases, ("chen", "grid-201-1"), strict=False):
        actions.claim(squad_id=made.id, case_id=case.id, by=actor(town, who), at=AT)
    loop.make("hand_in", cases[0].id, actor(town, "chen"), AT + timedelta(hours=1))
    row = queries.squads_for(SYSTEM, AT)[0]
    assert (row.open, row.claimed, row.done) == (1, 2, 1)
    fields = {field.name for field in SquadClaim._meta.get_fields()}
    assert not fields & {"holder", "account", "post", "member"}


@pytest.mark.django_db
def test_a_squad_is_changed_and_dissolved_and_its_grids_are_free_again(town: Town) -> None:
    made = squad(town)
    changed = squad(town, squad_id=made.id, version=1, units=[town.unit("001-1"), town.unit("001-2")])
    row = queries.squads_for(SYSTEM, AT)[0]
    assert (len(row.units), row.version, row.name) == (2, 2, changed.name)
    for given, error in (({"version": 1}, CONFLICT), ({"by": actor(town, "zhou")}, NOT_ALLOWED)):
        with pytest.raises(Problem) as refused:
            squad(town, squad_id=made.id, **given)
        assert refused.value.error is error
    actions.dissolve_squad(squad_id=made.id, reason="网格调整", by=actor(town, "guan"), at=AT)
    with pytest.raises(Problem) as again:
        actions.dissolve_squad(squad_id=made.id, reason="网格调整", by=actor(town, "guan"), at=AT)
    assert again.value.error is DISSOLVED
    assert queries.squads_of(actor(town, "chen"), AT) == []
    assert squad(town).id != made.id
    kinds = [line.kind for line in journal.history(made.id)]
    assert kinds == ["responsibility.SquadSet", "responsibility.SquadSet", "responsibility.SquadDissolved"]


@pytest.mark.django_db
def test_what_is_no_squad_is_refused_at_its_field(town: Town, subtests: Any) -> None:
    lead, other_post = post_of(town, "zhou"), post_of(town, "chen")
    for given, field in (
        ({"name": "  "}, "name"), ({"name": "长" * 61}, "name"), ({"units": [town.unit("001-1")]}, "units"),
        ({"units": [town.unit("001-1"), town.unit("001")]}, "units"), ({"units": [uuid4(), uuid4()]}, "units"),
        ({"leader": uuid4()}, "leader"), ({"leader": post_of(town, "ma")}, "leader"), ({"deputies": [lead]}, "deputies"),
        ({"deputies": [other_post, post_of(town, "grid-201-1"), post_of(town, "lead-201")]}, "deputies"),
    ):  # fmt: skip
        with subtests.test(field + str(given)[:40]), pytest.raises(Problem) as refused:
            squad(town, **given)
        assert field in refused.value.fields
    assert Squad.objects.count() == 0
    id = uuid4()
    assert squad(town, id=id).pk == squad(town, id=id).pk
    with pytest.raises(Problem) as differs:
        squad(town, id=id, name="第二中队")
    assert differs.value.error is RETRY_DIFFERS


@pytest.mark.django_db
def test_the_page_shows_what_may_be_claimed_but_neither_text_nor_address(town: Town) -> None:
    at = clock.now()
    made = squad(town, at)
    case = waiting(town, at, text="三楼张先生家漏水", address="禾苑路 3 号")
    browser = signed_in(town, "grid-201-1")
    page = browser.get(MINE).text
    assert f"{MINE}{made.id}/{case.id}/" in page
    assert "张先生" not in page
    assert "禾苑路 3 号" not in page
    path = f"{MINE}{made.id}/{case.id}/"
    assert browser.post(path, {"id": str(uuid4())}).status_code == 302
    late = signed_in(town, "chen").post(path, {"id": str(uuid4())})
    assert late.status_code == 409
    assert "已被领办" in late.text
    assert browser.post(path, {"id": "x"}).status_code == 400
    assert signed_in(town, "ma").get(MINE).status_code == 403


@pytest.mark.django_db
def test_an_administrator_forms_a_squad_on_the_page_and_nothing_typed_is_lost(town: Town) -> None:
    at = clock.now()
    browser = signed_in(town, "guan")
    new = "/desk/responsibility/squads/new/"
    given = {
        "name": "东片中队", "units": [str(town.unit("001-1")), str(town.unit("001-2"))], "leader": str(post_of(town, "zhou", at)),
        "deputy": str(post_of(town, "zhou", at)), "second": "",
    }  # fmt: skip
    refused = browser.post(new, given)
    assert refused.status_code == 422
    assert "东片中队" in refused.text
    assert browser.post(new, given | {"deputy": ""}).status_code == 302
    made = Squad.objects.get()
    one = f"/desk/responsibility/squads/{made.id}/"
    assert "东片中队" in browser.get("/desk/responsibility/squads/").text
    assert browser.post(one, given | {"deputy": "", "name": "西片中队", "version": "1"}).status_code == 302
    assert browser.post(one, {"do": "dissolve", "reason": ""}).status_code == 422
    assert browser.post(one, {"do": "dissolve", "reason": "网格调整"}).status_code == 302
    assert browser.get(one).status_code == 404
