"""The rulebook: merged file tables, differences, and editions that stay as they were."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from linli.kernel import editions, journal, rulebook
from linli.kernel.access import SYSTEM
from linli.kernel.editions import Edition, EditionPublished

AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
LATER = AT + timedelta(days=30)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    rulebook.reload()
    yield
    rulebook.reload()


@pytest.fixture
def overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A town's own folder, laid over the shipped one."""
    monkeypatch.setenv(rulebook.VARIABLE, str(tmp_path))
    return tmp_path


def test_every_shipped_table_can_be_read_and_states_its_source() -> None:
    assert {"access", "catalogue", "limits", "reasons"} <= set(rulebook.names())
    for name in ("access", "catalogue", "limits", "reasons"):
        assert rulebook.table(name)["version"]
        assert rulebook.table(name)["source"]


def test_a_table_that_nobody_has_is_refused_by_name() -> None:
    with pytest.raises(rulebook.BadTable, match="no-such-table"):
        rulebook.table("no-such-table")


def test_what_the_overlay_says_wins_and_the_rest_stays(overlay: Path) -> None:
    (overlay / "limits.toml").write_text('[limit.verify]\namount = 2\nsource = "慈溪"\n', "utf-8")
    verify = rulebook.table("limits")["limit"]["verify"]
    assert (verify["amount"], verify["unit"], verify["source"]) == (2, "urgent_hour", "慈溪")
    assert rulebook.table("limits")["limit"]["dispatch_hotline"]["amount"] == 24


def test_a_later_overlay_wins_over_an_earlier_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, amount in (("county", 3), ("town", 4)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "limits.toml").write_text(f"[limit.verify]\namount = {amount}\n", "utf-8")
    monkeypatch.setenv(rulebook.VARIABLE, f"{tmp_path}/county:{tmp_path}/town")
    assert rulebook.table("limits")["limit"]["verify"]["amount"] == 4


def test_a_row_of_the_overlay_changes_only_the_cells_it_has(overlay: Path) -> None:
    (overlay / "catalogue").mkdir()
    (overlay / "catalogue" / "kinds.csv").write_text("code,responsible\nE06010,CG\n", "utf-8")
    rows = {row["code"]: row for row in rulebook.table("catalogue")["kinds"]}
    assert (rows["E06010"]["responsible"], rows["E06010"]["name_zh"]) == ("CG", "暴露垃圾")


@pytest.mark.parametrize("yes", ["1", "true", "是"])
def test_a_retired_row_is_gone(overlay: Path, yes: str) -> None:
    (overlay / "catalogue").mkdir()
    (overlay / "catalogue" / "kinds.csv").write_text(f"code,retired\nE09014,{yes}\n", "utf-8")
    assert "E09014" not in {row["code"] for row in rulebook.table("catalogue")["kinds"]}


def test_a_retired_entry_of_a_toml_table_is_gone(overlay: Path) -> None:
    (overlay / "reasons.toml").write_text('[[decline]]\ncode = "secret"\nretired = true\n', "utf-8")
    codes = [row["code"] for row in rulebook.table("reasons")["decline"]]
    assert "secret" not in codes
    assert "emergency" in codes


