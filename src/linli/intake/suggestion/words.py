"""Refusals of learning and suggesting."""

from __future__ import annotations

from linli.kernel.errors import declare
from linli.kernel.text import Text

MODEL_UNREADABLE = declare(
    "intake.model-unreadable", 422,
    Text("这不是可用的推荐模型", "This is no model for suggestions"),
    Text("请用 linli suggest train 或 linli suggest learn 重新训练。", "Make one anew with linli suggest train or linli suggest learn."),
)  # fmt: skip
NOTHING_TO_LEARN = declare(
    "intake.nothing-to-learn", 422,
    Text("无法据此训练,没有写入任何模型", "Nothing can be learned from this; no model was written"),
    Text("请核对标出的各项:列名、类别和每类的行数。", "See what is marked: the columns, the labels, and the rows of each label."),
)  # fmt: skip
WORSE_MODEL = declare(
    "intake.worse-model", 409,
    Text("新模型不如现用模型,现用模型保留", "The new model is worse than the one in use, which stays"),
    Text("积累更多已办结案件后再试;确要替换请加 --force。", "Try again with more closed cases; to replace it all the same, add --force."),
)  # fmt: skip
