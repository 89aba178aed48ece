from __future__ import annotations

import pytest

from linli.people.tests import town as small_town


@pytest.fixture
def town(db: None) -> small_town.Town:
    """Units and one department, nobody on any post."""
    return small_town.build()
