"""A small town for benchmarks: a grid of cells, six departments' worth of posts, one key for a machine."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

WEST, SOUTH, SIDE = 121.0, 30.9, 0.01


def connect(engine: str) -> None:
    """Point Django at this engine's empty database and make its tables."""
    if engine == "postgresql":
        os.environ["LINLI_DATABASE_URL"] = os.environ["LINLI_BENCH_POSTGRESQL"]
    else:
        os.environ.pop("LINLI_DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    from linli.kernel import clock, editions

    call_command("migrate", interactive=False, verbosity=0)
    editions.sync_files(clock.now())


def build(villages: int = 4, cells: int = 5) -> str:
    """Units with boundaries, a receiving clerk at the town, and the clerk's API key, which is returned."""
    import shapely

    from linli.kernel import clock
    from linli.kernel.access import SYSTEM
    from linli.people import actions as people
    from linli.territory import actions as territory

    at = clock.now() - timedelta(days=1)
    who: dict[str, Any] = {"by": SYSTEM, "at": at}
    town = territory.open_unit(code="310199101000", name="禾泾镇", name_en="Hejing", rank="town", **who)
    for row in range(villages):
        village = territory.open_unit(
            code=f"3101991012{row:02d}", name=f"{row + 1}村", rank="village", parent=town, **who
        )
        for column in range(cells):
            unit = territory.open_unit(
                code=f"3101991012{row:02d}-A{column:02d}",
                name=f"第{column + 1}网格",
                rank="area",
                parent=village,
                **who,
            )
            west, south = WEST + column * SIDE, SOUTH + row * SIDE
            territory.set_boundary(
                unit_id=unit, shape=shapely.box(west, south, west + SIDE, south + SIDE), **who
            )
    for code in ("CG", "HW", "SZ", "LH", "GA", "PA"):
        people.open_department(code=code, name=code, unit_id=town, **who)
    return _clerk(town, at)


def _clerk(town: UUID, at: datetime) -> str:
    from linli.kernel.access import SYSTEM
    from linli.people import actions as people

    account = people.create_account(username="bench", name="基准", by=SYSTEM, at=at)
    post = people.open_post(
        role="receiver", unit_id=town, title="受理员", opened_on=at.date(), by=SYSTEM, at=at
    )
    people.appoint(post_id=post.id, holder_id=account.id, by=SYSTEM, at=at)
    _, key = people.create_api_key(account_id=account.id, name="bench", by=SYSTEM, at=at)
    return key


def staff(roles: list[str]) -> dict[str, Any]:
    """One account a role: at the town, a handler for the department of sanitation."""
    from linli.kernel import clock
    from linli.kernel.access import SYSTEM
    from linli.people import actions as people
    from linli.people.models import Department
    from linli.territory import queries as territory

    at = clock.now() - timedelta(hours=12)
    (top,) = territory.snapshot().roots()
    sanitation = Department.objects.get(code="HW")
    made = {}
    for role in roles:
        account = people.create_account(username=f"bench-{role}", name=role, by=SYSTEM, at=at)
        post = people.open_post(
            role=role, unit_id=top.id, title=role, opened_on=at.date(), by=SYSTEM, at=at,
            department_id=sanitation.id if role == "handler" else None,
        )  # fmt: skip
        people.appoint(post_id=post.id, holder_id=account.id, by=SYSTEM, at=at)
        made[role] = account
    return made


def each_engine(module: str) -> int:
    """Run the benchmark once an engine, each in a process of its own, because Django knows one database."""
    failed = 0
    for engine in ("sqlite", "postgresql"):
        failed |= subprocess.call([sys.executable, "-m", module, engine])
    return failed
