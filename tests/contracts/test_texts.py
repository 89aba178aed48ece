"""Every text exists in Chinese and in English, and pages carry nothing that the content policy forbids."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.contracts.tree import SOURCE, files, in_tests, shown

CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACES = re.compile(r"\{(\w+)")
TAG = re.compile(r"{%-?\s*(?P<name>\w+)(?P<rest>(?:[^%]|%(?!}))*)%}", re.DOTALL)
LITERAL = re.compile(r"\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<other>[\w.|:]+))")


def templates() -> list[Path]:
    return [path for path in files(".html") if "templates" in path.parts and path.is_relative_to(SOURCE)]


def problem_of(zh: str, en: str) -> str | None:
    """What is wrong with a pair of texts, if anything."""
    if not zh.strip() and not en.strip():
        return None  # no text at all
    if not zh.strip() or not en.strip():
        return "a language is empty"
    if CHINESE.search(en) and not CHINESE.search(zh):
        return "the languages are the wrong way round"
    if set(PLACES.findall(zh)) != set(PLACES.findall(en)):
        return "the languages have different {places}"
    return None


@pytest.mark.parametrize(
    ("zh", "en", "wrong"),
    [
        ("结案", "Close", False),
        ("", "Close", True),
        ("结案", " ", True),
        ("Close", "结案", True),
        ("还有 {n} 件", "{n} left", False),
        ("还有 {n} 件", "{m} left", True),
        ("12345", "12345", False),
        ("", "", False),
    ],
)
def test_the_rule_of_two_languages_tells_right_from_wrong(zh: str, en: str, wrong: bool) -> None:
    assert bool(problem_of(zh, en)) is wrong


def constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts_of(path: Path) -> Iterator[tuple[int, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
            yield node.lineno, node


def test_every_text_in_the_code_has_both_languages() -> None:
    wrong, seen = [], 0
    for path in files(".py"):
        if not path.is_relative_to(SOURCE) or in_tests(path):
            continue
        for line, call in texts_of(path):
            seen += 1
            pair = [*call.args, *(keyword.value for keyword in call.keywords)]
            if len(pair) != 2 and not any(isinstance(part, ast.Starred) for part in pair):
                wrong.append(f"{shown(path)}:{line}: a text has two languages")
                continue
            zh, en = constant(pair[0]), constant(pair[-1])
            if zh is not None and en is not None and (problem := problem_of(zh, en)):
                wrong.append(f"{shown(path)}:{line}: {problem}: {zh!r} / {en!r}")
    assert seen > 20
    assert not wrong, "\n".join(wrong)


def test_every_text_in_a_template_has_both_languages() -> None:
    wrong, seen = [], 0
    for path in templates():
        source = path.read_text(encoding="utf-8")
        for tag in TAG.finditer(source):
            if tag["name"] != "t":
                continue
            seen += 1
            line = source.count("\n", 0, tag.start()) + 1
            first = LITERAL.match(tag["rest"])
            second = LITERAL.match(tag["rest"], first.end()) if first else None
            if first is None or second is None or "=" in tag["rest"][second.end() : second.end() + 1]:
                wrong.append(f"{shown(path)}:{line}: {{% t %}} takes two texts")
                continue
            pair = [
                found["single"] if found["double"] is None else found["double"] for found in (first, second)
            ]
            if None not in pair and (problem := problem_of(*pair)):
                wrong.append(f"{shown(path)}:{line}: {problem}: {pair}")
    assert seen > 20
    assert not wrong, "\n".join(wrong)


# Names and signs that are the same in both languages.
SAME = re.compile(
    r"Linli|邻里|中文|English|JPEG|PNG|WebP|CSV|Excel|GeoJSON|CSS|QR|ID|WGS-84|GCJ-02|BD-09|CGCS2000|\b(km|min)\b"
)
SPOKEN = {"alt", "title", "placeholder", "aria-label", "aria-description", "label", "content"}
SILENT = {"script", "style", "code", "kbd", "pre", "svg", "template-comment"}
LETTERS = re.compile(r"[A-Za-z\u3400-\u9fff]{2,}")


class Spoken(HTMLParser):
    """Collects what a page says in letters that did not come from a tag or a variable."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.silent: list[str] = []
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent.append(tag)
        given = dict(attrs)
        for name, value in attrs:
            if name in SPOKEN and value and not (tag == "meta" and given.get("name") != "description"):
                self.hear(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.hear(data)

    def hear(self, text: str) -> None:
        if LETTERS.search(SAME.sub("", text)):
            self.found.append((self.getpos()[0], " ".join(text.split())[:80]))


def bare_words(source: str) -> list[tuple[int, str]]:
    """Words that a template says in one language only, with their lines."""

    def gone(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    # A block named `…_class` holds a name of the style sheet.
    source = re.sub(r"{%\s*block \w+_class\s*%}.*?{%\s*endblock\s*%}", gone, source, flags=re.DOTALL)
    source = re.sub(r"{%\s*comment.*?endcomment\s*%}", gone, source, flags=re.DOTALL)
    source = re.sub(r"{#.*?#}|{{.*?}}|{%.*?%}", gone, source, flags=re.DOTALL)
    page = Spoken()
    page.feed(source)
    page.close()
    return page.found


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('<p>{% t "结案" "Close" %}</p>', 0),
        ("<p>{{ case.number }}</p>", 0),
        ("<p>Close</p>", 1),
        ("<p>结案</p>", 1),
        ('<img alt="Photo">', 1),
        ('<input placeholder="{% t "姓名" "Name" %}">', 0),
        ("<code>make demo</code>", 0),
    ],
)
def test_the_rule_of_bare_words_tells_right_from_wrong(source: str, count: int) -> None:
    assert len(bare_words(source)) == count


def test_no_template_speaks_one_language_only() -> None:
    wrong = [
        f"{shown(path)}:{line}: {text}"
        for path in templates()
        for line, text in bare_words(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']?application/json)[^>]*>"),
    "an inline style sheet": re.compile(r"<style\b"),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "an htmx event handler": re.compile(r"<[^>]*\s(data-)?hx-on[:=\-]"),
    "a computed htmx value": re.compile(r"hx-(vals|headers)\s*=\s*[\"']js:"),
    "a javascript: address": re.compile(r"[\"']\s*javascript:"),
    "Django's date filter": re.compile(r"\|\s*(date|time|timesince|timeuntil|naturaltime)\b"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what: str) -> None:
    wrong = []
    for path in templates():
        source = path.read_text(encoding="utf-8")
        for found in FORBIDDEN[what].finditer(source):
            wrong.append(f"{shown(path)}:{source.count(chr(10), 0, found.start()) + 1}")
    assert not wrong, f"{what}, which the content policy or the house forbids:\n" + "\n".join(wrong)
