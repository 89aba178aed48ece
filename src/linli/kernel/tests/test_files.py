"""A picture is kept as what can be seen, once, and only while something uses it."""

from __future__ import annotations

import random
import struct
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, PngImagePlugin
from pytest_django import Settings

from linli.kernel import errors, files, pictures
from linli.kernel.errors import Problem
from linli.kernel.file_models import StoredFile

AT = datetime(2026, 5, 6, 8, 0, tzinfo=UTC)
ANNA, BO = UUID(int=1), UUID(int=2)
SCRIPT = b"<script>alert(document.cookie)</script>"


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def scene(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Red in the upper left corner, blue elsewhere."""
    image = Image.new("RGB", (width, height), (0, 0, 255))
    ImageDraw.Draw(image).rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill=(255, 0, 0))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def take(data: bytes, name: str = "p.jpg", declared: str | None = None, **more: object) -> StoredFile:
    return files.take_picture(data, name, declared, **{"by": ANNA, "at": AT, **more})


def kept(file: StoredFile) -> Image.Image:
    with files.path_of(file).open("rb") as stored:
        image = Image.open(stored)
        image.load()
    return image


def corners(image: Image.Image) -> str:
    """Upper left, upper right, lower left, lower right: R for red, B for blue, W for white."""
    names = {(True, False, False): "R", (False, False, True): "B", (True, True, True): "W"}
    right, bottom = image.width - 4, image.height - 4
    points = [(3, 3), (right, 3), (3, bottom), (right, bottom)]
    return "".join(names[tuple(value > 127 for value in image.getpixel(point))] for point in points)


def refused(
    error: errors.ErrorCode, data: bytes, name: str = "p.jpg", declared: str | None = None
) -> Problem:
    with pytest.raises(Problem) as refusal:
        take(data, name, declared)
    assert refusal.value.error is error
    assert refusal.value.fields["file"].zh
    assert not StoredFile.objects.exists()
    return refusal.value


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010F] = "SecretCameraMaker"
    found.get_ifd(0x8825).update({1: "N", 2: (30.0, 45.0, 12.5), 3: "E", 4: (121.0, 20.0, 0.0)})
    return found


@pytest.mark.django_db
def test_position_camera_and_comments_of_a_photo_are_gone() -> None:
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>SecretPlace</x:xmpmeta>"
    data = encoded(
        scene(), "JPEG", exif=exif(), comment=b"SecretComment", xmp=xmp, icc_profile=b"SecretProfile"
    )
    assert b"SecretCameraMaker" in data
    assert b"SecretPlace" in data
    file = take(data + b"SecretTrailer", "IMG_0001.JPG", "image/jpeg")
    assert (file.media_type, file.width, file.height, file.attached_at) == ("image/jpeg", 64, 48, None)
    assert file.size == files.path_of(file).stat().st_size
    for thumbnail in (False, True):
        stored = files.path_of(file, thumbnail=thumbnail).read_bytes()
        assert b"Secret" not in stored
        image = Image.open(BytesIO(stored))
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "seen"),
    list(enumerate(["RBBB", "BRBB", "BBBR", "BBRB", "RBBB", "BRBB", "BBBR", "BBRB", "RBBB"], start=1)),
)
def test_a_photo_stands_upright_as_its_camera_said(kind: str, orientation: int, seen: str) -> None:
    file = take(encoded(scene(), kind, exif=exif(orientation)), f"p.{kind.lower()}")
    assert corners(kept(file)) == seen
    assert (file.width, file.height) == ((48, 64) if 5 <= orientation <= 8 else (64, 48))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "block",
    [
        b"garbage",
        b"II*\0\xff\xff\xff\xff",
        b"MM\0*\0\0\0\x08\xff\xff\x01\x12",
        b"II*\0\x08\0\0\0\xff\xff\x12",
    ],
)
def test_damaged_exif_does_not_spoil_a_photo(block: bytes) -> None:
    assert corners(kept(take(encoded(scene(), "JPEG", exif=b"Exif\0\0" + block)))) == "RBBB"


@pytest.mark.django_db
def test_texts_in_a_png_are_gone_and_a_huge_one_does_no_harm() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "SecretAuthor")
    texts.add_text("bomb", "S" * 80_000_000, zip=True)
    data = encoded(scene(), "PNG", pnginfo=texts)
    file = take(data, "p.png", "image/png")
    assert corners(kept(file)) == "RBBB"
    assert b"Secret" not in files.path_of(file).read_bytes()


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "I;16"])
def test_every_way_to_hold_pixels_in_a_png_is_taken(mode: str) -> None:
    image = Image.new("I;16", (8, 8), 0x8000) if mode == "I;16" else Image.new("L", (8, 8), 128).convert(mode)
    value = kept(take(encoded(image, "PNG"), "p.png")).convert("L").getpixel((4, 4))
    assert isinstance(value, int | float)
    assert mode == "1" or abs(value - 128) <= 2


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("WEBP", "RGBA")])
def test_what_is_transparent_becomes_white(kind: str, mode: str) -> None:
    image = Image.new("RGBA", (32, 32), (0, 0, 0, 0)).convert(mode)
    options = {"transparency": 0} if mode == "P" else {}
    data = encoded(image, kind, **options)
    assert corners(kept(take(data, f"p.{kind.lower()}"))) == "WWWW"


@pytest.mark.django_db
def test_webp_cmyk_progressive_and_moving_pictures_are_taken() -> None:
    assert corners(kept(take(encoded(scene(), "WEBP", lossless=True), "p.webp", "image/webp"))) == "RBBB"
    assert corners(kept(take(encoded(scene(mode="CMYK"), "JPEG")))) == "RBBB"
    assert corners(kept(take(encoded(scene(), "JPEG", progressive=True)))) == "RBBB"
    others = [Image.new("RGB", (64, 48), "white")]
    for kind in ("PNG", "WEBP"):
        moving = encoded(scene(), kind, save_all=True, append_images=others)
        assert corners(kept(take(moving, f"p.{kind.lower()}"))) == "RBBB"


@pytest.mark.django_db
def test_a_large_photo_is_scaled_and_gets_a_small_copy() -> None:
    file = take(encoded(scene(6000, 3000), "JPEG"))
    assert (file.width, file.height) == (2560, 1280)
    assert corners(kept(file)) == "RBBB"
    with files.open_file(file.id, thumbnail=True) as stored:
        small = Image.open(stored)
        assert small.size == (480, 240)
        assert corners(small) == "RBBB"


@pytest.mark.django_db
def test_a_page_hidden_in_a_photo_does_not_survive() -> None:
    for data in (encoded(scene(), "JPEG", comment=SCRIPT), encoded(scene(), "JPEG") + SCRIPT):
        assert SCRIPT in data
        assert b"script" not in files.path_of(take(data)).read_bytes()
    refused_name = encoded(scene(), "JPEG", comment=SCRIPT)
    with pytest.raises(Problem):
        take(refused_name, "p.html")


JPEG, PNG, WEBP = (encoded(scene(), kind) for kind in ("JPEG", "PNG", "WEBP"))
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "name", "declared"),
    [
        (SVG, "p.jpg", "image/jpeg"),
        (SVG, "p.svg", "image/svg+xml"),
        (encoded(scene(), "GIF"), "p.gif", "image/gif"),
        (encoded(scene(), "GIF"), "p.jpg", "image/jpeg"),
        (encoded(scene(), "BMP"), "p.bmp", None),
        (b"<html>" + JPEG, "p.jpg", "image/jpeg"),
        (b"%PDF-1.7", "p.png", "image/png"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "p.webp", "image/webp"),
        (b"\xff\xd8", "p.jpg", None),
        (JPEG, "p.png", "image/jpeg"),
        (PNG, "p.jpg", "image/png"),
        (JPEG, "p.jpg", "image/png"),
        (JPEG, "p.jpg", "text/html"),
        (JPEG, "p.jpg.html", "image/jpeg"),
        (JPEG, "p.jpg.", "image/jpeg; x"),
        (JPEG, "p", None),
        (JPEG, "", ""),
        (JPEG, "p", "application/octet-stream"),
        (WEBP, "p", "image/png"),
    ],
)
def test_content_name_and_declared_type_must_agree(data: bytes, name: str, declared: str | None) -> None:
    refused(errors.UNSUPPORTED_TYPE, data, name, declared)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "name", "declared"),
    [
        (JPEG, "现场 照片.JPEG", "image/jpeg"),
        (JPEG, "p.php.jpg", "image/pjpeg"),
        (JPEG, "../../etc/p\0.jpg", "image/jpg; charset=binary"),
        (JPEG, "1000012345", "image/jpeg"),
        (PNG, "C:\\bilder\\p.png", None),
        (WEBP, "p.webp", "application/octet-stream"),
    ],
)
def test_a_name_is_read_for_its_type_and_then_forgotten(data: bytes, name: str, declared: str | None) -> None:
    file = take(data, name, declared)
    assert files.path_of(file).name == f"{file.sha256[2:]}.jpg"


@pytest.mark.django_db
def test_an_80_megapixel_picture_is_refused_from_its_header() -> None:
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 10_000, 8_000, 8, 2, 0, 0, 0))
    png = (
        b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", zlib.compress(b"\0" * 100)) + png_chunk(b"IEND", b"")
    )
    refused(errors.TOO_LARGE, png, "p.png")
    huge = png.replace(struct.pack(">II", 10_000, 8_000), struct.pack(">II", 0x7FFF_FFFF, 0x7FFF_FFFF))
    refused(files.UNREADABLE, huge, "p.png")  # its checksum is wrong as well

    at = JPEG.index(b"\xff\xc0") + 5
    refused(errors.TOO_LARGE, JPEG[:at] + struct.pack(">HH", 8_000, 10_000) + JPEG[at + 4 :])

    canvas = struct.pack("<I", 10_000 - 1)[:3] + struct.pack("<I", 8_000 - 1)[:3]
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas + WEBP[12:]
    with pytest.raises(Problem) as refusal:
        take(b"RIFF" + struct.pack("<I", len(body)) + body, "p.webp")
    assert refusal.value.error in {errors.TOO_LARGE, files.UNREADABLE}


@pytest.mark.django_db
def test_twelve_megabytes_are_taken_and_one_byte_more_is_not() -> None:
    most = files.limits().max_bytes
    assert most == 12 * 1024 * 1024
    assert take(JPEG + b"\0" * (most - len(JPEG))).width == 64
    StoredFile.objects.all().delete()
    refused(errors.TOO_LARGE, JPEG + b"\0" * (most - len(JPEG) + 1))


@pytest.mark.django_db
def test_an_upload_is_kept_and_one_that_is_too_large_is_refused_unread() -> None:
    sent = SimpleUploadedFile("p.jpg", JPEG, "image/jpeg")
    assert files.take_upload(sent, by=ANNA, at=AT).uploader == ANNA
    sent.seek(0)
    sent.size = files.limits().max_bytes + 1
    with pytest.raises(Problem) as refusal:
        files.take_upload(sent, by=ANNA, at=AT)
    assert refusal.value.error is errors.TOO_LARGE
    assert "12 MB" in refusal.value.fields["file"].en
    assert sent.tell() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("data", "name"), [(JPEG, "p.jpg"), (PNG, "p.png"), (WEBP, "p.webp")])
def test_a_truncated_picture_is_refused_wherever_it_was_cut(data: bytes, name: str) -> None:
    for length in {16, 30, len(data) // 3, len(data) // 2, len(data) - 60, len(data) - 13, len(data) - 3}:
        refused(files.UNREADABLE, data[:length], name)


@pytest.mark.django_db
def test_nothing_is_no_picture() -> None:
    refused(files.UNREADABLE, b"")


@pytest.mark.django_db
def test_random_damage_never_breaks_the_taking() -> None:
    chance = random.Random(7)
    for data, name in ((JPEG, "p.jpg"), (PNG, "p.png"), (WEBP, "p.webp")):
        for _ in range(150):
            damaged = bytearray(data)
            for _ in range(chance.randint(1, 6)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            with suppress(Problem):
                files._rebuilt(bytes(damaged), name, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "filler", [b"\xff" * 3_000_000 + b"\0", b"\xff\xda\0\x02" * 700_000, b"\xff\xfe\0\x02" * 700_000]
)
def test_a_photo_made_to_take_hours_is_refused_at_once(filler: bytes) -> None:
    at = JPEG.index(b"\xff\xda")
    refused(files.UNREADABLE, JPEG[:at] + filler)


@pytest.mark.django_db
def test_the_same_photo_twice_is_one_file_on_disk() -> None:
    first, again = take(JPEG), take(JPEG, "other.jpg", at=AT + timedelta(minutes=5))
    assert first == again
    other = take(JPEG, by=BO)
    guest = take(JPEG, by=None, session="guest")
    assert len({first.id, other.id, guest.id}) == 3
    assert {first.sha256} == {other.sha256, guest.sha256}
    files.attach([first.id], at=AT, by=first.uploader)
    assert take(JPEG).id != first.id
    found = [path for path in files._root().rglob("*") if path.is_file() and path.name != ".lock"]
    assert len(found) == 2


@pytest.mark.django_db
def test_two_unknown_senders_of_one_picture_do_not_share_it() -> None:
    one, other = take(JPEG, by=None), take(JPEG, by=None)
    assert one.sha256 == other.sha256
    files.attach([one.id], at=AT)
    files.attach([other.id], at=AT)


@pytest.mark.django_db
def test_the_same_pixels_always_give_the_same_bytes() -> None:
    limits = files.limits()
    assert pictures.rebuild(PNG, "image/png", limits) == pictures.rebuild(PNG, "image/png", limits)


@pytest.mark.django_db
def test_a_used_picture_cannot_be_used_again_nor_by_another() -> None:
    one, two = take(JPEG), take(PNG, "p.png")
    guest = take(JPEG, by=None, session="guest")
    for ids, whose in (
        ([one.id], {"by": BO}), ([guest.id], {"session": "stranger"}), ([one.id, uuid4()], {}),
    ):  # fmt: skip
        with pytest.raises(Problem) as refusal:
            files.attach(ids, at=AT, **whose)
        assert refusal.value.error is files.GONE
    attached = files.attach([two.id, one.id, two.id], at=AT, by=ANNA)
    assert [file.id for file in attached] == [two.id, one.id]
    assert files.attach([guest.id], at=AT, session="guest")[0].attached_at == AT
    with pytest.raises(Problem):
        files.attach([one.id], at=AT, by=ANNA)
    assert files.attach([], at=AT) == []


@pytest.mark.django_db
def test_nine_pictures_go_with_a_matter_and_no_tenth() -> None:
    with pytest.raises(Problem) as refusal:
        files.attach([uuid4() for _ in range(10)], at=AT)
    assert refusal.value.error is files.TOO_MANY_FILES
    assert "9" in refusal.value.title.zh


@pytest.mark.django_db
def test_a_sender_cannot_pile_up_unused_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(files.counts()["waiting"]):
        take(encoded(Image.new("RGB", (8, 8), (number * 7, 0, 0)), "PNG"), "p.png", by=None, session="guest")
    with pytest.raises(Problem) as refusal:
        take(JPEG, by=None, session="guest")
    assert refusal.value.error is errors.TOO_MANY
    assert take(JPEG, by=None, session="neighbour")


@pytest.mark.django_db
def test_an_unused_picture_is_forgotten_after_a_day_and_a_used_one_is_not() -> None:
    unused, used = take(JPEG), take(PNG, "p.png")
    files.attach([used.id], at=AT, by=used.uploader)
    assert files.forget_unattached(AT + timedelta(hours=24)) == 0
    assert files.forget_unattached(AT + timedelta(hours=24, seconds=1)) == 1
    assert [file.id for file in StoredFile.objects.all()] == [used.id]
    assert files.path_of(used).exists()
    assert not files.path_of(unused).exists()
    assert not files.path_of(unused, thumbnail=True).exists()
    with pytest.raises(Problem) as refusal:
        files.open_file(unused.id)
    assert refusal.value.error is errors.NOT_FOUND


@pytest.mark.django_db
def test_a_file_that_another_row_needs_outlives_the_forgetting() -> None:
    old = take(JPEG)
    needed = take(JPEG, by=BO, at=AT + timedelta(hours=20))
    assert files.forget_unattached(AT + timedelta(hours=30)) == 1
    assert not StoredFile.objects.filter(pk=old.pk).exists()
    assert kept(needed).size == (64, 48)


@pytest.mark.django_db
def test_a_file_cut_off_by_a_crash_is_not_taken_for_whole() -> None:
    file = take(JPEG)
    assert not list(files._root().rglob(".new-*"))
    files.path_of(file).unlink()
    assert take(JPEG) == file
    assert kept(file).size == (64, 48)
