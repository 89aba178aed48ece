"""The whole file as one archive: what is in it, what is not, and that any change of any byte is found."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.cases import queries as cases
from linli.consultation import actions, documents, queries, verify_dossier
from linli.consultation.actions import Choice
from linli.consultation.models import Dossier
from linli.consultation.tests.making import all_said, asked, hard_case, paper, photo, said, weighed
from linli.consultation.words import DOSSIER_GONE, Level
from linli.kernel import clocks, merkle, notes, proofs, seal
from linli.kernel.errors import INVALID, NOT_FOUND, RETRY_DIFFERS, Problem
from tests.world import AT, Town, actor

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).parents[4] / "scripts" / "verify_dossier.py"
PHONE = "16100000001"


@pytest.fixture(autouse=True)
def _own_key(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def case(town: Town):
    """A case on which everything was said and decided, with a document of the question and one of an opinion."""
    found = hard_case(town)
    pictures = [item.file_id for items in cases.evidence(found.id).values() for item in items]
    made = asked(town, found, pictures=pictures, documents=[paper("材料.pdf", b"a")])
    opinions = all_said(town, made)
    opinions[0] = said(town, made, "lawyer", text="公开意见(补充)。", documents=[paper("意见.pdf", b"b")])
    actions.decide(made.id, by=actor(town, "qian"), at=AT, text="责令改正。", weighed=weighed(opinions))
    return found


def made(town: Town, case, **changes) -> Dossier:
    given = {"by": actor(town, "qian"), "at": AT, "to": "区城市运行中心", "reason_given": "超出镇级权限"}
    return actions.hand_up(case.id, **(given | changes))


def data_of(dossier: Dossier) -> bytes:
    return documents.dossier_path(dossier.sha256).read_bytes()


def everything(dossier: Dossier) -> str:
    return "\n".join(
        f"{name}\n{data.decode(errors='replace')}"
        for name, data in verify_dossier.unpack(data_of(dossier)).items()
    )


def key() -> str:
    return str(seal.signer().verifier)


def wrong(data: bytes, with_key: str = "") -> list[str]:
    """What the verifier finds; an archive that it cannot read is a finding."""
    try:
        return verify_dossier.check(data, with_key)[0]
    except verify_dossier.Wrong as error:
        return [str(error)]


def test_a_dossier_holds_everything_and_verifies(town: Town, case) -> None:
    dossier = made(town, case)
    files = verify_dossier.unpack(data_of(dossier))
    assert next(iter(files)) == "MANIFEST.txt"
    assert {
        "case.json", "history.json", "consultations.json", "opinions.json", "decisions.json", "index.html",
        "pictures.json", "documents.json", "checkpoint.txt", "documents/001.pdf", "documents/002.pdf",
        "pictures/001-report.jpg", "style.css",
    } == set(files) - {"MANIFEST.txt"}  # fmt: skip
    assert wrong(data_of(dossier), key()) == []
    assert wrong(data_of(dossier)) == []
    history = json.loads(files["history.json"])
    recorded = [line.kind for line in cases.history(case.id)]
    assert sum(json.loads(each["leaf"])["about"] == str(case.id) for each in history) == len(recorded) - 1
    assert recorded[-1] == "consultation.CaseHandedUp"
    page = files["index.html"].decode()
    for words in (
        "责令改正。",
        "公开意见(补充)。",
        "与现行规定不一致",
        "区城市运行中心",
        "pictures/001-report.jpg",
    ):
        assert words in page
    assert dossier.size == len(data_of(dossier))
    assert dossier.files == len(files)


def test_confidential_opinions_stay_out_unless_they_are_chosen_and_then_it_is_on_record(
    town: Town, case
) -> None:
    plain = made(town, case)
    assert (plain.opinions, plain.withheld) == (2, 2)
    text = everything(plain)
    assert "只给值班长" not in text
    assert "参与人可看" not in text
    looks = lambda: sum(line.kind.endswith("OpinionRead") for line in cases.history(case.id))  # noqa: E731 - a local shorthand
    assert looks() == 0
    involved = made(town, case, choice=Choice(frozenset({Level.OPEN, Level.INVOLVED})))
    assert "参与人可看" in everything(involved)
    assert "只给值班长" not in everything(involved)
    assert looks() == 1
    whole = made(town, case, choice=Choice(frozenset(Level)))
    assert "只给值班长" in everything(whole)
    assert (whole.opinions, whole.withheld) == (4, 0)
    for each in (involved, whole):
        assert wrong(data_of(each), key()) == []


def test_personal_numbers_are_masked_unless_a_reason_is_given_which_the_reporter_is_told(
    town: Town, case
) -> None:
    masked = everything(made(town, case))
    assert "13812345678" not in masked
    assert PHONE not in masked
    assert "138****5678" in masked
    shown = made(town, case, choice=Choice(unmasked_reason="区里须回访诉求人"))
    text = everything(shown)
    assert "13812345678" in text
    assert PHONE in text
    assert wrong(data_of(shown), key()) == []
    last = [line.kind for line in cases.history(case.id)][-2:]
    assert last == ["consultation.CaseHandedUp", "cases.ReporterRevealed"]
    assert "区里须回访诉求人" in cases.history(case.id)[-2].fact.sentence().zh


def test_why_somebody_declined_never_leaves_the_town(town: Town, case) -> None:
    again = asked(town, case, topic="第二次")
    actions.decline(
        again.id, by=actor(town, "lawyer"), at=AT, ground="conflict", reason_given="我代理过该商户"
    )
    assert "我代理过该商户" not in everything(
        made(town, case, choice=Choice(frozenset(Level), "须回访诉求人"))
    )


def test_a_change_of_any_byte_is_found(town: Town, case) -> None:
    data = data_of(made(town, case, choice=Choice(frozenset(Level))))
    chosen = random.Random(7)
    places = {*range(0, 400), *range(len(data) - 1200, len(data)), *chosen.sample(range(len(data)), 600)}
    for place in sorted(places):
        changed = bytearray(data)
        changed[place] ^= 1 << chosen.randrange(8)
        assert wrong(bytes(changed), key()), place
    for cut in (1, 22, len(data) // 2, len(data) - 1):
        assert wrong(data[:cut], key())
    for more in (b"\0", b"PK"):
        assert wrong(data + more, key())
        assert wrong(more + data, key())


def test_a_change_of_any_file_is_found_even_when_the_archive_is_written_anew(town: Town, case) -> None:
    files = verify_dossier.unpack(data_of(made(town, case)))
    for name, content in files.items():
        for changed in (content[:-1], content + b" ", content.replace(b"0", b"1", 1), b""):
            if changed != content:
                assert wrong(verify_dossier.pack({**files, name: changed}.items()), key()), name
        left = [(each, data) for each, data in files.items() if each != name]
        assert wrong(verify_dossier.pack(left), key()), name
    assert wrong(verify_dossier.pack([*files.items(), ("more.txt", b"x")]), key())
    assert wrong(verify_dossier.pack(reversed(files.items())), key())
    assert wrong(verify_dossier.pack([]), key())


def resigned(files: dict[str, bytes], signer: notes.Signer) -> bytes:
    """The archive with a list of files that is right again, signed by this key."""
    note = files["MANIFEST.txt"].decode()
    head = [line for line in note.partition("\n\n")[0].splitlines() if not line.startswith("file ")]
    head = [f"key {signer.verifier}" if line.startswith("key ") else line for line in head]
    from hashlib import sha256

    rows = [
        f"file {sha256(data).hexdigest()} {len(data)} {name}"
        for name, data in files.items()
        if name != "MANIFEST.txt"
    ]
    text = "\n".join([*head, *rows]) + "\n"
    return verify_dossier.pack({**files, "MANIFEST.txt": signer.sign(text).encode()}.items())


def edited(files: dict[str, bytes], name: str, edit: Callable[[list], None]) -> dict[str, bytes]:
    value = json.loads(files[name])
    edit(value)
    return {**files, name: json.dumps(value, ensure_ascii=False).encode()}


def test_whoever_makes_a_whole_new_archive_with_a_key_of_their_own_is_found_by_the_towns_key(
    town: Town, case, tmp_path
) -> None:
    files = verify_dossier.unpack(data_of(made(town, case)))
    other = notes.load_or_make(tmp_path / "other.key", seal.signer().name)
    assert wrong(resigned(files, other), key())
    assert wrong(resigned(files, other))  # its checkpoint is signed by the town


def opened(history: list, name: str) -> list:
    return next(each["opened"][name] for each in history if name in each["opened"])


CHANGES: dict[str, tuple[str, Callable[[list], None], str]] = {
    "a fact": ("history.json", lambda h: h[2].update(leaf=h[2]["leaf"].replace('"by":["', '"by":["x')), "root"),
    "a personal text": ("history.json", lambda h: opened(h, "text").__setitem__(1, "别的"), "recorded"),
    "a place": ("history.json", lambda h: h[0].update(index=h[0]["index"] + 1), "root"),
    "a path": ("history.json", lambda h: h[0].update(path=h[1]["path"]), "root"),
    "the order": ("history.json", lambda h: h.reverse(), "order"),
    "an opinion's words": ("opinions.json", lambda o: o[0].update(text="别的意见"), "words"),
    "an opinion's note": ("opinions.json", lambda o: o[0].update(note=o[0]["note"].replace("\nversion ", "\nversion 1")), "signature"),
    "another opinion's note": ("opinions.json", lambda o: o[0].update(note=o[1]["note"]), "another one"),
    "a decision's words": ("decisions.json", lambda d: d[0].update(text="另作决定"), "signed"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_even_the_town_cannot_change_what_it_sealed(town: Town, case, what: str) -> None:
    """With the town's own key the list of files can be signed anew; the journal's proofs still tell."""
    name, edit, said_of = CHANGES[what]
    files = verify_dossier.unpack(data_of(made(town, case)))
    assert wrong(resigned(files, seal.signer()), key()) == []
    findings = wrong(resigned(edited(files, name, edit), seal.signer()), key())
    assert findings
    assert any(said_of in finding for finding in findings), findings


def test_the_stand_alone_verifier_needs_no_linli(town: Town, case, tmp_path) -> None:
    file = tmp_path / "dossier.zip"
    data = data_of(made(town, case))
    file.write_bytes(data)
    run = lambda *more: subprocess.run(  # noqa: E731 - a local shorthand
        [sys.executable, "-I", str(SCRIPT), str(file), *more], capture_output=True, text=True, check=False
    )
    good = run("--key", key())
    assert (good.returncode, good.stderr) == (0, "")
    assert "0 findings" in good.stdout
    assert "believed" in run().stdout
    file.write_bytes(data.replace(b"index.html", b"index.htm1"))
    assert run().returncode == 1
    file.unlink()
    assert run().returncode == 2
    source = SCRIPT.read_text()
    assert "import linli" not in source
    assert "from linli" not in source


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_any_other_bytes_are_no_dossier(data: bytes) -> None:
    assert wrong(data)


@given(st.integers(1, 70), st.data())
@settings(max_examples=40)
def test_many_proofs_at_once_are_the_proofs_one_by_one(size: int, data: st.DataObject) -> None:
    leaves = [bytes([n]) * 32 for n in range(size)]
    chosen = data.draw(st.sets(st.integers(0, size - 1), max_size=5))
    assert merkle.inclusion_proofs(chosen, leaves) == {n: merkle.inclusion_proof(n, leaves) for n in chosen}
    with pytest.raises(ValueError, match="leaves"):
        merkle.inclusion_proofs([size], leaves)


def test_there_is_no_proof_before_the_first_checkpoint(town: Town, case) -> None:
    assert proofs.of([case.id]) is None
    seal.seal(AT)
    found = proofs.of([case.id])
    assert found is not None
    assert found.unsealed == 0
    said(town, asked(town, case, topic="又一件"), "lawyer")
    assert proofs.of([case.id]).unsealed == 2


def test_a_dossier_is_downloaded_on_record_and_removed_on_its_day(town: Town, case) -> None:
    dossier, chief = made(town, case), actor(town, "qian")
    assert actions.take_dossier(dossier.id, by=chief, at=AT).sha256 == dossier.sha256
    assert cases.history(case.id)[-1].kind == "consultation.DossierTaken"
    for who in ("lu", "ma", "lawyer", "sz-1"):
        with pytest.raises(Problem) as found:
            actions.take_dossier(dossier.id, by=actor(town, who), at=AT)
        assert found.value.error is NOT_FOUND
    assert dossier.kept_until == AT + timedelta(days=30)
    documents.dossier_path(dossier.sha256).unlink()
    with pytest.raises(Problem) as gone:
        actions.take_dossier(dossier.id, by=chief, at=AT)
    assert gone.value.error is DOSSIER_GONE


def test_the_file_goes_when_its_clock_runs_out(town: Town, case, django_capture_on_commit_callbacks) -> None:
    dossier = made(town, case)
    with django_capture_on_commit_callbacks(execute=True):
        clocks.fire_due(dossier.kept_until)
    dossier.refresh_from_db()
    assert dossier.removed_at == dossier.kept_until
    assert not documents.dossier_path(dossier.sha256).exists()


def test_handing_up_twice_is_harmless_and_other_content_is_refused(town: Town, case) -> None:
    identity = uuid4()
    first = made(town, case, id=identity)
    assert made(town, case, id=identity, at=AT + timedelta(minutes=1)).sha256 == first.sha256
    with pytest.raises(Problem) as found:
        made(town, case, id=identity, to="别处")
    assert found.value.error is RETRY_DIFFERS
    assert Dossier.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": " "}, "to"),
        ({"to": "长" * 61}, "to"),
        ({"reason_given": "短"}, "reason"),
        ({"choice": Choice(unmasked_reason="短")}, "unmasked_reason"),
        ({"choice": Choice(frozenset({Level.CHIEF}))}, "levels"),
    ],
)
def test_what_is_wrong_with_a_handing_up_is_said_at_its_field(town: Town, case, changes, field) -> None:
    with pytest.raises(Problem) as found:
        made(town, case, **changes)
    assert found.value.error is INVALID
    assert set(found.value.fields) == {field}
    assert Dossier.objects.count() == 0


def test_a_case_without_any_consultation_has_a_dossier_too(town: Town) -> None:
    dossier = made(town, hard_case(town))
    assert wrong(data_of(dossier), key()) == []
    assert queries.dossiers_of(dossier.case_id).count() == 1


def test_ten_photos_are_put_together_and_verified_in_a_few_seconds(town: Town, record_property) -> None:
    by = actor(town, "ma")
    case = hard_case(town)
    from linli.cases.tests import loop

    for _ in range(2):
        loop.make("note", case.id, by, photos=[photo(by, AT, (1600, 1200)) for _ in range(5)])
    began = time.perf_counter()
    dossier = made(town, case)
    middle = time.perf_counter()
    assert wrong(data_of(dossier), key()) == []
    ended = time.perf_counter()
    record_property("dossier", f"{dossier.size} bytes, {middle - began:.2f} s, {ended - middle:.2f} s")
    assert ended - began < 20
