"""Every page beside the queues, by what one comes for; only those that open for the reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from linli.cases import queries
from linli.consultation import queries as consultation
from linli.followup import queries as followup
from linli.kernel import access
from linli.kernel.access import Actor
from linli.kernel.text import Text
from linli.people import queries as people
from linli.responsibility import queries as responsibility


@dataclass(frozen=True, slots=True)
class Tool:
    """A page, and what one does there."""

    label: Text
    hint: Text
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together."""

    label: Text
    tools: tuple[Tool, ...]


May = Callable[[Actor], bool]


def _reaches(action: str) -> May:
    return lambda actor: any(True for _ in access.reach(actor, action))


def _reads_matrix(actor: Actor) -> bool:
    return bool(responsibility.own_tops(actor))


PAGES: tuple[tuple[Text, tuple[tuple[str, str, May, Text, Text], ...]], ...] = (
    (Text("收件", "Taking in"), (
        ("intake:batches", "file-text", _reaches("case.intake_any"), Text("批量导入", "Files of tickets"),
         Text("12345 等来的 Excel:预览、对应、导入、回执", "Excel of the hotline: preview, map, take in, send back")),
        ("intake:recurring", "repeat", queries.watches, Text("反复出现", "What keeps coming back"),
         Text("同一地点、同一类的事", "The same kind of matter at one place")),
        ("intake:suggestions", "star", _reaches("case.intake"), Text("类别推荐", "Suggested kinds"),
         Text("推荐准不准", "How often the suggestion was right")),
    )),
    (Text("协同", "Together"), (
        ("joint:whistles", "bell", queries.watches, Text("吹哨报到", "Whistles"),
         Text("一件事,一个牵头,多家到场", "One matter, one lead, several on the spot")),
        ("joint:mine", "users", _reaches("case.part"), Text("协办任务", "My parts"),
         Text("别人请我们配合的事", "What we were asked to help with")),
        ("joint:figures", "chart-bar", queries.watches, Text("报到情况", "How helpers come"),
         Text("签收、联系、到场是否及时", "Signing, contact and arrival in time")),
        ("consultation:list", "gavel", consultation.is_concerned, Text("研判", "Hard cases"),
         Text("征求意见、作出决定、上报", "Opinions, decisions, handing up")),
    )),
    (Text("结案之后", "After closing"), (
        ("followup:calls", "phone-call", followup.may_call, Text("回访", "Calling back"),
         Text("下一位该回访的人", "Whom to call next")),
        ("followup:rates", "chart-bar", queries.watches, Text("三率", "The three rates"),
         Text("响应率、解决率、满意率", "Response, resolution, satisfaction")),
        ("followup:exclusions", "scale", queries.watches, Text("剔除", "Exclusions"),
         Text("哪些不计入、为什么", "What is left out, and why")),
        ("followup:draws", "rotate", queries.watches, Text("随机复查", "Random re-inspection"),
         Text("先承诺种子、再抽签,谁都能复算", "The seed is committed first; anybody can redraw")),
        ("followup:inspections", "clipboard-check", _reaches("followup.inspect"), Text("复查任务", "Re-inspections"),
         Text("去看结了的案是否真的解决", "See whether what was closed is solved")),
    )),
    (Text("责任", "Responsibility"), (
        ("responsibility:matrix", "layout-grid", _reads_matrix, Text("责任清单", "Matrix"),
         Text("谁牵头、配合、监督、监管", "Who leads, helps, supervises, regulates")),
        ("responsibility:findings", "alert-triangle", _reads_matrix, Text("缺口与重复", "Gaps and doubles"),
         Text("没人管和重复管的", "What nobody or two answer for")),
        ("responsibility:duties", "list-details", _reads_matrix, Text("履职事项清单", "Duty list"),
         Text("基本、配合、上级收回", "Basic, cooperative, withdrawn")),
        ("responsibility:chiefs", "map-pin", _reads_matrix, Text("五长制", "Chiefs of places"),
         Text("河、路、林、田、站谁负责,哪里空缺", "Who answers for rivers, roads, woods, fields, stations")),
        ("responsibility:advisers", "scale", _reads_matrix, Text("法律顾问", "Legal advisers"),
         Text("各村居的顾问合同和到期", "Each village's contract, and when it ends")),
        ("responsibility:squads", "users", _reads_matrix, Text("网格中队", "Squads"),
         Text("哪些网格合成一队", "Which units work as one")),
        ("responsibility:squad-mine", "hand-stop", responsibility.may_join, Text("中队任务", "Tasks of my squad"),
         Text("领办队里的任务", "Claim what waits in the squad")),
        ("responsibility:sheets", "printer", _reads_matrix, Text("四个一", "The four sheets"),
         Text("总览图、责任册、明细单、流程表", "Map, book, list and flow, as PDF and Word")),
    )),
    (Text("规则与人员", "Rules and people"), (
        ("desk:catalogue", "book", lambda actor: True, Text("事项清单", "Catalogue"),
         Text("类别、条件、时限、结案标准", "Kinds, conditions, limits, closing standards")),
        ("desk:catalogue-versions", "versions", lambda actor: True, Text("清单版本", "Editions"),
         Text("何时、为何、改了什么", "When, why and what was changed")),
        ("desk:catalogue-bench", "tools", lambda actor: True, Text("试一试", "Test bench"),
         Text("这样一件事会派给谁、几时到期", "What a report would become")),
        ("people:posts", "users", lambda actor: True, Text("岗位", "Posts"),
         Text("谁在岗、哪里空缺", "Who holds what, and what is vacant")),
        ("people:accounts", "key", lambda actor: people.may_manage(actor), Text("账号", "Accounts"),
         Text("登录名、密码、接口密钥", "Sign-in names, passwords, keys")),
    )),
)  # fmt: skip


def groups(actor: Actor) -> list[Group]:
    """The pages that open for the actor, by group."""
    found = [
        Group(
            label,
            tuple(Tool(name, hint, icon, reverse(url)) for url, icon, may, name, hint in rows if may(actor)),
        )
        for label, rows in PAGES
    ]
    return [group for group in found if group.tools]
