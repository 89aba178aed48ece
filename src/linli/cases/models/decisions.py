"""What is asked and decided on a matter beside its moves: requests, rulings, supervision, merges."""

from __future__ import annotations

from django.db import models

from linli.cases.models.case import Case
from linli.cases.words import Card, Wish
from linli.kernel.ids import uuid7


class Request(models.Model):
    """An extension, a suspension or an appeal that somebody asked for; one of a kind waits at a time.

    `amount` counts units of the condition's limit (extension), `until` is a moment (suspension). `granted` is
    null while it waits; `lapsed` when the matter went on before anybody decided. The words are in the journal.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    wish = models.CharField(max_length=10)
    asked_by = models.ForeignKey(
        "people.Account", models.PROTECT, null=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    amount = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    until = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)
    decided_at = models.DateTimeField(null=True)
    lapsed = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "wish"], name="request_one_waits", condition=models.Q(granted__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["case"],
                name="request_one_appeal",
                condition=models.Q(wish=Wish.APPEAL.value, lapsed=False),
            ),
            models.CheckConstraint(
                condition=models.Q(wish__in=[wish.value for wish in Wish]), name="request_wish_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(granted__isnull=True, decided_at__isnull=True)
                | models.Q(granted__isnull=False, decided_at__isnull=False),
                name="request_decided_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wish} of {self.case_id}"


class Decision(models.Model):
    """What one person said to a request; nobody twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(Request, models.CASCADE, related_name="decisions")
    by = models.ForeignKey("people.Account", models.PROTECT, related_name="+", db_index=False)
    granted = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "by"], name="decision_once")]

    def __str__(self) -> str:
        return f"{'yes' if self.granted else 'no'} to {self.request_id}"


class Ruling(models.Model):
    """Who answers for this kind of matter here: said once for a case, shown to whoever routes the next one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    unit = models.ForeignKey("territory.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    department = models.ForeignKey(
        "people.Department", models.PROTECT, null=True, related_name="+", db_index=False
    )
    post = models.ForeignKey("people.Post", models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.TextField()
    ruled_by = models.ForeignKey(
        "people.Account", models.PROTECT, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "-at"], name="ruling_precedents")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(department__isnull=False) | models.Q(post__isnull=False),
                name="ruling_names_a_taker",
            ),
        ]

    def __str__(self) -> str:
        return f"ruling on {self.case_id}"


class Supervision(models.Model):
    """A card shown to whoever is charged, with the time by which they answer; open until it is lifted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    card = models.CharField(max_length=6)
    raised_by = models.ForeignKey(
        "people.Account", models.PROTECT, null=True, related_name="+", db_index=False
    )
    raised_at = models.DateTimeField()
    reply_due = models.DateTimeField()
    replied_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], name="supervision_one_open", condition=models.Q(lifted_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=models.Q(card__in=[card.value for card in Card]), name="supervision_card_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card} card of {self.case_id}"


class Merge(models.Model):
    """A case that went into another: where both stood, so that it can be undone. One at a time a case.

    `kept` holds the merged case's state, desk, taker, times and running clocks; `moved` the main case's limits that
    the stricter ones replaced.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    into = models.ForeignKey(Case, models.PROTECT, related_name="+")
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    kept = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], name="merge_one_at_a_time", condition=models.Q(undone_at__isnull=True)
            ),
            models.CheckConstraint(condition=~models.Q(case=models.F("into")), name="merge_into_another"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} into {self.into_id}"
