"""What belongs to a matter: who is charged, what shows it, which filters people keep."""

from __future__ import annotations

from django.db import models

from linli.cases.models.case import Case
from linli.cases.words import Phase
from linli.kernel.ids import uuid7


class Assignment(models.Model):
    """Who was charged with handling, from when, until when; one open lead a case, and one open part a helper.

    Whoever is called to help has limits of their own: `sign_due`, `contact_due`, `arrive_due` and `due_at`, with the
    moments at which each was kept. A part ends `done` with its result or `released` with its reason; done without
    having come although that was asked, it has the reason in `absence`.
    """

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
    task = models.CharField(max_length=400, default="", db_default="")
    sign_due = models.DateTimeField(null=True)
    contact_due = models.DateTimeField(null=True)
    contacted_at = models.DateTimeField(null=True)
    arrive_due = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=10, default="", db_default="")
    absence = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["department", "due_at"],
                name="assignment_department",
                condition=models.Q(department__isnull=False),
            ),
            models.Index(
                fields=["post", "due_at"], name="assignment_post", condition=models.Q(post__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "department"],
                name="assignment_one_open_part_a_department",
                condition=models.Q(part="help", done_at__isnull=True, department__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["case", "post"],
                name="assignment_one_open_part_a_post",
                condition=models.Q(part="help", done_at__isnull=True, post__isnull=False),
            ),
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
    phase = models.CharField(max_length=8, choices=[(phase.value, phase.value) for phase in Phase])
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
