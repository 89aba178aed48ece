"""Fills the town that random requests are sent to, and prints the keys of those who send them, as JSON.

Run by `conftest.py` in a process of its own, with the same settings as the server.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import django

django.setup()

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.cases.words import number_of, tracking_code
from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.people import actions as people
from tests.world import OPENED, build_town


def main() -> None:
    """The small town, a case in each state, and a key for each actor."""
    town = build_town(OPENED, small=True)
    at = clock.now() - timedelta(minutes=1)
    for state in loop.WAYS:
        loop.in_state(state, town, at)
    loop.opened(town, at, kind=loop.GRID_MATTER)
    keys = {}
    for name in ("shen", "ma", "chen"):
        _, keys[name] = people.create_api_key(account_id=town.accounts[name], name="fuzz", by=SYSTEM, at=at)
    case = Case.objects.earliest("serial")
    dictionary = {
        "ids": [str(pk) for pk in Case.objects.values_list("id", flat=True)],
        "tracked": [number_of(case.serial, case.reported_at), tracking_code(case.id)],
        "unit": str(town.root),
    }
    json.dump({"keys": keys, **dictionary}, sys.stdout)


main()
