"""The demo town: what it is made of, who can be signed in as, and that it exists only where it should."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoDbBlocker
from rich.console import Console

from linli.cases import queries as cases
from linli.cases.models import Case, Evidence
from linli.cases.words import ENDED, Desk, State
from linli.consultation.models import Invitation
from linli.followup.models import Draw
from linli.intake.queries import batches as received
from linli.joint import queries as joint
from linli.joint.words import Stand
from linli.kernel import clocks, journal
from linli.kernel.access import SYSTEM
from linli.kernel.models import ClockRow, FactRow, Job
from linli.people import queries as people
from linli.people.words import Role
from linli.project.demo import fill, land, names, pictures, world
from linli.project.demo.events import DemoBegun
from linli.project.demo.history import History
from linli.project.demo.people import BEHIND, NAMED
from linli.project.demo.texts import THEMES
from linli.project.demo.world import Town
from linli.responsibility import queries as responsibility
from linli.responsibility.rules.cover import Cover
from linli.territory import actions as territory
from linli.territory import queries as geography
from linli.territory.words import How
from tests.kept import Kept, keep
from tests.world import AT, actor


@pytest.fixture
def demo(settings: Any) -> None:
    settings.DEMO = True
    settings.ROOT_URLCONF = "linli.project.tests.demo_urls"


def test_the_land_has_the_units_that_it_should_and_neither_gap_nor_overlap(db: None) -> None:
    drawn = land.draw(names.VILLAGES, names.MICRO_GRIDS, world.SEED)
    plan = territory.plan_rows(list(world.rows(drawn)), source="demo")
    ranks = [row.rank for row in plan.new]
    assert {rank: ranks.count(rank) for rank in ranks} == {"town": 1, "village": 16, "area": 60, "micro": 165}
    assert plan.findings == []
    micros = [row for row in plan.new if row.rank == "micro"]
    assert all(20 <= (row.households or 0) <= 50 for row in micros)


def test_the_same_seed_draws_the_same_land() -> None:
    one, other = (land.draw(names.SMALL_VILLAGES, 8, 5) for _ in range(2))
    assert one.shape.equals_exact(other.shape)
    assert not one.shape.equals_exact(land.draw(names.SMALL_VILLAGES, 8, 6).shape)


def test_a_point_in_a_micro_grid_is_located_there(town: Town) -> None:
    found = geography.snapshot().locate(*town.point_in("201-1-2"))
    assert (found.unit_id, found.how) == (town.unit("201-1-2"), How.INSIDE)


def test_everybody_named_is_in_the_small_town_too(town: Town) -> None:
    for person in (*NAMED, *BEHIND):
        who = actor(town, person.username)
        assert who.posts or who.resident_id == town.resident


def test_a_vacant_grid_is_looked_after_one_level_up(town: Town) -> None:
    who = people.responsible_for(town.unit("201-2-1"), "grid_worker", AT)
    assert who.holder_ids == (town.accounts["lead-201"],)
    assert people.responsible_for(town.unit("001-2-1"), "grid_worker", AT).holder_ids == (
        town.accounts["chen"],
    )


def test_every_department_of_the_catalogue_is_staffed(town: Town) -> None:
    assert set(town.handlers) == {"CG", "HW", "SZ", "LH", "GA", "PA"}
    assert (Role.HANDLER, names.TOWN_CODE) in town.working


def test_the_page_shows_nine_people_in_both_languages(town: Town, demo: None, client: Client) -> None:
    chinese = client.get("/demo/").content.decode()
    assert chinese.count("data-person=") == len(NAMED) == 9
    assert "陈小禾" in chinese
    client.cookies["django_language"] = "en"
    assert "Receiving clerk" in client.get("/demo/").content.decode()


@pytest.mark.parametrize("username", [person.username for person in NAMED])
def test_one_click_signs_in(town: Town, demo: None, client: Client, username: str) -> None:
    answer = client.post("/demo/sign-in/", {"username": username})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(town.accounts[username])


def test_signing_in_needs_the_forms_token(town: Town, demo: None) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/demo/sign-in/", {"username": "lin"}).status_code == 403


def test_nobody_else_can_be_signed_in_as(town: Town, demo: None, client: Client) -> None:
    assert client.post("/demo/sign-in/", {"username": "lead-201"}).status_code == 404
    assert client.get("/demo/sign-in/").status_code == 405


@pytest.mark.parametrize("address", ["192.0.2.4", "10.1.1.1", "", "nonsense"])
def test_the_page_is_for_this_machine_alone(town: Town, demo: None, client: Client, address: str) -> None:
    assert client.get("/demo/", REMOTE_ADDR=address).status_code == 404
    assert client.post("/demo/sign-in/", {"username": "lin"}, REMOTE_ADDR=address).status_code == 404


def test_without_the_demo_there_is_no_such_page(town: Town, client: Client, settings: Any) -> None:
    assert client.get("/demo/").status_code == 404
    settings.ROOT_URLCONF = "linli.project.tests.demo_urls"
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/sign-in/", {"username": "lin"}).status_code == 404


AFTERNOON = datetime(2026, 3, 12, 7, 0, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 3, 14, 19, 0, tzinfo=UTC)  # 03:00 in the town


def lived(end: datetime, seed: int = 7) -> tuple[Town, History]:
    start = end - timedelta(days=3)
    town = world.build_town(start - timedelta(hours=1), small=True)
    return town, fill.make_history(town, start=start, end=end, per_day=8, seed=seed)


@dataclass(frozen=True)
class Days:
    """What three days of the town left: who is in it, how much was done, and what the town's rules refused."""

    town: Town
    counts: Counter[str]
    refused: list[str]


