"""The town's law as it is shipped: limits, bounds, reasons, messages, hours, grants, catalogue."""

from __future__ import annotations

from collections import Counter
from typing import Any

from linli.cases import queries as cases
from linli.kernel import rulebook
from linli.kernel.text import Text
from linli.people.words import ROLE_LABELS, Role
from reference.page import Page, code, words

SOURCE = Text("依据", "source")


def _about(page: Page, name: str) -> dict[str, Any]:
    table = rulebook.table(name)
    page.line(f"`{name}` {table['version']} · {SOURCE.zh} / {SOURCE.en}: {table['source']}")
    return table


def rules() -> Page:
    """Every table that is short enough to be read here."""
    page = Page("reference/rule-tables.md", "规则表", "Rule tables")
    page.say(
        "数字和说法在规则库里,不在代码里。下面是随 Linli 发布的缺省值(`src/linli/rulebooks/default`);"
        "本镇用 `LINLI_RULEBOOKS` 指定的目录逐项覆盖。",
        "Numbers and words are in the rulebook, not in the code. These are the defaults that Linli ships "
        "(`src/linli/rulebooks/default`); a town overlays them item by item with the folders in `LINLI_RULEBOOKS`.",
    )
    _limits(page)
    _reasons(page)
    _messages(page)
    _calendar(page)
    for name in ("people", "territory", "files"):
        page.head(code(name))
        _numbers(page, _about(page, name))
    return page


def _limits(page: Page) -> None:
    page.head(Text("各环节时限", "Limits of the stages"))
    table = _about(page, "limits")
    page.table(
        ("key", "环节 / stage", "时限 / limit", "依据 / source"),
        (
            (code(key), Text(row["zh"], row["en"]), f"{row['amount']:g} {row['unit']}", row["source"])
            for key, row in table["limit"].items()
        ),
    )
    page.head(Text("界限", "Bounds"))
    page.line(str(table["bounds"]["source"]))
    page.table(
        ("key", "值 / value"),
        ((code(key), value) for key, value in table["bounds"].items() if key != "source"),
    )


def _reasons(page: Page) -> None:
    page.head(Text("理由", "Reasons"))
    table = _about(page, "reasons")
    page.table(
        ("环节 / move", "code", "理由 / reason", "告知 / what is told", "依据 / source"),
        (
            (
                code(move), code(row["code"]), Text(row["zh"], row["en"]),
                Text(row.get("hint_zh", ""), row.get("hint_en", "")), row["source"],
            )
            for move, rows in table.items()
            if isinstance(rows, list)
            for row in rows
        ),
    )  # fmt: skip


def _messages(page: Page) -> None:
    page.head(Text("通知", "Messages"))
    table = _about(page, "notices")
    page.table(
        ("key", "文字 / text", "参数 / values"),
        (
            (code(key), Text(row["zh"], row["en"]), words(row["params"]))
            for key, row in table["template"].items()
        ),
    )


def _calendar(page: Page) -> None:
    page.head(Text("工作时间", "Working time"))
    table = _about(page, "calendar")
    hours = table["hours"]
    days = Counter(row["code"][:4] for row in table["exceptions"])
    page.table(
        ("key", "值 / value"),
        (
            (code("zone"), hours["zone"]),
            (code("hours"), ", ".join("–".join(span) for span in hours["hours"])),
            (code("weekend"), ", ".join(str(day) for day in hours["weekend"])),
            (code("work_day_ends"), hours["work_day_ends"]),
            (code("last_published"), hours["last_published"]),
            (code("exceptions"), ", ".join(f"{year}: {count}" for year, count in sorted(days.items()))),
        ),
    )
    page.say(
        "`last_published` 之后的日期只按星期推算,涉及它们的期限标为“暂定”。",
        "Days after `last_published` are guessed from the week alone; a deadline that touches them is marked provisional.",
    )


def _numbers(page: Page, table: dict[str, Any]) -> None:
    rows = [
        (code(f"{part}.{key}"), ", ".join(value) if isinstance(value, list) else value)
        for part, values in table.items()
        if isinstance(values, dict)
        for key, value in values.items()
    ]
    page.table(("key", "值 / value"), rows)


SCOPES = {
    "unit": Text("岗位所在网格及以下", "in the post's unit or below it"),
    "department": Text("派给本部门的", "assigned to the post's department"),
    "post": Text("派给本岗位的", "assigned to the post itself"),
    "everyone": Text("全部", "anything"),
}
PEOPLE = {
    "anyone": Text("任何人,无须登录", "Anyone, without signing in"),
    "reporter": Text("诉求人本人", "The reporter, their own matter"),
}


def access() -> Page:
    """Who may do what: one row an action, one column a role."""
    page = Page("reference/access.md", "权限", "Access")
    table = _about(page, "access")
    page.line("")
    page.say(
        "权限来自在任岗位:角色决定能做什么,岗位决定管到哪里。表中没有的,就不能做。",
        "Rights come from the posts that somebody holds now: the role says what, the post says how far. What is not in the table is not allowed.",
    )
    page.table(("范围 / reach", "意思 / meaning"), ((code(key), text) for key, text in SCOPES.items()))
    cells: dict[str, dict[str, list[str]]] = {}
    for grant in table["grant"]:
        for action in grant["actions"]:
            cells.setdefault(action, {}).setdefault(grant["role"], []).append(grant["scope"])
    roles = [*PEOPLE, *Role]
    labels = {**PEOPLE, **ROLE_LABELS}
    page.table(
        ("动作 / action", *(f"{labels[role].zh}<br>{labels[role].en}" for role in roles)),
        (
            (code(action), *(words(found.get(str(role), ())) for role in roles))
            for action, found in sorted(cells.items())
        ),
    )
    return page


def catalogue() -> Page:
    """The catalogue in figures; the kinds themselves are in its files."""
    from linli.cases.catalogue import Catalogue

    page = Page("reference/catalogue.md", "事项清单", "Catalogue")
    table = _about(page, "catalogue")
    found = Catalogue.parse(table["kinds"], table["conditions"])
    page.line("")
    page.say(
        f"共 {len(found.kinds)} 类,{sum(len(k.conditions) for k in found.kinds.values())} 个立案条件。"
        "逐条见 `src/linli/rulebooks/default/catalogue/kinds.csv` 和 "
        "`src/linli/rulebooks/default/catalogue/conditions.csv`;本镇可导入自己的清单(`linli import-catalogue`)。",
        f"{len(found.kinds)} kinds with {sum(len(k.conditions) for k in found.kinds.values())} conditions of registration. "
        "They are listed in the two files named above; a town may import its own (`linli import-catalogue`).",
    )
    majors: dict[Any, list[cases.Kind]] = {}
    for kind in found.kinds.values():
        majors.setdefault(kind.major, []).append(kind)
    page.table(
        ("大类 / class", "名称 / name", "类 / kinds", "条件 / conditions", "居民可选 / public", "网格可自办 / settled by the grid"),
        (
            (
                code(major.code), major.name, len(kinds), sum(len(k.conditions) for k in kinds),
                sum(k.public for k in kinds), sum(k.settle for k in kinds),
            )
            for major, kinds in majors.items()
        ),
    )  # fmt: skip
    page.head(Text("由谁负责", "Who is responsible"))
    by = Counter(kind.responsible for kind in found.kinds.values())
    page.table(("代码 / code", "类 / kinds"), ((code(who), n) for who, n in sorted(by.items())))
    return page
