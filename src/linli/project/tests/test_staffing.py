"""A town is staffed from the command line: `createadmin`, `appoint`, `import-staff`."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from linli.kernel import clock
from linli.people import queries as people
from linli.people.models import Account, Post, Tenure
from linli.project.cli import app
from linli.territory import queries as territory

EXAMPLE = Path(__file__).parents[4] / "examples" / "town"


def run(*words: str | Path, password: str = "") -> Result:
    env = {"LINLI_ADMIN_PASSWORD": password} if password else {}
    done = CliRunner().invoke(app, [str(word) for word in words], env=env)
    territory.forget()
    return done


def import_units() -> Result:
    done = run("import-units", EXAMPLE / "units.csv")
    assert done.exit_code == 0
    return done


def admin() -> Result:
    return run("createadmin", "--username", "boss", "--name", "方宁", password="Xk29dkwpqm")


def roles(username: str) -> list[str]:
    account = Account.objects.get(username=username)
    return [post.role for post in people.actor_for(account, clock.now()).posts]


@pytest.mark.django_db
def test_the_first_administrator_is_appointed_at_the_top_of_the_town() -> None:
    import_units()
    assert admin().exit_code == 0
    assert roles("boss") == ["administrator"]
    assert Account.objects.get().is_staff


@pytest.mark.django_db
def test_without_units_the_administrator_is_told_how_to_go_on_and_appointed_later() -> None:
    assert "linli appoint boss administrator" in admin().output
    assert roles("boss") == []
    told = [line.strip() for line in import_units().output.splitlines() if "linli appoint" in line]
    assert told == ["linli appoint boss administrator 310199102000"]
    assert run(*told[0].split()[1:]).exit_code == 0
    assert roles("boss") == ["administrator"]
    assert run(*told[0].split()[1:]).exit_code == 0
    assert Tenure.objects.count() == 1


@pytest.mark.django_db
def test_an_appointment_that_cannot_be_is_refused() -> None:
    import_units()
    admin()
    for words in (
        ("nobody", "checker", "310199102000"),
        ("boss", "mayor", "310199102000"),
        ("boss", "checker", "999999999999"),
        ("boss", "handler", "310199102000"),
        ("boss", "handler", "310199102000", "--department", "XX"),
    ):
        assert run("appoint", *words).exit_code == 1
    assert roles("boss") == ["administrator"]


@pytest.mark.django_db
def test_the_example_staffs_its_town_once(tmp_path: Path) -> None:
    import_units()
    secret = tmp_path / "passwords.csv"
    preview = run("import-staff", EXAMPLE / "staff.csv", "--dry-run")
    assert preview.exit_code == 0
    assert not Post.objects.exists()
    done = run("import-staff", EXAMPLE / "staff.csv", "--passwords", secret)
    assert done.exit_code == 0
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    with secret.open(encoding="utf-8", newline="") as file:
        issued = {row["username"]: row["password"] for row in csv.DictReader(file)}
    assert len(issued) == Account.objects.count() == 14
    assert Account.objects.get(username="cao").check_password(issued["cao"])
    assert not [password for password in issued.values() if password in done.output]
    assert roles("cao") == ["grid_worker", "grid_worker"]
    assert roles("luo") == roles("pan") == ["handler"]
    again = run("import-staff", EXAMPLE / "staff.csv")
    assert again.exit_code == 0
    assert Account.objects.count() == 14
    assert Post.objects.count() == 15


@pytest.mark.django_db
def test_a_file_of_passwords_is_never_overwritten(tmp_path: Path) -> None:
    import_units()
    secret = tmp_path / "passwords.csv"
    secret.write_text("precious", encoding="utf-8")
    assert run("import-staff", EXAMPLE / "staff.csv", "--passwords", secret).exit_code == 1
    assert secret.read_text(encoding="utf-8") == "precious"
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_one_wrong_line_keeps_the_whole_file_out(tmp_path: Path) -> None:
    import_units()
    file, secret = tmp_path / "staff.csv", tmp_path / "passwords.csv"
    text = (EXAMPLE / "staff.csv").read_text(encoding="utf-8")
    file.write_text(text.replace("310199102201-01,网格员", "310199102201-09,网格员"), encoding="utf-8")
    done = run("import-staff", file, "--passwords", secret)
    assert done.exit_code == 1
    assert "第 17 行 / line 17 unit" in done.output
    assert not Account.objects.exists()
    assert not secret.exists()
