"""What can be refused, each with a stable code, as a problem document (RFC 9457).

A module declares its codes beside its words; an action raises one. `kernel.web` turns it into
JSON or a page. The reference of codes is generated from `CODES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from linli.kernel.text import Text


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A way to be refused: stable code, HTTP status, what happened, what to do next."""

    code: str
    status: int
    title: Text
    hint: Text


CODES: dict[str, ErrorCode] = {}


def declare(code: str, status: int, title: Text, hint: Text) -> ErrorCode:
    """Register a code. Declared once, at import; a second declaration is a programming error."""
    if code in CODES:
        raise ValueError(f"error code {code} is declared twice")
    CODES[code] = ErrorCode(code, status, title, hint)
    return CODES[code]


class Problem(Exception):
    """A refusal with its code. `fields` names what was wrong with which input field."""

    def __init__(self, error: ErrorCode, *, fields: dict[str, Text] | None = None, **params: Any) -> None:
        super().__init__(error.code)
        self.error = error
        self.fields = fields or {}
        self.params = params

    @property
    def title(self) -> Text:
        """What happened, with the parameters filled in."""
        return self.error.title.fill(**self.params) if self.params else self.error.title


MALFORMED = declare(
    "malformed", 400, Text("请求的格式读不懂", "The request could not be read"),
    Text("请检查发送的数据格式。", "Check the form of the data that was sent."),
)  # fmt: skip
NOT_SIGNED_IN = declare(
    "not-signed-in", 401, Text("请先登录", "Please sign in first"),
    Text("登录后再试一次,填写的内容会保留。", "Sign in and try again; what you typed is kept."),
)  # fmt: skip
NOT_ALLOWED = declare(
    "not-allowed", 403, Text("您没有办理此事的权限", "You may not do this"),
    Text("如果这是您的职责,请联系镇管理员核对岗位。", "If this is your duty, ask the town's administrator to check your post."),
)  # fmt: skip
NOT_FOUND = declare(
    "not-found", 404, Text("没有找到", "Nothing found here"),
    Text("它可能不存在,或不在您的查看范围内。", "It may not exist, or it is outside what you may see."),
)  # fmt: skip
METHOD = declare(
    "method", 405, Text("这个地址不支持这种请求方式", "This address does not take that kind of request"),
    Text("请按接口文档或页面上的按钮操作。", "Use the buttons of the page, or the methods that the interface documents."),
)  # fmt: skip
CONFLICT = declare(
    "conflict", 409, Text("内容已被他人更新", "Somebody changed this meanwhile"),
    Text("请刷新后查看最新情况,再决定是否继续。", "Reload to see the latest state, then decide again."),
)  # fmt: skip
RETRY_DIFFERS = declare(
    "retry-differs", 409, Text("同一编号先前已用于不同的内容", "This id was already used for other content"),
    Text("如果要提交新的内容,请使用新的编号。", "Use a new id for new content."),
)  # fmt: skip
TOO_LARGE = declare(
    "too-large", 413, Text("内容太大", "Too large"),
    Text("请缩小后再发送。", "Make it smaller and send it again."),
)  # fmt: skip
UNSUPPORTED_TYPE = declare(
    "unsupported-type", 415, Text("不支持这种文件", "This kind of file is not taken"),
    Text("请使用 JPEG、PNG 或 WebP 图片。", "Use a JPEG, PNG or WebP picture."),
)  # fmt: skip
INVALID = declare(
    "invalid", 422, Text("有内容需要更正", "Something needs to be corrected"),
    Text("请看标出的各项。", "See the marked fields."),
)  # fmt: skip
TOO_MANY = declare(
    "too-many", 429, Text("操作太频繁", "Too many requests"),
    Text("请稍等片刻再试。", "Wait a moment and try again."),
)  # fmt: skip
INTERNAL = declare(
    "internal", 500, Text("系统出错了", "Something went wrong on our side"),
    Text("请稍后再试;此错误已记录。", "Please try again later; the fault was recorded."),
)  # fmt: skip
