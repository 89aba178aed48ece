#!/usr/bin/env python3
"""Writes the Word template of the four sheets anew. A town may change the file itself in Word instead: what stands
between {{ and }} is filled in."""

from __future__ import annotations

from pathlib import Path

from docx import Document
from docx.enum.text import WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

TARGET = Path(__file__).resolve().parent.parent / "src/linli/responsibility/paper/four_sheets.docx"


def main() -> None:
    """Make the document: a sheet a page, each left out when it is not wanted."""
    paper = Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(18))
    section.footer.paragraphs[0].text = "{{ footer }}"
    for name in ("Normal", "Heading 1", "Heading 2", "Table Grid"):
        style = paper.styles[name]
        if hasattr(style, "font"):
            style.font.name = "Noto Sans CJK SC"
            style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "Noto Sans CJK SC")
    paper.styles["Normal"].font.size = Pt(9.5)
    _when(paper, "map", lambda: paper.add_paragraph("{{ picture }}"), legend=True)
    _when(paper, "book", lambda: _book(paper))
    _when(
        paper,
        "items",
        lambda: (_table(paper, "items.head", "items.rows", 6), paper.add_paragraph("{{ items.note }}")),
    )
    _when(
        paper,
        "flow",
        lambda: (
            paper.add_paragraph("{{ flow.path | join(' → ') }}"),
            _table(paper, "flow.head", "flow.rows", 5),
        ),
    )
    paper.save(str(TARGET))


def _when(paper, name, body, legend=False) -> None:  # type: ignore[no-untyped-def]  # python-docx has no types
    paper.add_paragraph("{%p if with_" + name + " %}")
    paper.add_heading("{{ " + name + ".title }}", 1)
    paper.add_paragraph("{{ subtitle }}")
    body()
    if legend:
        paper.add_paragraph("{% for one in map.legend %}{{ one.label }}  {% endfor %}")
    paper.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    paper.add_paragraph("{%p endif %}")


def _book(paper) -> None:  # type: ignore[no-untyped-def]  # python-docx has no types
    paper.add_heading("{{ book.posts_title }}", 2)
    _table(paper, "book.posts_head", "book.posts", 3)
    paper.add_heading("{{ book.parts_title }}", 2)
    _table(paper, "book.parts_head", "book.parts", 5)


def _table(paper, head: str, rows: str, columns: int) -> None:  # type: ignore[no-untyped-def]  # python-docx has no types
    table = paper.add_table(rows=4, cols=columns)
    table.style = "Table Grid"
    for column in range(columns):
        run = table.rows[0].cells[column].paragraphs[0].add_run("{{ " + f"{head}[{column}]" + " }}")
        run.bold = True
        table.rows[2].cells[column].text = "{{ " + f"row[{column}]" + " }}"
    table.rows[1].cells[0].text = "{%tr for row in " + rows + " %}"
    table.rows[3].cells[0].text = "{%tr endfor %}"


if __name__ == "__main__":
    main()
