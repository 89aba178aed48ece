from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from linli.kernel import guards, journal, merkle, notes, seal
from linli.kernel.access import SYSTEM
from linli.kernel.models import Checkpoint, FactRow, Leaf, Secret

from .facts import AT, CLERK, RESIDENT, Noted

pytestmark = pytest.mark.django_db
VERIFIER = Path(__file__).parents[4] / "scripts" / "verify_journal.py"


@pytest.fixture(autouse=True)
def _own_key(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def unguarded():
    """Somebody with the rights of the database's owner: the triggers are gone until the test ends."""
    with connection.cursor() as cursor:
        for statement in guards.drop(connection.vendor):
            cursor.execute(statement)


def _write(count, words="住在三号楼"):
    about = uuid4()
    for number in range(count):
        journal.record(Noted(number, words), about=about, by=RESIDENT, at=AT)
    return about


def _sealed(*counts):
    """A journal sealed after each of these numbers of facts; its numbers in order."""
    for count in counts:
        _write(count)
        assert seal.seal(AT) is not None
    return list(FactRow.objects.order_by("seq").values_list("seq", flat=True))


def _said(verdict):
    return " | ".join(finding.en for finding in verdict.findings)


def test_an_untouched_journal_has_no_findings():
    seqs = _sealed(3, 1, 7)
    _write(2)
    calls = []
    verdict = seal.verify(lambda done, total: calls.append((done, total)))
    assert (verdict.facts, verdict.sealed, verdict.checkpoints, verdict.findings) == (13, 11, 3, [])
    assert calls[-1] == (13, 13)
    leaves = [merkle.leaf_hash(seal.leaf_data(line)) for line in FactRow.objects.order_by("seq")[:11]]
    assert bytes(Checkpoint.objects.get(size=11).root) == merkle.root(leaves)
    assert list(Leaf.objects.order_by("index").values_list("index", "fact_seq")) == list(enumerate(seqs))


def test_sealing_again_without_new_facts_does_nothing():
    _sealed(2)
    assert seal.seal(AT) is None
    assert Checkpoint.objects.count() == 1


def test_an_empty_journal_is_fine():
    assert seal.seal(AT) is None
    assert seal.verify().findings == []


def test_forgetting_a_person_keeps_the_journal_verified():
    about = _write(4)
    seal.seal(AT)
    journal.forget(about=about, by=CLERK, at=AT)
    seal.seal(AT)
    verdict = seal.verify()
    assert (verdict.findings, verdict.forgotten) == ([], 4)


def test_leaves_and_checkpoints_are_append_only():
    _sealed(2)
    for change in (
        lambda: Leaf.objects.update(hash=b""),
        lambda: Leaf.objects.all().delete(),
        lambda: Checkpoint.objects.update(note=""),
        lambda: Checkpoint.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


FIELDS = {
    "kind": "cases.Other", "about": uuid4(), "at": AT.replace(year=2020), "recorded_at": AT, "by_kind": "system",
    "by_id": uuid4(), "by_label": "别人", "by_post": "x|y", "data": '{"number":7}', "fingerprint": "00",
    "fact_id": uuid4(),
}  # fmt: skip


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("column", sorted(FIELDS))
def test_a_change_of_any_column_is_found(column):
    seqs = _sealed(5, 4)
    target = random.Random(column).choice(seqs)
    FactRow.objects.filter(seq=target).update(**{column: FIELDS[column]})
    assert f"Fact {target} was changed" in _said(seal.verify())


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("place", range(9))
def test_a_deleted_fact_is_found_wherever_it_stood(place):
    seqs = _sealed(5, 4)
    FactRow.objects.filter(seq=seqs[place]).delete()
    assert f"Fact {seqs[place]} was deleted" in _said(seal.verify())


@pytest.mark.usefixtures("unguarded")
def test_a_fact_put_into_a_gap_is_found():
    seqs = _sealed(3)
    FactRow.objects.filter(seq=seqs[-1]).update(seq=seqs[-1] + 1)  # leave a number free, then seal properly
    Leaf.objects.filter(fact_seq=seqs[-1]).update(fact_seq=seqs[-1] + 1)
    line = FactRow.objects.get(seq=seqs[0])
    line.seq, line.fact_id = seqs[-1], uuid4()
    line.save(force_insert=True)
    assert f"Fact {seqs[-1]} was inserted" in _said(seal.verify())


@pytest.mark.usefixtures("unguarded")
def test_two_facts_that_changed_places_are_found():
    first, second, *_ = _sealed(5)
    FactRow.objects.filter(seq=first).update(seq=-1)
    FactRow.objects.filter(seq=second).update(seq=first)
    FactRow.objects.filter(seq=-1).update(seq=second)
    said = _said(seal.verify())
    assert f"Fact {first} was changed" in said
    assert f"Fact {second} was changed" in said


@pytest.mark.usefixtures("unguarded")
def test_changing_fact_and_leaf_together_breaks_the_checkpoint():
    seqs = _sealed(4, 4)
    FactRow.objects.filter(seq=seqs[1]).update(data='{"number":9}')
    value = merkle.leaf_hash(seal.leaf_data(FactRow.objects.get(seq=seqs[1])))
    Leaf.objects.filter(fact_seq=seqs[1]).update(hash=value)
    said = _said(seal.verify())
    assert "the root of the checkpoint at 4" in said
    assert "the root of the checkpoint at 8" in said


@pytest.mark.usefixtures("unguarded")
def test_leaves_that_changed_places_are_found():
    _sealed(4)
    Leaf.objects.filter(index=1).update(index=10)
    Leaf.objects.filter(index=2).update(index=1)
    Leaf.objects.filter(index=10).update(index=2)
    assert seal.verify().findings


@pytest.mark.usefixtures("unguarded")
def test_a_cut_off_end_is_found():
    seqs = _sealed(4, 4)
    FactRow.objects.filter(seq__gte=seqs[6]).delete()
    Leaf.objects.filter(fact_seq__gte=seqs[6]).delete()
    assert "the end was cut off" in _said(seal.verify())


@pytest.mark.usefixtures("unguarded")
def test_a_database_set_back_as_a_whole_is_found_by_the_checkpoint_file(django_capture_on_commit_callbacks):
    _sealed(3)
    with django_capture_on_commit_callbacks(execute=True):
        seqs = _sealed(3)
    FactRow.objects.filter(seq__gte=seqs[3]).delete()
    Leaf.objects.filter(index__gte=3).delete()
    Checkpoint.objects.filter(size__gt=3).delete()
    assert "the checkpoint file states 6 sealed facts; there are 3" in _said(seal.verify())
    with django_capture_on_commit_callbacks(execute=True):
        _sealed(9)  # sealing on does not wipe the evidence away
    assert "the root of the checkpoint file" in _said(seal.verify())


@pytest.mark.usefixtures("unguarded")
def test_a_forged_checkpoint_is_found():
    _sealed(3)
    _write(1)
    other = notes.Signer(seal.signer().name, bytes(32))
    note = other.sign(notes.Statement(other.name, 3, bytes(32)).text())
    Checkpoint.objects.update(note=note)
    assert "The signature of the checkpoint at 3 is not good" in _said(seal.verify())
    Checkpoint.objects.update(note="x")
    assert "is not good" in _said(seal.verify())


@pytest.mark.usefixtures("unguarded")
def test_a_checkpoint_row_that_differs_from_its_note_is_found():
    _sealed(3)
    Checkpoint.objects.update(root=bytes(32))
    assert "differs from its note" in _said(seal.verify())


@pytest.mark.usefixtures("unguarded")
def test_a_journal_rewritten_with_the_towns_own_key_is_found_by_a_checkpoint_kept_elsewhere():
    _sealed(5)
    kept = Checkpoint.objects.get().note
    FactRow.objects.filter(data__contains='"number":2').update(data='{"number":20}')
    Leaf.objects.all().delete()
    Checkpoint.objects.all().delete()
    seal.seal(AT)
    assert seal.verify().findings == []
    assert "the checkpoint kept elsewhere" in _said(seal.verify(known=kept))


def test_a_changed_personal_text_is_found():
    about = _write(2)
    seal.seal(AT)
    first, second = Secret.objects.filter(about=about)
    Secret.objects.filter(fact_id=first.fact_id).update(ciphertext=second.ciphertext)
    assert "personal text" in _said(seal.verify())


def test_a_personal_text_that_vanished_without_a_record_is_found():
    about = _write(2)
    seal.seal(AT)
    Secret.objects.filter(about=about).delete()
    assert "gone without a record of erasing" in _said(seal.verify())


def test_two_keys_never_come_of_one_town(settings):
    assert seal.signer() == seal.signer()
    settings.SITE_ADDRESS = "https://new.example"
    assert seal.signer().name == "127.0.0.1:8000/journal"


def _export(path):
    with path.open("w", encoding="utf-8") as file:
        return seal.export(file)


def _verifier(*arguments):
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_stand_alone_verifier_agrees_and_sees_no_personal_text(tmp_path):
    _sealed(3, 5)
    path = tmp_path / "journal.jsonl"
    assert _export(path) == 8
    assert "三号楼" not in path.read_text()
    assert _verifier(path) == (0, "8 facts, 2 checkpoints, 0 findings\n")
    assert _verifier(path, "--key", str(seal.signer().verifier))[0] == 0
    assert "import linli" not in VERIFIER.read_text()
    assert "from linli" not in VERIFIER.read_text()


def _lines(path):
    return path.read_text().splitlines()


def _swap(lines):
    lines[2], lines[3] = lines[3], lines[2]


def _change(lines):
    lines[2] = lines[2].replace('number\\\\\\"', 'numbex\\\\\\"')


def _double(lines):
    lines.insert(3, lines[2])


MUTATIONS = {
    "update": _change,
    "delete": lambda lines: lines.pop(3),
    "insert": _double,
    "reorder": _swap,
    "truncate": lambda lines: lines.pop(8),
    "blank": lambda lines: lines.__setitem__(4, json.dumps({"fact": ""})),
}


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
def test_the_stand_alone_verifier_finds_every_mutation(mutation, tmp_path):
    _sealed(3, 5)
    path = tmp_path / "journal.jsonl"
    _export(path)
    lines = _lines(path)
    before = list(lines)
    MUTATIONS[mutation](lines)
    assert lines != before
    path.write_text("\n".join(lines) + "\n")
    code, said = _verifier(path)
    assert (code, "0 findings" in said) == (1, False)


@pytest.mark.usefixtures("unguarded")
def test_the_stand_alone_verifier_finds_a_rewritten_journal_by_an_old_checkpoint(tmp_path):
    _sealed(5)
    kept = tmp_path / "kept.txt"
    kept.write_text(Checkpoint.objects.get().note)
    FactRow.objects.update(by_label=F("kind"))
    Leaf.objects.all().delete()
    Checkpoint.objects.all().delete()
    seal.seal(AT)
    path = tmp_path / "journal.jsonl"
    _export(path)
    assert _verifier(path)[0] == 0
    code, said = _verifier(path, "--checkpoint", kept)
    assert code == 1
    assert "kept.txt: the facts do not give its root" in said


def test_the_stand_alone_verifier_says_when_it_cannot_read(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.write_text("no json\n")
    assert _verifier(path)[0] == 2
    assert _verifier(tmp_path / "none")[0] == 2


def test_an_export_of_an_empty_journal_holds_only_the_key():
    file = io.StringIO()
    assert seal.export(file) == 0
    assert json.loads(file.getvalue())["key"] == str(seal.signer().verifier)


def test_system_facts_are_sealed_like_any_other():
    journal.record(Noted(1), about=uuid4(), by=SYSTEM, at=AT)
    statement = seal.seal(AT)
    assert statement is not None
    assert statement.size == 1
