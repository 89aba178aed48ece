"""`linli sheets` from the shell: written, replaced, refused with what to do."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from typer.testing import CliRunner

from linli.kernel import clock
from linli.project.cli import app
from tests.world import Town

run = CliRunner().invoke
CODE = "310199101001"


def test_both_files_of_a_unit_are_written_into_a_new_folder(town: Town, tmp_path: Path) -> None:
    folder, year = tmp_path / "四个一" / "new", clock.local(clock.now()).year
    said = run(app, ["sheets", CODE, "--out", str(folder)])
    assert said.exit_code == 0, said.output
    pdf, word = (folder / f"{CODE}-{year}-四个一.{ending}" for ending in ("pdf", "docx"))
    assert pdf.read_bytes()[:5] == b"%PDF-"
    text = "\n".join(each.text for each in Document(io.BytesIO(word.read_bytes())).paragraphs)
    assert "禾苑社区" in text
    assert {each.name for each in folder.iterdir()} == {pdf.name, word.name}
    assert str(pdf) in said.output.replace("\n", "")
    word.write_bytes(b"old")
    assert run(app, ["sheets", CODE, "-o", str(folder), "--format", "docx"]).exit_code == 0
    assert word.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        (["310199101"], 1, "310199101000"),
        (["", "--year", "2026"], 1, "没有这个单元"),
        ([CODE, "--year", "1999"], 1, "2000"),
        ([CODE, "--year", "2999"], 1, "2000"),
        ([CODE, "--year", "今年"], 2, "year"),
        ([CODE, "--format", "xlsx"], 2, "docx"),
    ],
)
def test_what_cannot_be_printed_is_refused_and_nothing_is_written(
    town: Town, tmp_path: Path, given: list[str], code: int, told: str
) -> None:
    folder = tmp_path / "out"
    said = run(app, ["sheets", *given, "--out", str(folder)])
    assert (said.exit_code, told in said.output) == (code, True), said.output
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_is_told(town: Town, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = run(app, ["sheets", CODE, "--out", str(tmp_path / "file" / "below")])
    assert (said.exit_code, "不能写入" in said.output) == (1, True), said.output
