"""Cases whose way is told by hand, so that every page of the town has something alive on it.

A plot begins where its case's scene stops. It acts through the town's actions and yields the moment at which it
goes on; times are counted back from the end, where the visitor stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from linli.cases.actions import charging, leaving, merging, moves, supervising, wishes
from linli.cases.words import Answer
from linli.followup import actions as followup
from linli.followup.actions import Said
from linli.followup.words import Outcome, Solved
from linli.kernel.ids import uuid7

from .play import Play, Plot
from .plots_together import TOGETHER
from .standing import STANDING

# More time, a rest, cards, appeals


def asks_extension(play: Play) -> Iterator[datetime]:
    """The handler asks for more time; the dispatcher has not decided yet."""
    yield play.before_end(3.2)
    reason = "吊车要排到后天,拆装两天,申请延期。"
    wishes.ask_extension(play.id, by=play.handler, at=play.at, amount=2, reason=reason)


def asks_extension_again(play: Play) -> Iterator[datetime]:
    """More time was granted once; now it is asked for again."""
    yield play.at + timedelta(hours=2)
    reason = "产权单位第一次未到场,已重新约定,申请延期。"
    wishes.ask_extension(play.id, by=play.handler, at=play.at, amount=2, reason=reason)
    yield play.at + timedelta(hours=2)
    play.matter.due = wishes.grant_extension(play.id, by=play.actor("lu"), at=play.at, note="同意,请约定后当天反馈。").due_at  # fmt: skip
    yield play.before_end(1.6)
    reason = "堆放点有三家产权,最后一家明天到场,再申请延期一天。"
    wishes.ask_extension(play.id, by=play.handler, at=play.at, amount=1, reason=reason)


def asks_rest(play: Play) -> Iterator[datetime]:
    """A rest is asked for and not decided."""
    yield play.before_end(4.1)
    until = play.before_end(-24 * 12)
    reason = "要等绿化移植季开始才能补种,申请挂账到下月中旬。"
    wishes.ask_suspension(play.id, by=play.handler, at=play.at, until=until, reason=reason)


def rests(play: Play) -> Iterator[datetime]:
    """It rests, with its clock standing still."""
    yield play.at + timedelta(hours=3)
    until = play.before_end(-24 * 16)
    reason = "灯杆基础与燃气管改造同步开挖,等施工许可,申请挂账。"
    wishes.ask_suspension(play.id, by=play.handler, at=play.at, until=until, reason=reason)
    yield play.at + timedelta(hours=2)
    note = "同意挂账;先接临时照明,每周巡查一次。"
    wishes.grant_suspension(play.id, by=play.actor("qian"), at=play.at, note=note)


def yellow_card(play: Play) -> Iterator[datetime]:
    """Overdue: the auditor's card waits for an answer."""
    yield play.before_end(5.5)
    text = "已超时三天,装修垃圾仍堆在路口。请说明原因,并报清运时间。"
    supervising.supervise(play.id, by=play.actor("jian"), at=play.at, card="yellow", text=text)


def red_card(play: Play) -> Iterator[datetime]:
    """Overdue after a yellow card: the red one is answered and not yet lifted."""
    yield play.before_end(52)
    text = "已超时,诉求人两次来电催问,请今天报进展。"
    supervising.supervise(play.id, by=play.actor("qian"), at=play.at, card="yellow", text=text)
    yield play.before_end(27)
    text = "黄牌没有答复。请分管负责人到场,当天书面说明。"
    supervising.supervise(play.id, by=play.actor("qian"), at=play.at, card="red", text=text)
    yield play.before_end(6.5)
    text = "分管所长已到场,今晚调两台车清运,明早八点前完成。"
    supervising.reply(play.id, by=play.handler, at=play.at, text=text)


def _late_and_appealed(play: Play) -> Iterator[datetime]:
    due = play.matter.due or play.at
    yield due + timedelta(hours=5)
    history, photos = play.history, play.history.photos(play.matter, play.handler, play.at, done=True)
    moves.hand_in(
        play.id, by=play.handler, at=play.at, result="雨停后已全部修复,现场清理完毕。", photos=photos
    )
    yield play.at + timedelta(minutes=40)
    moves.pass_check(play.id, by=play.actor("checker-2"), at=play.at)
    yield play.at + timedelta(minutes=30)
    moves.close(play.id, by=play.actor("qian"), at=play.at)
    yield max(play.at + timedelta(hours=2), history.end - timedelta(hours=40))
    reason = "处置期间连续两天暴雨黄色预警,无法施工,有预警截图和现场照片。"
    wishes.appeal(play.id, by=play.handler, at=play.at, reason=reason)
    yield play.at + timedelta(hours=3)
    wishes.grant_appeal(play.id, by=play.actor("qian"), at=play.at, note="预警记录属实。")


def appeal_waits(play: Play) -> Iterator[datetime]:
    """Late because of rain: the duty chief agreed, the auditor's voice is missing."""
    yield from _late_and_appealed(play)


def appeal_upheld(play: Play) -> Iterator[datetime]:
    """The same, and both agreed."""
    yield from _late_and_appealed(play)
    yield play.at + timedelta(hours=5)
    wishes.grant_appeal(play.id, by=play.actor("jian"), at=play.at, note="核对照片时间,同意不计超时。")


# Whose it is


def returned(play: Play) -> Iterator[datetime]:
    """Returned by the sanitation office; the dispatcher has it again."""
    yield play.at + timedelta(minutes=30)
    charging.dispatch(play.id, by=play.actor("lu"), at=play.at, department=play.office("HW"))
    yield play.at + timedelta(minutes=50)
    charging.return_case(
        play.id, by=play.actor("ma"), at=play.at, reason_code="not_ours", basis="环卫所保洁作业清单 第2项",
        reason="现场是河面漂浮物,打捞船和河道保洁都在绿化水务站,我所没有设备。",
    )  # fmt: skip


