"""Words of importing: refusals of the whole file, and of one line with the place where it is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from linli.kernel.errors import declare
from linli.kernel.text import Text


class Refused(Exception):
    """A line that cannot be taken: the field, what stands there, and why."""

    def __init__(self, field: str, value: str, reason: Text) -> None:
        super().__init__(reason.en)
        self.field = field
        self.value = value
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused line as it is listed; `line` is the physical line of the file, the heading being 1."""

    line: int
    number: str
    field: str
    value: str
    reason: Text


MAPPING_WRONG = declare(
    "cases.import-mapping", 422,
    Text("字段对应文件有误", "The mapping file is wrong"),
    Text("请按“导入本镇数据”一文更正。", "Correct it by the how-to “Import your town”."),
)  # fmt: skip
FILE_UNREADABLE = declare(
    "cases.import-file", 422,
    Text("案件文件无法读取,没有导入任何内容", "The file of cases cannot be read; nothing was imported"),
    Text("请使用 CSV、CSV.gz 或 Excel 文件。", "Use a CSV, CSV.gz or Excel file."),
)  # fmt: skip
HEADER_WRONG = declare(
    "cases.import-header", 422,
    Text("文件首行与字段对应文件不符,没有导入任何内容", "The heading does not fit the mapping; nothing was imported"),
    Text("请核对标出的列名。", "Check the names of the columns that are marked."),
)  # fmt: skip
