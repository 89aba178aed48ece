"""The table of published editions; `kernel.editions` alone reads and writes it."""

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