@pytest.fixture(scope="session")
def _kept_days(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Kept[Days]:
    def build() -> Days:
        town, history = lived(AFTERNOON)
        return Days(town, history.counts, history.refused)

    with django_db_blocker.unblock():
        return keep(build)


@pytest.fixture
def days(_kept_days: Kept[Days], db: None) -> Days:
    """Three days of the small town, until AFTERNOON."""
    return _kept_days.put()


UNCOUNTED = ("Deadline", "PartSigned", "PartContacted", "PartArrived", "PartNear", "PartMissed", "Shown")


def test_everybody_named_has_something_to_do(days: Days) -> None:
    busy(days, AFTERNOON)


def test_everybody_named_has_something_to_do_in_the_night_too(db: None) -> None:
    town, history = lived(SUNDAY_NIGHT)
    busy(Days(town, history.counts, history.refused), SUNDAY_NIGHT)


def busy(days: Days, end: datetime) -> None:
    town = days.town
    assert days.refused == []
    assert 30 < days.counts["cases"] < 110
    waiting = Counter(Case.objects.values_list("desk", flat=True))
    assert [desk for desk in Desk if not waiting[desk.value]] == []
    for person in NAMED[1:]:
        who = actor(town, person.username, end)
        assert any(cases.counts(who, cases.desks_of(who)).values()), person.username
    assert town.resident is not None
    assert cases.own_cases(town.resident).count() >= 3


WANTED = {
    "cases.CaseReturned", "cases.RulingMade", "cases.WishAsked", "cases.WishGranted", "cases.WishHeard",
    "cases.SupervisionRaised", "cases.SupervisionAnswered", "cases.CaseMerged", "cases.CaseTransferred",
    "cases.PartArrived", "cases.PartFinished", "cases.ReporterContacted", "joint.WhistleBlown", "joint.MeetingHeld",
    "joint.ProblemSettled", "joint.PartRated", "consultation.OpinionGiven", "consultation.ConsultationDecided",
    "followup.CallAnswered", "followup.ExclusionAsked", "followup.ExclusionAppealed", "followup.DrawCommitted",
    "followup.CaseInspected", "intake.BatchTaken", "responsibility.ChiefNamed", "responsibility.ContractSigned",
    "responsibility.SquadSet", "responsibility.SquadClaimed",
}  # fmt: skip


def test_every_page_of_the_loop_has_something_alive_on_it(db: None) -> None:
    start = AFTERNOON - timedelta(days=10)
    town = world.build_town(start - timedelta(hours=1), small=True)
    history = fill.make_history(town, start=start, end=AFTERNOON, per_day=2, seed=7)
    assert history.refused == []
    assert set(FactRow.objects.values_list("kind", flat=True)) >= WANTED

    def who(name: str) -> Any:
        return actor(town, name, AFTERNOON)

    shown = joint.rows(joint.whistles(who("qian")))
    assert {row.stand for row in shown} >= {Stand.WAITING, Stand.CALLED}
    assert Case.objects.filter(wishes__gt=0, state=State.HANDLING).count() >= 3
    assert Case.objects.filter(state=State.SUSPENDED).exists()
    assert {*Case.objects.values_list("supervised", flat=True)} >= {"yellow", "red"}
    assert {*Case.objects.filter(state=State.RETURNED).values_list("returns", flat=True)} >= {1, 2}
    batches = received.latest(who("shen"))
    assert {batch.state for batch in batches} == {"done", "looked"}
    assert {draw.drawn_at is None for draw in Draw.objects.all()} == {True, False}
    assert Invitation.objects.filter(account_id=town.accounts["expert"], stage="waiting").exists()
    assert Invitation.objects.filter(account_id=town.accounts["lawyer"], stage="waiting").exists()


def test_places_have_chiefs_villages_have_advisers_and_squads_share_their_tasks(days: Days) -> None:
    town = days.town
    by, day = actor(town, "guan", AFTERNOON), responsibility.today(AFTERNOON)
    found = {table.kind.code: table for table in responsibility.chiefs(by, day, AFTERNOON)}
    assert all(found[code].named for code in ("river", "road", "wood", "field"))
    assert found["river"].named < len(found["river"].rows)
    assert {row.cover for row in responsibility.advisers(by, day).rows} == {Cover.COVERED, Cover.GAP}
    squads = {squad.name: squad for squad in responsibility.squads_for(by, AFTERNOON)}
    assert set(squads) == {"禾苑网格治理中队", "东泾网格治理中队"}
    assert sum(squad.claimed for squad in squads.values()) == 3
    assert sum(squad.open for squad in squads.values()) > 0


def test_the_history_is_made_by_the_towns_actions_alone(days: Days) -> None:
    for case in Case.objects.all():
        told = journal.history(case.id)
        assert told[0].kind == "cases.CaseReported"
        happened = [line.at for line in told if line.kind.startswith("cases.")]
        assert happened == sorted(happened)
        # Every move is one version; what the clocks do is none, nor what helpers do by themselves.
        moved = [
            line
            for line in told
            if line.kind.startswith("cases.") and not any(word in line.kind for word in UNCOUNTED)
        ]
        straight = told[1:2] and told[1].kind == "cases.CaseDispatched" and told[1].by_kind == "system"
        assert case.version == len(moved) - bool(straight)
    assert Evidence.objects.filter(file__attached_at=None).count() == 0
    assert not Job.objects.filter(done_at=None).exists()
    assert not FactRow.objects.filter(at__gt=AFTERNOON).exists()


def test_the_clocks_of_the_history_ran(days: Days) -> None:
    assert clocks.next_due() is None or clocks.next_due() > AFTERNOON  # type: ignore[operator]  # None is asked first
    ticking = ClockRow.objects.filter(stopped_at=None, paused_at=None)  # those of what rests stand still
    assert not ticking.filter(due_at__lte=AFTERNOON, fired_at=None).exists()
    assert Case.objects.filter(escalations__gt=0, raised_to__isnull=False).exists()
    running = set(ClockRow.objects.filter(stopped_at=None).values_list("about", flat=True))
    for case in Case.objects.all():
        asked = case.state == State.CLOSED and case.desk == Desk.CALL_BACK
        assert (case.id in running) == (State(case.state) not in ENDED or asked)


@pytest.mark.django_db(transaction=True)
def test_the_same_seed_gives_the_same_history() -> None:
    def told() -> Counter[tuple[str, str]]:
        lived(AFTERNOON, seed=11)
        return Counter((kind, str(at)) for kind, at in FactRow.objects.values_list("kind", "at"))

    first = told()
    call_command("flush", interactive=False, verbosity=0)
    assert told() == first


def test_every_kind_of_the_demo_is_in_the_catalogue_and_has_words(db: None) -> None:
    catalogue = cases.catalogue(None)
    for theme in THEMES:
        for code, _ in theme.kinds:
            assert catalogue.kind(code)
            assert any(not text.isascii() for text in theme.about(code))
        assert theme.scene == "" or theme.scene in pictures.SCENES


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Console:
    monkeypatch.setattr(fill, "PER_DAY", 3.0)
    settings.DEMO = True
    return Console(file=StringIO())


@pytest.mark.django_db(transaction=True)
def test_a_second_run_keeps_the_town_as_it_is(quick: Console) -> None:
    fill.ensure(quick, days=1)
    facts = FactRow.objects.count()
    fill.ensure(quick, days=1)
    assert FactRow.objects.count() == facts


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_filling_begins_again(quick: Console) -> None:
    journal.record(DemoBegun(1, 1), about=fill.DEMO, by=SYSTEM, at=AT)
    world.build_town(AT, small=True)
    fill.ensure(quick, days=1)
    assert {unit.rank for unit in geography.snapshot().units} == {"town", "village", "area", "micro"}
    assert len(geography.snapshot().units) == 1 + 16 + 60 + 165


@pytest.mark.django_db(transaction=True)
def test_a_town_with_other_data_is_left_alone(quick: Console) -> None:
    world.build_town(AT, small=True)
    facts = FactRow.objects.count()
    with pytest.raises(SystemExit):
        fill.ensure(quick, days=1)
    assert FactRow.objects.count() == facts