def for_a_ruling(play: Play) -> Iterator[datetime]:
    """Two departments gave it back: only the duty chief's ruling sends it on."""
    for username, office, reason, basis in (
        ("ma", "HW", "路边堆的是绿化修剪的枝条,不是生活垃圾。", "环卫所保洁作业清单 第5项"),
        ("lh-1", "LH", "枝条是小区物业自行修剪后丢出来的,我站只管公共绿地。", "绿化水务站养护清单 第3项"),
    ):
        yield play.at + timedelta(minutes=40)
        charging.dispatch(play.id, by=play.actor("lu"), at=play.at, department=play.office(office))
        yield play.at + timedelta(minutes=30)
        charging.return_case(
            play.id, by=play.actor(username), at=play.at, reason=reason, basis=basis, reason_code="not_ours"
        )


def ruled(play: Play) -> Iterator[datetime]:
    """The sanitation office gave it back, and the duty chief ruled: a precedent for this kind."""
    yield play.at + timedelta(minutes=30)
    charging.dispatch(play.id, by=play.actor("lu"), at=play.at, department=play.office("HW"))
    yield play.at + timedelta(minutes=60)
    reason, basis = "河道水面不在陆域保洁范围。", "环卫所保洁作业清单 第2项"
    charging.return_case(
        play.id, by=play.actor("ma"), at=play.at, reason=reason, basis=basis, reason_code="not_ours"
    )
    yield play.at + timedelta(hours=2)
    reason = "村级河道水面和两岸一米以内由绿化水务站牵头打捞,环卫所配合转运。以后东泾一带同类情况照此派遣。"
    case = charging.rule_on(
        play.id, by=play.actor("qian"), at=play.at, department=play.office("LH"), reason=reason
    )
    play.history.charge(play.matter, case)
    play.go_on("sign")


def told_first(play: Play) -> Iterator[datetime]:
    """The first report of a matter that others report too."""
    play.history.kept["first"] = play.id
    yield from ()


def told_again(play: Play) -> Iterator[datetime]:
    """Another report of the same matter, merged into the first."""
    first = play.history.kept.get("first")
    if first is not None:
        note = "同一处井盖,并入先到的一件,两位诉求人都会收到进展。"
        merging.merge(play.id, by=play.actor("shen"), at=play.at, into=first, note=note)
    yield from ()


def to_the_police(play: Play) -> Iterator[datetime]:
    """It turned out to be a fight: the police were told at once."""
    note = "诉求人说双方已经动手,已电话通知派出所先到场。"
    leaving.transfer_out(play.id, by=play.actor("shen"), at=play.at, reason="110", note=note)
    yield from ()


def to_the_petition_office(play: Play) -> Iterator[datetime]:
    """A letter against an answer of years ago goes to the petition office."""
    note = "来信要求复查前年的信访答复,已移送信访窗口登记。"
    leaving.transfer_out(play.id, by=play.actor("shen"), at=play.at, reason="petition", note=note)
    yield from ()


# After closing


def not_reached(play: Play) -> Iterator[datetime]:
    """Called twice, reached never; to be tried again."""
    for hours, outcome in ((25, Outcome.NO_ANSWER), (21, Outcome.BUSY)):
        yield play.before_end(hours)
        followup.log_call(play.id, Said(outcome), id=uuid7(play.at), by=play.actor("yao"), at=play.at)


def _unhappy(play: Play) -> Iterator[datetime]:
    words = "清是清了,可他们还是天天往外堆,要求把店关掉。"
    said = Said(Outcome.REACHED, Solved.NO, Answer.UNSATISFIED, words)
    followup.log_call(play.id, said, id=uuid7(play.at), by=play.actor("yao"), at=play.at)
    yield play.at + timedelta(hours=3)


def exclusion_waits(play: Play) -> Iterator[datetime]:
    """An unhappy answer that the department wants left out; nobody has decided."""
    yield from _unhappy(play)
    words = "诉求人要求关停合法经营的店铺,超出我单位职责,已当面解释并留有记录。"
    followup.ask_exclusion(
        play.id, reason="beyond", words=words, id=uuid7(play.at), by=play.handler, at=play.at
    )


def exclusion_appealed(play: Play) -> Iterator[datetime]:
    """Refused by the duty chief; the department appealed, and the auditor is to hear it."""
    yield from _unhappy(play)
    words = "办理期间遇强对流天气停工两天。"
    made = followup.ask_exclusion(
        play.id, reason="force_majeure", words=words, id=uuid7(play.at), by=play.handler, at=play.at
    )
    yield play.at + timedelta(hours=4)
    words = "没有附预警记录,不能确认停工时间。"
    followup.decide_exclusion(made.id, granted=False, words=words, by=play.actor("qian"), at=play.at)
    yield play.at + timedelta(hours=5)
    followup.appeal_exclusion(
        made.id, words="补充气象台预警截图和停工通知,请复核。", by=play.handler, at=play.at
    )


PLOTS: dict[str, Plot] = {
    each.__name__: each
    for each in (
        asks_extension, asks_extension_again, asks_rest, rests, yellow_card, red_card, appeal_waits, appeal_upheld,
        returned, for_a_ruling, ruled, told_first, to_the_police, to_the_petition_office, told_again, not_reached, exclusion_waits, exclusion_appealed,
        *TOGETHER, *STANDING,
    )
}  # fmt: skip
