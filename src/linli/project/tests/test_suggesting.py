"""`linli suggest`: what it prints and writes, and how it refuses files that it cannot use."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from linli.intake.suggestion import held
from linli.intake.suggestion.model import load
from linli.project import cli

LAMPS = (
    "路灯不亮了",
    "巷子里路灯坏了",
    "路灯一闪一闪",
    "整条街的路灯都不亮",
    "灯杆歪了灯不亮",
    "路灯白天亮着",
)
WASTE = ("垃圾没人收", "路边一堆垃圾", "垃圾桶满了", "生活垃圾堆成山", "楼下垃圾臭得很", "垃圾袋扔了一地")
ROWS = [*((text, "灯") for text in LAMPS), *((text, "垃圾") for text in WASTE)]

Linli = Callable[..., int]


@pytest.fixture(autouse=True)
def _nothing_trained() -> None:
    for path in held.path().parent.glob("*.npz"):
        path.unlink()


@pytest.fixture
def linli(monkeypatch: pytest.MonkeyPatch) -> Linli:
    """Runs `linli suggest …` in this process and gives its exit code."""

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["linli", "suggest", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0)

    return run


def table(
    path: Path, rows: list[tuple[str, ...]], head: tuple[str, ...] = ("内容", "类别"), encoding: str = "utf-8"
) -> Path:
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in [head, *rows]:
            book.active.append(list(row))
        book.save(path)
        return path
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("a.csv", "utf-8"), ("b.csv", "utf-8-sig"), ("c.csv", "gb18030"), ("d.csv", "utf-16"), ("e.xlsx", "")],
)
def test_a_model_is_trained_checked_and_tried(
    linli: Linli, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, encoding: str
) -> None:
    file, model, result = (
        table(tmp_path / name, ROWS, encoding=encoding),
        tmp_path / "m.npz",
        tmp_path / "out.csv",
    )
    assert linli("train", file, "--text", "内容", "--label", "类别", "--out", model, "--seed", "7") == 0
    said = capsys.readouterr().out
    assert "macro-F1 " in said
    assert "accuracy " in said
    assert "rows 12" in said
    assert "seed 7" in said
    assert load(model).about["macro_f1"] == float(said.split("macro-F1 ")[1].split()[0])
    assert linli("run", file, "--text", "内容", "--out", result, "--model", model, "--words") == 0
    with result.open(encoding="utf-8-sig", newline="") as opened:
        lines = list(csv.DictReader(opened))
    assert [line["kind_1"] for line in lines] == [label for _, label in ROWS]
    assert [int(line["row"]) for line in lines] == list(range(1, 13))
    assert all(0 <= float(line["score_2"]) <= float(line["score_1"]) <= 1 for line in lines)
    assert "路灯" in lines[0]["words_1"]


def test_without_a_model_named_the_one_trained_last_is_tried(
    linli: Linli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = table(tmp_path / "a.csv", ROWS)
    assert linli("train", file, "--text", "内容", "--label", "类别") == 0
    assert linli("run", file, "--text", "内容", "--out", tmp_path / "out.csv") == 0
    assert "trained.npz" in capsys.readouterr().out
    assert not held.path().exists(), "trying a file changes nothing at the desk"


def test_rows_without_text_or_label_are_left_out_and_counted(
    linli: Linli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [*ROWS, ("", "灯"), ("路灯", ""), ("路灯", "NaN"), ("nan", "灯"), ("  ", "灯")]
    file = table(tmp_path / "a.csv", rows)
    assert linli("train", file, "--text", "内容", "--label", "类别", "--out", tmp_path / "m.npz") == 0
    heard = capsys.readouterr()
    assert heard.err.startswith("5 行")
    assert "rows 12" in heard.out
    assert (
        linli("run", file, "--text", "内容", "--model", tmp_path / "m.npz", "--out", tmp_path / "out.csv")
        == 0
    )
    lines = (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 18, "every row has its line, also one without text"
    assert lines[13].endswith(",no,,,,,,")


def test_rare_labels_can_be_left_out(
    linli: Linli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = table(tmp_path / "a.csv", [*ROWS, ("狗咬人", "狗"), ("狗叫", "狗")])
    asked = ("train", file, "--text", "内容", "--label", "类别", "--out", tmp_path / "m.npz")
    assert linli(*asked) == 1
    assert "--skip-rare" in capsys.readouterr().err
    assert not (tmp_path / "m.npz").exists()
    assert linli(*asked, "--skip-rare") == 0
    assert load(tmp_path / "m.npz").labels == ("垃圾", "灯")


def test_a_huge_text_is_cut_and_one_beyond_what_a_csv_may_hold_is_left_out(
    linli: Linli, tmp_path: Path
) -> None:
    rows = [*ROWS, ("路灯" * 30_000, "灯"), ("路灯" * 100_000, "灯")]
    file = table(tmp_path / "a.csv", rows)
    assert linli("train", file, "--text", "内容", "--label", "类别", "--out", tmp_path / "m.npz") == 0
    assert (
        linli("run", file, "--text", "内容", "--model", tmp_path / "m.npz", "--out", tmp_path / "out.csv")
        == 0
    )


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "file"),
    "blank": (b"\n\n", "file"),
    "heading alone": ("内容,类别\n".encode(), "file"),
    "no such column": ("文字,类别\n路灯,灯\n".encode(), "内容"),
    "a column twice": ("内容,内容,类别\n路灯,路灯,灯\n".encode(), "内容"),
    "no values": ("内容,类别\n,\n,nan\n".encode(), "rows"),
    "one label": ("内容,类别\n".encode() + "路灯不亮,灯\n".encode() * 9, "label"),
    "too few rows a label": ("内容,类别\n".encode() + "路灯不亮,灯\n".encode() * 9 + "垃圾,垃圾\n".encode() * 4, "label"),
    "not a table": (b"PK\x03\x04 not a workbook", "file"),
    "a cut archive": (b"\x1f\x8b\x08\x00", "file"),
    "binary": (bytes(range(256)) * 20, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_is_refused_in_both_languages(
    linli: Linli, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    content, field = BAD[name]
    file, model = tmp_path / "bad.csv", tmp_path / "m.npz"
    file.write_bytes(content)
    assert linli("train", file, "--text", "内容", "--label", "类别", "--out", model) == 1
    said = capsys.readouterr().err
    assert f"  {field}" in said
    assert "Traceback" not in said
    assert "请" in said
    assert "Use a" in said or "See what" in said
    assert not model.exists()


def test_what_is_no_model_and_where_nothing_can_be_written_is_refused(
    linli: Linli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, model = table(tmp_path / "a.csv", ROWS), tmp_path / "m.npz"
    model.write_bytes(b"nothing")
    assert linli("run", file, "--text", "内容", "--model", model, "--out", tmp_path / "out.csv") == 1
    assert "intake.model-unreadable" in capsys.readouterr().err
    assert (
        linli("run", file, "--text", "内容", "--model", tmp_path / "none.npz", "--out", tmp_path / "out.csv")
        == 1
    )
    assert linli("train", file, "--text", "内容", "--label", "类别", "--out", model) == 0
    assert linli("run", file, "--text", "内容", "--model", model, "--out", tmp_path / "no" / "out.csv") == 1
    assert linli("train", file, "--text", "内容", "--label", "类别", "--out", file / "m.npz") == 1


def test_a_result_is_never_written_over_what_it_is_made_of(
    linli: Linli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, model = table(tmp_path / "a.csv", ROWS), tmp_path / "m.npz"
    assert linli("train", file, "--text", "内容", "--label", "类别", "--out", model) == 0
    texts, learned = file.read_bytes(), model.read_bytes()
    capsys.readouterr()
    assert linli("train", file, "--text", "内容", "--label", "类别", "--out", file) == 1
    assert linli("run", file, "--text", "内容", "--model", model, "--out", file) == 1
    assert linli("run", file, "--text", "内容", "--model", model, "--out", model) == 1
    assert capsys.readouterr().err.count("结果不能写进原文件") == 3
    assert (file.read_bytes(), model.read_bytes()) == (texts, learned)


@pytest.mark.django_db
def test_learning_without_closed_cases_is_refused(linli: Linli, capsys: pytest.CaptureFixture[str]) -> None:
    assert linli("learn") == 1
    assert "intake.nothing-to-learn" in capsys.readouterr().err
    assert not held.path().exists()
