"""`linli suggest`: train a model on a labelled file and check it, try it on another, or learn from closed cases.

Exit codes: 0 done; 1 refused, with the reason in both languages.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from linli.intake.suggestion.fitting import Labelled, Measured, Recipe
    from linli.intake.suggestion.model import Model

app = typer.Typer(help="类别推荐 / suggestions of kinds.", no_args_is_help=True)
out = Console()
err = Console(stderr=True)
TRAINED = Path("models") / "trained.npz"
LABELS_SHOWN = 60
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
Columns = Annotated[
    list[str], typer.Option("--text", help="文字所在的列,可写多次 / column of the text; may be repeated")
]


def _django() -> None:
    import django

    django.setup()


def prepare() -> None:
    """Make the shipped model now, so that the first suggestion does not wait for it."""
    from linli.intake.suggestion import held

    held.shipped_now()


@app.command()
def train(
    file: File,
    text: Columns,
    label: Annotated[str, typer.Option(help="类别所在的列 / column of the label")],
    target: Annotated[
        Path | None,
        typer.Option(
            "--out", help="模型文件,缺省在数据目录 / file of the model, by default in the data folder"
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="分折的随机种子 / seed of drawing the folds")] = None,
    skip_rare: Annotated[
        bool, typer.Option("--skip-rare", help="不学行数太少的类别 / leave out labels with too few rows")
    ] = False,
) -> None:
    """用带类别的文件训练,并以交叉验证检查(CSV、Excel) / train on labelled texts and cross-validate."""
    _django()
    from linli.intake.suggestion import fitting, shipped, tables
    from linli.intake.suggestion.model import save

    started = time.monotonic()
    told = shipped.settings("learned")
    folds, chosen = int(told["folds"]), int(told["seed"]) if seed is None else seed
    if target is not None:
        tables.keep_apart(target, file)
    data, skipped = tables.labelled(tables.read(file, text, label))
    if skipped:
        err.print(f"{skipped} 行没有文字或类别,未用 / rows without text or label were left out")
    if skip_rare:
        data = _usual(data, folds)
    recipe = shipped.recipe("learned")
    measured = fitting.cross_validated(data, recipe, folds=folds, seed=chosen)
    _show(measured)
    model = _fitted(data, recipe, measured, file.name)
    path = target or _trained()
    try:
        save(model, path)
    except OSError as error:
        raise tables.unwritable(path, error) from error
    out.print(
        f"模型 / model: {path} ({len(model.vocabulary):,} n-grams, {time.monotonic() - started:.1f} s)",
        highlight=False,
        soft_wrap=True,
    )


def _usual(data: Labelled, folds: int) -> Labelled:
    """Without the labels that have fewer rows than there are folds."""
    from collections import Counter

    import numpy as np

    count = Counter(data.labels)
    few = sorted(label for label, rows in count.items() if rows < folds)
    if few:
        err.print(f"未学的类别 / labels left out: {', '.join(few)}", highlight=False, markup=False)
    return data.chosen(np.array([place for place, one in enumerate(data.labels) if count[one] >= folds], int))


def _fitted(data: Labelled, recipe: Recipe, measured: Measured, name: str) -> Model:
    from linli.intake.suggestion import fitting

    about = {"made_of": name, **measured.about()}
    return fitting.fit(data, replace(recipe, sharpness=measured.sharpness), about=about)


def _trained() -> Path:
    from django.conf import settings

    return Path(settings.DATA_DIR) / TRAINED


@app.command()
def run(
    file: File,
    text: Columns,
    target: Annotated[Path, typer.Option("--out", help="结果写入此 CSV / write the result to this CSV")],
    model: Annotated[
        Path | None,
        typer.Option(help="模型文件,缺省为最近训练的 / file of the model, by default the one trained last"),
    ] = None,
    words: Annotated[
        bool, typer.Option("--words", help="写出起决定作用的词 / write the words that decided")
    ] = False,
) -> None:
    """给文件每一行推荐三个类别及分值 / write the three best kinds with scores for each row of a file."""
    _django()
    from linli.intake.suggestion import shipped, tables

    tables.keep_apart(target, file, model)
    chosen, name = _model(model)
    rows = tables.read(file, text)
    offer = shipped.settings("offer")
    shown = int(offer["shown"])
    started = time.monotonic()
    spoken = tables.write(
        target,
        chosen,
        rows,
        shown=shown,
        words=(int(offer["words"]), int(offer["word_length"])) if words else None,
        threshold=float(offer["threshold"]),
    )
    seconds = max(time.monotonic() - started, 1e-6)
    out.print(f"模型 / model: {name}", highlight=False, soft_wrap=True)
    out.print(
        f"{len(rows.texts):,} 行,其中 {spoken:,} 行达到推荐门槛 / rows, of which {spoken:,} reach the threshold; "
        f"{len(rows.texts) / seconds:,.0f} 行/秒 rows/s → {target}",
        highlight=False,
        soft_wrap=True,
    )


def _model(path: Path | None) -> tuple[Model, str]:
    """The model asked for, else the one trained last, else the one in force."""
    from django.db import DatabaseError

    from linli.cases import queries as cases
    from linli.intake.suggestion import held, shipped
    from linli.intake.suggestion.model import load

    if path is None and _trained().exists():
        path = _trained()
    if path is not None:
        return load(path), str(path)
    own = held.own()
    if own is not None:
        return own, str(held.path())
    try:
        return held.shipped_now(), "随系统 / shipped"
    except DatabaseError:  # no database yet: the catalogue of the files
        return shipped.model(shipped.examples(cases.catalogue(0))), "随系统 / shipped"


@app.command()
def learn(
    seed: Annotated[int | None, typer.Option(help="分折的随机种子 / seed of drawing the folds")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="即使不如现用模型也替换 / replace the model even with a worse one")
    ] = False,
) -> None:
    """用本镇已办结案件训练并启用;不如现用模型时不替换 / learn from the town's closed cases, unless that is worse."""
    _django()
    from linli.intake.actions.suggestions import learn_from_cases
    from linli.intake.suggestion import held
    from linli.kernel import clock
    from linli.kernel.access import SYSTEM

    done = learn_from_cases(by=SYSTEM, at=clock.now(), seed=seed, force=force)
    _show(done.measured)
    if done.comparison:
        same = done.comparison
        out.print(
            f"同样的 {same.rows} 件上 / on the same {same.rows} cases: 新模型 / new {same.new:.3f}, "
            f"原模型 / before {same.present:.3f} (macro-F1)",
            highlight=False,
        )
    out.print(
        f"[green]已启用 / in force[/green]: {done.cases:,} 件 / cases, {done.kinds} 类 / kinds → {held.path()}",
        highlight=False,
        soft_wrap=True,
    )


