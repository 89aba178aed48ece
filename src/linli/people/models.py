"""Accounts, departments, posts and who holds them, responsibility, residents."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from linli.kernel.ids import uuid7


class Account(AbstractUser):
    """Somebody who signs in: staff or resident."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60)

    first_name = None
    last_name = None

    def __str__(self) -> str:
        return self.name or self.username
