"""Accounts, departments, posts and who holds them, responsibility, residents."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7


class Account(AbstractUser):
    """Somebody who signs in: staff, resident or a machine client."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60)

    first_name = None
    last_name = None
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The name, which Django otherwise composes from two fields that Chinese names do not have."""
        return self.name

    def get_short_name(self) -> str:
        """The name."""
        return self.name


class Resident(models.Model):
    """A person of the town who reported by telephone number and code, with or without an account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    phone_index = models.BinaryField(max_length=32, unique=True)
    phone_cipher = models.BinaryField()
    name_cipher = models.BinaryField(default=bytes)
    account = models.OneToOneField(Account, null=True, on_delete=models.PROTECT, related_name="resident")
    created_at = models.DateTimeField()


class PhoneCode(models.Model):
    """A code sent to a telephone number. `closed_at` is set when it was used or replaced by a newer one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    phone_index = models.BinaryField(max_length=32)
    sender_index = models.BinaryField(max_length=32)
    code_hash = models.BinaryField(max_length=32)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phone_index"], condition=Q(closed_at=None), name="people_one_live_code_per_phone"
            ),
        ]
        indexes = [
            models.Index(fields=["phone_index", "sent_at"], name="people_code_phone"),
            models.Index(fields=["sender_index", "sent_at"], name="people_code_sender"),
        ]


class ApiKey(models.Model):
    """A key of a machine client; only its digest is kept, so the key is shown once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class Revision(models.Model):
    """One row whose token changes with every change of posts, accounts, keys or responsibility."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.UUIDField()
