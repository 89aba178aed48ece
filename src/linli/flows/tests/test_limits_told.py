"""Who hears of a limit, and what a reporter is told of a decision and of a look at their number."""

from __future__ import annotations

from datetime import datetime

from linli.cases import queries
from linli.cases.actions import moves
from linli.cases.models import Case
from linli.cases.tests.loop import DAY, MINUTE, in_state, make, opened
from linli.cases.words import State
from linli.kernel import clocks, jobs
from linli.notices.models import Notice
from tests.world import AT, Town, actor


def _until(at: datetime) -> None:
    clocks.fire_due(at)
    while jobs.work_once(at):
        pass


def _told(case: Case, template: str) -> list[tuple[str, str]]:
    found = Notice.objects.filter(about=case.id, template=template).select_related("to_account")
    return sorted((notice.to_account.username, notice.body_zh) for notice in found)


def _near(case: Case, name: str) -> datetime:
    return next(c.next_at for c in clocks.running(case.id) if c.name == f"cases.{name}") or AT


def test_before_anybody_signed_all_who_could_are_told_that_the_limit_is_near(town: Town) -> None:
    case = in_state(State.DISPATCHED, town)
    _until(_near(case, "sign") + MINUTE)
    assert "ma" in [who for who, _ in _told(case, "due-soon")]


def test_the_handler_is_told_that_the_handling_limit_is_near(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    _until(_near(case, "handle") + MINUTE)
    assert [who for who, _ in _told(case, "due-soon")] == ["ma"]


def test_the_limit_of_the_check_is_the_checkers_and_not_the_handlers(town: Town) -> None:
    case = in_state(State.CHECKING, town)
    _until(_near(case, "check") + MINUTE)
    assert [who for who, _ in _told(case, "due-soon")] == ["gu"]


def test_a_late_case_is_raised_to_the_nearest_unit_above_where_somebody_supervises(town: Town) -> None:
    case = in_state(State.HANDLING, town)
    assert case.due_at is not None
    _until(case.due_at + MINUTE)
    case.refresh_from_db()
    (who, words), *others = _told(case, "escalated")
    assert (case.raised_to_id, who, others) == (town.unit("001"), "zhou", [])
    assert "原由" in words
    assert "由处置办理" not in words  # a limit is not somebody
    _until(case.due_at + 4 * DAY)
    case.refresh_from_db()
    assert (case.raised_to_id, case.escalations) == (town.root, 2)


def test_whoever_is_declined_hears_where_to_turn(town: Town) -> None:
    case = opened(town, reporter_id=town.resident)
    make("decline", case.id, actor(town, "shen"), reason="elsewhere")
    _until(AT + MINUTE)
    body = Notice.objects.get(about=case.id, template="declined").body_zh
    story = [str(text) for line in queries.history(case.id) if (text := queries.told(line))]
    assert "请拨打 12345,由所在地受理。如有" in body
    assert story[-1] == "不予受理:地点不在本镇。请拨打 12345,由所在地受理。"


def test_the_reporter_sees_that_somebody_looked_at_their_number_and_not_why(town: Town) -> None:
    case = opened(town, reporter_id=town.resident)
    moves.reveal_reporter(case.id, by=actor(town, "shen"), at=AT, reason="核对门牌")
    story = [str(text) for line in queries.history(case.id) if (text := queries.told(line))]
    assert story[-1] == "工作人员为办理此事查看了您的电话"
