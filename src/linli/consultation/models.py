"""Consultations, who is asked, opinions, documents, decisions, dossiers. The words are in the journal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from linli.consultation.words import Asked, Level, Risk, Stage


class Consultation(models.Model):
    """Opinions asked on a case. `pictures` are the case's stored pictures that the asker chose to show.

    `decisions` counts the decisions made: the newest is the one that holds.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    topic = models.CharField(max_length=60)
    risk = models.CharField(max_length=6)
    stage = models.CharField(max_length=10, default=Stage.OPEN.value)
    asked_by = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    pictures = models.JSONField(default=list)
    decisions = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=[stage.value for stage in Stage]), name="consultation_stage_is_known"
            ),
            models.CheckConstraint(
                condition=Q(risk__in=[risk.value for risk in Risk]), name="consultation_risk_is_known"
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.OPEN.value, ended_at__isnull=True)
                | (~Q(stage=Stage.OPEN.value) & Q(ended_at__isnull=False)),
                name="consultation_ends_at_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.DECIDED.value, decisions__gt=0)
                | (~Q(stage=Stage.DECIDED.value) & Q(decisions=0)),
                name="consultation_decided_by_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"consultation on {self.case_id}"


class Invitation(models.Model):
    """Somebody who is asked: a person, or a department for which any of its handlers may answer.

    The file is seen while it waits, and after an answer until `sees_until`. `versions` counts the opinions given.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="invitations")
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    department = models.ForeignKey("people.Department", models.PROTECT, null=True, related_name="+")
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    stage = models.CharField(max_length=10, default=Asked.WAITING.value)
    due_at = models.DateTimeField()
    missed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    sees_until = models.DateTimeField(null=True)
    versions = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=True, department__isnull=False)
                | Q(account__isnull=False, department__isnull=True),
                name="invitation_is_of_one",
            ),
            models.UniqueConstraint(
                fields=["consultation", "account"],
                name="invitation_person_once",
                condition=Q(account__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["consultation", "department"],
                name="invitation_department_once",
                condition=Q(department__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(stage__in=[stage.value for stage in Asked]), name="invitation_stage_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(stage=Asked.ANSWERED.value) | Q(versions__gt=0),
                name="invitation_answered_by_an_opinion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name_zh} in {self.consultation_id}"


class Opinion(models.Model):
    """One version of an opinion; a later version replaces it, and it stays readable. `note` is what the town
    signed; `digest` is the SHA-256 of the note, which the journal keeps."""

    id = models.UUIDField(primary_key=True, editable=False)
    invitation = models.ForeignKey(Invitation, models.PROTECT, related_name="opinions")
    version = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=10)
    author = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invitation", "version"], name="opinion_version_once"),
            models.CheckConstraint(
                condition=Q(level__in=[level.value for level in Level]), name="opinion_level_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.version} of {self.invitation_id}"


class Document(models.Model):
    """A PDF that goes with the question, or with one opinion; it lies on disk under its SHA-256."""

    id = models.UUIDField(primary_key=True, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="documents")
    opinion = models.ForeignKey(Opinion, models.PROTECT, null=True, related_name="documents")
    name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Verdict(models.Model):
    """A decision on a consultation; a later one supersedes it, and it stays. `meeting` names who decided beside
    the duty chief, as pairs of account and name."""

    id = models.UUIDField(primary_key=True, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="verdicts")
    version = models.PositiveSmallIntegerField()
    by = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=200)
    meeting = models.JSONField(default=list)
    at = models.DateTimeField()
    note = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "version"], name="verdict_version_once")
        ]

    def __str__(self) -> str:
        return f"decision {self.version} on {self.consultation_id}"


class Weighed(models.Model):
    """Whether a decision follows an opinion. The reason is in the journal."""

    id = models.UUIDField(primary_key=True, editable=False)
    verdict = models.ForeignKey(Verdict, models.PROTECT, related_name="weighed")
    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="+")
    followed = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["verdict", "opinion"], name="weighed_once")]

    def __str__(self) -> str:
        return f"{'followed' if self.followed else 'not followed'} {self.opinion_id}"


class Dossier(models.Model):
    """A case's whole file as an archive for the level above. The file is kept until `kept_until`; the row stays."""

    id = models.UUIDField(primary_key=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    made_by = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    to = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    files = models.PositiveIntegerField()
    checkpoint = models.BigIntegerField()
    opinions = models.PositiveSmallIntegerField()
    withheld = models.PositiveSmallIntegerField()
    unmasked = models.BooleanField(default=False)
    kept_until = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["case", "-made_at"], name="dossier_of_case")]

    def __str__(self) -> str:
        return f"dossier of {self.case_id}"
