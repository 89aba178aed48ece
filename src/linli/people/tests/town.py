"""A small town for the tests of this room: 东村 and 西村 with two area grids each, and a sanitation office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from linli.kernel.access import SYSTEM
from linli.people import actions
from linli.people.models import Account, Department, Post, Tenure
from linli.territory import actions as territory

DAY_ONE = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
AT = DAY_ONE + timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Town:
    """The units by name, and the office."""

    town: UUID
    east: UUID
    east_1: UUID
    east_2: UUID
    west: UUID
    west_1: UUID
    office: Department


def build() -> Town:
    """Units and a department; no posts."""

    def unit(code: str, name: str, rank: str, parent: UUID | None) -> UUID:
        return territory.open_unit(code=code, name=name, rank=rank, parent=parent, by=SYSTEM, at=DAY_ONE)

    town = unit("310199100", "禾泾镇", "town", None)
    east = unit("310199100201", "东村", "village", town)
    west = unit("310199100202", "西村", "village", town)
    office = actions.open_department(
        code="HW", name="环卫所", name_en="Sanitation", unit_id=town, by=SYSTEM, at=DAY_ONE
    )
    return Town(
        town,
        east,
        unit("310199100201-1", "第1网格", "area", east),
        unit("310199100201-2", "第2网格", "area", east),
        west,
        unit("310199100202-1", "第1网格", "area", west),
        office,
    )


def account(username: str, name: str = "") -> Account:
    """Somebody without posts."""
    return actions.create_account(username=username, name=name or username, by=SYSTEM, at=DAY_ONE)


def post(role: str, unit: UUID, department: Department | None = None) -> Post:
    """A vacant seat."""
    return actions.open_post(
        role=role, unit_id=unit, title=role, by=SYSTEM, at=DAY_ONE,
        department_id=department.id if department else None,
    )  # fmt: skip


def staffed(role: str, unit: UUID, username: str, department: Department | None = None) -> Tenure:
    """A seat with a new account on it."""
    return actions.appoint(
        post_id=post(role, unit, department).id, holder_id=account(username).id, by=SYSTEM, at=DAY_ONE
    )
