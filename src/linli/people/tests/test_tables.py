"""Posts and departments as tables."""

from __future__ import annotations

from linli.kernel.access import SYSTEM
from linli.people import actions, queries
from linli.people.tests.town import AT, DAY_ONE, Town, post, staffed


def test_a_vacant_post_shows_as_vacant(town: Town) -> None:
    post("grid_worker", town.east_1)
    (row,) = queries.posts_table(town.east_1, AT)
    assert (row.vacant, row.doubled, row.shared) == (True, False, False)


def test_who_holds_two_posts_shows_on_both(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "w1")
    second = post("grid_worker", town.east_2)
    actions.appoint(post_id=second.id, holder_id=tenure.holder_id, by=SYSTEM, at=DAY_ONE)
    rows = queries.posts_below(town.east, AT)
    assert [row.doubled for row in rows] == [True, True]
    assert rows[0].unit.zh == "东村第1网格"
    (village, other) = queries.staffing_of_children(town.town, AT)
    assert (village.name.zh, village.posts, village.doubled, other.posts) == ("东村", 2, 2, 0)


def test_two_people_on_one_post_show_as_shared(town: Town) -> None:
    tenure = staffed("grid_worker", town.east_1, "w1")
    spare = staffed("grid_worker", town.east_2, "w2")
    actions.end_tenure(tenure_id=spare.id, reason="轮岗", by=SYSTEM, at=AT)
    actions.appoint(post_id=tenure.post_id, holder_id=spare.holder_id, by=SYSTEM, at=AT)
    (row,) = queries.posts_table(town.east_1, AT)
    assert row.shared
    assert [holder.name for holder in row.holders] == ["w1", "w2"]
    assert [holder.name for holder in queries.holders_of("grid_worker", town.east_1, AT)] == ["w1", "w2"]


def test_a_closed_post_is_no_longer_listed(town: Town) -> None:
    actions.close_post(post_id=post("grid_worker", town.east_1).id, reason="撤并", by=SYSTEM, at=AT)
    assert queries.posts_table(town.east_1, AT) == ()


def test_a_department_counts_its_posts_vacancies_and_people(town: Town) -> None:
    staffed("handler", town.town, "h1", town.office)
    post("handler", town.town, town.office)
    (row,) = queries.departments(AT)
    assert (row.code, row.posts, row.vacant, row.holders) == ("HW", 2, 1, 1)
