"""The catalogue: kinds of matter, the conditions under which one is registered, limits, closing standards.

Pure: made from rows of text (rulebook table `catalogue`, sheets `kinds` and `conditions`), found by code or
by words. Codes begin with C for a component, E for a matter of the national classification, L for a local
kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from linli.kernel.errors import Problem
from linli.kernel.text import Text
from linli.kernel.worktime import Limit

from .catalogue_search import Entry, ranked

KIND_COLUMNS: Final = (
    "code", "scheme", "legacy", "major", "major_zh", "major_en", "name_zh", "name_en", "keywords_zh",
    "keywords_en", "responsible", "helpers", "checking", "evidence", "settle", "public", "default_condition",
    "stages", "handling_zh", "handling_en", "checklist_zh", "checklist_en",
)  # fmt: skip
# Columns that editions published before 2026.2, and files made from them, do not have.
LATER: Final = frozenset({"stages", "handling_zh", "handling_en", "checklist_zh", "checklist_en"})
CONDITION_COLUMNS: Final = (
    "kind", "code", "text_zh", "text_en", "limit", "unit", "closing_zh", "closing_en", "source_ref",
)  # fmt: skip
CHECKING: Final = {
    "photo": Text("看照片核查", "checked by pictures"),
    "visit": Text("到现场核查", "checked on the spot"),
    "none-for-settled": Text("自处置即办的不核查", "not checked when settled on the spot"),
}
EVIDENCE: Final = {
    "before_after": Text("处置前、后照片", "pictures before and after"),
    "after": Text("处置后照片", "a picture afterwards"),
    "note": Text("文字说明", "a note"),
}
# The limits of the loop that a kind may have otherwise than the rulebook's `limits`.
STAGES: Final = {
    "contact": Text("首次联系", "first contact"),
    "dispatch": Text("派遣", "dispatch"),
    "verify": Text("核实", "verify"),
    "sign": Text("签收", "sign for"),
    "check": Text("核查", "check"),
    "close": Text("结案", "close"),
    "call_back": Text("回访", "call back"),
}
_STAGE_NAMES = {word: name for name, text in STAGES.items() for word in (name, text.zh, text.en)}
_FLAGS: Final = {"0": False, "1": True}
_CODE = re.compile(r"[A-Z][0-9A-Z]{1,15}")
_CONDITION_CODE = re.compile(r"[A-Z][0-9A-Z]{1,15}-[0-9]{1,3}")
_POST = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,29}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MOST = {
    "code": 16, "legacy": 60, "source_ref": 60, "keywords_zh": 300, "keywords_en": 300, "stages": 200,
    "handling_zh": 400, "handling_en": 800, "checklist_zh": 400, "checklist_en": 800,
}  # fmt: skip
_MOST_USUAL = 120
_OPTIONAL = LATER | {"legacy", "keywords_zh", "keywords_en", "helpers", "source_ref", "scheme"}

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a file cannot be taken: sheet, line as in the file (the head is line 1), column, reason."""

    sheet: str
    line: int
    field: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Major:
    """A class of kinds, such as E06 市容环境类."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Condition:
    """When a matter of the kind is registered, how long handling may take, and when it may be closed."""

    code: str
    text: Text
    limit: Limit
    closing: Text
    source_ref: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """An entry of the catalogue. Has at least one condition, and `default_condition` is one of them.

    `responsible` and `helpers` are codes of departments or roles; `legacy` are its numbers in the
    classification of 2013. A component is a thing, a matter what is the case with it. `stages` are the limits
    that the kind has otherwise than the rulebook's `limits`; `handling` are the steps that handling must take,
    `checklist` what must hold before the matter is closed.
    """

    code: str
    scheme: str
    legacy: tuple[str, ...]
    major: Major
    name: Text
    keywords: tuple[str, ...]
    responsible: str
    helpers: tuple[str, ...]
    checking: str
    evidence: str
    settle: bool
    public: bool
    default_condition: str
    conditions: tuple[Condition, ...]
    stages: Mapping[str, Limit] = field(default_factory=dict)
    handling: tuple[Text, ...] = ()
    checklist: tuple[Text, ...] = ()

    @property
    def component(self) -> bool:
        """Whether it names a thing in the street rather than a matter."""
        return self.code.startswith("C")

    @property
    def default(self) -> Condition:
        """The condition that is assumed until a clerk chooses one."""
        return next(c for c in self.conditions if c.code == self.default_condition)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All kinds of one edition, in the order of the table. Immutable; `version` 0 means: not published."""

    version: int
    kinds: Mapping[str, Kind]
    legacy: Mapping[str, tuple[Kind, ...]] = field(repr=False)

    @staticmethod
    def parse(
        kinds_rows: Sequence[Row],
        conditions_rows: Sequence[Row],
        *,
        version: int = 0,
        lines: tuple[Sequence[int], Sequence[int]] | None = None,
    ) -> Catalogue | list[Finding]:
        """The catalogue of these rows, or everything that is wrong with them.

        `lines` are the rows' line numbers in their files; without them rows are counted from line 2.
        """
        reader = _Reader(lines or (range(2, len(kinds_rows) + 2), range(2, len(conditions_rows) + 2)))
        conditions = reader.conditions(conditions_rows, {row.get("code", "") for row in kinds_rows})
        claimed = {row.get("kind", "") for row in conditions_rows}
        kinds = reader.kinds(kinds_rows, conditions, claimed)
        if reader.findings:
            return sorted(reader.findings, key=lambda found: (found.sheet != "kinds", found.line))
        legacy: dict[str, tuple[Kind, ...]] = {}
        for kind in kinds.values():
            for number in kind.legacy:
                legacy[number] = (*legacy.get(number, ()), kind)
        return Catalogue(version, kinds, legacy)

    def kind(self, code: str) -> Kind | None:
        """The kind of this code, or None."""
        return self.kinds.get(code)

    def condition(self, code: str) -> Condition | None:
        """The condition of this code, or None."""
        kind = self.kinds.get(code.rpartition("-")[0])
        return next((c for c in kind.conditions if c.code == code), None) if kind else None

    def by_legacy(self, number: str) -> tuple[Kind, ...]:
        """The kinds that have this number in the classification of 2013 (`01-10`, components `C01-03`)."""
        return self.legacy.get(number, ())

    def by_number(self, number: str) -> Kind | None:
        """The matter that a number of another system means, or None when it means none, or several.

        Our code; five digits of the national classification (`06010`), also behind a division code of six; a
        number of 2013 (`01-10`). A component's number means what is the case with it.
        """
        number = number.strip().upper()
        digits = number[-5:] if re.fullmatch("[0-9]{5}|[0-9]{11}", number) else ""
        own = self.kinds.get(number) or self.kinds.get(f"E{digits}")
        if own is not None:
            return self.kinds.get(f"E{own.code[1:]}") if own.component else own
        found = [kind for kind in self.by_legacy(number) if not kind.component]
        return found[0] if len(found) == 1 else None

    def matters(self, *, public: bool = False) -> list[Kind]:
        """The kinds under which a case is opened; `public`: only those that residents may choose."""
        return [kind for kind in self.kinds.values() if not kind.component and (kind.public or not public)]

    def tree(self, *, components: bool = False, public: bool = False) -> dict[Major, list[Kind]]:
        """The matters by class, in the order of the table; or the components."""
        chosen = (
            [k for k in self.kinds.values() if k.component] if components else self.matters(public=public)
        )
        classes: dict[Major, list[Kind]] = {}
        for kind in chosen:
            classes.setdefault(kind.major, []).append(kind)
        return classes

    def search(self, text: str, limit: int = 8, *, public: bool = False) -> list[Kind]:
        """The matters that a code, a name or a sentence in either language suggests, best first."""
        found = ranked(text, self._index)
        kinds = (self.kinds[code] for code in found)
        return [kind for kind in kinds if kind.public or not public][:limit]

    @cached_property
    def _index(self) -> list[Entry]:
        return [
            Entry.of(kind.code, (*kind.legacy,), kind.name, kind.keywords, kind.public)
            for kind in self.matters()
        ]


