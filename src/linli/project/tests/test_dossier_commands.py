"""`linli dossier` from the shell: written, verified, refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from linli.cases.words import number_of
from linli.consultation.tests.making import all_said, asked, hard_case
from linli.kernel import clock, seal
from linli.kernel.errors import Problem
from linli.project.dossier import app
from tests.world import Town

pytestmark = pytest.mark.django_db
run = CliRunner().invoke


@pytest.fixture(autouse=True)
def _own_key(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def number(town: Town) -> str:
    at = clock.now()
    case = hard_case(town, at)
    all_said(town, asked(town, case, at=at), at)
    return number_of(case.serial, case.reported_at)


def test_a_dossier_is_written_and_verified_from_the_shell(number: str, tmp_path: Path) -> None:
    file = tmp_path / "dossier.zip"
    said = run(app, ["export", number, "--out", str(file), "--reason", "超出镇级权限", "--to", "区城运中心"])
    assert said.exit_code == 0, said.output
    key = str(seal.signer().verifier)
    assert key in said.output.replace("\n", "")
    good = run(app, ["verify", str(file), "--key", key])
    assert good.exit_code == 0, good.output
    assert number in good.output
    assert "believed" in run(app, ["verify", str(file)]).output
    file.write_bytes(file.read_bytes().replace(b"case.json", b"cose.json"))
    assert run(app, ["verify", str(file)]).exit_code == 1
    file.write_bytes(b"")
    assert run(app, ["verify", str(file)]).exit_code == 1


def test_confidential_opinions_go_along_only_when_asked_for(number: str, tmp_path: Path) -> None:
    file = tmp_path / "dossier.zip"
    for opinions, there in (("open", False), ("involved", False), ("all", True)):
        given = ["export", number, "--out", str(file), "--reason", "超出镇级权限", "--opinions", opinions]
        assert run(app, given).exit_code == 0
        assert ("只给值班长".encode() in file.read_bytes()) is there
    assert run(app, [*given[:-1], "none"]).exit_code == 2


def test_an_unknown_number_or_a_missing_reason_is_refused(number: str, tmp_path: Path) -> None:
    file = tmp_path / "dossier.zip"
    given = ["export", "20260101999999", "--out", str(file), "--reason", "超出镇级权限"]
    assert run(app, given).exit_code == 1
    short = run(app, ["export", number, "--out", str(file), "--reason", "短"])
    assert isinstance(short.exception, Problem)
    assert run(app, ["export", number, "--out", str(file)]).exit_code == 2
    assert not file.exists()
