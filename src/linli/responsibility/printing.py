"""The four sheets on paper: PDF by typst, Word from a template that a clerk can change (`paper/`)."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2.sandbox import SandboxedEnvironment

from linli.kernel.errors import Problem
from linli.responsibility.words import NO_FONT

PAPER = Path(__file__).parent / "paper"
FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
    "Microsoft YaHei", "PingFang SC", "SimSun", "Noto Serif CJK SC",
)  # fmt: skip
NAMES = ("map", "book", "items", "flow")


@lru_cache(maxsize=1)
def font() -> str:
    """The Chinese type that this machine has; NO_FONT, with what to install, when there is none."""
    have = set(typst.Fonts().families())
    for name in FONTS:
        if name in have:
            return name
    raise Problem(NO_FONT)


def pdf(said: dict[str, Any], names: tuple[str, ...] = NAMES) -> bytes:
    """These sheets as one PDF. What is said is data to the template, so no text in it can be anything else."""
    inputs = {"data": json.dumps(_typed(said), ensure_ascii=False), "font": font(), "sheets": ",".join(names)}
    made = typst.compile(str(PAPER / "four_sheets.typ"), root=str(PAPER), format="pdf", sys_inputs=inputs)
    assert isinstance(made, bytes)
    return made


def word(said: dict[str, Any], names: tuple[str, ...] = NAMES) -> bytes:
    """These sheets as a Word document; the map as a picture."""
    template = DocxTemplate(PAPER / "four_sheets.docx")
    picture = InlineImage(template, io.BytesIO(_png(said)), width=Mm(165))
    values = {**said, "picture": picture, **{f"with_{name}": name in names for name in NAMES}}
    # The template may be a clerk's: it fills in values and runs nothing else.
    template.render(values, jinja_env=SandboxedEnvironment(autoescape=True), autoescape=True)
    written = io.BytesIO()
    template.save(written)
    return written.getvalue()


def _png(said: dict[str, Any]) -> bytes:
    source = b'#set page(width: 500pt, height: 530pt, margin: 0pt)\n#set text(font: sys.inputs.font)\n#image(bytes(sys.inputs.svg), format: "svg", width: 100%)'
    inputs = {"svg": _typed(said)["map"]["svg"], "font": font()}
    made = typst.compile(source, format="png", ppi=144, sys_inputs=inputs)
    assert isinstance(made, bytes)
    return made


def _typed(said: dict[str, Any]) -> dict[str, Any]:
    """The drawing with the type that this machine has, since a drawing knows no other way to name it."""
    svg = said["map"]["svg"].replace('font-family="sans-serif"', f'font-family="{font()}"')
    return {**said, "map": {**said["map"], "svg": svg}}
