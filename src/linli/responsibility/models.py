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
