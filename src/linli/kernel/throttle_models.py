"""The table of `throttle`."""

from __future__ import annotations

from django.db import models


class Throttle(models.Model):
    """How often a bounded thing was used in one hour (hours since 1970)."""

    key = models.CharField(max_length=40)
    hour = models.IntegerField()
    uses = models.IntegerField()
    pk = models.CompositePrimaryKey("key", "hour")

    class Meta:
        db_table = "kernel_throttle"
