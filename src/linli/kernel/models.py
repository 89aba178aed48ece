"""The kernel's tables: journal, its secrets and its seals, jobs, clocks.

Behaviour is in `journal`, `seal`, `jobs` and `clocks`; nothing else reads or writes these tables.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

# Tables of the kernel that are described beside what they belong to; Django finds them here.
from linli.kernel.expressions import CurrentTransaction
from linli.kernel.file_models import StoredFile as StoredFile
from linli.kernel.rulebook_models import Draft as Draft
from linli.kernel.rulebook_models import Edition as Edition
from linli.kernel.throttle_models import Throttle as Throttle


class FactRow(models.Model):
    """One line of the journal. Never changed, never deleted: triggers on both engines refuse it.

    `txid` is the first column on purpose: PostgreSQL works out defaults in column order, so a transaction
    has its number before it takes a `seq`. `journal.since` needs that to know which numbers can still come.
    """

    txid = models.BigIntegerField(db_default=CurrentTransaction())
    seq = models.BigAutoField(primary_key=True)
    fact_id = models.UUIDField(unique=True, db_column="id")
    kind = models.CharField(max_length=80)
    about = models.UUIDField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    by_kind = models.CharField(max_length=10)
    by_id = models.UUIDField(null=True)
    by_label = models.CharField(max_length=120)
    by_post = models.CharField(max_length=200)
    data = models.TextField()
    fingerprint = models.CharField(max_length=64)

    class Meta:
        db_table = "kernel_fact"
        indexes = [models.Index(fields=["about", "seq"], name="kernel_fact_about")]


class Secret(models.Model):
    """The personal texts of one fact, encrypted. Deleting the row forgets them; the fact still verifies.

    Those about a subject are found through the journal's index, so that a fact with a secret costs one index less.
    """

    fact_id = models.UUIDField(primary_key=True)
    about = models.UUIDField()
    ciphertext = models.BinaryField()

    class Meta:
        db_table = "kernel_secret"


class Leaf(models.Model):
    """The place of a fact in the sealed tree."""

    index = models.BigIntegerField(primary_key=True)
    fact_seq = models.BigIntegerField(unique=True)
    hash = models.BinaryField()

    class Meta:
        db_table = "kernel_leaf"


class Checkpoint(models.Model):
    """A signed statement: the tree of this size has this root (C2SP checkpoint, signed note).

    `frontier` holds the roots of the tree's full parts (`merkle.Frontier`), so that sealing goes on from
    here without reading all leaves again; `verify` never trusts it.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    frontier = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "kernel_checkpoint"


class Job(models.Model):
    """Work to be done after the commit that wrote this row."""

    id = models.UUIDField(primary_key=True)
    handler = models.CharField(max_length=120)
    key = models.CharField(max_length=120, null=True)
    payload = models.TextField()
    fact_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    attempts = models.IntegerField(db_default=0)
    lease_until = models.DateTimeField(null=True)
    lease_by = models.CharField(max_length=80, db_default="")
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.TextField(db_default="")

    class Meta:
        db_table = "kernel_job"
        constraints = [models.UniqueConstraint(fields=["handler", "key"], name="kernel_job_once")]
        indexes = [
            models.Index(
                fields=["not_before"],
                name="kernel_job_open",
                condition=models.Q(done_at__isnull=True, failed_at__isnull=True),
            ),
            models.Index(
                fields=["failed_at"], name="kernel_job_failed", condition=models.Q(failed_at__isnull=False)
            ),
        ]


class ClockRow(models.Model):
    """A time limit that runs on something. `next_at` is when the scheduler has to look next; null: never."""

    id = models.UUIDField(primary_key=True)
    about = models.UUIDField()
    name = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    limit_amount = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    limit_unit = models.CharField(max_length=20, db_default="")
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(db_default=False)
    step = models.IntegerField(db_default=0)
    next_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    fired_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(db_default=0)
    last_error = models.TextField(db_default="")
    lease_until = models.DateTimeField(null=True)
    lease_by = models.CharField(max_length=80, db_default="")

    class Meta:
        db_table = "kernel_clock"
        constraints = [
            models.UniqueConstraint(
                fields=["about", "name"],
                condition=models.Q(stopped_at__isnull=True),
                name="kernel_clock_one_running",
            )
        ]
        indexes = [
            models.Index(fields=["about"], name="kernel_clock_about"),
            models.Index(
                fields=["next_at"], name="kernel_clock_next", condition=models.Q(next_at__isnull=False)
            ),
        ]
