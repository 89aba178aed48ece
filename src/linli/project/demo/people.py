"""Who lives and works in 禾泾镇. Everybody is made up; the telephone numbers are of the block 161, which is
given to nobody."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from linli.kernel.text import Text
from linli.people.words import Role

from .names import TOWN_CODE, Named


class Person(NamedTuple):
    """Somebody whom one can sign in as on the demo's page: sign-in name, name, post, what to try, where to begin."""

    username: str
    name: str
    post: Text
    tries: Text
    start: str = "/desk/"


RESIDENT_PHONE = "16100000001"

NAMED = (
    Person(
        "lin", "林桂芳", Text("禾苑社区居民", "Resident of Heyuan Community"),
        Text("手机上拍一张照片、点一下地图,报一件身边的事;再看看以前报的事办到哪一步,给办结的打个分。",
             "Report something with a photo and a tap on the map; look where earlier reports are, and rate what is done."),
        "/",
    ),
    Person(
        "chen", "陈小禾", Text("禾苑社区第1、第2网格 网格员(兼两个网格)", "Grid worker of Heyuan Community, grids 1 and 2"),
        Text("去现场核实一件事;签收派来的小事,拍照办结;核查别人办完的事。自己办的事不能自己核查。",
             "Verify a matter on the spot; sign for small ones and hand them in with a photo; check others' work, never your own."),
    ),
    Person(
        "zhou", "周国平", Text("禾苑社区网格长", "Grid lead of Heyuan Community"),
        Text("看看本社区超时升级上来的事,和空缺网格由谁代管。",
             "See what was late and was raised to this community, and who stands in for a vacant grid."),
    ),
    Person(
        "shen", "沈佳怡", Text("镇网格中心受理员", "Receiving clerk, town centre"),
        Text("受理新来的事:核对类别和位置,受理并立案,或说明理由不予受理,拿不准的先请网格员核实。",
             "Take in new matters: check kind and place, accept and register, decline with a reason, or ask for verification."),
    ),
    Person(
        "lu", "陆一鸣", Text("镇网格中心派遣员", "Dispatcher, town centre"),
        Text("一次勾选几件,派给建议的部门;点开“为什么派给他”看理由;快到时限的排在最前面。",
             "Tick several and dispatch them as suggested; open “why this post” to see the reason; the most urgent come first."),
    ),
    Person(
        "ma", "马建军", Text("环卫所处置人员", "Handler, Sanitation Office"),
        Text("签收任务,办好后拍照提交;缺照片会被拦下。看看哪几件已超时。",
             "Sign for tasks and hand them in with a photo of the result; without one you are stopped. See what is overdue."),
    ),
    Person(
        "gu", "顾晓雯", Text("镇网格中心核查员", "Checker, town centre"),
        Text("对照处置前后的照片核查:合格就通过,没办好就写明原因退回返工。",
             "Compare before and after: pass what is done, send back what is not, with the reason."),
    ),
    Person(
        "yao", "姚静", Text("镇网格中心回访员", "Caller-back, town centre"),
        Text("给诉求人打电话问结果,记下评价;不满意的可以重开,升到上一级。",
             "Call the reporters and note their answer; what is not solved can be reopened, one level up."),
    ),
    Person(
        "qian", "钱卫东", Text("镇网格中心值班长", "Duty chief, town centre"),
        Text("总览各个工作台和地图,处理升级到镇里的超时件,结案,必要时改派。",
             "Watch all desks and the map, take what was raised to the town, close, and dispatch anew where needed."),
    ),
)  # fmt: skip
BEHIND = (
    Person(
        "guan", "管理员 方宁", Text("镇系统管理员", "Administrator of the town"),
        Text("管理网格、岗位、部门和事项清单;看不到诉求人的电话。", "Keeps units, posts, departments and the catalogue; never sees reporters' numbers."),
    ),
    Person(
        "jian", "监督员 何为", Text("镇监督员", "Auditor of the town"),
        Text("只能看:全部案件和日志。", "May only look: at every case and the journal."),
    ),
    Person(
        "lawyer", "陶然", Text("镇法律顾问", "Legal adviser of the town"),
        Text("只看征求意见的案件,提交有签名的法律意见,或申请回避。", "Sees only what is asked: gives signed opinions, or declines."),
        "/desk/consultations/",
    ),
    Person(
        "expert", "洪涛", Text("镇消防安全专家", "Fire safety expert of the town"),
        Text("只看征求意见的案件,提交专家意见。", "Sees only what is asked: gives opinions on hard cases."),
        "/desk/consultations/",
    ),
)  # fmt: skip


class Office(NamedTuple):
    """A department: its code in the catalogue, its names, how many handlers."""

    code: str
    name: Text
    handlers: int


OFFICES = (
    Office("CG", Text("城管中队", "Urban Management Team"), 3),
    Office("HW", Text("环卫所", "Sanitation Office"), 3),
    Office("SZ", Text("市政管理所", "Municipal Works Office"), 3),
    Office("LH", Text("绿化水务站", "Greening and Water Station"), 3),
    Office("GA", Text("派出所", "Police Station"), 2),
    Office("PA", Text("平安办", "Safety Office"), 2),
)


