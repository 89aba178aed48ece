"""Words of batches: states, results, the fields of a row, refusals."""

from __future__ import annotations

from enum import StrEnum

from linli.cases.words import Source
from linli.kernel.errors import declare
from linli.kernel.text import Text

SOURCES = (Source.HOTLINE, Source.POLICE, Source.MEDIA, Source.LETTER)
"""Whose files are taken; the hotline first."""


class BatchState(StrEnum):
    """Where a batch stands."""

    MAPPING = "mapping"
    LOOKING = "looking"
    LOOKED = "looked"
    TAKING = "taking"
    STOPPED = "stopped"
    DONE = "done"

    @property
    def label(self) -> Text:
        """What the clerk reads."""
        return STATE_LABELS[self]


STATE_LABELS = {
    BatchState.MAPPING: Text("待核对列", "Columns to be confirmed"),
    BatchState.LOOKING: Text("正在核对", "Being looked through"),
    BatchState.LOOKED: Text("待接收", "Ready to be taken in"),
    BatchState.TAKING: Text("正在接收", "Being taken in"),
    BatchState.STOPPED: Text("已暂停", "Stopped"),
    BatchState.DONE: Text("已完成", "Done"),
}
RUNNING = frozenset({BatchState.LOOKING, BatchState.TAKING})


class Result(StrEnum):
    """What becomes of a row."""

    TAKEN = "taken"
    HERE = "here"
    TWICE = "twice"
    REFUSED = "refused"

    @property
    def label(self) -> Text:
        """What the sender reads."""
        return RESULT_LABELS[self]


RESULT_LABELS = {
    Result.TAKEN: Text("已接收", "Taken in"),
    Result.HERE: Text("此前已接收", "Was here already"),
    Result.TWICE: Text("文件内重复", "Twice in the file"),
    Result.REFUSED: Text("未接收", "Not taken"),
}


class Field(StrEnum):
    """What a column can be."""

    NUMBER = "number"
    TITLE = "title"
    TEXT = "text"
    ADDRESS = "address"
    KIND = "kind"
    NAME = "name"
    PHONE = "phone"
    RECEIVED = "received"
    WANTED = "wanted"
    LNG = "lng"
    LAT = "lat"

    @property
    def label(self) -> Text:
        """What the field is called."""
        return FIELD_LABELS[self]


FIELD_LABELS = {
    Field.NUMBER: Text("工单编号", "The source's number"),
    Field.TITLE: Text("标题", "Title"),
    Field.TEXT: Text("诉求内容", "What is the matter"),
    Field.ADDRESS: Text("地址", "Address"),
    Field.KIND: Text("诉求类别", "Category"),
    Field.NAME: Text("诉求人", "The reporter's name"),
    Field.PHONE: Text("联系电话", "Telephone"),
    Field.RECEIVED: Text("来电时间", "Time received"),
    Field.WANTED: Text("要求办结时间", "Wanted by"),
    Field.LNG: Text("经度", "Longitude"),
    Field.LAT: Text("纬度", "Latitude"),
}
PERSONAL = frozenset({Field.NAME, Field.PHONE})
"""What is never shown in clear before a matter is opened."""

NO_KIND = ""
"""The category of a row that has none."""

TOO_BIG = declare(
    "batches.too-big", 422, Text("文件太大", "The file is too large"),
    Text("请分成几个文件上传。", "Split it into several files."),
)  # fmt: skip
NO_ROWS = declare(
    "batches.no-rows", 422, Text("文件没有可以接收的内容", "There is nothing in the file to be taken in"),
    Text("首行应为列名,从第二行起每行一件。", "The first line holds the names of the columns, each further line one matter."),
)  # fmt: skip
COLUMNS_WRONG = declare(
    "batches.columns", 422, Text("列的对应有误", "The columns do not fit"),
    Text("请更正标出的各项。", "Correct what is marked."),
)  # fmt: skip
KINDS_WRONG = declare(
    "batches.kinds", 422, Text("还有类别没有对应", "Some categories are not matched yet"),
    Text("请为标出的类别选择事项。", "Choose a kind of matter for those that are marked."),
)  # fmt: skip
NOT_NOW = declare(
    "batches.not-now", 409, Text("这批文件现在处于“{state}”,不能这样办", "The batch is now “{state}”; this cannot be done"),
    Text("请刷新页面,查看现在可以办理的步骤。", "Reload the page to see what can be done now."),
)  # fmt: skip
FORGOTTEN = declare(
    "batches.forgotten", 409, Text("文件内容已按期删除", "What the file said has been deleted in due time"),
    Text("结果仍可下载;要再次接收请重新上传。", "The results are still there; upload the file again to take it in."),
)  # fmt: skip
GAVE_UP = "gave-up"
"""Why a batch stopped by itself, when it is no refusal: its work failed again and again."""
