"""Thousands of keys are looked up as if one by one."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from linli.kernel import journal, lookups
from linli.kernel.access import SYSTEM
from linli.kernel.models import FactRow

from .facts import AT, Noted

pytestmark = pytest.mark.django_db


def test_every_key_that_is_there_is_found_and_no_other():
    ids = [journal.record(Noted(n), about=uuid4(), by=SYSTEM, at=AT) for n in range(5)]
    found = lookups.by_key(FactRow, "fact_id", [*ids[1:], uuid4()], give=("fact_id", "seq", "data"))
    assert {key for key, _, _ in found} == set(ids[1:])
    assert sorted(json.loads(data)["number"] for _, _, data in found) == [1, 2, 3, 4]
    assert lookups.by_key(FactRow, "fact_id", [], give=("seq",)) == []


def test_other_columns_bound_the_search():
    identity = journal.record(Noted(1), about=uuid4(), by=SYSTEM, at=AT)
    same = {"kind": Noted.KIND}
    assert lookups.by_key(FactRow, "fact_id", [identity], give=["fact_id"], **same) == [(identity,)]
    assert lookups.by_key(FactRow, "fact_id", [identity], give=["fact_id"], kind="another") == []


def test_texts_may_hold_what_engines_take_for_signs():
    odd = ["a,b", "{}", '"', "\\", "NULL", "'", "%s"]
    for fingerprint in odd:
        journal.record(Noted(1), about=uuid4(), by=SYSTEM, at=AT, fingerprint=fingerprint)
    assert {key for (key,) in lookups.by_key(FactRow, "fingerprint", odd, give=["fingerprint"])} == set(odd)