def test_files_are_read_again_after_reload_only(overlay: Path) -> None:
    before = rulebook.table("limits")["bounds"]["reopens"]
    (overlay / "limits.toml").write_text("[bounds]\nreopens = 7\n", "utf-8")
    assert rulebook.table("limits")["bounds"]["reopens"] == before
    rulebook.reload()
    assert rulebook.table("limits")["bounds"]["reopens"] == 7


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("limits.toml", b"[limit.verify\n"),
        ("limits.toml", "时限 = '坏'".encode("gb18030")),
        ("catalogue/kinds.csv", b"code,name_zh\nE06010\n"),
        ("catalogue/kinds.csv", b"code,name_zh\nE06010,a,b\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(overlay: Path, name: str, content: bytes) -> None:
    (overlay / "catalogue").mkdir()
    (overlay / name).write_bytes(content)
    with pytest.raises(rulebook.BadTable, match=Path(name).name):
        rulebook.table(Path(name).parts[0].removesuffix(".toml"))


def test_a_folder_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(rulebook.VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(rulebook.BadTable, match="nowhere"):
        rulebook.names()


def test_differences_tell_what_was_added_changed_and_removed() -> None:
    old = {"kinds": [{"code": "A", "name": "一"}, {"code": "B", "name": "二"}], "bounds": {"n": 1}}
    new = {"kinds": [{"code": "A", "name": "壹"}, {"code": "C", "name": "三"}], "bounds": {"n": 1}}
    found = {(c.key, c.what): c.fields for c in rulebook.diff(old, new)}
    assert found == {
        ("A", "changed"): {"name": ("一", "壹")},
        ("C", "added"): {"code": (None, "C"), "name": (None, "三")},
        ("B", "removed"): {"code": ("B", None), "name": ("二", None)},
    }


def test_differences_of_named_entries_and_plain_values_are_told_too() -> None:
    old = {"version": "1", "limit": {"sign": {"amount": 4}, "check": {"amount": 1}}}
    new = {"version": "2", "limit": {"sign": {"amount": 2}, "check": {"amount": 1}}}
    assert [(c.sheet, c.key, c.fields) for c in rulebook.diff(old, new)] == [
        ("version", "", {"value": ("1", "2")}),
        ("limit", "sign", {"amount": (4, 2)}),
    ]


def test_the_same_rows_have_no_differences() -> None:
    table = rulebook.table("catalogue")
    assert rulebook.diff(table, table) == []


def publish(rows: dict[str, Any], at: datetime = AT, effective_from: datetime | None = None) -> Edition:
    return editions.publish("t", rows, source="s", effective_from=effective_from or at, by=SYSTEM, at=at)


@pytest.mark.django_db
def test_an_edition_keeps_its_content_when_the_next_is_published() -> None:
    first = publish({"a": [{"code": "1", "名": "旧"}]})
    second = publish({"a": [{"code": "1", "名": "新"}]}, LATER)
    assert (first.version, second.version) == (1, 2)
    kept = editions.edition("t", 1)
    assert kept is not None
    assert editions.rows_of(kept) == {"a": [{"code": "1", "名": "旧"}]}
    assert editions.edition("t", 3) is None


@pytest.mark.django_db
def test_publishing_the_same_content_again_makes_no_edition() -> None:
    assert publish({"a": 1, "b": 2}).version == publish({"b": 2, "a": 1}, LATER).version == 1


@pytest.mark.django_db
def test_a_town_can_go_back_to_an_earlier_content() -> None:
    publish({"a": 1})
    publish({"a": 2}, AT + timedelta(days=1))
    assert publish({"a": 1}, LATER).version == 3
    now = editions.current("t", LATER)
    assert now is not None
    assert editions.rows_of(now) == {"a": 1}


@pytest.mark.django_db
def test_an_edition_is_in_force_from_its_moment_on() -> None:
    publish({"a": 1})
    publish({"a": 2}, effective_from=LATER)
    versions = [
        found.version if (found := editions.current("t", moment)) else None
        for moment in (AT - timedelta(seconds=1), AT, LATER - timedelta(seconds=1), LATER)
    ]
    assert versions == [None, 1, 1, 2]


@pytest.mark.django_db
def test_publishing_is_in_the_journal() -> None:
    edition = publish({"a": 1})
    [recorded] = journal.history(edition.id)
    assert isinstance(recorded.fact, EditionPublished)
    assert "第 1 版" in recorded.fact.sentence().zh


@pytest.mark.django_db
def test_files_are_published_once_and_do_not_undo_what_the_town_decided(overlay: Path) -> None:
    assert {e.table for e in editions.sync_files(AT)} >= {"catalogue", "limits", "reasons"}
    assert editions.sync_files(LATER) == []
    own = {**rulebook.table("limits"), "bounds": {"reopens": 9}}
    editions.publish("limits", own, source="town", effective_from=LATER, by=SYSTEM, at=LATER)
    assert editions.sync_files(LATER) == []
    (overlay / "limits.toml").write_text("[bounds]\nreopens = 5\n", "utf-8")
    rulebook.reload()
    assert [(e.table, e.version) for e in editions.sync_files(LATER)] == [("limits", 3)]


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_get_two_editions() -> None:
    start, results = threading.Barrier(2), list[int]()

    def one(value: int) -> None:
        start.wait()
        try:
            results.append(publish({"a": value}).version)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(value,)) for value in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [1, 2]
