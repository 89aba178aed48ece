"""Fills the town that random requests are sent to, and prints the keys of those who send them, as JSON.

Run by `conftest.py` in a process of its own, with the same settings as the server.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from uuid import UUID

import django

django.setup()

from linli.cases.models import Case
from linli.cases.tests import loop
from linli.consultation.tests import making as consulting
from linli.followup.tests import following
from linli.joint.tests import whistles
from linli.kernel import clock
from linli.kernel.access import SYSTEM
from linli.people import actions as people
from tests.contracts.test_access import whistled
from tests.world import OPENED, build_town


def main() -> None:
    """The small town, a case in each state, something of every kind that has an address, and a key for each actor."""
    town = build_town(OPENED, small=True)
    at = clock.now() - timedelta(minutes=1)
    for state in loop.WAYS:
        loop.in_state(state, town, at)
    loop.opened(town, at, kind=loop.GRID_MATTER)
    keys = {}
    for name in ("shen", "ma", "chen", "qian"):
        _, keys[name] = people.create_api_key(account_id=town.accounts[name], name="fuzz", by=SYSTEM, at=at)
    there = (
        whistled(town, at)
        | {"unit_id": town.root}
        | consulting.to_look_at(town, at)
        | following.to_look_at(town, at)
    )
    waits = whistles.blown(town, "CG", template="tackle", at=at)
    known = {name: [str(value)] for name, value in there.items() if isinstance(value, UUID)}
    known["whistle_id"].append(str(waits.id))
    known["case_id"] = [str(pk) for pk in Case.objects.values_list("id", flat=True)]
    json.dump({"keys": keys, "ids": known}, sys.stdout)


main()
