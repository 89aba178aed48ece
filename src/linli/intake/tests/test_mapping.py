"""The mapping file and the times in another system's files."""

from __future__ import annotations

import csv
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from linli.cases import queries
from linli.intake import mapping, times
from linli.kernel.errors import Problem

EXAMPLE = Path(__file__).parents[4] / "examples" / "boston311"
LEAST: dict[str, Any] = {
    "source": {"name": "old"}, "fields": {"number": "n", "reported": "t"}, "kinds": {"default": "L90016"},
}  # fmt: skip
BOSTON = ZoneInfo("America/New_York")


def wrong(**changes: Any) -> set[str]:
    """The places of which the parser complains."""
    with pytest.raises(Problem) as caught:
        mapping.parse({**LEAST, **changes}, lambda code: code == "L90016")
    assert caught.value.error.code == "cases.import-mapping"
    return set(caught.value.fields)


def test_the_least_mapping_is_a_number_and_a_time() -> None:
    made = mapping.parse(LEAST, lambda code: True)
    assert made.columns == {"number": ("n",), "reported": ("t",)}
    assert made.default_kind == "L90016"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"source": {"name": "Old System"}}, "source.name"),
        ({"fields": {"number": "n"}}, "fields.reported"),
        ({"fields": {"number": "n", "reported": "t", "when": "x"}}, "fields.when"),
        ({"fields": {"number": ["n", "m"], "reported": "t"}}, "fields.number"),
        ({"fields": {"number": "n", "reported": "t", "lng": "x"}}, "fields.lng"),
        ({"fields": {"number": 3, "reported": "t"}}, "fields.number"),
        ({"fields": "all"}, "fields"),
        ({"columns": {}}, "columns"),
        ({"file": {"zone": "Boston/Massachusetts"}}, "file.zone"),
        ({"file": {"zone": "../../etc/passwd"}}, "file.zone"),
        ({"file": {"encoding": "klingon"}}, "file.encoding"),
        ({"file": {"delimiter": "::"}}, "file.delimiter"),
        ({"kinds": {"default": "L90016", "lamp": "X1"}}, "kinds.lamp"),
        ({"kinds": {}}, "kinds.default"),
        ({"states": {"done": "handled"}}, "states.done"),
        ({"answers": {"ok": "great"}}, "answers.ok"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said_with_its_place(changes: dict[str, Any], place: str) -> None:
    assert place in wrong(**changes)


def test_a_mapping_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("[fields", "utf-8")
    with pytest.raises(Problem):
        mapping.load(path, lambda code: True)


@pytest.mark.django_db
def test_the_shipped_mapping_fits_the_shipped_sample_and_the_catalogue() -> None:
    made = mapping.load(
        EXAMPLE / "boston311.toml", lambda code: queries.catalogue(None).kind(code) is not None
    )
    with (EXAMPLE / "sample.csv").open(encoding="utf-8", newline="") as file:
        heading = next(csv.reader(file))
    assert {column for columns in made.columns.values() for column in columns} <= set(heading)
    assert tomllib.loads((EXAMPLE / "boston311.toml").read_text("utf-8"))["source"]["name"] == made.source
    assert len(made.kinds) >= 40


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2011-07-01 01:32:33", datetime(2011, 7, 1, 5, 32, 33, tzinfo=UTC)),
        ("2011-12-31T23:11:06.25", datetime(2012, 1, 1, 4, 11, 6, 250_000, tzinfo=UTC)),
        ("2011-07-01", datetime(2011, 7, 1, 4, tzinfo=UTC)),
        ("2011-07-01 01:32:33+08:00", datetime(2011, 6, 30, 17, 32, 33, tzinfo=UTC)),
        ("2011-07-01T01:32:33Z", datetime(2011, 7, 1, 1, 32, 33, tzinfo=UTC)),
        ("2011/7/1 1:32", datetime(2011, 7, 1, 5, 32, tzinfo=UTC)),
        ("2011年7月1日1时32分33秒", datetime(2011, 7, 1, 5, 32, 33, tzinfo=UTC)),
        ("2011-11-06 01:30:00", datetime(2011, 11, 6, 5, 30, tzinfo=UTC)),  # twice: the first
        ("2011-11-06 02:00:00", datetime(2011, 11, 6, 7, 0, tzinfo=UTC)),
        ("2012-03-11 02:30:00", datetime(2012, 3, 11, 7, 30, tzinfo=UTC)),  # never: as before the change
        ("2012-03-11 03:00:00", datetime(2012, 3, 11, 7, 0, tzinfo=UTC)),
    ],
)
def test_a_local_time_becomes_a_moment(text: str, moment: datetime) -> None:
    read = times.reader(BOSTON)
    assert read(text) == moment
    assert read(text) == moment  # also when the day's offset is known already
    assert read(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2011-02-30", "2011-07-01 25:00", "0001-01-01", "9999-12-31 23:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        times.reader(BOSTON)(text)


def test_a_form_of_ones_own_is_followed() -> None:
    read = times.reader(BOSTON, ("%m/%d/%Y %I:%M %p",))
    assert read("07/01/2011 01:32 PM") == datetime(2011, 7, 1, 17, 32, tzinfo=UTC)
    with pytest.raises(ValueError, match="2011-07-01"):
        read("2011-07-01 01:32:33")
