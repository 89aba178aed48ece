"""Two hundred people at the desks at once, on PostgreSQL: nothing is lost, nobody is charged twice.

Each of them looks at one of a few shared cases, takes one of the moves on offer and sends it with the version that
they saw, over HTTP to the usual server. Afterwards every answered move must be on record exactly once, each version
of a case made by exactly one of them, and every case have at most one that leads. Bare: one person alone.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from benchmarks import town
from benchmarks.opening import KIND, TEXT, Web, new_id
from benchmarks.report import result

PEOPLE, CASES, SECONDS = 200, 60, 20.0
ROLES = ["receiver", "dispatcher", "handler", "checker", "duty_chief"]
LEFT_OUT = {"merge", "transfer_out", "void", "decline", "settle", "reopen"}


@dataclass
class Seen:
    """What the crowd was answered."""

    statuses: Counter[int] = field(default_factory=Counter)
    made: list[tuple[str, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> int:
    """Let them loose, count, and compare with the record."""
    town.connect("postgresql")
    key = town.build()
    keys = [key, *_keys()]
    office = _office()
    with Web() as web:
        web.wait(key)
        alone = _work(web.port, keys, _open(CASES), office, 1, 6.0)
        cases = _open(CASES)
        crowd = _work(web.port, keys, cases, office, PEOPLE, SECONDS)
    wrong = _compare(cases, crowd)
    print(f"{PEOPLE} people, {SECONDS:.0f} s: {dict(sorted(crowd.statuses.items()))}")
    result("crowd", engine="postgresql", ours=len(crowd.made) / SECONDS, bare=len(alone.made) / 6.0, unit="moves/s",
           n=len(crowd.made))  # fmt: skip
    print("\n".join(wrong) or "no lost update, no double assignment")
    return 1 if wrong or not crowd.made else 0


def _keys() -> list[str]:
    from linli.kernel import clock
    from linli.kernel.access import SYSTEM
    from linli.people import actions as people

    found = []
    for account in town.staff(ROLES).values():
        _, key = people.create_api_key(account_id=account.id, name="crowd", by=SYSTEM, at=clock.now())
        found.append(key)
    return found


def _office() -> str:
    from linli.people.models import Department

    return str(Department.objects.get(code="HW").id)


def _open(count: int) -> list[UUID]:
    from linli.cases.actions import opening
    from linli.cases.words import Source
    from linli.kernel import access, clock

    return [
        opening.open_case(
            opening.Report(
                id=new_id(), source=Source.HOTLINE, kind=KIND, text=TEXT, lng=town.WEST + 0.01, lat=town.SOUTH + 0.01
            ),
            by=access.SYSTEM,
            at=clock.now(),
        ).id
        for _ in range(count)
    ]  # fmt: skip


def _work(port: int, keys: list[str], cases: list[UUID], office: str, people: int, seconds: float) -> Seen:
    seen, until = Seen(), time.perf_counter() + seconds
    crowd = [
        threading.Thread(target=_somebody, args=(port, keys, cases, office, number, until, seen))
        for number in range(people)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    return seen


def _somebody(
    port: int, keys: list[str], cases: list[UUID], office: str, number: int, until: float, seen: Seen
) -> None:
    rng, wire = random.Random(number), http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while time.perf_counter() < until:
        key, case = (
            rng.choice(keys) if number == 0 else keys[number % len(keys)],
            rng.choice(cases),
        )
        status, found = _asked(wire, "GET", f"/api/v1/cases/{case}", key)
        if status != 200:
            with seen.lock:
                seen.statuses[status] += 1
            continue
        moves = [name for name in found["moves"] if name not in LEFT_OUT]
        if not moves:
            continue
        body = _body(rng.choice(moves), found["version"], office)
        status, answer = _asked(wire, "POST", f"/api/v1/cases/{case}/moves/{body.pop('move')}", key, body)
        with seen.lock:
            seen.statuses[status] += 1
            if status == 200:
                seen.made.append((str(case), answer["version"]))
    wire.close()


def _body(move: str, version: int, office: str) -> dict[str, Any]:
    return {
        "move": move, "id": str(new_id()), "version": version, "reason": "与现场情况不符,请再看", "note": "", "text": "在办",
        "finding": "属实", "result": "已办", "basis": "清单第 3 条", "amount": 1, "card": "yellow", "department": office,
        "answer": "satisfied", "photos": [],
    }  # fmt: skip


def _asked(
    wire: http.client.HTTPConnection, method: str, path: str, key: str, body: dict[str, Any] | None = None
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    wire.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = wire.getresponse()
    content = answer.read()
    return answer.status, json.loads(content) if content else None


def _compare(cases: list[UUID], seen: Seen) -> list[str]:
    """What is not as it must be: versions made twice or by nobody, more than one lead, an answer of a fault."""
    from linli.cases.models import Assignment, Case

    made = Counter(seen.made)
    wrong = [
        f"version {version} of {case} was made {n} times" for (case, version), n in made.items() if n > 1
    ]
    wrong += [f"{n} answers were {status}" for status, n in seen.statuses.items() if status >= 500]
    for case in Case.objects.filter(pk__in=cases):
        versions = {version for found, version in made if found == str(case.id)}
        if versions != set(range(2, case.version + 1)):
            wrong.append(f"{case.id} is at version {case.version}, answered were {sorted(versions)}")
        leads = Assignment.objects.filter(case_id=case.id, part="lead", done_at=None).count()
        if leads > 1:
            wrong.append(f"{case.id} has {leads} leads")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
