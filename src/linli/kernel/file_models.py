"""The table of stored pictures; `kernel.models` imports it, `kernel.files` is its behaviour."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class StoredFile(models.Model):
    """A picture that somebody sent, as it is kept. Several rows may share one file on disk (same `sha256`).

    `uploader` is an account's id, `session` the fingerprint of an anonymous sender's session. Until
    `attached_at` is set nothing refers to it, and it is forgotten after a day.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    uploader = models.UUIDField(null=True)
    session = models.CharField(max_length=64, db_default="")
    attached_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "kernel_stored_file"
        indexes = [
            models.Index(fields=["sha256"], name="kernel_file_content"),
            models.Index(
                fields=["created_at"], name="kernel_file_waiting", condition=Q(attached_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
