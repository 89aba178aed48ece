"""Departments, posts, and who holds them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from linli.kernel import journal
from linli.kernel.access import Actor
from linli.kernel.clock import local
from linli.kernel.errors import CONFLICT, INVALID, NOT_FOUND, Problem
from linli.kernel.ids import uuid7
from linli.kernel.text import Text
from linli.people.actions.common import changed, named, require_manager_of
from linli.people.events import (
    Appointed,
    DepartmentOpened,
    DepartmentRenamed,
    PostClosed,
    PostOpened,
    TenureEnded,
)
from linli.people.models import Account, Department, Post, Tenure
from linli.people.queries.staffing import midnight
from linli.people.words import ALREADY_HOLDS, POST_CLOSED, TENURE_ENDED, Role

CODE_MAX, TITLE_MAX, REASON_MAX = 24, 80, 200
BAD_ROLE = Text("没有这种角色", "There is no such role")
NO_DEPARTMENT = Text("没有这个部门", "There is no such department")
TOO_EARLY = Text("任期不能早于岗位设立之日", "A tenure cannot begin before the post exists")
ENDS_EARLY = Text("结束时间不能早于任期开始", "It cannot end before it began")


@transaction.atomic
def open_department(
    *, code: str, name: str, unit_id: UUID, by: Actor, at: datetime, name_en: str = "", id: UUID | None = None
) -> Department:
    """A department serves the unit and everything below it; its code is its own at that unit."""
    require_manager_of(by, unit_id)
    department = Department(
        id=id or uuid7(at), code=named("code", code, CODE_MAX), name=named("name", name, 60),
        name_en=name_en[:120], unit_id=unit_id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            department.save(force_insert=True)
    except IntegrityError as error:
        raise Problem(CONFLICT) from error
    fact = DepartmentOpened(code=department.code, name=department.name, unit=unit_id)
    journal.record(fact, about=department.id, by=by, at=at)
    changed()
    return department


@transaction.atomic
def rename_department(*, department_id: UUID, name: str, name_en: str, by: Actor, at: datetime) -> Department:
    """The department has another name; its code, posts and cases stay."""
    department = Department.objects.select_for_update().filter(pk=department_id).first()
    if department is None:
        raise Problem(NOT_FOUND)
    require_manager_of(by, department.unit_id)
    old, new = department.name, named("name", name, 60)
    department.name, department.name_en = new, name_en[:120]
    department.save(update_fields=["name", "name_en"])
    journal.record(DepartmentRenamed(old=old, new=new), about=department.id, by=by, at=at)
    changed()
    return department


@transaction.atomic
def open_post(
    *, role: str, unit_id: UUID, title: str, by: Actor, at: datetime, title_en: str = "",
    department_id: UUID | None = None, opened_on: date | None = None, id: UUID | None = None,
) -> Post:  # fmt: skip
    """A seat exists at the unit from `opened_on` (the town's day of `at` when not given); it is vacant."""
    _require_manager_of_seat(by, unit_id, department_id)
    if role not in frozenset(Role):
        raise Problem(INVALID, fields={"role": BAD_ROLE})
    post = Post.objects.create(
        id=id or uuid7(at), role=str(role), unit_id=unit_id, department_id=department_id,
        title=named("title", title, TITLE_MAX), title_en=title_en[:160],
        opened_on=opened_on or local(at).date(),
    )  # fmt: skip
    fact = PostOpened(role=str(role), unit=unit_id, title=post.title, department=department_id)
    journal.record(fact, about=post.id, by=by, at=at)
    changed()
    return post


@transaction.atomic
def close_post(*, post_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """The seat ends with today, its tenures end now. Closing twice changes nothing."""
    post = _locked_post(post_id)
    _require_manager_of_seat(by, post.unit_id, post.department_id)
    if post.closed_on is not None:
        return
    for tenure in post.tenures.select_for_update().filter(Q(ends=None) | Q(ends__gt=at)):
        _end(tenure, post, reason, by, at, at)
    post.closed_on = max(local(at).date(), post.opened_on)
    post.save(update_fields=["closed_on"])
    journal.record(
        PostClosed(title=post.title, reason=named("reason", reason, REASON_MAX)), about=post.id, by=by, at=at
    )
    changed()


@transaction.atomic
def appoint(
    *, post_id: UUID, holder_id: UUID, by: Actor, at: datetime, starts: datetime | None = None,
    ends: datetime | None = None,
) -> Tenure:  # fmt: skip
    """The account holds the post from `starts` (now when not given), until `ends` when that is set.

    Several holders of one post and several posts of one person are allowed, and shown.
    """
    post = _locked_post(post_id)
    _require_manager_of_seat(by, post.unit_id, post.department_id)
    starts = starts or at
    if post.closed_on is not None:
        raise Problem(POST_CLOSED)
    if starts < midnight(post.opened_on):
        raise Problem(INVALID, fields={"starts": TOO_EARLY})
    if ends is not None and ends < starts:
        raise Problem(INVALID, fields={"ends": ENDS_EARLY})
    holder = Account.objects.filter(pk=holder_id, is_active=True).first()
    if holder is None:
        raise Problem(NOT_FOUND)
    overlapping = post.tenures.filter(Q(ends=None) | Q(ends__gt=starts), holder=holder)
    if (overlapping.filter(starts__lt=ends) if ends else overlapping).exists():
        raise Problem(ALREADY_HOLDS)
    tenure = Tenure.objects.create(id=uuid7(at), post=post, holder=holder, starts=starts, ends=ends)
    fact = Appointed(tenure=tenure.id, holder=holder.id, title=post.title, starts=starts, name=holder.name)
    journal.record(fact, about=post.id, by=by, at=at)
    changed()
    return tenure


@transaction.atomic
def end_tenure(
    *, tenure_id: UUID, reason: str, by: Actor, at: datetime, ends: datetime | None = None
) -> None:
    """The holder no longer holds the post from `ends` on (now when not given)."""
    found = Tenure.objects.filter(pk=tenure_id).values_list("post_id", flat=True).first()
    if found is None:
        raise Problem(NOT_FOUND)
    post = _locked_post(found)
    _require_manager_of_seat(by, post.unit_id, post.department_id)
    tenure = Tenure.objects.select_for_update().get(pk=tenure_id)
    if tenure.ends is not None and tenure.ends <= at:
        raise Problem(TENURE_ENDED)
    _end(tenure, post, named("reason", reason, REASON_MAX), by, at, ends or at)
    changed()


def _end(tenure: Tenure, post: Post, reason: str, by: Actor, at: datetime, ends: datetime) -> None:
    tenure.ends = max(ends, tenure.starts)
    tenure.ended_reason = reason
    tenure.save(update_fields=["ends", "ended_reason"])
    fact = TenureEnded(
        tenure=tenure.id, holder=tenure.holder_id, title=post.title, reason=reason, name=tenure.holder.name
    )
    journal.record(fact, about=post.id, by=by, at=at)


def _require_manager_of_seat(by: Actor, unit_id: UUID, department_id: UUID | None) -> None:
    """A department's post gives rights to all that the department handles, so its unit is asked as well."""
    require_manager_of(by, unit_id)
    if department_id is not None:
        at_unit = Department.objects.filter(pk=department_id).values_list("unit_id", flat=True).first()
        if at_unit is None:
            raise Problem(INVALID, fields={"department": NO_DEPARTMENT})
        require_manager_of(by, at_unit)


def end_tenures_of(account_id: UUID, reason: str, by: Actor, at: datetime) -> None:
    """Everything that the account holds ends now; the caller has decided that it may."""
    running = Tenure.objects.filter(Q(ends=None) | Q(ends__gt=at), holder_id=account_id)
    for tenure in running.select_related("post", "holder").order_by("id"):
        _end(tenure, tenure.post, reason, by, at, at)


def _locked_post(post_id: UUID) -> Post:
    post = Post.objects.select_for_update().filter(pk=post_id).first()
    if post is None:
        raise Problem(NOT_FOUND)
    return post
