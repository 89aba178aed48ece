"""Tables of following up. What people said is in the journal; here is what is counted and what must be unique."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.cases.words import Answer
from linli.followup.words import Found, Outcome, Solved
from linli.kernel.ids import uuid7

CASE = "cases.Case"
ACCOUNT = "people.Account"
ASKED = [Answer.SATISFIED.value, Answer.MOSTLY.value, Answer.NEUTRAL.value, Answer.UNSATISFIED.value]


class Call(models.Model):
    """One try to reach the reporter of a closed case; `round` counts how often the case had been reopened by then.

    Whoever was reached said whether it is solved and how content they are. The try after which the reporter counts
    as not reachable has the answer `unreachable`. One result a round.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(CASE, models.CASCADE, related_name="+", db_index=False)
    round = models.PositiveSmallIntegerField()
    by = models.ForeignKey(ACCOUNT, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10)
    solved = models.CharField(max_length=6, default="")
    answer = models.CharField(max_length=12, default="")
    fingerprint = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["by", "at"], name="call_of_caller"),
            # The rates ask for the answer alone, of very many cases: the index holds it.
            models.Index(fields=["case", "round", "outcome", "solved"], name="call_of_case"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round"], name="call_one_result_a_round", condition=~Q(answer="")
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=[each.value for each in Outcome]), name="call_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome=Outcome.REACHED.value,
                    solved__in=[each.value for each in Solved],
                    answer__in=ASKED,
                )
                | (
                    ~Q(outcome=Outcome.REACHED.value)
                    & Q(solved="", answer__in=["", Answer.UNREACHABLE.value])
                ),
                name="call_answers_come_from_who_was_reached",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} for {self.case_id}"


class Turn(models.Model):
    """Who is calling about a case now and until when, and before which moment nobody tries again."""

    case = models.OneToOneField(CASE, models.CASCADE, primary_key=True, related_name="+")
    by = models.ForeignKey(ACCOUNT, models.PROTECT, null=True, related_name="+")
    until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(by=None, until=None) | Q(by__isnull=False, until__isnull=False),
                name="turn_ends_when_it_is_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return f"turn at {self.case_id}"


class OptOut(models.Model):
    """A reporter's wish not to be called after closing; it ends on a date, or earlier when they say so."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    resident = models.ForeignKey("people.Resident", models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resident"], name="optout_one_at_a_time", condition=Q(ended_at=None)
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="optout_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d}"


class Exclusion(models.Model):
    """A case that a department wants left out of rates: asked, decided by another, appealed against once.

    `stands` is what counts in the end: the appeal's decision where there was one, else the first. One a round.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(CASE, models.CASCADE, related_name="+", db_index=False)
    round = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=24)
    asked_by = models.ForeignKey(ACCOUNT, models.PROTECT, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    decided_by = models.ForeignKey(ACCOUNT, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    appealed_by = models.ForeignKey(ACCOUNT, models.PROTECT, null=True, related_name="+", db_index=False)
    appealed_at = models.DateTimeField(null=True)
    appeal_granted = models.BooleanField(null=True)
    settled_by = models.ForeignKey(ACCOUNT, models.PROTECT, null=True, related_name="+", db_index=False)
    settled_at = models.DateTimeField(null=True)
    stands = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="exclusion_newest")]
        constraints = [
            models.UniqueConstraint(fields=["case", "round"], name="exclusion_one_a_round"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(asked_by=None) | ~Q(decided_by=F("asked_by")),
                name="exclusion_not_decided_by_its_asker",
            ),
            models.CheckConstraint(
                condition=Q(settled_by=None)
                | (~Q(settled_by=F("decided_by")) & ~Q(settled_by=F("appealed_by"))),
                name="exclusion_appeal_is_settled_by_a_third",
            ),
            models.CheckConstraint(
                condition=Q(granted=None, decided_at=None)
                | Q(granted__isnull=False, decided_at__isnull=False),
                name="exclusion_decided_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(appealed_at=None) | Q(decided_at__isnull=False),
                name="exclusion_appeal_follows_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(appeal_granted=None, settled_at=None)
                | Q(appeal_granted__isnull=False, settled_at__isnull=False, appealed_at__isnull=False),
                name="exclusion_settled_after_an_appeal",
            ),
            models.CheckConstraint(
                condition=Q(granted=None, stands=False)
                | Q(granted__isnull=False, appeal_granted=None, stands=F("granted"))
                | Q(appeal_granted__isnull=False, stands=F("appeal_granted")),
                name="exclusion_stands_as_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} for {self.case_id}"


class Draw(models.Model):
    """A random sample of the cases closed in a period in a unit: committed first, drawn later.

    `members` are the ids of the frozen population, 16 bytes each, in their order. The seed is kept encrypted until it
    is shown. A period of a unit is drawn from once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey("territory.Unit", models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    population = models.PositiveIntegerField()
    population_sha256 = models.CharField(max_length=64)
    members = models.BinaryField()
    size = models.PositiveIntegerField()
    commitment = models.CharField(max_length=64)
    seed_cipher = models.BinaryField()
    seed = models.CharField(max_length=64, default="")
    committed_at = models.DateTimeField()
    committed_by = models.ForeignKey(ACCOUNT, models.PROTECT, null=True, related_name="+", db_index=False)
    drawn_at = models.DateTimeField(null=True)
    drawn_by = models.ForeignKey(ACCOUNT, models.PROTECT, null=True, related_name="+", db_index=False)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "since", "until"], name="draw_once_a_period"),
            models.CheckConstraint(
                condition=Q(size__gte=1) & Q(size__lte=F("population")), name="draw_size_fits_its_population"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="draw_period_has_a_length"),
            models.CheckConstraint(
                condition=Q(seed="", drawn_at=None) | (~Q(seed="") & Q(drawn_at__isnull=False)),
                name="draw_seed_is_shown_when_drawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.size} of {self.population}"


class Inspection(models.Model):
    """A drawn case that somebody looks at again: `position` is its place in the sample."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    draw = models.ForeignKey(Draw, models.PROTECT, related_name="inspections")
    case = models.ForeignKey(CASE, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    checker = models.ForeignKey(ACCOUNT, models.PROTECT, null=True, related_name="+")
    found = models.CharField(max_length=10, default="")
    inspected_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    fingerprint = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "case"], name="inspection_once_a_case"),
            models.UniqueConstraint(fields=["draw", "position"], name="inspection_positions_differ"),
            models.CheckConstraint(
                condition=Q(found="", inspected_at=None)
                | Q(
                    found__in=[each.value for each in Found],
                    inspected_at__isnull=False,
                    checker__isnull=False,
                ),
                name="inspection_found_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None) | Q(found=Found.NOT_SOLVED.value),
                name="inspection_reopens_unsolved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} of {self.draw_id}"


class InspectionPicture(models.Model):
    """A picture that shows what was found."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    inspection = models.ForeignKey(Inspection, models.CASCADE, related_name="pictures")
    file = models.ForeignKey("kernel.StoredFile", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "file"], name="inspection_picture_once")]

    def __str__(self) -> str:
        return f"picture of {self.inspection_id}"