def _show(measured: Measured) -> None:
    """The figures of cross-validation: of each label, then of all."""
    table = Table(title=f"{measured.folds} 折交叉验证 / {measured.folds}-fold cross-validation")
    table.add_column("类别 / label")
    for head in ("行 / rows", "准确 / precision", "召回 / recall", "F1"):
        table.add_column(head, justify="right")
    for row in sorted(measured.labels, key=lambda each: (-each.rows, each.label))[:LABELS_SHOWN]:
        table.add_row(
            escape(row.label[:40]),
            f"{row.rows:,}",
            f"{row.precision:.3f}",
            f"{row.recall:.3f}",
            f"{row.f1:.3f}",
        )
    out.print(table, highlight=False)
    if len(measured.labels) > LABELS_SHOWN:
        more = len(measured.labels) - LABELS_SHOWN
        out.print(f"…… 另有 {more} 类 / and {more} more labels", highlight=False)
    out.print(f"macro-F1 {measured.macro_f1:.4f}", highlight=False)
    out.print(f"accuracy {measured.accuracy:.4f}   top-3 {measured.top3:.4f}", highlight=False)
    out.print(
        f"行 / rows {measured.rows:,}   类别 / labels {len(measured.labels)}   "
        f"折 / folds {measured.folds}   种子 / seed {measured.seed}",
        highlight=False,
    )
