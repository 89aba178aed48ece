"""What the demo records of itself: that a fictional town was begun here, and that it is complete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from linli.kernel.journal import Fact
from linli.kernel.text import Text


@dataclass(frozen=True, slots=True)
class DemoBegun(Fact):
    """From here on this database holds a fictional town and may be made anew when it is not completed."""

    KIND: ClassVar[str] = "project.DemoBegun"
    days: int
    seed: int

    def sentence(self) -> Text:
        """How it reads."""
        return Text("开始建立演示镇", "The demo town was begun")


@dataclass(frozen=True, slots=True)
class DemoFilled(Fact):
    """The demo town has its history; it is never changed again by `linli demo`."""

    KIND: ClassVar[str] = "project.DemoFilled"
    cases: int

    def sentence(self) -> Text:
        """How it reads."""
        return Text(f"演示镇已建好,共 {self.cases} 件", f"The demo town is complete with {self.cases} cases")