class _Reader:
    """Reads rows and collects what is wrong with them."""

    def __init__(self, lines: tuple[Sequence[int], Sequence[int]]) -> None:
        self.findings: list[Finding] = []
        self._lines = {"kinds": lines[0], "conditions": lines[1]}
        self._majors: dict[str, Major] = {}

    def conditions(self, rows: Sequence[Row], kinds: set[str]) -> dict[str, list[Condition]]:
        """The conditions by kind."""
        found: dict[str, list[Condition]] = {}
        seen: set[str] = set()
        for line, row in self._rows("conditions", rows, CONDITION_COLUMNS):
            code, kind = row["code"], row["kind"]
            self._code("conditions", line, code, _CONDITION_CODE, seen)
            if kind not in kinds:
                self._say("conditions", line, "kind", NO_SUCH_KIND.fill(value=_short(kind)))
            elif not code.startswith(f"{kind}-"):
                self._say("conditions", line, "code", NOT_OF_KIND.fill(kind=kind))
            limit = self._limit(line, row)
            if limit is None:
                continue
            text = Text(row["text_zh"], row["text_en"])
            closing = Text(row["closing_zh"], row["closing_en"])
            found.setdefault(kind, []).append(Condition(code, text, limit, closing, row["source_ref"]))
        return found

    def kinds(
        self, rows: Sequence[Row], conditions: Mapping[str, list[Condition]], claimed: set[str]
    ) -> dict[str, Kind]:
        """The kinds by code. `claimed` are the kinds that any row of the conditions names, sound or not."""
        # A condition that could not be read is told once, not again at its kind.
        sound = not self.findings
        found: dict[str, Kind] = {}
        seen: set[str] = set()
        for line, row in self._rows("kinds", rows, KIND_COLUMNS):
            self._code("kinds", line, row["code"], _CODE, seen)
            self._choices(line, row)
            own = tuple(conditions.get(row["code"], ()))
            if row["code"] not in claimed and (sound or conditions):
                self._say("kinds", line, "code", NO_CONDITION)
            elif sound and row["default_condition"] not in {condition.code for condition in own}:
                self._say("kinds", line, "default_condition", NOT_ITS_CONDITION)
            found[row["code"]] = self._kind(line, row, own)
        if not found and not self.findings:
            self._say("kinds", 1, "code", EMPTY)
        return found

    def _kind(self, line: int, row: Row, conditions: tuple[Condition, ...]) -> Kind:
        return Kind(
            code=row["code"],
            scheme=row["scheme"],
            legacy=_parts(row["legacy"]),
            major=self._major(line, row),
            name=Text(row["name_zh"], row["name_en"]),
            keywords=_parts(row["keywords_zh"]) + _parts(row["keywords_en"]),
            responsible=row["responsible"],
            helpers=_parts(row["helpers"]),
            checking=row["checking"],
            evidence=row["evidence"],
            settle=_FLAGS.get(row["settle"], False),
            public=_FLAGS.get(row["public"], False),
            default_condition=row["default_condition"],
            conditions=conditions,
            stages=self._stages(line, row),
            handling=self._steps(line, row, "handling"),
            checklist=self._steps(line, row, "checklist"),
        )

    def _stages(self, line: int, row: Row) -> dict[str, Limit]:
        """The limits in a cell like `contact=4 work_hour;签收=1 工作时`."""
        found: dict[str, Limit] = {}
        for part in _parts(row.get("stages", "")):
            word, _, amount = part.partition("=")
            name = _STAGE_NAMES.get(word.strip())
            if name is None:
                reason = NO_SUCH_STAGE.fill(value=_short(word), options=", ".join(STAGES))
                self._say("kinds", line, "stages", reason)
                continue
            try:
                found[name] = Limit.parse(amount)
            except Problem as problem:
                self._say("kinds", line, "stages", problem.title)
        return found

    def _steps(self, line: int, row: Row, column: str) -> tuple[Text, ...]:
        """The steps of two cells, one a language, divided by semicolons."""
        zh, en = _parts(row.get(f"{column}_zh", "")), _parts(row.get(f"{column}_en", ""))
        if len(zh) != len(en):
            self._say("kinds", line, f"{column}_en", NOT_AS_MANY.fill(zh=len(zh), en=len(en)))
        return tuple(Text(*pair) for pair in zip(zh, en, strict=False))

    def _rows(self, sheet: str, rows: Sequence[Row], columns: Sequence[str]) -> Iterable[tuple[int, Row]]:
        """The rows whose cells are all there and fit; the rest is found wanting."""
        missing = [column for column in columns if rows and column not in rows[0] and column not in LATER]
        for column in missing:
            self._say(sheet, 1, column, NO_COLUMN)
        if missing:
            return
        for line, row in zip(self._lines[sheet], rows, strict=True):
            if self._cells(sheet, line, row, columns):
                yield line, row

    def _cells(self, sheet: str, line: int, row: Row, columns: Sequence[str]) -> bool:
        fine = True
        for column in columns:
            value = row.get(column) or ""
            most = _MOST.get(column, _MOST_USUAL)
            reason = None
            if not value.strip() and column not in _OPTIONAL:
                reason = MISSING
            elif len(value) > most:
                reason = TOO_LONG.fill(n=most)
            elif _CONTROL.search(value):
                reason = UNPRINTABLE
            if reason is not None:
                fine = False
                self._say(sheet, line, column, reason)
        return fine

    def _code(self, sheet: str, line: int, code: str, form: re.Pattern[str], seen: set[str]) -> None:
        if not form.fullmatch(code):
            self._say(sheet, line, "code", BAD_CODE.fill(value=_short(code)))
        elif code in seen:
            self._say(sheet, line, "code", TWICE.fill(value=code))
        seen.add(code)

    def _choices(self, line: int, row: Row) -> None:
        options = (("checking", CHECKING), ("evidence", EVIDENCE), ("settle", _FLAGS), ("public", _FLAGS))
        for column, known in options:
            if row[column] not in known:
                reason = NOT_ONE_OF.fill(value=_short(row[column]), options=", ".join(known))
                self._say("kinds", line, column, reason)
        for column in ("responsible", "helpers"):
            for post in _parts(row[column]):
                if not _POST.fullmatch(post):
                    self._say("kinds", line, column, BAD_POST.fill(value=_short(post)))

    def _major(self, line: int, row: Row) -> Major:
        major = Major(row["major"], Text(row["major_zh"], row["major_en"]))
        known = self._majors.setdefault(major.code, major)
        if known != major:
            self._say("kinds", line, "major_zh", TWO_NAMES.fill(code=_short(major.code), name=known.name))
        return known

    def _limit(self, line: int, row: Row) -> Limit | None:
        try:
            return Limit.of(row["limit"], row["unit"])
        except Problem as problem:
            self._say("conditions", line, "limit" if _is_unit(row["unit"]) else "unit", problem.title)
            return None

    def _say(self, sheet: str, line: int, column: str, reason: Text) -> None:
        self.findings.append(Finding(sheet, line, column, reason))


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split("[;\uff1b]", cell) if part.strip())


