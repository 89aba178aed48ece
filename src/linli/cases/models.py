"""Tables of the loop. Rules that a database can hold are constraints here; behaviour is elsewhere."""

from __future__ import annotations

from django.db import models

from linli.kernel.expressions import NextNumber
from linli.kernel.ids import uuid7

from .words import Answer, Desk, Phase, Source, State

RANKS = 6
"""How many ranks below the top have an ancestor column; deeper units are found through their list."""


def _choices(
    enum: type[State] | type[Desk] | type[Source] | type[Answer] | type[Phase],
) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]


class Case(models.Model):
    """One matter. `a1`…`a6` are the units above it, one column a rank below the root (stack findings §2)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    serial = models.BigIntegerField(unique=True, db_default=NextNumber("cases_case_number"))
    fingerprint = models.CharField(max_length=64)
    source = models.CharField(max_length=12)
    source_number = models.CharField(max_length=64, null=True)
    kind = models.CharField(max_length=16)
    source_kind = models.CharField(max_length=120, default="")
    condition = models.CharField(max_length=20, default="")
    catalogue = models.PositiveIntegerField()

    text = models.TextField()
    address = models.CharField(max_length=200, default="")
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy = models.FloatField(null=True)
    located = models.CharField(max_length=10)
    unit = models.ForeignKey("territory.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    a1 = models.UUIDField(null=True)
    a2 = models.UUIDField(null=True)
    a3 = models.UUIDField(null=True)
    a4 = models.UUIDField(null=True)
    a5 = models.UUIDField(null=True)
    a6 = models.UUIDField(null=True)

    state = models.CharField(max_length=12)
    desk = models.CharField(max_length=10)
    department = models.ForeignKey(
        "people.Department", models.PROTECT, null=True, related_name="+", db_index=False
    )
    post = models.ForeignKey("people.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    handler = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    checker = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    reporter = models.ForeignKey(
        "people.Resident", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    why = models.JSONField(default=list)

    reported_at = models.DateTimeField()
    registered_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    due_provisional = models.BooleanField(default=False)
    next_due_at = models.DateTimeField(null=True)

    raised_to = models.ForeignKey(
        "territory.Unit", models.PROTECT, null=True, related_name="+", db_index=False
    )
    escalations = models.PositiveSmallIntegerField(default=0)
    redos = models.PositiveSmallIntegerField(default=0)
    reopens = models.PositiveSmallIntegerField(default=0)
    settled = models.BooleanField(default=False)
    answer = models.CharField(max_length=12, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            *(
                models.Index(
                    fields=[f"a{rank}", "desk", "next_due_at", "id"],
                    name=f"case_a{rank}_queue",
                    condition=models.Q(**{f"a{rank}__isnull": False}),
                )
                for rank in range(1, RANKS + 1)
            ),
            models.Index(fields=["desk", "next_due_at", "id"], name="case_queue"),
            models.Index(
                fields=["department", "desk", "next_due_at", "id"],
                name="case_department_queue",
                condition=models.Q(department__isnull=False),
            ),
            models.Index(
                fields=["post", "desk", "next_due_at", "id"],
                name="case_post_queue",
                condition=models.Q(post__isnull=False),
            ),
            models.Index(
                fields=["raised_to", "desk", "next_due_at", "id"],
                name="case_raised_queue",
                condition=models.Q(raised_to__isnull=False),
            ),
            models.Index(
                fields=["reporter", "reported_at"],
                name="case_reporter",
                condition=models.Q(reporter__isnull=False),
            ),
            models.Index(fields=["reported_at"], name="case_reported"),
            models.Index(
                fields=["due_at"], name="case_provisional", condition=models.Q(due_provisional=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_number"],
                name="case_source_number",
                condition=models.Q(source_number__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in State]), name="case_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | models.Q(closed_at__gte=models.F("reported_at")),
                name="case_closes_after_report",
            ),
            models.CheckConstraint(
                condition=(models.Q(lng__isnull=True) & models.Q(lat__isnull=True))
                | models.Q(lng__range=(-180, 180), lat__range=(-90, 90)),
                name="case_point_is_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.serial}"


class Assignment(models.Model):
    """Who was charged with handling, from when, until when; one open lead a case."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    part = models.CharField(max_length=10, default="lead")
    department = models.ForeignKey(
        "people.Department", models.PROTECT, null=True, related_name="+", db_index=False
    )
    post = models.ForeignKey("people.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    holder = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    assigned_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                name="assignment_one_open_lead",
                condition=models.Q(part="lead", done_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=models.Q(department__isnull=False) | models.Q(post__isnull=False),
                name="assignment_has_a_taker",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} of {self.case_id}"


class Evidence(models.Model):
    """A picture of the matter at one phase of the loop."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    file = models.ForeignKey("kernel.StoredFile", models.PROTECT, related_name="+")
    phase = models.CharField(max_length=8, choices=_choices(Phase))
    taken_by = models.ForeignKey(
        "people.Account", models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "file", "phase"], name="evidence_once")]

    def __str__(self) -> str:
        return f"{self.phase} of {self.case_id}"


class SavedFilter(models.Model):
    """A queue's filter that somebody keeps under a name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey("people.Account", models.CASCADE, related_name="+")
    desk = models.CharField(max_length=10)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "desk", "name"], name="filter_name_once")]

    def __str__(self) -> str:
        return self.name
