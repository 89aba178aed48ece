"""`linli duplicates`: what it writes, what it refuses, with which code it ends."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from linli.project.cli import app

EXAMPLE = Path(__file__).parents[4] / "examples" / "boston311"
MAPPING = EXAMPLE / "boston311.toml"
HEADING = ["number", *(f"candidate_{n}" for n in range(1, 6)), *(f"score_{n}" for n in range(1, 6))]


def run(file: Path, out: Path, *more: str, mapping: Path = MAPPING) -> Result:
    return CliRunner().invoke(
        app, ["duplicates", str(file), "--mapping", str(mapping), "--out", str(out), *more]
    )


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sample(count: int) -> tuple[list[str], list[list[str]]]:
    with (EXAMPLE / "sample.csv").open(encoding="utf-8", newline="") as file:
        heading, *lines = csv.reader(file)
    return heading, lines[:count]


def written(path: Path, heading: list[str], lines: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, *lines])
    return path


def test_every_row_of_the_example_gets_five_candidates_at_most_and_none_is_itself(tmp_path: Path) -> None:
    done = run(EXAMPLE / "sample.csv", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    found = lines_of(tmp_path / "out.csv")
    numbers = [row["case_enquiry_id"] for row in lines_of(EXAMPLE / "sample.csv")]
    assert [row["number"] for row in found] == numbers
    assert list(found[0]) == HEADING
    for row in found:
        candidates = [row[name] for name in HEADING[1:6] if row[name]]
        scores = [float(row[name]) for name in HEADING[6:] if row[name]]
        assert row["number"] not in candidates
        assert len(set(candidates)) == len(candidates) == len(scores)
        assert set(candidates) <= set(numbers)
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)


def test_the_same_report_again_an_hour_later_is_found_first_both_ways(tmp_path: Path) -> None:
    heading, lines = sample(400)
    again = list(lines[20])
    again[heading.index("case_enquiry_id")] = "again"
    again[heading.index("open_dt")] = lines[20][heading.index("open_dt")][:11] + "23:59:00"
    again[heading.index("target_dt")] = again[heading.index("closed_dt")] = ""
    again[heading.index("case_status")] = "Open"
    first = lines[20][heading.index("case_enquiry_id")]
    file = written(tmp_path / "in.csv", heading, [*lines, again])
    assert run(file, tmp_path / "out.csv").exit_code == 0
    found = {row["number"]: row["candidate_1"] for row in lines_of(tmp_path / "out.csv")}
    assert found["again"] == first
    assert found[first] == "again"


def test_compared_with_earlier_rows_only_no_candidate_is_later(tmp_path: Path) -> None:
    heading, lines = sample(300)
    file = written(tmp_path / "in.csv", heading, lines)
    assert run(file, tmp_path / "out.csv", "--earlier").exit_code == 0
    opened = {line[0]: line[heading.index("open_dt")] for line in lines}
    for row in lines_of(tmp_path / "out.csv"):
        assert all(opened[row[name]] <= opened[row["number"]] for name in HEADING[1:6] if row[name])


@pytest.mark.parametrize("more", [(), ("--earlier",)])
def test_the_order_of_rows_changes_no_candidate(tmp_path: Path, more: tuple[str, ...]) -> None:
    heading, lines = sample(300)
    run(written(tmp_path / "one.csv", heading, lines), tmp_path / "one.out", *more)
    random.Random(5).shuffle(lines)
    run(written(tmp_path / "two.csv", heading, lines), tmp_path / "two.out", *more)
    one, two = ({row["number"]: row for row in lines_of(tmp_path / f"{name}.out")} for name in ("one", "two"))
    assert one == two


def test_how_a_matter_was_settled_is_not_compared(tmp_path: Path) -> None:
    heading, lines = sample(200)
    run(written(tmp_path / "one.csv", heading, lines), tmp_path / "one.out")
    for line in lines:
        line[heading.index("closure_reason")] = "Duplicate of everything"
    run(written(tmp_path / "two.csv", heading, lines), tmp_path / "two.out")
    assert lines_of(tmp_path / "one.out") == lines_of(tmp_path / "two.out")


def test_a_row_that_cannot_be_read_is_told_and_the_others_are_compared(tmp_path: Path) -> None:
    heading, lines = sample(50)
    lines[3][heading.index("open_dt")] = "yesterday"
    lines[4][heading.index("longitude")] = "x"
    lines[5][0] = ""
    lines[6] = lines[6][:4]
    lines[7][heading.index("closed_dt")] = (
        "1999-01-01 00:00:00"  # ended before it came: compared all the same
    )
    done = run(written(tmp_path / "in.csv", heading, lines), tmp_path / "out.csv")
    assert done.exit_code == 3
    assert "第 5 行" in done.output
    assert "is no time that can be read" in done.output
    found = lines_of(tmp_path / "out.csv")
    assert len(found) == 49
    assert [found[place]["candidate_1"] for place in (3, 4)] == ["", ""]
    assert found[6]["number"] == lines[7][0] or found[5]["number"] == lines[6][0]


def test_a_file_that_lacks_columns_is_compared_by_those_that_it_has(tmp_path: Path) -> None:
    heading, lines = sample(60)
    kept = [
        heading.index(name) for name in ("case_enquiry_id", "open_dt", "case_title", "location", "latitude")
    ]
    file = written(
        tmp_path / "in.csv",
        [heading[place] for place in kept],
        [[line[place] for place in kept] for line in lines],
    )
    done = run(file, tmp_path / "out.csv")
    assert done.exit_code == 0
    assert "closed_dt, type, longitude" in " ".join(done.output.split())
    assert len(lines_of(tmp_path / "out.csv")) == 60


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04broken",
        b"\x1f\x8bbroken",
        b"a,b\n1,2\n",
        b"\xff\xfe",
        b"case_enquiry_id\n1\n",
    ],
)
def test_a_file_that_is_none_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(content)
    done = run(file, tmp_path / "out.csv")
    assert done.exit_code == 1
    assert type(done.exception).__name__ in {"Problem", "SystemExit"}
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_file_with_a_heading_alone_gives_a_heading_alone(tmp_path: Path) -> None:
    file = written(tmp_path / "in.csv", sample(0)[0], [])
    assert run(file, tmp_path / "out.csv").exit_code == 0
    assert (tmp_path / "out.csv").read_text("utf-8").strip() == ",".join(HEADING)


def test_the_result_is_never_written_into_the_file_a_folder_or_nowhere(tmp_path: Path) -> None:
    file = written(tmp_path / "in.csv", *sample(3))
    before = file.read_bytes()
    for out in (file, tmp_path, tmp_path / "none" / "out.csv"):
        assert run(file, out).exit_code == 1
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    "content",
    ["", "not toml [", "[duplicates]\ntext = 5", "[duplicates]\nwords = 'x'", "[source]\nname = 'x'"],
)
def test_a_wrong_mapping_is_refused(tmp_path: Path, content: str) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(content)
    done = run(EXAMPLE / "sample.csv", tmp_path / "out.csv", mapping=mapping)
    assert done.exit_code == 1
    assert not (tmp_path / "out.csv").exists()


def test_numbers_that_a_spreadsheet_would_reckon_are_written_as_texts(tmp_path: Path) -> None:
    heading, lines = sample(2)
    lines[1] = [*lines[0]]
    lines[1][0] = "=1+1"
    run(written(tmp_path / "in.csv", heading, lines), tmp_path / "out.csv")
    first, second = lines_of(tmp_path / "out.csv")
    assert first["candidate_1"] == second["number"] == "'=1+1"
