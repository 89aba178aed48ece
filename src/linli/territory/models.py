"""Tables of the territory: units, their boundaries by date, places and names, the version."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from linli.kernel.ids import uuid7


class Unit(models.Model):
    """A node of the grid tree. Closed by a date, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=200, blank=True, default="")
    rank = models.CharField(max_length=16)
    kind = models.CharField(max_length=30, blank=True, default="")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    households = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="unit_has_code"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="unit_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="unit_closed_after_opened",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.code}"


class Boundary(models.Model):
    """A unit's outline from one day (inclusive) to another (exclusive); the current one has no end."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    shape = models.BinaryField(help_text="WKB of a polygon or multipolygon in WGS-84, longitude first")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(valid_to__isnull=True), name="one_current_boundary"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="boundary_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.valid_from}"


class Place(models.Model):
    """Something on the ground that people name: a compound, a road, a river, a school."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=200, blank=True, default="")
    kind = models.CharField(max_length=30)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    shape = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "name", "kind"], name="one_place_per_name"),
            models.CheckConstraint(
                condition=Q(lng__isnull=True, lat__isnull=True)
                | Q(lng__range=(-180, 180), lat__range=(-90, 90)),
                name="place_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Alias(models.Model):
    """Another name by which people call a place or a unit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, place__isnull=True)
                | Q(unit__isnull=True, place__isnull=False),
                name="alias_of_one_thing",
            ),
            models.UniqueConstraint(fields=["name", "unit"], name="one_alias_per_unit"),
            models.UniqueConstraint(fields=["name", "place"], name="one_alias_per_place"),
        ]

    def __str__(self) -> str:
        return self.name


class TerritoryVersion(models.Model):
    """One row, whose token every write replaces: how a process sees that its snapshot is old.

    A random token and not a counter: after a rollback a counter would give the same number to other content.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_territory_version")]

    def __str__(self) -> str:
        return str(self.token)
