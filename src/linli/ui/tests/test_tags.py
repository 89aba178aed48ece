"""The template tags: what a reader and a screen reader get from them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

import linli

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
PACKAGE = Path(linli.__file__).parent


def render(source: str, **values: object) -> str:
    return Template("{% load linli %}" + source).render(Context({"now": NOW, **values}))


def test_a_text_is_given_in_the_readers_language_and_escaped() -> None:
    source = '{% t "还有 {n} 件" "{n} left" n=name %}'
    assert render(source, name="<b>") == "还有 &lt;b&gt; 件"
    with translation.override("en"):
        assert render(source, name=3) == "3 left"


def test_a_moment_carries_its_exact_time() -> None:
    shown = render("{% when moment %}", moment=datetime(2026, 3, 4, 6, 20, 5, tzinfo=UTC))
    assert shown == '<time datetime="2026-03-04T06:20:05Z" title="2026-03-04 14:20:05">今天 14:20</time>'
    assert render("{% when moment %}", moment=None) == ""


@pytest.mark.parametrize(
    ("state", "word"),
    [("on_time", "按时"), ("due_soon", "快到期"), ("overdue", "已超时"), ("paused", "已暂停")],
)
def test_a_time_badge_says_its_meaning_in_words_and_with_an_icon(state: str, word: str) -> None:
    for source in ("{% time_badge state %}", "{% time_left due state=state %}"):
        shown = render(source, state=state, due=NOW + timedelta(hours=3))
        assert word in shown
        assert 'aria-hidden="true"' in shown
        assert f"is-{state}" in shown


def test_without_a_state_a_deadline_that_has_passed_is_overdue() -> None:
    assert "已超时" in render("{% time_left due %}", due=NOW - timedelta(hours=5))
    assert "按时" in render("{% time_left due %}", due=NOW + timedelta(hours=5))
    assert "不限时" in render("{% time_left due %}", due=None)


def test_a_provisional_deadline_says_so_and_why() -> None:
    shown = render("{% time_left due provisional=True %}", due=NOW + timedelta(days=300))
    assert "暂定" in shown
    assert "放假安排" in shown


def test_a_paused_clock_shows_no_time_left() -> None:
    assert "还剩" not in render('{% time_left due state="paused" %}', due=NOW + timedelta(hours=5))


class OneField(forms.Form):
    name = forms.CharField(label="称呼", help_text="写“王阿姨”也可以。")
    way = forms.ChoiceField(label="方式", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect)


def test_a_field_ties_its_help_and_its_error_to_the_control() -> None:
    shown = render("{% field form.name %}", form=OneField(data={}))
    assert 'aria-describedby="id_name-help id_name-error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'id="id_name-help"' in shown
    assert 'id="id_name-error"' in shown
    assert '<label class="field-label" for="id_name">' in shown


def test_help_given_in_the_page_replaces_that_of_the_form() -> None:
    shown = render('{% field form.name help="" %}', form=OneField())
    assert "王阿姨" not in shown
    assert "aria-describedby" not in shown


def test_a_choice_of_few_is_a_group_of_cards_with_a_legend() -> None:
    shown = render("{% field form.way %}", form=OneField())
    assert "<legend" in shown
    assert shown.count('type="radio"') == 2


def test_the_options_of_a_map_are_json_that_html_cannot_break() -> None:
    shown = render("<i data-map='{% map_data label=label lng=lng lat=None %}'>", label="a'\"><b>", lng=121.5)
    assert "<b>" not in shown
    assert "&#x27;" in shown
    assert "lat" not in shown


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    sprite = next((PACKAGE / "ui/static/dist/assets").glob("icons-*.svg")).read_text()
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    named = {
        name
        for page in PACKAGE.rglob("templates/**/*.html")
        for name in re.findall(r'(?:{% icon |icon_name=|icon_name\|default:)"([^"]+)"', page.read_text())
    }
    assert named
    assert named <= drawn, f"add to frontend/icons.txt: {sorted(named - drawn)}"
