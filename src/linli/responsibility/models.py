"""Tables of this room: what somebody proposes to change, until it is put in force or forgotten."""

from __future__ import annotations

from django.db import models

from linli.kernel.ids import uuid7
from linli.responsibility.words import About


class Proposal(models.Model):
    """A whole matrix or duty list as somebody would have it, as lines of a file. Nothing of it is in force.

    `base` tells which matrix (its digest) or which edition of the list it was made from.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    about = models.CharField(max_length=8)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey("people.Account", models.CASCADE, related_name="+")
    lines = models.JSONField()
    base = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(about__in=[about.value for about in About]), name="proposal_about_is_known"
            ),
        ]
        indexes = [models.Index(fields=["owner", "-created_at"], name="proposal_owner")]

    def __str__(self) -> str:
        return self.name


class Chief(models.Model):
    """A post answers for a place (a river, a road, a wood …) from the day `since` until before the day `until`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    place = models.ForeignKey("territory.Place", models.PROTECT, related_name="+")
    post = models.ForeignKey("people.Post", models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)
    ended_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place"], condition=models.Q(until=None), name="responsibility_one_chief"
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")),
                name="responsibility_chief_ends_after_start",
            ),
        ]


class Contract(models.Model):
    """A firm's lawyer advises units by contract from `starts` until `ends`, both days included; `ended_on` is the
    first day on which it held no more, when it was ended before. Nothing is deleted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    firm = models.CharField(max_length=120)
    lawyer = models.CharField(max_length=60)
    contact = models.CharField(max_length=60, blank=True)
    coverage = models.CharField(max_length=500)
    starts = models.DateField()
    ends = models.DateField()
    ended_on = models.DateField(null=True)
    ended_reason = models.CharField(max_length=200, blank=True)
    renews = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("starts")),
                name="responsibility_contract_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.firm


class ContractUnit(models.Model):
    """A unit that a contract covers."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="units")
    unit = models.ForeignKey("territory.Unit", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "unit"], name="responsibility_unit_once_in_contract"),
        ]


class Squad(models.Model):
    """The grid posts of several units work as one until it is dissolved. `version` goes up with every change."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60)
    formed_at = models.DateTimeField()
    dissolved_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(dissolved_at=None), name="responsibility_squad_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SquadUnit(models.Model):
    """A unit whose grid posts a squad pools, until `left_at`; a unit is in one squad at a time."""

    squad = models.ForeignKey(Squad, models.PROTECT, related_name="units")
    unit = models.ForeignKey("territory.Unit", models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=models.Q(left_at=None), name="responsibility_unit_in_one_squad"
            ),
        ]


class SquadPost(models.Model):
    """A post that leads a squad (`rank` 0) or is its first or second deputy (1, 2)."""

    squad = models.ForeignKey(Squad, models.CASCADE, related_name="posts")
    post = models.ForeignKey("people.Post", models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["squad", "rank"], name="responsibility_one_leader_two_deputies"),
            models.UniqueConstraint(fields=["squad", "post"], name="responsibility_post_once_in_squad"),
            models.CheckConstraint(condition=models.Q(rank__lte=2), name="responsibility_squad_rank"),
        ]


class SquadClaim(models.Model):
    """A case that a squad claimed, for the squad's own count: whose hands it went into is the case's history alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    squad = models.ForeignKey(Squad, models.PROTECT, related_name="claims")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    at = models.DateTimeField()
