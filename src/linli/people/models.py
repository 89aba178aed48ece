"""Accounts, departments, posts and who holds them, responsibility, residents."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.functional import lazystr

from linli.kernel.ids import uuid7
from linli.kernel.text import Text


class Account(AbstractUser):
    """Somebody who signs in: staff, resident or a machine client."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60)

    first_name = None  # type: ignore[assignment]  # Chinese names are one field
    last_name = None  # type: ignore[assignment]  # Chinese names are one field
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The name, which Django otherwise composes from two fields that Chinese names do not have."""
        return self.name

    def get_short_name(self) -> str:
        """The name."""
        return self.name


class Department(models.Model):
    """An office that handles matters for a unit and everything below it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    unit = models.ForeignKey("territory.Unit", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = lazystr(Text("部门", "Departments"))
        constraints = [
            models.UniqueConstraint(fields=["unit", "code"], name="people_department_code"),
        ]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A seat: a role at a unit, for a department or not, from a day until it is closed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.CharField(max_length=24)
    unit = models.ForeignKey("territory.Unit", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=160, blank=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = lazystr(Text("岗位", "Posts"))
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="people_post_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Tenure(models.Model):
    """Somebody holds a post from `starts` until before `ends`. A post without a current tenure is vacant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="tenures")
    holder = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="tenures")
    starts = models.DateTimeField()
    ends = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=F("starts")), name="people_tenure_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["post", "holder"], condition=Q(ends=None), name="people_one_open_tenure"
            ),
        ]


class Responsibility(models.Model):
    """The town's own rule: who has which part in a kind of matter at a unit and below it, or at one place.

    With a place, `unit` is the unit in which the place lies.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind_prefix = models.CharField(max_length=24, blank=True)
    unit = models.ForeignKey("territory.Unit", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("territory.Place", null=True, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=12, default="lead")
    role = models.CharField(max_length=24, blank=True)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(role="") & Q(department__isnull=False)) | (~Q(role="") & Q(department=None)),
                name="people_role_or_department",
            ),
            models.UniqueConstraint(
                fields=["kind_prefix", "unit"], condition=Q(part="lead", place=None), name="people_one_lead"
            ),
            models.UniqueConstraint(
                fields=["kind_prefix", "place"],
                condition=Q(part="lead", place__isnull=False),
                name="people_one_lead_at_place",
            ),
            models.UniqueConstraint(
                fields=["kind_prefix", "unit", "part", "role"],
                condition=Q(place=None, department=None),
                name="people_role_once",
            ),
            models.UniqueConstraint(
                fields=["kind_prefix", "unit", "part", "department"],
                condition=Q(place=None, department__isnull=False),
                name="people_department_once",
            ),
            models.UniqueConstraint(
                fields=["kind_prefix", "place", "part", "role"],
                condition=Q(place__isnull=False, department=None),
                name="people_role_once_at_place",
            ),
            models.UniqueConstraint(
                fields=["kind_prefix", "place", "part", "department"],
                condition=Q(place__isnull=False, department__isnull=False),
                name="people_department_once_at_place",
            ),
        ]


class Resident(models.Model):
    """A person of the town who reported by telephone number and code, with or without an account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    phone_index = models.CharField(max_length=64, unique=True)
    phone_cipher = models.BinaryField()
    name_cipher = models.BinaryField(default=bytes)
    account = models.OneToOneField(Account, null=True, on_delete=models.PROTECT, related_name="resident")
    created_at = models.DateTimeField()


class PhoneCode(models.Model):
    """A code sent to a telephone number. `closed_at` is set when it was used or replaced by a newer one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    phone_index = models.CharField(max_length=64)
    sender_index = models.CharField(max_length=64)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phone_index"], condition=Q(closed_at=None), name="people_one_live_code_per_phone"
            ),
        ]
        indexes = [
            models.Index(fields=["phone_index", "sent_at"], name="people_code_phone"),
            models.Index(fields=["sender_index", "sent_at"], name="people_code_sender"),
        ]


class ApiKey(models.Model):
    """A key of a machine client; only its digest is kept, so the key is shown once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class Revision(models.Model):
    """One row, whose token every change of posts, accounts, keys or responsibility replaces.

    A process sees by it that its snapshot is old (random, like territory's: a rolled-back counter repeats).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="people_one_revision")]
