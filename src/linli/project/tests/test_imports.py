"""The commands that take data in and give it out: what they say, what they write, with which code they end."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from rich.console import Console

from linli.cases.models import Case
from linli.project import imports
from linli.territory import queries as territory

EXAMPLE = Path(__file__).parents[4] / "examples" / "boston311"
MAPPING = EXAMPLE / "boston311.toml"


@pytest.fixture
def out() -> Console:
    return Console(file=io.StringIO(), width=160)


def said(out: Console) -> str:
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def units(out: Console, *, dry_run: bool = False) -> int:
    code = imports.units(
        out,
        EXAMPLE / "districts.geojson",
        crs="wgs84",
        parent="",
        rank="",
        code_from="",
        name_from="",
        dry_run=dry_run,
    )
    territory.forget()
    return code


def lines_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def spoiled(folder: Path, count: int, of: int = 60) -> Path:
    """The first lines of the sample, of which some lack their number."""
    heading, *lines = lines_of(EXAMPLE / "sample.csv")
    for line in lines[:count]:
        line[heading.index("case_enquiry_id")] = ""
    path = folder / "spoiled.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, *lines[:of]])
    return path


@pytest.mark.django_db
def test_the_example_of_boston_goes_in_and_agrees_with_its_records(out: Console, tmp_path: Path) -> None:
    assert units(out) == imports.ALL
    assert len(territory.snapshot().units) == 13
    assert imports.cases(out, EXAMPLE / "sample.csv", MAPPING, None, dry_run=False) == imports.ALL
    words = said(out)
    assert "verdict agrees with the record: 100.00%" in words
    share = words.split("unit agrees with the record: ")[1].split("%")[0]
    assert float(share) >= 96
    assert imports.cases(out, EXAMPLE / "sample.csv", MAPPING, None, dry_run=False) == imports.ALL
    assert Case.objects.count() == len(lines_of(EXAMPLE / "sample.csv")) - 1
    target = tmp_path / "out.csv"
    assert imports.export(out, target, "boston311") == imports.ALL
    heading, *rows = lines_of(target)
    numbers = {row[heading.index("source_number")] for row in rows}
    assert numbers == {line[0] for line in lines_of(EXAMPLE / "sample.csv")[1:]}
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.django_db
def test_a_preview_of_units_writes_nothing(out: Console) -> None:
    assert units(out, dry_run=True) == imports.ALL
    assert not territory.snapshot().units
    assert "preview" in said(out)


@pytest.mark.django_db
def test_refused_lines_are_shown_and_the_code_tells(out: Console, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    assert imports.cases(out, spoiled(tmp_path, 2), MAPPING, report, dry_run=False) == imports.SOME
    assert "line 2: number" in said(out)
    heading, *rows = lines_of(report)
    assert tuple(heading) == imports.REPORT_COLUMNS
    assert [(row[0], row[2], row[4], row[5]) for row in rows] == [
        ("2", "number", "缺少", "is missing"), ("3", "number", "缺少", "is missing"),
    ]  # fmt: skip
    assert imports.cases(out, spoiled(tmp_path, 5, of=5), MAPPING, report, dry_run=False) == imports.NOTHING


@pytest.mark.django_db
def test_more_refused_lines_than_fit_the_screen_go_to_a_file_of_their_own(
    out: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert imports.cases(out, spoiled(tmp_path, 30), MAPPING, None, dry_run=True) == imports.SOME
    assert len(lines_of(tmp_path / "spoiled.refused.csv")) == 31
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_an_export_of_a_source_that_is_not_there_is_refused(out: Console, tmp_path: Path) -> None:
    assert imports.export(out, tmp_path / "out.csv", "nobody") == imports.NOTHING
    assert not list(tmp_path.iterdir())
