"""Refusals that only the residents' pages make."""

from __future__ import annotations

from linli.kernel.errors import declare
from linli.kernel.text import Text

SENT_ALREADY = declare(
    "portal.sent-already", 409,
    Text("您刚才的反映已经收到", "Your earlier report has already arrived"),
    Text("如果现在写的是另一件事,请再按一次提交。", "If what you wrote now is another matter, press send once more."),
)  # fmt: skip
