"""The commands that staff a town, as they talk to the terminal. Exit codes: 0 done, 1 nothing was written."""

from __future__ import annotations

import csv
import os
from contextlib import suppress
from pathlib import Path

from django.db import transaction
from rich.console import Console

from linli.kernel import clock, sheets
from linli.kernel.access import SYSTEM
from linli.kernel.text import Text
from linli.people import actions as people
from linli.people import queries as people_queries
from linli.people.actions import Issued
from linli.people.rules.staff_plan import Finding, NewChair, Plan, Row
from linli.people.words import Role
from linli.territory import queries as territory

DONE, NOTHING = 0, 1
SHOWN = 30
err = Console(stderr=True)


def createadmin(out: Console, username: str, name: str, password: str) -> int:
    """An account that may do everything at every top unit; without units yet it says how to go on."""
    at = clock.now()
    roots = territory.snapshot().roots()
    with transaction.atomic():
        people.create_account(
            username=username, name=name, password=password, is_staff=True, by=SYSTEM, at=at
        )
        rows = [Row(n, root.code, Role.ADMINISTRATOR, username=username) for n, root in enumerate(roots, 1)]
        people.import_staff(rows, by=SYSTEM, at=at)
    out.print(f"已建立账号 / account made: {username}", highlight=False)
    for root in roots:
        _say(out, Text("{unit}:已任系统管理员", "{unit}: appointed administrator").fill(unit=root.title))
    if not roots:
        out.print(
            f"还没有网格。下一步 / no units yet. Next: linli import-units FILE, linli appoint {username} administrator CODE",
            highlight=False,
            soft_wrap=True,
        )
    return DONE


def appoint(out: Console, username: str, role: str, unit: str, department: str) -> int:
    """The account holds the post of this role at the unit, which is opened if it is missing."""
    if people_queries.account_named(username) is None:
        err.print(f"[red]没有账号 {username} / there is no account {username}[/red]", highlight=False)
        return NOTHING
    row = Row(1, unit, role, department=department, username=username)
    plan = people.import_staff([row], by=SYSTEM, at=clock.now())
    for found in plan.findings:
        err.print(f"  {found.field}: {_both(found.reason)}", highlight=False, markup=False)
    if plan.blocked:
        return NOTHING
    for chair in plan.chairs:
        _say(out, Text("新设岗位:{post}", "post opened: {post}").fill(post=chair.title))
    _say(
        out,
        Text("已在岗", "holds the post already")
        if plan.empty
        else Text("{who}已任命", "{who} is appointed").fill(who=username),
    )
    return DONE


def next_step(out: Console) -> None:
    """After an import of units: how the town gets its administrator, as long as it has none."""
    roots = territory.snapshot().roots()
    if roots and not people_queries.has_administrator(clock.now()):
        account = people_queries.first_account_without_post() or "USERNAME"
        out.print("还没有人管理这个镇 / nobody administers the town yet:", highlight=False)
        for root in roots:
            out.print(f"  linli appoint {account} administrator {root.code}", highlight=False, soft_wrap=True)


def staff(out: Console, file: Path, passwords: Path | None, *, dry_run: bool) -> int:
    """Show what the staff file would do; write it unless a line is wrong."""
    if passwords is not None and passwords.exists():
        err.print(f"[red]文件已存在 / the file exists: {passwords}[/red]", highlight=False)
        return NOTHING
    at = clock.now()
    rows, findings = people.read_staff(file)
    if findings:
        return _refuse(findings)
    with err.status("核对 / checking"):
        plan = people.plan_staff(rows, at=at)
    _preview(out, plan)
    if plan.blocked:
        return _refuse(plan.findings)
    if dry_run or plan.empty:
        out.print(
            "预览:没有写入 / preview: nothing was written"
            if dry_run
            else "都已在库 / all of it is here already"
        )
        return DONE
    file_of_passwords = _Passwords(passwords) if passwords is not None else None
    try:
        with err.status("写入 / writing"):
            done = people.import_staff(rows, by=SYSTEM, at=at, passwords=file_of_passwords)
    except BaseException:
        if file_of_passwords is not None:
            file_of_passwords.drop()
        raise
    if done.blocked:
        return _refuse(done.findings)
    out.print("[green]人员已导入 / the staff is imported[/green]")
    if done.people and passwords is None:
        out.print(
            "新账号还没有密码,请管理员在“人员”页设置 / the new accounts have no password yet: set it on the page People"
        )
    elif done.people:
        out.print(f"初始密码 / initial passwords: {passwords}", highlight=False)
    return DONE


class _Passwords:
    """Writes the initial passwords to a new file that its owner alone can read."""

    def __init__(self, path: Path) -> None:
        self._path, self._made = path, False

    def __call__(self, issued: list[Issued]) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._made = True
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("username", "name", "password"))
            writer.writerows((each.username, sheets.safe(each.name), each.password) for each in issued)
            file.flush()
            os.fsync(file.fileno())

    def drop(self) -> None:
        """The import failed: the file would open nothing."""
        if self._made:
            with suppress(FileNotFoundError):
                self._path.unlink()


def _preview(out: Console, plan: Plan) -> None:
    for label, number in (
        ("新设部门 / departments to open", len(plan.offices)),
        ("新设岗位 / posts to open", len(plan.chairs)),
        ("新建账号 / accounts to make", len(plan.people)),
        ("任命 / appointments", len(plan.tenures)),
        ("已在岗 / there already", plan.already),
    ):
        out.print(f"{label}: {number}", highlight=False)
    lines = [
        *(f"+ {office.code} {office.name}" for office in plan.offices),
        *(f"+ {_called(chair)}" for chair in plan.chairs),
        *(f"+ {person.username} {person.name}" for person in plan.people),
    ]
    for line in lines[:SHOWN]:
        out.print(f"  {line}", highlight=False, markup=False)
    if len(lines) > SHOWN:
        out.print(f"  …… 另有 {len(lines) - SHOWN} 项 / and {len(lines) - SHOWN} more", highlight=False)
    for found in plan.findings:
        if found.note:
            out.print(f"  {_place(found)}: {_both(found.reason)}", highlight=False, markup=False)


def _called(chair: NewChair) -> str:
    unit = territory.snapshot().unit(chair.unit_id)
    return f"{unit.title.zh if unit else ''} {chair.title.zh} ({chair.role.value})"


def _refuse(findings: list[Finding]) -> int:
    wrong = [found for found in findings if not found.note]
    for found in wrong[: SHOWN * 4]:
        err.print(
            f"  {_place(found)} {found.field}: {_both(found.reason)}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    err.print(f"[red]{len(wrong)} 处错误,没有写入 / errors; nothing was written[/red]")
    return NOTHING


def _place(found: Finding) -> str:
    return f"第 {found.line} 行 / line {found.line}"


def _both(text: Text) -> str:
    return f"{text.zh} / {text.en}"


def _say(out: Console, text: Text) -> None:
    out.print(_both(text), highlight=False, markup=False)
