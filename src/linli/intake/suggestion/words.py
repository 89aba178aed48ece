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
NOTHING_NEW = declare(
    "intake.nothing-new", 409,
    Text("没有足够的新案件可学,现用模型保留", "There is too little new to learn from; the present model stays"),
    Text("等更多案件办结后再试;确要重新训练请加 --force。", "Try again when more cases are closed; to train all the same, add --force."),
)  # fmt: skip
TABLE_UNREADABLE = declare(
    "intake.suggestion-table", 422,
    Text("文件无法使用", "The file cannot be used"),
    Text("请使用带列名的 CSV、CSV.gz 或 Excel 文件,并核对列名。", "Use a CSV, CSV.gz or Excel file with a heading, and check the names of the columns."),
)  # fmt: skip
