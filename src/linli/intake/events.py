"""What happens to a batch, as facts about it; nothing personal is in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from linli.cases.words import SOURCE_LABELS, Source
from linli.kernel.journal import Fact
from linli.kernel.text import Text

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BatchReceived(Fact):
    """Somebody uploaded a file; `sha256` is that of its bytes."""

    KIND: ClassVar[str] = "intake.BatchReceived"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    source: str
    rows: int
    sha256: str

    def sentence(self) -> Text:
        """How the history reads."""
        said = Text("上传{source}批次,共 {rows} 行", "A batch of {rows} rows came in: {source}")
        return said.fill(source=SOURCE_LABELS[Source(self.source)], rows=self.rows)


@dataclass(frozen=True, slots=True)
class BatchBegun(Fact):
    """Somebody began, or went on, to take its rows in."""

    KIND: ClassVar[str] = "intake.BatchBegun"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    done: int
    rows: int

    def sentence(self) -> Text:
        """How the history reads."""
        said = Text(
            "开始接收,已完成 {done} / {rows} 行", "Taking in began, {done} of {rows} rows were done before"
        )
        return said.fill(done=self.done, rows=self.rows)


@dataclass(frozen=True, slots=True)
class BatchStopped(Fact):
    """Taking in was stopped: by somebody, or because it could not go on (`why` is the refusal's code)."""

    KIND: ClassVar[str] = "intake.BatchStopped"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    done: int
    rows: int
    why: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        said = Text("暂停接收,已完成 {done} / {rows} 行", "Taking in was stopped after {done} of {rows} rows")
        return said.fill(done=self.done, rows=self.rows)


@dataclass(frozen=True, slots=True)
class BatchTaken(Fact):
    """Every row has its result."""

    KIND: ClassVar[str] = "intake.BatchTaken"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    source: str
    rows: int
    taken: int
    here: int
    twice: int
    refused: int
    like: int

    def sentence(self) -> Text:
        """How the history reads."""
        said = Text(
            "接收完成:{taken} 件立入,{here} 件此前已有,{twice} 行重复,{refused} 行未接收",
            "Taken in: {taken} matters, {here} were here, {twice} rows twice, {refused} not taken",
        )
        return said.fill(taken=self.taken, here=self.here, twice=self.twice, refused=self.refused)


@dataclass(frozen=True, slots=True)
class BatchDropped(Fact):
    """A file that nobody took was deleted."""

    KIND: ClassVar[str] = "intake.BatchDropped"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    rows: int

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("删除未接收的批次,共 {rows} 行", "The batch of {rows} rows was deleted untaken").fill(
            rows=self.rows
        )


@dataclass(frozen=True, slots=True)
class BatchForgotten(Fact):
    """What the file said was deleted in due time; the results stay."""

    KIND: ClassVar[str] = "intake.BatchForgotten"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    rows: int

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("按期删除批次文件内容", "What the batch's file said was deleted in due time")


@dataclass(frozen=True, slots=True)
class SuggestionsLearned(Fact):
    """The town trained its suggestions on its own closed cases; figures by cross-validation, 0 to 1."""

    KIND: ClassVar[str] = "intake.SuggestionsLearned"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    cases: int
    kinds: int
    macro_f1: float
    accuracy: float

    def sentence(self) -> Text:
        """How the history reads."""
        said = Text(
            "用 {cases} 件已办结案件训练了类别推荐,宏平均 F1 {f1}",
            "Suggestions were trained on {cases} closed cases, macro-F1 {f1}",
        )
        return said.fill(cases=self.cases, f1=self.macro_f1)