@dataclass(frozen=True, slots=True)
class Seat:
    """A post to be opened and who is to hold it, as (sign-in name, name); nobody: vacant."""

    unit: str
    role: Role
    title: Text
    holders: tuple[tuple[str, str], ...]
    office: str = ""


CENTRE = (
    (Role.RECEIVER, Text("受理员", "Receiving clerk"), ("shen", "receiver-2")),
    (Role.DISPATCHER, Text("派遣员", "Dispatcher"), ("lu", "dispatcher-2")),
    (Role.CHECKER, Text("核查员", "Checker"), ("gu", "checker-2")),
    (Role.CALLER_BACK, Text("回访员", "Caller-back"), ("yao", "caller-2")),
    (Role.DUTY_CHIEF, Text("值班长", "Duty chief"), ("qian",)),
    (Role.AUDITOR, Text("监督员", "Auditor"), ("jian",)),
    (Role.ADMINISTRATOR, Text("系统管理员", "Administrator"), ("guan",)),
)
ADVISERS = (
    (Role.LEGAL_ADVISER, Text("法律顾问", "Legal adviser"), "lawyer"),
    (Role.EXPERT, Text("专家", "Expert"), "expert"),
)
# Where nobody works, where one person works in two grids, where two share one: so that pages have it to show.
VACANT = frozenset({"201-2", "207-3", "210-4"})
DOUBLED = {"001-2": "chen", "209-4": "grid-209-3", "212-3": "grid-212-2"}
SHARED = {"003-1": "grid-003-1b"}


def seats(villages: tuple[Named, ...], seed: int) -> Iterator[Seat]:
    """Every post of the town, centre first. The same people for the same seed."""
    names = _Names(seed)
    for role, title, holders in CENTRE:
        for username in holders:
            yield Seat(TOWN_CODE, role, title, ((username, names.of(username)),))
    for office in OFFICES:
        for number in range(office.handlers):
            username = "ma" if (office.code, number) == ("HW", 0) else f"{office.code.lower()}-{number + 1}"
            title = Text(f"{office.name.zh}处置人员", f"Handler, {office.name.en}")
            yield Seat(TOWN_CODE, Role.HANDLER, title, ((username, names.of(username)),), office.code)
    for village in villages:
        code = TOWN_CODE[:9] + village.code
        lead = "zhou" if village.code == "001" else f"lead-{village.code}"
        title = Text(f"{village.name}网格长", f"Grid lead, {village.name_en}")
        yield Seat(code, Role.GRID_LEAD, title, ((lead, names.of(lead)),))
        for area in range(1, village.areas + 1):
            key = f"{village.code}-{area}"
            title = Text(f"{village.name}第{area}网格网格员", f"Grid worker, {village.name_en}, grid {area}")
            workers = tuple((name, names.of(name)) for name in _workers(key))
            yield Seat(f"{code}-{area}", Role.GRID_WORKER, title, workers)
    for role, title, username in ADVISERS:
        yield Seat(TOWN_CODE, role, title, ((username, names.of(username)),))


def _workers(key: str) -> list[str]:
    if key in VACANT:
        return []
    first = "chen" if key == "001-1" else DOUBLED.get(key, f"grid-{key}")
    return [first, SHARED[key]] if key in SHARED else [first]


def phone(number: int) -> str:
    """The made-up number of the n-th resident."""
    return f"161{number:08d}"


SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪曾邱廖赖周徐苏叶庄吕江何萧罗高潘简朱钟彭游詹胡施沈余赵卢梁颜柯孙魏翁戴范宋方邓杜傅侯曹薛丁卓董"
_GIVEN = (
    "建国 秀英 志强 丽华 永康 玉兰 国庆 桂英 海波 春梅 文斌 雪芳 立新 美玲 德明 凤仪 卫民 翠萍 金龙 爱珍 少华 月琴 伟民 "
    "素珍 宏伟 慧敏 俊杰 佳慧 子轩 雨桐 浩然 思琪 一帆 晓东 静怡 天宇 欣怡 明辉 婷婷 嘉豪 梦洁 国栋 红梅 志远 小燕 培根 阿妹 "
    "根宝 惠芳 勇 敏 磊 洁 超 娟 涛 霞 鹏 莉 军 燕 平 芬 杰 萍 刚 丹"
)
GIVEN = _GIVEN.split()


class _Names:
    """A name for each sign-in name, none twice."""

    def __init__(self, seed: int) -> None:
        self._known = {person.username: person.name for person in (*NAMED, *BEHIND)}
        self._random = random.Random(seed)  # noqa: S311 - made-up names, not secrets

    def of(self, username: str) -> str:
        while username not in self._known:
            name = someone(self._random)
            if name not in self._known.values():
                self._known[username] = name
        return self._known[username]


def someone(rng: random.Random) -> str:
    """A made-up name."""
    return rng.choice(SURNAMES) + rng.choice(GIVEN)
