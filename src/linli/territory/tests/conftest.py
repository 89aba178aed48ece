"""Every test starts with what is in the tables, not with what the test before it left in memory."""

from __future__ import annotations

import pytest

from linli.territory import queries


@pytest.fixture(autouse=True)
def _fresh_territory() -> None:
    queries.forget()
