"""Tables of intake: a batch that is taken in, its parts, what became of its rows, what a source's columns are."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7


class SavedMapping(models.Model):
    """Which column is what, and which of our kinds a category is, in the files of one source."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey("territory.Unit", models.PROTECT, related_name="+")
    source = models.CharField(max_length=12)
    columns = models.JSONField(default=dict)
    kinds = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "source"], name="intake_one_mapping")]


class Batch(models.Model):
    """A file that a source sent. `sha256` is that of the bytes as they came: one file is taken in once.

    `run` counts the runs through its parts; a job of an earlier run changes nothing. `next_part` is the first
    part that this run has not done.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey("territory.Unit", models.PROTECT, related_name="+")
    source = models.CharField(max_length=12)
    by = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10)
    header = models.JSONField(default=list)
    rows = models.PositiveIntegerField()
    parts = models.PositiveIntegerField()
    columns = models.JSONField(default=dict)
    kinds = models.JSONField(default=dict)
    find_duplicates = models.BooleanField(default=False)
    suggest = models.BooleanField(default=False)
    run = models.PositiveIntegerField(default=0)
    next_part = models.PositiveIntegerField(default=0)
    twice = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    unknown = models.JSONField(default=dict)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=60, default="")

    class Meta:
        indexes = [models.Index(fields=["unit", "created_at"], name="intake_batches")]
        constraints = [
            models.UniqueConstraint(fields=["unit", "source", "sha256"], name="intake_file_once"),
            models.CheckConstraint(
                condition=Q(next_part__lte=F("parts")), name="intake_batch_within_its_parts"
            ),
        ]


class BatchPart(models.Model):
    """Some rows of the file as they stand there, encrypted, until they are forgotten; and what was found in them."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    ciphertext = models.BinaryField()
    found = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="intake_part_once")]


class BatchRow(models.Model):
    """What became of one line, for the answer to its source: nothing personal is in it.

    Batch and cases are not constraints of the database: they are written in the transaction that writes the rows, and
    neither is ever deleted under them, so that the engine would compare every row once more for nothing.
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    line = models.PositiveIntegerField()
    number = models.CharField(max_length=64, default="")
    result = models.CharField(max_length=8)
    case = models.ForeignKey(
        "cases.Case", models.SET_NULL, null=True, related_name="+", db_index=False, db_constraint=False
    )
    like = models.ForeignKey(
        "cases.Case", models.SET_NULL, null=True, related_name="+", db_index=False, db_constraint=False
    )
    field = models.CharField(max_length=10, default="")
    reason_zh = models.CharField(max_length=120, default="")
    reason_en = models.CharField(max_length=160, default="")
    wanted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "line"], name="intake_row_once"),
        ]


class Choice(models.Model):
    """What was suggested for a case and what the clerk chose. `shown` are codes of kinds, best first.

    `rank` is the place of the chosen kind among them (1 the best), 0 when it was not shown, null when nothing was.
    """

    case = models.OneToOneField("cases.Case", models.CASCADE, primary_key=True, related_name="+")
    shown = models.CharField(max_length=160, default="")
    chosen = models.CharField(max_length=16)
    rank = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey("people.Account", models.SET_NULL, null=True, related_name="+", db_index=False)
