"""The matter itself."""

from __future__ import annotations

from django.db import models

from linli.cases.words import Card, State
from linli.kernel.expressions import NextNumber
from linli.kernel.ids import uuid7

RANKS = 6
"""How many ranks below the top have an ancestor column; deeper units are found through their list."""


class Case(models.Model):
    """One matter. `a1`…`a6` are the units above it, one column a rank below the root (stack findings §2).

    `cell` is the piece of ground in which it lies (`rules.cell_of`). `wishes` counts requests that wait for their
    decision, `parts` everybody ever called to help and `open_parts` those who are not done; `excused` says that
    being late is not counted, while the times stay as they are.
    """

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
    cell = models.BigIntegerField(null=True)
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
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    contacted_at = models.DateTimeField(null=True)
    returns = models.PositiveSmallIntegerField(default=0, db_default=0)
    ruled = models.BooleanField(default=False, db_default=False)
    extensions = models.PositiveSmallIntegerField(default=0, db_default=0)
    suspensions = models.PositiveSmallIntegerField(default=0, db_default=0)
    wishes = models.PositiveSmallIntegerField(default=0, db_default=0)
    supervised = models.CharField(max_length=6, default="", db_default="")
    excused = models.BooleanField(default=False, db_default=False)
    parts = models.PositiveSmallIntegerField(default=0, db_default=0)
    open_parts = models.PositiveSmallIntegerField(default=0, db_default=0)
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
                fields=["closed_at"], name="case_closed", condition=models.Q(closed_at__isnull=False)
            ),
            models.Index(
                fields=["cell", "reported_at"],
                name="case_near",
                condition=models.Q(cell__isnull=False, closed_at__isnull=True),
            ),
            models.Index(
                fields=["unit", "kind", "reported_at"],
                name="case_in_unit",
                condition=models.Q(unit__isnull=False, closed_at__isnull=True),
            ),
            models.Index(fields=["next_due_at"], name="case_asked", condition=models.Q(wishes__gt=0)),
            models.Index(
                fields=["merged_into"], name="case_merged", condition=models.Q(merged_into__isnull=False)
            ),
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
            models.CheckConstraint(
                condition=models.Q(open_parts=0)
                | ~models.Q(state__in=[State.CLOSED.value, State.FOLLOWED_UP.value]),
                name="case_closes_when_every_part_is_done",
            ),
            models.CheckConstraint(
                condition=models.Q(open_parts__lte=models.F("parts")), name="case_counts_its_parts"
            ),
            models.CheckConstraint(
                condition=(models.Q(state=State.MERGED.value) & models.Q(merged_into__isnull=False))
                | (~models.Q(state=State.MERGED.value) & models.Q(merged_into__isnull=True)),
                name="case_merged_names_its_main",
            ),
            models.CheckConstraint(
                condition=models.Q(supervised__in=["", *(card.value for card in Card)]),
                name="case_card_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.serial}"
