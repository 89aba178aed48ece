"""Facts with the proof that they stand in the sealed journal, for somebody who was given only these.

Who checks a proof needs the fact's canonical JSON, its path and a signed checkpoint, and no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from linli.kernel import journal, merkle, notes, seal
from linli.kernel.models import Checkpoint, FactRow, Leaf, Secret


@dataclass(frozen=True, slots=True)
class Proved:
    """A fact as it is hashed (`leaf`), its place in the tree, the path from there to the root, and its personal
    fields, each with the salt of its commitment, as far as they are not forgotten."""

    recorded: journal.Recorded
    leaf: str
    index: int
    path: tuple[bytes, ...]
    personal: dict[str, tuple[bytes, Any]]


@dataclass(frozen=True, slots=True)
class Proofs:
    """Facts in the order of the journal, the newest signed checkpoint, and how many facts are newer than it."""

    note: str
    statement: notes.Statement
    facts: tuple[Proved, ...]
    unsealed: int


def of(abouts: Sequence[UUID]) -> Proofs | None:
    """All facts about these subjects, each proved against the newest checkpoint; None before the first one.

    Reads the hash of every sealed fact: 9 s and 210 MB at a million of them, measured on two busy cores.
    """
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None:
        return None
    rows = list(FactRow.objects.filter(about__in=abouts).order_by("seq"))
    places = dict(
        Leaf.objects.filter(fact_seq__in=[row.seq for row in rows], index__lt=newest.size).values_list(
            "fact_seq", "index"
        )
    )
    hashes = Leaf.objects.filter(index__lt=newest.size).order_by("index").values_list("hash", flat=True)
    leaves = [bytes(value) for value in hashes.iterator(chunk_size=10_000)]
    paths = merkle.inclusion_proofs(places.values(), leaves)
    secrets = dict(
        Secret.objects.filter(fact_id__in=[row.fact_id for row in rows]).values_list("fact_id", "ciphertext")
    )
    told = {line.seq: line for about in abouts for line in journal.history(about)}
    facts = [
        Proved(
            told[row.seq],
            seal.leaf_data(row).decode(),
            places[row.seq],
            tuple(paths[places[row.seq]]),
            journal.open_secret(row.fact_id, bytes(secrets[row.fact_id])) if row.fact_id in secrets else {},
        )
        for row in rows
        if row.seq in places
    ]
    statement = notes.Statement(seal.signer().name, newest.size, bytes(newest.root))
    return Proofs(newest.note, statement, tuple(facts), len(rows) - len(facts))
