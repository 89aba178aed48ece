from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import merkle, notes

# RFC 6962 reference leaves and roots, as used by the Certificate Transparency implementations.
LEAVES = [
    bytes.fromhex(h)
    for h in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive(leaves):
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def test_the_roots_are_those_of_the_reference():
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]
    assert [merkle.root(hashes[: n + 1]).hex() for n in range(8)] == ROOTS
    assert merkle.root([]) == sha256(b"").digest()


trees = st.lists(st.binary(max_size=4), min_size=1, max_size=70).map(
    lambda ls: [merkle.leaf_hash(x) for x in ls]
)


@given(trees, st.integers(0, 70))
def test_a_growing_tree_has_the_root_of_the_definition_and_goes_on_after_a_stop(leaves, stop):
    frontier = merkle.Frontier()
    for leaf in leaves[:stop]:
        frontier.append(leaf)
    frontier = merkle.Frontier.load(frontier.size, frontier.dump())
    for leaf in leaves[stop:]:
        frontier.append(leaf)
    assert frontier.root() == naive(leaves)
    assert frontier.size == len(leaves)


def test_a_frontier_that_does_not_fit_its_size_is_refused():
    with pytest.raises(ValueError, match="full parts"):
        merkle.Frontier(3, [bytes(32)])


@given(trees, st.data())
def test_an_inclusion_proof_holds_for_its_leaf_and_place_only(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    top, proof = naive(leaves), merkle.inclusion_proof(index, leaves)
    assert merkle.verify_inclusion(leaves[index], index, len(leaves), proof, top)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"other"), index, len(leaves), proof, top)
    assert not merkle.verify_inclusion(leaves[index], index, len(leaves), [*proof, bytes(32)], top)
    assert not merkle.verify_inclusion(leaves[index], len(leaves), len(leaves), proof, top)
    if proof:
        assert not merkle.verify_inclusion(leaves[index], index, len(leaves), proof[:-1], top)
        assert not merkle.verify_inclusion(leaves[index], index, len(leaves), [bytes(32), *proof[1:]], top)


@given(trees, st.data())
def test_a_consistency_proof_holds_for_a_beginning_and_nothing_else(leaves, data):
    old = data.draw(st.integers(1, len(leaves)))
    before, after = naive(leaves[:old]), naive(leaves)
    proof = merkle.consistency_proof(old, leaves)
    assert merkle.verify_consistency(old, len(leaves), before, after, proof)
    assert not merkle.verify_consistency(old, len(leaves), bytes(32), after, proof)
    assert not merkle.verify_consistency(old, len(leaves), before, bytes(32), proof)
    assert not merkle.verify_consistency(old, len(leaves), before, after, [*proof, bytes(32)])
    if proof:
        assert not merkle.verify_consistency(old, len(leaves), before, after, proof[:-1])
    assert not merkle.verify_consistency(0, len(leaves), before, after, proof)


def test_proofs_outside_the_tree_are_refused():
    leaves = [merkle.leaf_hash(b"a")]
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(1, leaves)
    with pytest.raises(ValueError, match="no tree"):
        merkle.consistency_proof(2, leaves)


SIGNER = notes.Signer("town.example/journal", bytes(range(32)))


def test_a_signed_checkpoint_opens_with_its_key_and_no_other(tmp_path):
    statement = notes.Statement("town.example/journal", 7, bytes(32))
    note = SIGNER.sign(statement.text())
    assert note.splitlines()[:4] == ["town.example/journal", "7", base64.b64encode(bytes(32)).decode(), ""]
    verifier = notes.Verifier.parse(str(SIGNER.verifier))
    assert notes.Statement.parse(notes.opened(note, verifier)) == statement
    for wrong in (
        note.replace("\n7\n", "\n8\n"),
        note.replace("— ", "- "),
        note.rpartition("—")[0],
        note[:-10] + "\n",
        "",
        notes.Signer("town.example/journal", bytes(32)).sign(statement.text()),
        notes.Signer("other.example", bytes(range(32))).sign(statement.text()),
    ):
        with pytest.raises(notes.BadNote):
            notes.opened(wrong, verifier)


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", "a+b+%%%"])
def test_rubbish_is_no_key(text):
    with pytest.raises(notes.BadNote):
        notes.Verifier.parse(text)


@pytest.mark.parametrize("text", ["", "a\nx\nAAAA\n", "a\n1\n%%\n"])
def test_rubbish_is_no_checkpoint(text):
    with pytest.raises(notes.BadNote):
        notes.Statement.parse(text)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "secrets" / "journal.key"
    first = notes.load_or_make(path, "a.example")
    assert notes.load_or_make(path, "b.example") == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["journal.key"]
