"""The tables of published editions and of drafts; `kernel.editions` and `kernel.drafts` alone read and write them."""

from __future__ import annotations

from django.db import models


class Edition(models.Model):
    """A state of a rulebook table that was in force from a moment. Never changed once published.

    `body` is the table as JSON, `sha256` the fingerprint of that text. Versions of a table count from 1.
    """

    id = models.UUIDField(primary_key=True)
    table = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=400)
    effective_from = models.DateTimeField()
    created_at = models.DateTimeField()
    body = models.TextField()

    class Meta:
        db_table = "kernel_edition"
        constraints = [models.UniqueConstraint(fields=["table", "version"], name="kernel_edition_version")]
        indexes = [
            models.Index(fields=["table", "effective_from"], name="kernel_edition_effective"),
            models.Index(fields=["table", "sha256"], name="kernel_edition_content"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.version}"


class Draft(models.Model):
    """Changes to a rulebook table that are being worked on and are not in force.

    `body` is JSON: sheet → key → the whole row that takes its place, or null where the row goes. It is laid
    over edition `base`. `version` counts the saves, so that nobody overwrites what another saved meanwhile.
    """

    id = models.UUIDField(primary_key=True)
    table = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    base = models.PositiveIntegerField()
    body = models.TextField()
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, default="open")
    edition = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    opened_by = models.CharField(max_length=120)
    changed_by = models.CharField(max_length=120)

    class Meta:
        db_table = "kernel_draft"
        indexes = [models.Index(fields=["table", "state"], name="kernel_draft_open")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "published", "dropped"]), name="kernel_draft_state"
            ),
            models.CheckConstraint(
                condition=models.Q(state="published", edition__isnull=False)
                | (~models.Q(state="published") & models.Q(edition__isnull=True)),
                name="kernel_draft_edition",
            ),
        ]

    def __str__(self) -> str:
        return f"draft of {self.table}: {self.title}"
