"""The command `linli`: set up, serve, import, export, verify. Every command says what it did."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from linli.project import dossier, suggesting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")

app = typer.Typer(
    help="Linli 邻里 — 镇街网格化治理 / running a town's neighbourhoods.",
    no_args_is_help=True,
    add_completion=False,
)
journal_app = typer.Typer(help="日志 / the journal.", no_args_is_help=True)
app.add_typer(journal_app, name="journal")
app.add_typer(dossier.app, name="dossier")
app.add_typer(suggesting.app, name="suggest")
out = Console()
err = Console(stderr=True)
Preview = Annotated[bool, typer.Option("--dry-run", help="只预览,不写入 / only show what would change")]


def main() -> None:
    """Run the command; a refusal is shown with what to do next and exit code 1, bad usage with 2."""
    from linli.kernel.errors import Problem

    try:
        app()
    except Problem as problem:
        _refused(problem)


def _refused(problem: object) -> NoReturn:
    from linli.kernel.errors import Problem

    assert isinstance(problem, Problem)
    err.print(f"[red]{problem.title.zh} / {problem.title.en}[/red] ({problem.error.code})")
    for name, text in problem.fields.items():
        err.print(f"  {name}: {text.zh} / {text.en}")
    err.print(f"{problem.error.hint.zh}\n{problem.error.hint.en}")
    sys.exit(1)


def _django() -> None:
    import django

    django.setup()


@app.command()
def init() -> None:
    """建立数据目录和数据库 / make the data folder and the database."""
    _migrate()
    from django.conf import settings

    out.print(f"数据目录 / data folder: {settings.DATA_DIR}")
    out.print(
        "下一步 / next: linli import-units FILE, linli createadmin, linli import-staff FILE, linli serve",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def migrate() -> None:
    """把数据库升级到本版本 / bring the database to this version."""
    _migrate()


def _migrate() -> None:
    _django()
    from django.conf import settings
    from django.core.management import call_command

    from linli.cases import catalogue_store
    from linli.kernel import clock, editions

    wrong = catalogue_store.check()
    for found in wrong:
        err.print(
            f"  {found.sheet} {found.line} {found.field}: {found.reason.zh} / {found.reason.en}",
            highlight=False,
            markup=False,
        )
    if wrong:
        err.print(
            "[red]规则库的事项清单有误,没有升级 / the rulebook's catalogue is wrong; nothing was done[/red]"
        )
        raise typer.Exit(1)
    Path(settings.DATA_DIR).mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    editions.sync_files(clock.now())
    catalogue_store.forget()
    suggesting.prepare()
    out.print("数据库已就绪 / the database is ready")


@app.command()
def check() -> None:
    """检查设置与数据库 / check the settings and the database."""
    _django()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    call_command("check", deploy=False)
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        err.print(
            f"[red]还有 {len(waiting)} 项升级未执行:请运行 linli migrate / {len(waiting)} migrations wait: run linli migrate[/red]"
        )
        raise typer.Exit(1)
    _check_jobs()
    out.print("一切正常 / all is well")


def _check_jobs() -> None:
    from linli.kernel import jobs

    for job in jobs.failed(20):
        err.print(f"[red]后台任务失败 / a job gave up[/red] {job.handler} {job.id}: {job.last_error}")
    if jobs.failed(1):
        err.print("修复后运行 linli retry-jobs / when mended, run linli retry-jobs")
        raise typer.Exit(1)


@app.command("retry-jobs")
def retry_jobs() -> None:
    """让放弃的后台任务重新运行 / let jobs that gave up be tried again."""
    _django()
    from linli.kernel import clock, jobs

    count = 0
    while given_up := jobs.failed():
        count += sum(jobs.retry(job.id, at=clock.now()) for job in given_up)
    out.print(f"{count} 项将重试 / {count} jobs will be tried again")


@app.command()
def createadmin(
    username: Annotated[str, typer.Option(prompt="用户名 / user name")],
    name: Annotated[str, typer.Option(prompt="姓名 / name")],
    password: Annotated[
        str,
        typer.Option(
            prompt="密码 / password",
            envvar="LINLI_ADMIN_PASSWORD",
            hide_input=True,
            confirmation_prompt=True,
        ),
    ],
) -> None:
    """建立第一个管理员 / make the first administrator.

    已有网格时,任命为各顶层单元的系统管理员。/ With units imported, appointed administrator of each top unit.
    """
    _django()
    from linli.project import staffing

    raise typer.Exit(staffing.createadmin(out, username, name, password))


@app.command()
def appoint(
    username: str,
    role: str,
    unit: Annotated[str, typer.Argument(metavar="UNIT_CODE")],
    department: Annotated[str, typer.Option(help="部门代码 / code of the department")] = "",
) -> None:
    """任命已有账号;没有这个岗位就新设 / appoint an account; the post is opened if it is missing."""
    _django()
    from linli.project import staffing

    raise typer.Exit(staffing.appoint(out, username, role, unit, department))


@app.command("import-staff")
def import_staff(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    passwords: Annotated[
        Path | None,
        typer.Option(help="新账号的初始密码写入此新文件 / write initial passwords to this new file"),
    ] = None,
    dry_run: Preview = False,
) -> None:
    """导入部门、岗位和人员(CSV 或 Excel) / import departments, posts and people.

    一行一个岗位;写了用户名,就是该岗位的一名任职人。有一行不对就全部不写;再导入一次不会重复。

    A line is a post, and one of its holders when it names somebody. One wrong line, and nothing is written;
    importing again adds nothing.
    """
    _django()
    from linli.project import staffing

    raise typer.Exit(staffing.staff(out, file, passwords, dry_run=dry_run))


@app.command()
def serve(
    host: Annotated[str, typer.Option(envvar="HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT")] = 8000,
    web: Annotated[bool, typer.Option("--web", help="只运行网页 / only the web")] = False,
    worker: Annotated[
        bool, typer.Option("--worker", help="只运行后台 / only the worker and scheduler")
    ] = False,
) -> None:
    """运行:网页、后台任务和计时 / run the web, the worker and the scheduler together."""
    from linli.project import server

    server.run(host, port, web=web or not worker, worker=worker or not web)


@app.command(hidden=True)
def work() -> None:
    """Do what waits: jobs, clocks, seals. `serve` starts this beside the web."""
    _django()
    from linli.project.worker import Worker

    Worker().run()


@app.command()
def demo(
    host: Annotated[str, typer.Option(envvar="HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT")] = 8000,
    days: Annotated[int, typer.Option(help="演示历史的天数 / days of history")] = 90,
    fill_only: Annotated[
        bool, typer.Option("--fill-only", help="只填充,不运行 / fill, do not serve")
    ] = False,
) -> None:
    """建立并运行演示镇禾泾镇 / make and run the demo town."""
    os.environ["LINLI_DEMO"] = "1"
    os.environ.setdefault("LINLI_ADDRESS", f"http://{host}:{port}")  # what the messages link to
    _migrate()
    from linli.project.demo import fill

    fill.ensure(out, days=days)
    if fill_only:
        return
    from linli.project import server

    server.announce(out, host, port)
    server.run(host, port, web=True, worker=True)


@app.command("import-units")
def import_units(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    crs: Annotated[str, typer.Option(help="wgs84, gcj02, bd09, cgcs2000")] = "wgs84",
    parent: Annotated[str, typer.Option(help="上级代码 / code of the unit above")] = "",
    rank: Annotated[str, typer.Option(help="层级 / rank of the units: village, area, micro …")] = "",
    code_from: Annotated[
        str, typer.Option(help="GeoJSON 中代码的属性名 / property that holds the code")
    ] = "",
    name_from: Annotated[
        str, typer.Option(help="GeoJSON 中名称的属性名 / property that holds the name")
    ] = "",
    dry_run: Preview = False,
) -> None:
    """导入网格单元(CSV 或 GeoJSON) / import units from CSV or GeoJSON."""
    _django()
    from linli.project import imports, staffing

    code = imports.units(
        out,
        file,
        crs=crs,
        parent=parent,
        rank=rank,
        code_from=code_from,
        name_from=name_from,
        dry_run=dry_run,
    )
    if code == imports.ALL and not dry_run:
        staffing.next_step(out)
    raise typer.Exit(code)


@app.command("import-catalogue")
def import_catalogue(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], dry_run: Preview = False
) -> None:
    """导入事项清单(CSV 或 Excel) / import the catalogue of kinds."""
    _django()
    from linli.project import imports

    raise typer.Exit(imports.catalogue(out, file, dry_run=dry_run))


@app.command("import-cases")
def import_cases(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    mapping: Annotated[
        Path, typer.Option("--mapping", "-m", exists=True, dir_okay=False, help="字段对应文件 / mapping file")
    ],
    report: Annotated[
        Path | None, typer.Option(help="把未导入的行写入此文件 / write refused rows here")
    ] = None,
    dry_run: Preview = False,
) -> None:
    """导入其他系统的案件(CSV、CSV.gz 或 Excel) / import cases of another system.

    整个文件一次写入;不能导入的行逐一列出。退出码:0 全部在库,1 没有导入,3 部分行未导入。

    The whole file is one transaction; each line that cannot be taken is listed. Exit code: 0 all of it is here,
    1 nothing was taken, 3 some lines were refused.
    """
    _django()
    from linli.project import imports

    raise typer.Exit(imports.cases(out, file, mapping, report, dry_run=dry_run))


@app.command("export-cases")
def export_cases(
    file: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="写入文件,缺省为标准输出 / file, else standard output"),
    ] = None,
    format: Annotated[str, typer.Option(help="csv")] = "csv",
    source: Annotated[str, typer.Option(help="只导出此来源 / only this source")] = "",
) -> None:
    """每件一行导出案件 / write one line a case."""
    _django()
    from linli.project import imports

    if format != "csv":
        raise typer.BadParameter("csv", param_hint="--format")
    raise typer.Exit(imports.export(out, file, source))


@app.command()
def duplicates(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    mapping: Annotated[
        Path, typer.Option("--mapping", "-m", exists=True, dir_okay=False, help="字段对应文件 / mapping file")
    ],
    target: Annotated[Path, typer.Option("--out", "-o", help="结果文件(CSV) / the result, a CSV file")],
    earlier: Annotated[
        bool,
        typer.Option("--earlier", help="只与先来的行比对 / compare only with the rows that came before"),
    ] = False,
) -> None:
    """为每行列出最像的五行 / list for each row the five rows most like it: probable duplicates.

    不读写数据库。结果每行一条:编号、候选编号、得分(0 至 1),最像的在前。

    No database is needed. A line a row: its number, the candidates' numbers, their scores (0 to 1), best first.
    """
    _django()
    from linli.project import duplicating

    raise typer.Exit(duplicating.duplicates(out, file, mapping, target, earlier=earlier))


@app.command()
def sheets(
    unit: Annotated[
        str, typer.Argument(metavar="UNIT_CODE", help="单元代码,如 310199101001 / code of the unit")
    ],
    folder: Annotated[
        Path,
        typer.Option(
            "--out", "-o", file_okay=False, help="写入此文件夹,没有就新建 / the folder, made if missing"
        ),
    ],
    year: Annotated[
        int | None, typer.Option(help="年度,缺省为今年 / the year, else the present one", show_default=False)
    ] = None,
    format: Annotated[str, typer.Option(help="pdf, docx, both")] = "both",
) -> None:
    """写出单元一年的责任“四个一”(PDF 和 Word) / write a unit's four sheets of a year as PDF and Word.

    一张总览图、一本责任册、一张明细单、一张流程表,都取自当前数据,中文。
    文件名:代码-年度-四个一.pdf 和 .docx;同名文件会被替换。退出码:0 已写出,1 没有写出,2 用法不对。

    An overview map, the responsibility book, the itemised list and the flow sheet, in Chinese, from the live data.
    A file of the same name is replaced. Exit code: 0 written, 1 nothing was written, 2 wrong usage.
    """
    _django()
    from linli.project import sheets as printed

    if format not in printed.FORMATS:
        raise typer.BadParameter("pdf, docx, both", param_hint="--format")
    raise typer.Exit(printed.sheets(out, unit, year, folder, format))


@app.command()
def deadlines() -> None:
    """从日志重新推算每件的期限 / work every deadline out again from the journal."""
    _django()
    from linli.project import replaying

    raise typer.Exit(replaying.deadlines(out))


@app.command()
def due(start: str, amount: str, unit: str) -> None:
    """算出期限 / print a deadline: linli due "2026-03-10 02:31:00" 15 work_day."""
    _django()
    from linli.kernel import worktime

    out.print(worktime.due_line(start, amount, unit, worktime.default_calendar()), highlight=False)


@journal_app.command("verify")
def journal_verify() -> None:
    """验证日志没有被改动 / verify that nobody changed the journal."""
    _django()
    from rich.progress import Progress

    from linli.kernel import seal

    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("验证 / verifying", total=None)
        result = seal.verify(lambda done, total: progress.update(task, completed=done, total=total))
    for finding in result.findings:
        err.print(f"[red]{finding.zh} / {finding.en}[/red]")
    if result.findings:
        raise typer.Exit(1)
    out.print(f"日志完好:{result.facts} 条,{result.checkpoints} 个检查点 / the journal is intact")


@journal_app.command("export")
def journal_export(file: Path) -> None:
    """导出日志供独立验证 / write the journal for the stand-alone verifier."""
    _django()
    from linli.kernel import seal

    with file.open("w", encoding="utf-8") as handle:
        count = seal.export(handle)
    out.print(f"{count} → {file}")


@app.command(hidden=True)
def openapi() -> None:
    """Print the OpenAPI document."""
    _django()
    from linli.project.api import api

    print(json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1))  # noqa: T201 - the command's output


def table(title: str, *columns: str) -> Table:
    """A table for the terminal."""
    made = Table(title=title)
    for column in columns:
        made.add_column(column)
    return made
