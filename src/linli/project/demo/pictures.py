"""Small drawn pictures of what is wrong and of how it looks afterwards; drawn here, so nobody's photograph."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 480, 360
SMALL = (240, 180)
VARIANTS = 4
Draw = ImageDraw.ImageDraw
Colour = str | tuple[int, int, int]
Scene = Callable[[Draw, random.Random, bool], None]

SKIES = ("#cfe3ee", "#dfe6ea", "#f0e2cf", "#c9d6df")
WALLS = ("#e6dccb", "#d9cfc4", "#cfd8d0", "#e2d3d0")
GROUND, KERB, GREEN, DARK = "#b9b4aa", "#8f8a80", "#6f9f63", "#4a4f52"


@cache
def picture(scene: str, done: bool, variant: int, small: bool) -> bytes:
    """A JPEG of the scene, before or after the work; `facility` stands for scenes that are not drawn."""
    rng = random.Random(f"{scene}{variant}")  # noqa: S311 - a drawing, not a secret
    image = Image.new("RGB", (WIDTH, HEIGHT), SKIES[variant % len(SKIES)])
    draw = ImageDraw.Draw(image)
    _street(draw, rng, variant)
    SCENES.get(scene, _facility)(draw, rng, done)
    if small:
        image = image.resize(SMALL)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=78)
    return out.getvalue()


def _street(draw: Draw, rng: random.Random, variant: int) -> None:
    """A wall with windows, pavement and road."""
    left = rng.randint(-60, 60)
    draw.rectangle((left, 60, left + 330, 210), fill=WALLS[variant % len(WALLS)])
    for column in range(4):
        for row in range(2):
            x, y = left + 30 + column * 75, 78 + row * 62
            draw.rectangle((x, y, x + 36, y + 40), fill="#9fb6c4", outline="#ffffff", width=3)
    draw.rectangle((0, 205, WIDTH, 250), fill="#cdc7ba")
    draw.rectangle((0, 246, WIDTH, 252), fill=KERB)
    draw.rectangle((0, 252, WIDTH, HEIGHT), fill=GROUND)
    for x in range(20, WIDTH, 110):
        draw.rectangle((x, 326, x + 60, 332), fill="#eeeae0")
    draw.ellipse((WIDTH - 130, 70, WIDTH - 30, 170), fill=GREEN)
    draw.rectangle((WIDTH - 86, 160, WIDTH - 76, 222), fill="#7a5c41")


def _rubbish(draw: Draw, rng: random.Random, done: bool) -> None:
    draw.rectangle((290, 170, 350, 250), fill="#3f7d58")
    draw.rectangle((284, 162, 356, 174), fill="#2f6347")
    if done:
        return
    for _ in range(16):
        x, y, r = rng.randint(120, 330), rng.randint(222, 285), rng.randint(14, 30)
        draw.ellipse(
            (x - r, y - r * 0.8, x + r, y + r * 0.8),
            fill=rng.choice(("#3a3f44", "#5b6168", "#8b3b34", "#caa24a", "#e8e4da")),
        )


def _clutter(draw: Draw, rng: random.Random, done: bool) -> None:
    draw.rectangle((60, 120, 150, 246), fill="#7a6a58")
    draw.ellipse((136, 180, 144, 188), fill="#e7c65a")
    if done:
        return
    for _ in range(11):
        x, y, s = rng.randint(150, 320), rng.randint(170, 235), rng.randint(26, 52)
        draw.rectangle(
            (x, y, x + s, y + s * 0.8),
            fill=rng.choice(("#c69a62", "#b5854c", "#d9b684", "#8d7b6a")),
            outline="#6e5636",
            width=2,
        )


def _stickers(draw: Draw, rng: random.Random, done: bool) -> None:
    draw.rectangle((190, 40, 214, 250), fill="#8c9094")
    if done:
        return
    for _ in range(14):
        x, y = rng.randint(150, 250), rng.randint(70, 215)
        draw.rectangle(
            (x, y, x + 30, y + 20),
            fill=rng.choice(("#f4e36b", "#ffffff", "#f2a3a3", "#a8d8f0")),
            outline="#777777",
        )
        draw.line((x + 5, y + 8, x + 25, y + 8), fill="#444444", width=2)


def _bike(draw: Draw, x: float, y: float, tilt: int, colour: Colour) -> None:
    draw.ellipse((x, y, x + 32, y + 32), outline=DARK, width=4)
    draw.ellipse((x + 46, y + tilt, x + 78, y + 32 + tilt), outline=DARK, width=4)
    draw.line((x + 16, y + 16, x + 40, y - 12, x + 62, y + 16 + tilt), fill=colour, width=5)
    draw.line((x + 52, y - 16, x + 62, y + 16 + tilt), fill=colour, width=5)


def _bikes(draw: Draw, rng: random.Random, done: bool) -> None:
    colours = ("#2f7fbf", "#e0a22c", "#4a9d63")
    for n in range(5):
        if done:
            _bike(draw, 40 + n * 84, 205, 0, colours[n % 3])
        else:
            _bike(draw, rng.randint(20, 380), rng.randint(200, 290), rng.randint(-16, 16), colours[n % 3])


def _lamp(draw: Draw, rng: random.Random, done: bool) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill="#1f2a3a")
    draw.rectangle((0, 250, WIDTH, HEIGHT), fill="#2b323b")
    if done:
        for step, shade in enumerate(("#35404c", "#55593f", "#8a7f45", "#c9ad55")):
            draw.polygon((240, 92, 90 + step * 30, 330, 390 - step * 30, 330), fill=shade)
    draw.rectangle((236, 80, 246, 320), fill="#8c9094")
    draw.ellipse((216, 66, 266, 98), fill="#ffe9a3" if done else "#59606a")


def _pothole(draw: Draw, rng: random.Random, done: bool) -> None:
    if done:
        draw.polygon((150, 290, 230, 270, 320, 285, 300, 325, 180, 330), fill="#86827a")
        return
    draw.polygon((150, 290, 200, 268, 270, 275, 330, 290, 300, 328, 220, 336, 165, 322), fill="#57524a")
    draw.polygon((180, 296, 230, 280, 290, 292, 270, 318, 205, 322), fill="#3b3732")
    for _ in range(12):
        x, y = rng.randint(130, 340), rng.randint(262, 340)
        draw.ellipse((x, y, x + 9, y + 6), fill="#77716a")


def _manhole(draw: Draw, rng: random.Random, done: bool) -> None:
    draw.ellipse((165, 262, 315, 334), fill="#77736c")
    draw.ellipse((178, 269, 302, 327), fill="#55585a" if done else "#15181a")
    if done:
        for x in range(200, 290, 18):
            draw.line((x, 278, x, 318), fill="#6d7072", width=3)
    else:
        draw.chord((250, 255, 380, 315), 20, 200, fill="#55585a")
        draw.line((235, 230, 245, 300), fill="#7a5c41", width=7)


def _water(draw: Draw, rng: random.Random, done: bool) -> None:
    if done:
        draw.rectangle((205, 296, 275, 322), fill=DARK)
        for x in range(212, 272, 12):
            draw.line((x, 300, x, 318), fill="#8f9598", width=4)
        return
    draw.ellipse((20, 232, 460, 356), fill="#7fa3b4")
    for _ in range(8):
        x, y = rng.randint(60, 380), rng.randint(250, 330)
        draw.arc((x, y, x + 60, y + 14), 0, 180, fill="#c4dbe5", width=3)


def _green(draw: Draw, rng: random.Random, done: bool) -> None:
    draw.rectangle((0, 205, WIDTH, 300), fill="#7fb06f" if done else "#a99f6b")
    for _ in range(40 if done else 12):
        x, y = rng.randint(5, 470), rng.randint(210, 285)
        draw.ellipse((x, y, x + 14, y + 12), fill="#4f8a4a" if done else "#8c9a52")
    if not done:
        draw.line((120, 300, 210, 90), fill="#7a5c41", width=14)
        draw.ellipse((150, 40, 300, 150), fill="#90964f")


def _river(draw: Draw, rng: random.Random, done: bool) -> None:
    draw.rectangle((0, 200, WIDTH, HEIGHT), fill="#7fb3c4" if done else "#76806a")
    draw.polygon((0, 200, WIDTH, 200, WIDTH, 216, 0, 226), fill=GREEN)
    if done:
        return
    for _ in range(26):
        x, y = rng.randint(20, 440), rng.randint(240, 340)
        draw.ellipse((x, y, x + 24, y + 13), fill=rng.choice(("#4f7a3a", "#658f47", "#e6e6e0", "#c04f3f")))


def _vendor(draw: Draw, rng: random.Random, done: bool) -> None:
    if done:
        return
    for n in range(3):
        x = 40 + n * 140
        draw.polygon(
            (x, 190, x + 110, 190, x + 96, 160, x + 14, 160), fill=("#c94f43", "#3f86b8", "#d49a35")[n]
        )
        draw.rectangle((x + 8, 228, x + 102, 276), fill="#a5793f")
        for _ in range(14):
            a = rng.randint(x + 12, x + 90)
            draw.ellipse((a, 218, a + 12, 230), fill=rng.choice(("#d8432f", "#e9b93c", "#6fa84a")))


def _cable(draw: Draw, rng: random.Random, done: bool) -> None:
    draw.rectangle((70, 30, 82, 250), fill="#6d5b48")
    draw.rectangle((390, 30, 402, 250), fill="#6d5b48")
    for n in range(4):
        sag = 10 if done else rng.randint(60, 190)
        draw.arc((76, 50 + n * 6 - sag, 396, 50 + n * 6 + sag), 0, 180, fill="#22262a", width=3)


def _facility(draw: Draw, rng: random.Random, done: bool) -> None:
    draw.rectangle((180, 150, 300, 160), fill="#3f7fae")
    draw.rectangle((192, 160, 202, 250), fill="#3f7fae")
    if done:
        draw.rectangle((278, 160, 288, 250), fill="#3f7fae")
    else:
        draw.line((283, 160, 320, 246), fill="#3f7fae", width=10)
        draw.rectangle((150, 236, 345, 244), fill="#d8b13c")


SCENES: dict[str, Scene] = {
    "rubbish": _rubbish, "clutter": _clutter, "stickers": _stickers, "bikes": _bikes, "lamp": _lamp, "pothole": _pothole,
    "manhole": _manhole, "water": _water, "green": _green, "river": _river, "vendor": _vendor, "cable": _cable,
    "facility": _facility,
}  # fmt: skip
