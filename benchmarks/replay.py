"""Histories made of random moves that the state allows at random moments: how many end with another deadline when replayed from
the journal (none may), and how fast replaying is beside reading the same facts with nothing but the driver.

`LINLI_HISTORIES=100000 make bench ONLY=replay` makes so many (about an hour on one core); `LINLI_HISTORIES_FROM` begins
with other ones, so that several processes share the work. SQLite only, since the rule is the same.
"""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from benchmarks import town
from benchmarks.opening import new_id
from benchmarks.report import result

HISTORIES = int(os.environ.get("LINLI_HISTORIES", "2000"))
FIRST = int(os.environ.get("LINLI_HISTORIES_FROM", "0"))
KINDS = ("E06010", "E01018", "E06028", "E09012", "E06013")
STEPS, BATCH = 10, 250
LIKELY = {"accept", "register", "dispatch", "sign", "ask_extension", "grant_extension", "ask_suspension",
          "grant_suspension", "resume", "return", "rule", "reopen", "hand_in", "pass_check", "close"}  # fmt: skip
"""Moves that bring a case on or touch its deadline; the others are left to the stateful test."""


def main() -> int:
    """Make the histories, replay them, and refuse when one differs."""
    town.connect("sqlite")
    town.build()
    from django.db import connection

    from linli.cases import queries
    from linli.cases.models import Case

    began = time.perf_counter()
    made = sum(_histories(number) for number in range(0, HISTORIES, BATCH))
    print(f"{made:,} moves on {HISTORIES:,} cases in {time.perf_counter() - began:.0f} s")
    began = time.perf_counter()
    wrong = [one.number for one in queries.deadlines_replayed() if not one.agrees]
    ours = Case.objects.count() / (time.perf_counter() - began)
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT about, kind, at, data FROM kernel_fact ORDER BY about, seq")
        while cursor.fetchmany(1000):
            pass
    bare = Case.objects.count() / (time.perf_counter() - began)
    result("replay", engine="sqlite", ours=ours, bare=bare, unit="cases/s", n=HISTORIES)
    print(f"{len(wrong)} deadlines differ")
    return 1 if wrong else 0


def _histories(number: int) -> int:
    from django.db import transaction

    rng = random.Random(FIRST + number)  # the same histories every time
    with transaction.atomic():
        return sum(_history(rng) for _ in range(min(BATCH, HISTORIES - number)))


def _history(rng: random.Random) -> int:
    from linli.cases.actions import calls, opening
    from linli.cases.models import Case
    from linli.cases.rules import MOVES
    from linli.cases.words import Source
    from linli.kernel import access
    from linli.kernel.access import Actor

    at = datetime.fromisoformat("2025-01-06T00:00:00+00:00") + timedelta(minutes=rng.randrange(500_000))
    source = rng.choice([Source.WALK_IN, Source.HOTLINE, Source.POLICE])
    report = opening.Report(
        id=new_id(), source=source, kind=rng.choice(KINDS), text="路口积水没人管", lng=town.WEST + 0.01, lat=town.SOUTH + 0.01
    )  # fmt: skip
    opening.open_case(report, by=access.SYSTEM, at=at)
    people, made = _people(), 0
    for _ in range(STEPS):
        at += timedelta(minutes=rng.choice((7, 45, 300, 1500)))
        case = Case.objects.get(pk=report.id)
        by = Actor("system", account_id=rng.choice(people))
        likely = sorted(name for name in LIKELY if case.state in MOVES[name].before)
        if not likely:
            break
        made += _made(calls.call, rng.choice(likely), report.id, by, at)
    return made


def _made(call: Any, name: str, case_id: UUID, by: Any, at: datetime) -> bool:
    from linli.kernel.errors import Problem

    given = {
        "reason": "现场核实需要补充材料", "basis": "清单第 3 条", "amount": 1, "until": at + timedelta(days=9), "text": "在办",
        "result": "已办结", "photos": [], "finding": "属实", "department": _office(),
    }  # fmt: skip
    try:
        call(name, case_id, given, by=by, at=at)
    except Problem:  # wants a picture, or its day has passed: not every legal move fits every moment
        return False
    return True


_known: dict[str, Any] = {}


def _people() -> list[UUID]:
    from linli.people.models import Account

    if "people" not in _known:
        for number in range(4):
            Account.objects.create(username=f"replay-{number}", name="甲乙丙丁"[number])
        _known["people"] = list(Account.objects.values_list("id", flat=True)[:4])
    return list(_known["people"])


def _office() -> UUID:
    from linli.people.models import Department

    if "office" not in _known:
        _known["office"] = Department.objects.values_list("id", flat=True)[0]
    office: UUID = _known["office"]
    return office


if __name__ == "__main__":
    sys.exit(main())
