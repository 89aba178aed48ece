"""Messages to people: one row a message."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from linli.kernel.ids import uuid7


class Notice(models.Model):
    """A message to a resident, an account or (a code) to a telephone that is nobody's yet.

    `body_zh` and `body_en` hold no telephone number, and dots in place of secrets (codes). What a message to
    nobody's telephone needs for sending, its number and secrets, is in `secret_cipher`, which is emptied
    once the message has gone out or is out of date.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    to_resident = models.ForeignKey(
        "people.Resident", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    to_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=12)
    template = models.CharField(max_length=40)
    body_zh = models.TextField()
    body_en = models.TextField()
    secret_cipher = models.BinaryField(default=bytes)
    language = models.CharField(max_length=2, default="zh")
    about = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_resident=None) | Q(to_account=None), name="notices_one_recipient"
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_resident", "created_at"],
                name="notices_resident",
                condition=Q(to_resident__isnull=False),
            ),
            models.Index(
                fields=["to_account", "created_at"],
                name="notices_account",
                condition=Q(to_account__isnull=False),
            ),
        ]
