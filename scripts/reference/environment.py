"""Every variable of the environment that is read anywhere, found in the code and described here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from linli.kernel.text import Text
from reference.page import Page, code, words

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"\bLINLI_[A-Z0-9_]+\b")
READ_BY = ("src", "scripts", "tests", "benchmarks", "conftest.py", "hatch_build.py", "Makefile")
THIS = Path(__file__).resolve()


class Variable(NamedTuple):
    """What it is for, and what counts when it is not set."""

    default: str
    what: Text


TOWN: dict[str, Variable] = {
    "LINLI_DATA_DIR": Variable("var", Text(
        "数据目录:SQLite 库、照片、`secrets/`、日志封存点。", "Data folder: SQLite file, pictures, `secrets/`, the journal's checkpoint."
    )),
    "LINLI_DATABASE_URL": Variable("sqlite:///", Text(
        "数据库:`sqlite:///路径`(空路径即数据目录下的 linli.sqlite3),或 `postgresql://用户:密码@主机:端口/库`。",
        "The database: `sqlite:///PATH` (no path: linli.sqlite3 in the data folder) or `postgresql://USER:PASSWORD@HOST:PORT/NAME`.",
    )),
    "LINLI_SQLITE_SYNC": Variable("FULL", Text(
        "SQLite 每次提交的落盘方式。FULL:答复过的案件断电也不丢;NORMAL:更快,断电可能丢最后几笔。",
        "How SQLite syncs a commit. FULL: an acknowledged case survives a power cut; NORMAL: faster, the last commits may be lost by one.",
    )),
    "LINLI_WEB_PROCESSES": Variable("", Text(
        "PostgreSQL:网页进程数,缺省为处理器核数;SQLite 总是一个进程。",
        "PostgreSQL: how many web processes, by default one a core; with SQLite there is always one.",
    )),
    "LINLI_ADDRESS": Variable("http://127.0.0.1:8000", Text(
        "居民看到的网址,用于短信链接;以 https 开头时启用安全 Cookie 与 HSTS。",
        "The town's address as residents see it, for links in messages; with https, secure cookies and HSTS are on.",
    )),
    "LINLI_HOSTS": Variable("localhost,127.0.0.1,[::1]", Text(
        "接受的主机名,逗号分隔。", "Host names that are answered, separated by commas."
    )),
    "LINLI_ORIGINS": Variable("", Text(
        "允许提交表单的来源(含 https://),逗号分隔;反向代理改写主机名时需要。",
        "Origins (with https://) that may send forms, separated by commas; needed when a proxy changes the host name.",
    )),
    "LINLI_PROXIES": Variable("", Text(
        "自己的反向代理的地址,逗号分隔;只相信它们给的 X-Forwarded-For 和 X-Forwarded-Proto。",
        "Addresses of your own proxies, separated by commas; only their X-Forwarded-For and X-Forwarded-Proto are believed.",
    )),
    "LINLI_ADMIN_PASSWORD": Variable("", Text(
        "`linli createadmin` 不询问时使用的密码。", "The password for `linli createadmin` when it shall not ask."
    )),
    "LINLI_TOWN": Variable("", Text("页面上的镇名(中文)。", "The town's name on the pages, in Chinese.")),
    "LINLI_TOWN_EN": Variable("", Text("页面上的镇名(英文)。", "The town's name on the pages, in English.")),
    "LINLI_SECRET_KEY": Variable("", Text(
        "会话签名密钥;缺省在 `secrets/session` 首次运行时生成。", "Key that signs sessions; by default made at first use in `secrets/session`."
    )),
    "LINLI_NOTICE_URL": Variable("", Text(
        "短信去处,Apprise 地址,`{phone}` 代表号码;空则不发短信。", "Where text messages go, as an Apprise address in which `{phone}` stands for the number; empty: none are sent."
    )),
    "LINLI_RULEBOOKS": Variable("", Text(
        "本镇规则库目录,写法同 PATH;后面的覆盖前面的。", "The town's own rulebook folders, written like PATH; a later one wins."
    )),
    "LINLI_TIME_ZONE": Variable("Asia/Shanghai", Text("显示时间所用的时区。", "The zone in which times are shown.")),
    "LINLI_LOG": Variable("WARNING", Text("日志级别。", "Level of the program's log.")),
    "LINLI_DEMO": Variable("", Text(
        "1:演示镇,可一键登录为任何人;只在本机地址运行。", "1: the demo town, where one signs in as anybody; runs on a loopback address only."
    )),
}  # fmt: skip

WORK: dict[str, Variable] = {
    "LINLI_SKIP_FRONTEND": Variable("", Text("1:安装时不构建前端。", "1: installing does not build the front end.")),
    "LINLI_CHROMIUM": Variable("", Text("浏览器测试用的 Chromium。", "The Chromium of the browser tests.")),
    "LINLI_FUZZ_SECONDS": Variable(
        "26", Text("随机请求测试中每一身份发送的时长(秒)。", "How long each sender of random requests goes on, in seconds.")
    ),
    "LINLI_FUZZ_KNOWN": Variable("", Text("随机请求测试在网址中代入的编号(测试自己设置)。", "Ids that the random requests put into addresses (set by the test itself).")),
    "LINLI_PICTURES": Variable("", Text("测试时把页面截图存到此目录。", "Tests keep pictures of the pages in this folder.")),
    "LINLI_WRITE": Variable("", Text("1:权限测试改为重写 `tests/contracts/access_matrix.csv`。", "1: the test of access writes `tests/contracts/access_matrix.csv` anew instead of comparing.")),
    "LINLI_BENCH_LABELLED": Variable("", Text("类别推荐测量用的“文件 文本列 标签列”。", "File, text column and label column by which suggestions are measured.")),
    "LINLI_BENCH_ROWS": Variable("100000", Text("批量导入测量的行数。", "How many rows the measurement of batches takes in.")),
    "LINLI_HISTORIES": Variable("2000", Text("期限复算测量的案件历史数。", "How many histories the measurement of replaying makes.")),
    "LINLI_HISTORIES_FROM": Variable("0", Text("从第几组随机历史开始,便于多个进程分担。", "From which histories on, so that several processes share them.")),
    "LINLI_STATEFUL": Variable("20x20", Text("案件状态机随机测试的轮数×步数。", "Runs × steps of the random test of the case's machine.")),
    "LINLI_BENCH_POSTGRESQL": Variable("", Text("测量用的空库地址,由 `make bench` 给出。", "Address of the empty database of a measurement; given by `make bench`.")),
    "LINLI_BOSTON311": Variable("", Text(
        "波士顿 311 全量文件的路径;不给则用样本。", "Path of the full Boston 311 file; without it the sample is used."
    )),
}  # fmt: skip


def read_names() -> dict[str, set[str]]:
    """Every variable that a file names, with the files."""
    found: dict[str, set[str]] = {}
    for path in _files():
        for name in _named(path):
            found.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    return found


def _files() -> Iterator[Path]:
    for start in READ_BY:
        path = ROOT / start
        if path.is_file():
            yield path
            continue
        for each in sorted(path.rglob("*")):
            ours = (
                each.is_file()
                and each != THIS
                and "__pycache__" not in each.parts
                and "dist" not in each.parts
            )
            if ours and (each.suffix == ".py" or (start == "scripts" and not each.suffix)):
                yield each


def _named(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py" and not text.startswith("#!/usr/bin/env python"):
        return set(NAME.findall(text))
    constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    # A docstring tells of variables that the code then reads: only a text that is nothing but the name counts.
    return {value for value in constants if isinstance(value, str) and NAME.fullmatch(value)}


def settings() -> Page:
    """Every variable; a variable without a description, or one that nobody reads, is a fault of this table."""
    found, told = read_names(), {**TOWN, **WORK}
    if missing := sorted(set(found) - set(told)):
        raise SystemExit(
            f"describe in scripts/reference/environment.py: {missing} {[found[m] for m in missing]}"
        )
    if unread := sorted(set(told) - set(found)):
        raise SystemExit(f"nobody reads any more, take out of scripts/reference/environment.py: {unread}")
    inner = {name for name, files in found.items() if any(f.startswith("src/") for f in files)}
    if wrong := sorted(inner - set(TOWN)):
        raise SystemExit(f"the running town reads {wrong}: they belong into TOWN")
    page = Page("reference/settings.md", "设置", "Settings")
    page.say(
        "全部设置都是环境变量。什么都不设,就得到本机上的一个 SQLite 镇。",
        "All settings are variables of the environment. With none, one gets a SQLite town on this machine.",
    )
    heads = ("变量 / variable", "缺省 / default", "用途 / what for")
    page.table(heads, ((code(name), code(v.default), v.what) for name, v in TOWN.items()))
    page.line(
        "`HOST`、`PORT`:`linli serve` 和 `make demo` 的地址与端口 / address and port of `linli serve` and `make demo`."
    )
    page.head(Text("只在开发和测试中", "Only for building and testing"))
    page.table(
        (*heads, "读取处 / read by"),
        ((code(name), code(v.default), v.what, words(sorted(found[name]))) for name, v in WORK.items()),
    )
    return page
