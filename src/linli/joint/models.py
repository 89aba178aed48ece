"""Tables of the whistle. The parts themselves are assignments of `cases`; here is who called, met, rated and why."""

from __future__ import annotations

from django.db import models

from linli.joint.words import Mark, Side, Stand
from linli.kernel.ids import uuid7


class Whistle(models.Model):
    """One call for help on one case, by a template, from a unit. Its id is the client's write id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    template = models.CharField(max_length=24)
    unit = models.ForeignKey("territory.Unit", models.PROTECT, related_name="+")
    post = models.ForeignKey("people.Post", models.PROTECT, related_name="+", db_index=False)
    called_by = models.ForeignKey("people.Account", models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField()
    place = models.CharField(max_length=200, blank=True)
    stand = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        "people.Account", models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["stand", "-asked_at"], name="joint_whistle_stand")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stand__in=[stand.value for stand in Stand]), name="joint_stand_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(stand=Stand.WAITING.value, decided_at__isnull=True)
                | (~models.Q(stand=Stand.WAITING.value) & models.Q(decided_at__isnull=False)),
                name="joint_decided_at_a_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(stand=Stand.REFUSED.value)
                | ~models.Q(decided_by=models.F("called_by")),
                name="joint_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"whistle on {self.case_id}"


class Invitation(models.Model):
    """Somebody whom a whistle (or a meeting's decision) asks to help. Its id becomes that of the part when the
    helpers are called."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    whistle = models.ForeignKey(Whistle, models.CASCADE, related_name="invitations")
    department = models.ForeignKey(
        "people.Department", models.PROTECT, null=True, related_name="+", db_index=False
    )
    post = models.ForeignKey("people.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    task = models.CharField(max_length=400)
    chosen = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(department__isnull=False, post__isnull=True)
                | models.Q(department__isnull=True, post__isnull=False),
                name="joint_invites_one_taker",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation to {self.whistle_id}"


class Meeting(models.Model):
    """A joint meeting with its minutes. `called` and `came` are the parts' ids, `decisions` who was to do what, each
    with the part that it became."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    whistle = models.ForeignKey(Whistle, models.CASCADE, related_name="meetings")
    held_at = models.DateTimeField()
    place = models.CharField(max_length=200)
    minutes = models.TextField()
    called = models.JSONField(default=list)
    came = models.JSONField(default=list)
    decisions = models.JSONField(default=list)
    written_by = models.ForeignKey("people.Account", models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"meeting of {self.whistle_id}"


class Issue(models.Model):
    """Something that stands in the way (问题清单), open until it is settled with its solution."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    whistle = models.ForeignKey(Whistle, models.CASCADE, related_name="issues")
    part = models.ForeignKey("cases.Assignment", models.PROTECT, null=True, related_name="+", db_index=False)
    text = models.CharField(max_length=400)
    raised_by = models.ForeignKey("people.Account", models.PROTECT, related_name="+", db_index=False)
    raised_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        "people.Account", models.PROTECT, null=True, related_name="+", db_index=False
    )
    settled_at = models.DateTimeField(null=True)
    solution = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return self.text


class Rating(models.Model):
    """What one side says of the other after a part has ended; once a side."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    part = models.ForeignKey("cases.Assignment", models.CASCADE, related_name="+")
    side = models.CharField(max_length=8)
    mark = models.CharField(max_length=12)
    comment = models.CharField(max_length=400, blank=True)
    by = models.ForeignKey("people.Account", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["part", "side"], name="joint_one_rating_a_side"),
            models.CheckConstraint(
                condition=models.Q(side__in=[side.value for side in Side])
                & models.Q(mark__in=[mark.value for mark in Mark]),
                name="joint_rating_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} of {self.part_id}"
