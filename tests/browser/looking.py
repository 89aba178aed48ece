"""Looking at a page as its readers do: with a screen reader's eye (axe), on a narrow screen, in their language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE

LANGUAGES = {"zh-hans": "zh", "en": "en"}
"""As the site names them, and as they are called here."""
AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
HAN = re.compile(r"[\u4e00-\u9fff]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z'-]+")
# Names and signs that are the same in Chinese, and what is typed on a keyboard.
SAME_IN_CHINESE = frozenset(
    {"Linli", "Enter", "Excel", "CSV", "GeoJSON", "WGS", "TOTP", "GPS", "QR", "Ctrl", "JavaScript"}
)

_RUN = """
colours => axe.run(document, {
  resultTypes: ["violations"], preload: false, iframes: false,
  ...(colours === "only" ? {runOnly: {type: "rule", values: ["color-contrast"]}} : {}),
  ...(colours === "not" ? {rules: {"color-contrast": {enabled: false}}} : {}),
}).then(found => found.violations
  .filter(one => ["serious", "critical"].includes(one.impact))
  .map(one => one.id + ": " + one.help + "\\n" + one.nodes.slice(0, 4).map(
    node => "    " + node.html.slice(0, 200) + "\\n      " + node.failureSummary.split("\\n").slice(1).join(" ")
  ).join("\\n")))
"""
_SETTLE = """
async () => {
  if (!window.settled) {
    window.settled = new CSSStyleSheet();
    window.settled.replaceSync("*, *::before, *::after { transition: none !important }");
    document.adoptedStyleSheets.push(window.settled);
  }
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame();
  document.getAnimations()
    .filter(each => Number.isFinite(each.effect.getComputedTiming().endTime))
    .forEach(each => each.finish());
}
"""
_WORDS = """
() => {
  const own = node => node.closest("[lang]") === document.documentElement;
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.parentElement;
    if (at.closest("script, style, code, kbd, template, svg, .maplibregl-ctrl-attrib")) continue;
    if (own(at)) said.push(walker.currentNode.textContent.trim());
  }
  for (const each of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
    if (own(each)) for (const name of ["aria-label", "title", "placeholder", "alt"])
      if (each.hasAttribute(name)) said.push(each.getAttribute(name).trim());
  return [document.title, ...said].filter(Boolean);
}
"""


def barriers(page: Page, colours: str = "too") -> list[str]:
    """What axe finds serious or critical: `colours` "too", "only" or "not". Its code is put in by the driver, so the
    page's policy stays as it is."""
    # Colours that still change would be judged half way. The switch to dark reaches the page's script, which sets the
    # theme, with the next frame: only then does anything begin to change, so that it must not take time at all.
    page.evaluate(_SETTLE)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text() + "\n;0")
    return list(page.evaluate(_RUN, colours))


def too_wide(page: Page) -> list[str]:
    """The elements that make the page scroll sideways; none, when it does not."""
    return list(
        page.evaluate(
            """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
            [document.documentElement.scrollWidth + " px wide", ...[...document.querySelectorAll("body *")]
              .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1)
              .slice(0, 6).map(one => one.outerHTML.slice(0, 160))]"""
        )
    )


def foreign_words(page: Page, language: str, data: Iterable[str]) -> list[str]:
    """The texts in the other language. What people wrote and what they are called stays as it is."""
    known = sorted({each for each in data if each}, key=len, reverse=True)
    found = []
    for text in page.evaluate(_WORDS):
        rest = re.sub(r"https?://\S+", " ", text)
        for each in known:
            rest = rest.replace(each, " ")
        wrong = HAN.findall(rest) if language == "en" else _english(rest)
        if wrong:
            found.append(f"{text[:120]!r}: {wrong}")
    return found


def _english(text: str) -> list[str]:
    return [word for word in LATIN.findall(text) if word not in SAME_IN_CHINESE and not word.isupper()]


def told(**found: dict[str, list[str]]) -> str:
    """What was found, for a reader of the test's failure; "" when nothing was."""
    return "\n".join(
        f"{where}, {name}:\n  " + "\n  ".join(lines)
        for where, faults in found.items()
        for name, lines in faults.items()
        if lines
    )


def faults(page: Page, language: str, data: Iterable[str], colours: str = "too") -> dict[str, list[str]]:
    """Everything that is wrong with the page as it is shown now."""
    page.wait_for_load_state()
    return {
        "axe": barriers(page, colours),
        "too wide": too_wide(page),
        "language": foreign_words(page, language, data),
    }


def everywhere(
    page: Page, name: str, language: str, data: Iterable[str], picture: Callable[[Page, str], None]
) -> str:
    """What is wrong with the page as it is shown now, on a phone and at a desk; "" when nothing. Both are kept as
    pictures of this name. Colours speak no language: those of the Chinese page are judged light, on both screens, with
    everything else, those of the English one dark, at the desk. Afterwards it is a light page at the desk."""
    short = LANGUAGES[language]
    page.set_viewport_size(PHONE)
    on_phone = faults(page, short, data, "not" if short == "en" else "too")
    picture(page, f"{name}-{short}-phone")
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="dark" if short == "en" else "light")
    at_desk = {
        "axe": barriers(page, "only" if short == "en" else "too"),
        "too wide": too_wide(page),
    }
    picture(page, f"{name}-{short}-desk")
    page.emulate_media(color_scheme="light")
    return told(phone=on_phone, desk=at_desk)
