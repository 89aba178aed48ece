"""What happens to accounts, posts, responsibility and residents, as facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from linli.kernel.journal import Fact
from linli.kernel.text import Text
from linli.people.words import Part, Role

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AccountCreated(Fact):
    """Somebody can sign in from now on."""

    KIND: ClassVar[str] = "people.AccountCreated"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"username", "name"})
    username: str
    name: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"开设账号 {self.username}({self.name})", f"Account {self.username} ({self.name}) was created"
        )


@dataclass(frozen=True, slots=True)
class AccountClosed(Fact):
    """An account can no longer sign in."""

    KIND: ClassVar[str] = "people.AccountClosed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    reason: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"停用账号:{self.reason}", f"The account was closed: {self.reason}")


@dataclass(frozen=True, slots=True)
class PasswordSet(Fact):
    """An administrator gave an account a new password."""

    KIND: ClassVar[str] = "people.PasswordSet"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("重设登录密码", "The password was set anew")


@dataclass(frozen=True, slots=True)
class DepartmentOpened(Fact):
    """A department exists from now on."""

    KIND: ClassVar[str] = "people.DepartmentOpened"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    code: str
    name: str
    unit: UUID

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"设立部门 {self.name}({self.code})", f"Department {self.name} ({self.code}) was set up")


@dataclass(frozen=True, slots=True)
class DepartmentRenamed(Fact):
    """A department has another name."""

    KIND: ClassVar[str] = "people.DepartmentRenamed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    old: str
    new: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"部门更名:{self.old} → {self.new}", f"The department was renamed: {self.old} → {self.new}"
        )


@dataclass(frozen=True, slots=True)
class PostOpened(Fact):
    """A seat exists from a day on."""

    KIND: ClassVar[str] = "people.PostOpened"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    role: str
    unit: UUID
    title: str
    department: UUID | None = None

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"设立岗位 {self.title}", f"The post {self.title} was opened")


@dataclass(frozen=True, slots=True)
class PostClosed(Fact):
    """A seat ends with a day; who held it, holds it no longer."""

    KIND: ClassVar[str] = "people.PostClosed"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    title: str
    reason: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"撤销岗位 {self.title}:{self.reason}", f"The post {self.title} was closed: {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class Appointed(Fact):
    """Somebody holds a post."""

    KIND: ClassVar[str] = "people.Appointed"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"name"})
    tenure: UUID
    holder: UUID
    title: str
    starts: datetime
    name: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"{self.name}任{self.title}", f"{self.name} was appointed to {self.title}")


@dataclass(frozen=True, slots=True)
class TenureEnded(Fact):
    """Somebody holds a post no longer."""

    KIND: ClassVar[str] = "people.TenureEnded"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"name"})
    tenure: UUID
    holder: UUID
    title: str
    reason: str
    name: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            f"{self.name}不再任{self.title}:{self.reason}", f"{self.name} left {self.title}: {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class ResponsibilitySet(Fact):
    """The town decided who has a part in a kind of matter at a unit or a place. Empty role and department: no longer."""

    KIND: ClassVar[str] = "people.ResponsibilitySet"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    kind_prefix: str
    unit: UUID
    part: str
    role: str
    department: UUID | None
    source: str
    place: UUID | None = None

    def sentence(self) -> Text:
        """How the history reads."""
        who = Role(self.role).label if self.role else Text("部门", "a department")
        kind = self.kind_prefix or "*"
        if not self.role and self.department is None:
            return Text(f"取消责任规定({kind})", f"The rule of responsibility for {kind} was removed")
        part = Part(self.part).label
        return Text(f"责任规定({kind}):{who.zh}{part.zh}", f"Responsibility for {kind}: {who.en} ({part.en})")


@dataclass(frozen=True, slots=True)
class MatrixReplaced(Fact):
    """Rows of the responsibility matrix were taken over from a file or a draft, as one whole."""

    KIND: ClassVar[str] = "people.MatrixReplaced"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    name: str
    added: int
    changed: int
    removed: int
    rows: int
    sha256: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(
            "按“{name}”更新责任清单:新增 {added} 行,修改 {changed} 行,删除 {removed} 行,共 {rows} 行",
            "The responsibility matrix was replaced from “{name}”: {added} added, {changed} changed, "
            "{removed} removed, {rows} rows",
        ).fill(name=self.name, added=self.added, changed=self.changed, removed=self.removed, rows=self.rows)


@dataclass(frozen=True, slots=True)
class KeyCreated(Fact):
    """A machine client got a key."""

    KIND: ClassVar[str] = "people.KeyCreated"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    key: UUID
    name: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"新建接口密钥 {self.name}", f"The API key {self.name} was created")


@dataclass(frozen=True, slots=True)
class KeyRevoked(Fact):
    """A key opens nothing any more."""

    KIND: ClassVar[str] = "people.KeyRevoked"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    key: UUID
    name: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"吊销接口密钥 {self.name}", f"The API key {self.name} was revoked")


@dataclass(frozen=True, slots=True)
class CodeIssued(Fact):
    """A code was made for a telephone number."""

    KIND: ClassVar[str] = "people.CodeIssued"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"phone"})
    phone: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"向 {self.phone} 发送验证码", f"A code was sent to {self.phone}")


@dataclass(frozen=True, slots=True)
class ResidentRegistered(Fact):
    """A telephone number was proved, or taken down by a clerk (with the name, when it was said), for the first
    time."""

    KIND: ClassVar[str] = "people.ResidentRegistered"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"phone", "name"})
    phone: str
    verified: bool
    name: str = ""

    def sentence(self) -> Text:
        """How the history reads."""
        if self.verified:
            return Text(f"居民首次验证电话 {self.phone}", f"A resident proved the telephone {self.phone}")
        if self.name:
            return Text(
                f"登记来电居民 {self.phone},称呼:{self.name}",
                f"A caller's telephone {self.phone} was taken down; the caller goes by {self.name}",
            )
        return Text(f"登记来电居民 {self.phone}", f"A caller's telephone {self.phone} was taken down")


@dataclass(frozen=True, slots=True)
class ResidentNamed(Fact):
    """A resident said how to be called."""

    KIND: ClassVar[str] = "people.ResidentNamed"
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"name"})
    name: str

    def sentence(self) -> Text:
        """How the history reads."""
        return Text(f"居民称呼:{self.name}", f"The resident goes by {self.name}")


@dataclass(frozen=True, slots=True)
class ResidentLinked(Fact):
    """A resident signs in with an account from now on."""

    KIND: ClassVar[str] = "people.ResidentLinked"
    PERSONAL: ClassVar[frozenset[str]] = NOBODY
    account: UUID

    def sentence(self) -> Text:
        """How the history reads."""
        return Text("居民关联登录账号", "The resident was linked to an account")