def _is_unit(value: str) -> bool:
    try:
        return bool(Limit.of("1", value))
    except Problem:
        return False


def _short(value: str) -> str:
    return value if len(value) <= 20 else value[:20] + "…"


MISSING = Text("不能为空", "must not be empty")
TOO_LONG = Text("最多 {n} 字", "at most {n} characters")
UNPRINTABLE = Text("含有换行等控制字符", "contains a line break or another control character")
NO_COLUMN = Text("缺少这一列", "this column is missing")
EMPTY = Text("表中没有事项", "the table has no kinds")
BAD_CODE = Text(
    "代码“{value}”不合规则(如 E06010、E06010-1)", "“{value}” is not a code like E06010 or E06010-1"
)
TWICE = Text("代码 {value} 重复", "the code {value} is there twice")
NO_SUCH_KIND = Text("事项表中没有“{value}”", "the kinds have no “{value}”")
NOT_OF_KIND = Text("条件代码应以 {kind}- 开头", "the code of the condition must begin with {kind}-")
NO_CONDITION = Text("没有立案条件", "has no condition")
NOT_ITS_CONDITION = Text("默认条件不是它的条件", "the default condition is not one of its conditions")
NOT_ONE_OF = Text("“{value}”不在可选值中:{options}", "“{value}” is none of: {options}")
NO_SUCH_STAGE = Text(
    "没有时限环节“{value}”,可写:{options}", "there is no stage “{value}”; write one of: {options}"
)
NOT_AS_MANY = Text("中文 {zh} 步,英文 {en} 步,应当一样多", "{zh} steps in Chinese but {en} in English")
BAD_POST = Text("“{value}”不是部门或岗位代码", "“{value}” is no code of a department or role")
TWO_NAMES = Text("大类 {code} 在前面叫“{name}”", "the class {code} was called “{name}” before")
