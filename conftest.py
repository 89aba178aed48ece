"""For every test, of src and tests alike: files go to a temporary folder, and nothing leaves this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# The whole suite must give the same answer twice; at one's desk every run tries new examples.
hypothesis_settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.register_profile(
    "ci", hypothesis_settings.get_profile("default"), derandomize=True, database=None
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

pytest_plugins = ["tests.world"]  # the fixture `town`

TEMPORARY = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where everything ran on one engine already, only what asks the database has more to tell on another."""
    parser.addoption("--only-database", action="store_true", help="only tests that use the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--only-database"):
        return
    without = [item for item in items if not _asks_the_database(item)]
    items[:] = [item for item in items if _asks_the_database(item)]
    config.hook.pytest_deselected(items=without)


def _asks_the_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None or "django_db_setup" in getattr(
        item, "fixturenames", ()
    )


def pytest_configure(config: pytest.Config) -> None:
    """Pictures and the SQLite file go to a folder of this process (pytest-xdist: of this worker)."""
    folder = Path(tempfile.mkdtemp(prefix="linli-tests-"))
    config.stash[TEMPORARY] = folder
    settings.DATA_DIR = folder
    settings.MEDIA_ROOT = folder / "files"
    settings.STATIC_ROOT = folder / "static"
    settings.STATIC_ROOT.mkdir()
    # Every test client would read the whole folder; static files are asked for where a real server has them.
    settings.WHITENOISE_USE_FINDERS = False
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # A file, as in production: in memory, threads would share one connection and could not collide.
        database.setdefault("TEST", {})["NAME"] = str(folder / "linli.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _flush_may_empty_the_journal() -> Iterator[None]:
    """Between tests with real transactions Django empties every table. On SQLite it does so with DELETE,
    which the journal's guards refuse: there they are taken down and put up again inside the flush."""
    from django.db import connection

    from linli.kernel import guards

    if connection.vendor != "sqlite":  # PostgreSQL is emptied with TRUNCATE
        yield
        return
    plain = connection.ops.sql_flush

    def sql_flush(*args: Any, **kwargs: Any) -> list[str]:
        return [*guards.drop("sqlite"), *plain(*args, **kwargs), *guards.create("sqlite")]

    connection.ops.sql_flush = sql_flush
    yield
    connection.ops.sql_flush = plain


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    shutil.rmtree(config.stash[TEMPORARY], ignore_errors=True)


@pytest.fixture(autouse=True)
def _chinese_again() -> Iterator[None]:
    """A test that switched the language does not switch it for the next one."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Every test starts with what is in its tables, not with what the test before it left in memory."""
    from linli.cases import catalogue_store
    from linli.intake import queries as intake
    from linli.people.queries import duties, staffing
    from linli.territory import queries as territory

    for room in (catalogue_store, duties, intake, staffing, territory):
        room.forget()
