"""Plots in which several work together: whistles, opinions, the draw, and the hotline's file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from linli.cases import queries as cases
from linli.cases.actions import parts, receiving
from linli.cases.words import Source
from linli.consultation import actions as consultation
from linli.consultation import queries as consulted
from linli.consultation.words import Level, Risk, Weighing
from linli.followup import actions as followup
from linli.followup import queries as following
from linli.followup.words import Found
from linli.intake.actions import batches
from linli.intake.queries import batches as received
from linli.joint import actions as joint
from linli.joint.actions import Decided
from linli.joint.queries import code_at
from linli.joint.words import Asked, Mark
from linli.kernel import clock
from linli.kernel.ids import uuid7

from . import sayings
from .arrivals import Arrival
from .people import phone
from .play import Play, Plot

# Whistles


def _whistle(play: Play, by: str, template: str, reason: str, tasks: dict[str, str], place: str) -> UUID:
    helpers = [Asked(play.office(code), None, task) for code, task in tasks.items()]
    made = joint.whistle(
        play.id, template=template, helpers=helpers, reason=reason, place=place, by=play.actor(by), at=play.at
    )
    return made.id


def _parts(play: Play) -> dict[str, Any]:
    """The open parts by the code of their department."""
    codes = {id: code for code, id in play.history.town.departments.items()}
    found = cases.parts_of(play.id)
    return {codes[part.department_id]: part for part in found if part.department_id and part.done_at is None}


def whistle_running(play: Play) -> Iterator[datetime]:
    """Blown three hours ago: the police are there, the fire-safety office has signed, sanitation is on the list."""
    yield play.before_end(3.4)
    tasks = {
        "GA": "到场维持秩序,移走占用消防通道的车辆",
        "PA": "核查消防通道和商铺用火用电",
        "HW": "清走通道里的杂物和垃圾",
    }
    reason = "早市占满消防通道,劝导三次反复,需要几家一起到场。"
    made = _whistle(play, "zhou", "enforce", reason, tasks, "菜场东门消防通道口")
    yield play.before_end(3.1)
    found = _parts(play)
    parts.sign(found["GA"].id, by=play.actor("ga-1"), at=play.at)
    parts.sign(found["PA"].id, by=play.actor("pa-1"), at=play.at)
    yield play.before_end(2.8)
    text = "电话与网格长约好,带两名民警十点到东门。"
    parts.contact(found["GA"].id, by=play.actor("ga-1"), at=play.at, text=text)
    yield play.before_end(2.2)
    joint.report_in(made, code=code_at(made, play.at), by=play.actor("ga-1"), at=play.at)
    yield play.before_end(1.9)
    text_ = "通道中间有两辆长期停放的三轮车,车主在外地,需要公示后移走。"
    joint.note_problem(made, text_=text_, part=found["GA"].id, by=play.actor("zhou"), at=play.at)


def whistle_for_sanitation(play: Play) -> Iterator[datetime]:
    """An urgent whistle of the centre; the sanitation office has not signed yet."""
    yield play.before_end(0.3)
    tasks = {"HW": "带铲车到场清走倒在路上的渣土", "GA": "现场指挥交通"}
    reason = "渣土倒在公路中间,天黑后容易出事,请立即到场。"
    _whistle(play, "lu", "urgent", reason, tasks, "事发路段北侧")


def whistle_to_approve(play: Play) -> Iterator[datetime]:
    """A tackling whistle of the village waits for the duty chief."""
    yield play.before_end(2.5)
    tasks = {
        "PA": "核定隐患等级,提出整改要求",
        "SZ": "测算拆除后的路面恢复方案",
        "GA": "配合约谈三户搭建人",
    }
    reason = "违建拆了又搭两次,涉及消防、道路和三户邻居,村里协调不下来,申请联合攻坚。"
    _whistle(play, "zhou", "tackle", reason, tasks, "社区议事厅")


def whistle_ended(play: Play) -> Iterator[datetime]:
    """A whistle from the call to the ratings, with a joint meeting and its minutes."""
    yield play.at + timedelta(hours=1)
    tasks = {"SZ": "查明排水管是否塌陷,提出修复办法", "PA": "核查周边房屋和人员安全"}
    reason = "河岸塌了一段,连着排水管和住户围墙,一家办不了。"
    made = _whistle(play, "lu", "advance", reason, tasks, "河岸现场")
    found = _parts(play)
    people = {"SZ": "sz-1", "PA": "pa-1"}
    for code, part in found.items():
        yield play.at + timedelta(minutes=20)
        parts.sign(part.id, by=play.actor(people[code]), at=play.at)
        yield play.at + timedelta(minutes=40)
        joint.report_in(made, code=code_at(made, play.at), by=play.actor(people[code]), at=play.at)
    yield play.at + timedelta(hours=1)
    noted = joint.note_problem(
        made, text_="排水管产权资料缺失,无法判断由谁修。", by=play.actor("sz-1"), at=play.at
    )
    minutes = (
        "一、现场情况:河岸塌方约六米,排水管外露,住户围墙有裂缝。\n"
        "二、议定:市政管理所三天内完成管道检测和临时支护;平安办劝离墙边住户并设警戒;"
        "绿化水务站牵头打桩护岸,城管中队负责施工期间的占道管理。\n"
        "三、下次碰头:护岸完成后一周现场复看。"
    )
    decisions = [
        Decided(play.office("SZ"), None, "管道检测、临时支护"),
        Decided(play.office("CG"), None, "施工期间占道管理"),
    ]
    joint.hold_meeting(
        made, held_at=play.at, place="河岸现场", minutes=minutes, came=[part.id for part in found.values()],
        decisions=decisions, by=play.actor("lu"), at=play.at + timedelta(minutes=1),
    )  # fmt: skip
    yield play.at + timedelta(hours=3)
    solution = "档案室找到竣工图,确认为镇管管道。"
    joint.settle_problem(noted.id, solution=solution, by=play.actor("lu"), at=play.at)
    yield play.at + timedelta(hours=15)
    results = {
        "SZ": ("sz-1", "管道检测完成,外露段已支护并更换接头。"),
        "PA": ("pa-1", "三户已安置,警戒已设,房屋鉴定为安全。"),
        "CG": ("cg-1", "已设临时占道围挡和导行标志。"),
    }
    for code, part in _parts(play).items():
        who, result = results[code]
        yield play.at + timedelta(hours=1)
        if part.signed_at is None:
            parts.sign(part.id, by=play.actor(who), at=play.at)
        absence = "" if part.arrived_at else "围挡由施工单位当天送到装好,照片和电话核实,没有再跑一趟。"
        parts.finish(part.id, by=play.actor(who), at=play.at, result=result, absence=absence)
    yield play.at + timedelta(hours=2)
    joint.rate(
        found["SZ"].id, mark=Mark.EXCELLENT, comment="到得最快,方案清楚。", by=play.actor("lu"), at=play.at
    )
    joint.rate(found["PA"].id, mark=Mark.GOOD, comment="", by=play.actor("lu"), at=play.at)
    joint.rate(
        found["SZ"].id, mark=Mark.GOOD, comment="任务写得明白,现场有人等。", by=play.actor("sz-1"), at=play.at
    )
    play.go_on("hand_in")


# Opinions


def _ask(
    play: Play, topic: str, question: str, risk: Risk, accounts: tuple[str, ...], office: str = ""
) -> UUID:
    made = consultation.ask(
        play.id, by=play.actor("qian"), at=play.at, topic=topic, question=question, risk=risk,
        accounts=[play.person(each) for each in accounts], departments=[play.office(office)] if office else [],
    )  # fmt: skip
    return made.id


def opinions_wait(play: Play) -> Iterator[datetime]:
    """The lawyer has answered; the fire-safety expert is still waited for."""
    yield play.before_end(21)
    question = (
        "临街商户把隔楼改成住人的阁楼,只有一部木梯。请问:能否依消防法责令停止使用?"
        "在房东和租户各执一词时,向谁下达更稳妥?现场哪些情况属于必须当天处置的?"
    )
    made = _ask(play, "沿街商铺阁楼住人的处置依据", question, Risk.ORANGE, ("lawyer", "expert"))
    yield play.before_end(5)
    text = (
        "一、房东与实际使用人都负有消防安全责任,建议分别送达责令改正通知,不必先等双方分清责任。\n"
        "二、存在重大火灾隐患的,由消防机构或受委托的单位决定临时查封;镇里可以先劝离并固定证据。\n"
        "三、送达时请两人到场并全程录像,告知陈述、申辩的权利。"
    )
    consultation.answer(made, by=play.actor("lawyer"), at=play.at, text=text, level=Level.INVOLVED)


def lawyer_asked(play: Play) -> Iterator[datetime]:
    """A question on which the lawyer has not answered."""
    yield play.before_end(2)
    question = "房东把一套房隔成四间出租,劝了两次不拆。镇里能否责令限期拆除隔断?租客没有地方去,搬离前要给多长时间、怎么告知?"
    _ask(play, "群租隔断限期拆除的依据与告知", question, Risk.YELLOW, ("lawyer",))


def opinions_decided(play: Play) -> Iterator[datetime]:
    """Two opinions and the decision that weighs them."""
    yield play.at + timedelta(hours=2)
    question = "住户在屋顶加建阳光房,邻居担心漏水和压塌。请问认定为违建需要哪些材料,能否要求先停工?"
    made = _ask(play, "屋顶阳光房的认定与停工", question, Risk.YELLOW, ("lawyer",), "SZ")
    yield play.at + timedelta(hours=20)
    text = "未取得规划许可的加建可以认定为违法建设;正在施工的应当责令停止,并告知限期自行拆除。认定须有测绘和询问笔录。"
    consultation.answer(made, by=play.actor("lawyer"), at=play.at, text=text, level=Level.OPEN)
    yield play.at + timedelta(hours=4)
    text = "屋面荷载按设计只允许上人检修,阳光房自重已接近上限,建议先停工并请有资质的单位检测;可考虑由邻里签字后保留。"
    consultation.answer(made, by=play.actor("sz-1"), at=play.at, text=text, level=Level.INVOLVED)
    yield play.at + timedelta(hours=5)
    opinions = sorted(consulted.current(made), key=lambda each: each.at)
    weighed = [
        Weighing(opinions[0].id, True, "依据充分,照此办理。"),
        Weighing(opinions[1].id, False, "停工和检测采纳;邻里签字不能代替规划许可,保留一项不采纳。"),
    ]
    text = "当天责令停工;城管中队三天内完成测绘和笔录,市政管理所联系检测单位;检测有险情的立即卸载。"
    consultation.decide(made, by=play.actor("qian"), at=play.at, text=text, weighed=weighed)
    play.go_on("hand_in")


# The draw

INSPECTED = (Found.SOLVED, Found.SOLVED, Found.NOT_SOLVED, Found.SOLVED, Found.UNCLEAR)


def draws(play: Play) -> Iterator[datetime]:
    """One draw is looked at in part, another is committed and not yet drawn."""
    town = play.history.town.root
    yield play.before_end(24 * 4)
    since, until = play.history.start, play.before_end(24 * 5)
    first = followup.commit_draw(
        id=uuid7(play.at), unit=town, since=since, until=until, size=8, by=play.actor("qian"), at=play.at
    )
    yield play.at + timedelta(hours=1)
    first = followup.draw(first.id, by=play.actor("jian"), at=play.at)
    names = {id: name for name, id in play.history.town.accounts.items()}
    drawn = [row.inspection for row in following.inspections_of(first, play.actor("qian"))]
    for number, (found, row) in enumerate(zip(INSPECTED, drawn, strict=False)):
        yield play.at + timedelta(hours=2)
        said = sayings.INSPECTED[found.value]
        if row.checker_id is not None:
            by, words = play.actor(names[row.checker_id]), said[number % len(said)]
            followup.inspect(row.id, found=found, words=words, by=by, at=play.at)
    yield play.before_end(7)
    since, until = play.before_end(24 * 5), play.before_end(24)
    followup.commit_draw(
        id=uuid7(play.at), unit=town, since=since, until=until, size=6, by=play.actor("qian"), at=play.at
    )


# The hotline's file


def _sheet(rows: list[Arrival]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(sayings.HOTLINE_NAMES)
    catalogue = cases.catalogue(None)
    for row in rows:
        kind = catalogue.kind(row.kind)
        name = str(kind.name.zh) if kind else ""
        table.writerow((
            row.number, f"反映{name}", row.text, row.address, name, "", phone((row.resident or 0) + 1),
            f"{clock.local(row.at):%Y-%m-%d %H:%M:%S}",
        ))  # fmt: skip
    return text.getvalue().encode("utf-8-sig")


def hotline_file(play: Play) -> Iterator[datetime]:
    """The hotline's file of yesterday, taken in; what it brought goes its way as every other matter."""
    rows = play.history.sheets.get("taken", [])
    if not rows:
        return
    yield play.before_end(26)
    batch = _look(play, rows, "12345工单_昨日.csv")
    yield play.at + timedelta(minutes=70)
    batches.take(batch, by=play.actor("shen"), at=play.at)
    yield play.at + timedelta(minutes=45)
    known = receiving.known_numbers(Source.HOTLINE, [row.number for row in rows])
    for row in rows:
        if row.number in known:
            play.history.adopt(row, known[row.number], play.at)


def hotline_file_waits(play: Play) -> Iterator[datetime]:
    """This morning's file was looked through; the clerk still has to take it in."""
    rows = play.history.sheets.get("waiting", [])
    if not rows:
        return
    yield play.before_end(1.5)
    _look(play, rows, "12345工单_今晨.csv")


def _look(play: Play, rows: list[Arrival], name: str) -> UUID:
    file = SimpleUploadedFile(name, _sheet(rows), content_type="text/csv")
    by = play.actor("shen")
    batch, _ = batches.upload(file, source=Source.HOTLINE, by=by, at=play.at)
    columns = received.batch_for(by, batch).columns
    batches.set_columns(batch, columns=columns, find_duplicates=False, suggest=False, by=by, at=play.at)
    return batch


TOGETHER: tuple[Plot, ...] = (
    whistle_running, whistle_for_sanitation, whistle_to_approve, whistle_ended, opinions_wait, lawyer_asked,
    opinions_decided, draws, hotline_file, hotline_file_waits,
)  # fmt: skip
