"""Two who keep the catalogue at the same moment, on the real engine: nothing is lost, doubled or undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from linli.cases import catalogue_draft, catalogue_store
from linli.cases.actions import drafting
from linli.cases.catalogue_draft import Entry
from linli.cases.queries import catalogues
from linli.cases.tests.test_together import at_once
from linli.cases.words import DRAFT_STALE
from linli.kernel import editions
from linli.kernel.access import Actor
from linli.kernel.drafts import Draft
from linli.kernel.errors import CONFLICT, RETRY_DIFFERS, Problem
from linli.kernel.ids import uuid7
from tests.world import AT, Town, actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keeper(town: Town) -> Actor:
    """The administrator, in a town whose first edition is in force."""
    editions.sync_files(AT - timedelta(days=1))
    catalogue_store.forget()
    return actor(town, "guan")


def renaming(draft: Draft, code: str, by: Actor, name: str = "改") -> Callable[[], Any]:
    """Gives the kind another name, as somebody does who has it open now."""
    known = catalogue_draft.entry(catalogues.drafted(draft.id).table, code)
    assert known.kind is not None
    fresh = Entry({**known.kind, "name_zh": name}, known.conditions)
    return lambda: drafting.change_kind(draft.id, code, fresh, mark=known.mark, by=by, at=AT)


def publishing(draft: Draft, by: Actor) -> Callable[[], Any]:
    """Publishes the draft as it is now."""
    seen = catalogues.drafted(draft.id).draft.version
    return lambda: drafting.publish_draft(
        draft.id, seen=seen, source="纪要", effective_from=None, by=by, at=AT
    )


def refusals(answers: list[Any]) -> list[Any]:
    """The refusals among the answers, by their code."""
    return [answer.error for answer in answers if isinstance(answer, Problem)]


def test_four_kinds_of_one_draft_are_saved_at_once_and_all_are_there(keeper: Actor) -> None:
    draft = drafting.open_draft(title="修订", by=keeper, at=AT)
    codes = ("E06010", "E06013", "E06020", "L90003")
    answers = at_once([renaming(draft, code, keeper) for code in codes])
    assert refusals(answers) == []
    assert catalogues.drafted(draft.id).changed == tuple(sorted(codes))


def test_of_two_who_save_the_same_kind_at_once_one_is_told(keeper: Actor) -> None:
    draft = drafting.open_draft(title="修订", by=keeper, at=AT)
    answers = at_once([renaming(draft, "E06010", keeper, name) for name in ("甲", "乙")])
    assert refusals(answers) == [CONFLICT]


def test_of_two_drafts_that_are_published_at_once_one_has_to_be_brought_up_to_date(keeper: Actor) -> None:
    made = [drafting.open_draft(title=title, by=keeper, at=AT) for title in ("一", "二")]
    for draft, code in zip(made, ("E06010", "E06013"), strict=True):
        renaming(draft, code, keeper)()
    answers = at_once([publishing(draft, keeper) for draft in made])
    assert refusals(answers) == [DRAFT_STALE]
    assert [each.version for each in editions.listed("catalogue")] == [2, 1]


def test_a_draft_that_is_published_twice_at_once_makes_one_edition(keeper: Actor) -> None:
    draft = drafting.open_draft(title="修订", by=keeper, at=AT)
    renaming(draft, "E06010", keeper)()
    answers = at_once([publishing(draft, keeper) for _ in range(3)])
    assert len(refusals(answers)) == 2
    assert set(refusals(answers)) <= {CONFLICT, DRAFT_STALE}
    assert [each.version for each in editions.listed("catalogue")] == [2, 1]


def test_the_same_sending_twice_at_once_opens_one_draft(keeper: Actor) -> None:
    sent = uuid7(AT)
    answers = at_once(
        [lambda: drafting.open_draft(title="修订", by=keeper, at=AT, id=sent) for _ in range(4)]
    )
    assert {answer.id for answer in answers} == {sent}
    assert len(catalogues.open_drafts()) == 1
    with pytest.raises(Problem) as refused:
        drafting.open_draft(title="别的", by=keeper, at=AT, id=sent)
    assert refused.value.error is RETRY_DIFFERS
