"""Sealing the journal into a tree with signed checkpoints, and finding every change made behind its back.

`seal` is run by the worker every minute. `verify` reads everything again and believes nothing stored: it
finds changed, deleted, inserted and reordered facts, a cut-off end, and personal texts that are not those
that were recorded. Somebody who holds the signing key and rewrites everything, the checkpoint file included,
is found only by those who kept an older checkpoint (`verify(known=…)`, the stand-alone verifier).
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from linli.kernel import codec, journal, merkle, notes, rows, tail
from linli.kernel.fields import Unreadable
from linli.kernel.models import Checkpoint, FactRow, Leaf, Secret
from linli.kernel.text import Text

log = logging.getLogger(__name__)
BATCH = 5_000
LOCK = 0x4C494E4C  # the advisory lock of sealing on PostgreSQL ("LINL")

Progress = Callable[[int, int], None]


def signer() -> notes.Signer:
    """The town's signing key, made at first use; its name is the site's address at that time."""
    name = (urlsplit(settings.SITE_ADDRESS).netloc or "linli") + "/journal"
    return notes.load_or_make(Path(settings.DATA_DIR) / "secrets" / "journal.key", name)


def latest_file() -> Path:
    """The newest checkpoint outside the database, so that cutting the database short shows."""
    return Path(settings.DATA_DIR) / "journal.checkpoint"


def leaf_data(line: FactRow) -> bytes:
    """What is hashed of a fact: everything that is stored of it, as canonical JSON."""
    return codec.dumps(
        {
            "seq": line.seq,
            "id": line.fact_id,
            "kind": line.kind,
            "about": line.about,
            "at": line.at,
            "recorded_at": line.recorded_at,
            "by": [line.by_kind, line.by_id, line.by_label, line.by_post],
            "data": line.data,
            "fingerprint": line.fingerprint,
        }
    ).encode()


def seal(at: datetime) -> notes.Statement | None:
    """Give every settled fact its place in the tree and sign the new root; None when nothing was new.

    After a large import this takes several steps, each with a checkpoint of its own, so that no writer
    waits for long.
    """
    newest = None
    while (statement := _seal_some(at)) is not None:
        newest = statement
    return newest


def _seal_some(at: datetime) -> notes.Statement | None:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        frontier, seq = _resume()
        lines = tail.settled(seq, BATCH)
        if not lines:
            return None
        hashes = [merkle.leaf_hash(leaf_data(line)) for line in lines]
        places = zip(range(frontier.size, frontier.size + len(lines)), lines, hashes, strict=True)
        rows.copy_in(Leaf, ("index", "fact_seq", "hash"), [(i, line.seq, h) for i, line, h in places])
        for leaf in hashes:
            frontier.append(leaf)
        key = signer()
        statement = notes.Statement(key.name, frontier.size, frontier.root())
        note = key.sign(statement.text())
        Checkpoint.objects.create(
            size=frontier.size, root=statement.root, frontier=frontier.dump(), note=note, at=at
        )
        transaction.on_commit(lambda: _keep(note))
    return statement


def _resume() -> tuple[merkle.Frontier, int]:
    """The tree as last sealed, and the number of the last fact in it."""
    last = Checkpoint.objects.order_by("-size").first()
    if last is None:
        return merkle.Frontier(), 0
    leaf = Leaf.objects.get(index=last.size - 1)
    return merkle.Frontier.load(last.size, bytes(last.frontier)), leaf.fact_seq


def _keep(note: str) -> None:
    """Write the checkpoint file, unless it bears witness of something that the database has lost."""
    kept = _kept()
    if kept is not None and not Checkpoint.objects.filter(size=kept.size, root=kept.root).exists():
        log.error("the journal does not continue the checkpoint in %s", latest_file())
        return
    fresh = latest_file().with_suffix(f".{os.getpid()}.new")
    fresh.write_text(note)
    fresh.replace(latest_file())


def _kept() -> notes.Statement | None:
    try:
        return notes.Statement.parse(notes.opened(latest_file().read_text(), signer().verifier))
    except (FileNotFoundError, notes.BadNote):
        return None


@dataclass(slots=True)
class Verdict:
    """What `verify` found: an empty list of findings means that nothing was changed."""

    facts: int = 0
    sealed: int = 0
    checkpoints: int = 0
    forgotten: int = 0
    findings: list[Text] = field(default_factory=list)

    def say(self, zh: str, en: str, **values: object) -> None:
        """Add a finding."""
        self.findings.append(Text(zh, en).fill(**values))


def verify(progress: Progress | None = None, *, known: str | None = None) -> Verdict:
    """Check the whole journal against its tree, its checkpoints and its secrets.

    `known` is a checkpoint that somebody kept elsewhere (a signed note of this town). `progress(done, all)`
    is called now and then.
    """
    verdict = Verdict()
    statements = _statements(verdict, known)
    secrets, tree = _SecretCheck(verdict), _Tree(verdict, set(statements))
    total = FactRow.objects.count()
    for line in _facts():
        verdict.facts += 1
        if progress is not None and verdict.facts % BATCH == 0:
            progress(verdict.facts, total)
        tree.look(line)
        secrets.look(line)
    tree.finish()
    secrets.finish()
    for size, said in sorted(statements.items()):
        _compare(verdict, size, said, tree.root(size))
    if progress is not None:
        progress(verdict.facts, total)
    return verdict


def _statements(verdict: Verdict, known: str | None) -> dict[int, list[tuple[Text, bytes]]]:
    """Every signed statement by its size, each with where it comes from."""
    verifier = signer().verifier
    found: dict[int, list[tuple[Text, bytes]]] = {}

    def take(source: Text, note: str) -> notes.Statement | None:
        try:
            statement = notes.Statement.parse(notes.opened(note, verifier))
        except notes.BadNote:
            verdict.say("{source}的签名无效", "The signature of {source} is not good", source=source)
            return None
        found.setdefault(statement.size, []).append((source, statement.root))
        return statement

    for row in Checkpoint.objects.order_by("size").iterator():
        verdict.checkpoints += 1
        source = Text("第 {n} 条处的封存点", "the checkpoint at {n}").fill(n=row.size)
        statement = take(source, row.note)
        if statement is not None and (statement.size, statement.root) != (row.size, bytes(row.root)):
            verdict.say("{source}与其签名不符", "The row of {source} differs from its note", source=source)
    if latest_file().exists():
        take(Text("封存点文件", "the checkpoint file"), latest_file().read_text())
    if known is not None:
        take(Text("另存的封存点", "the checkpoint kept elsewhere"), known)
    return found


def _compare(verdict: Verdict, size: int, said: list[tuple[Text, bytes]], computed: bytes | None) -> None:
    for source, root in said:
        if computed is None:
            verdict.say(
                "{source}证明曾有 {n} 条已封存记录,现在只有 {m} 条:末尾被截去",
                "{source} states {n} sealed facts; there are {m}: the end was cut off",
                source=source, n=size, m=verdict.sealed,
            )  # fmt: skip
        elif computed != root:
            verdict.say("内容与{source}不符", "The facts do not give the root of {source}", source=source)


class _Tree:
    """The tree built anew from the facts, walking facts and leaves side by side."""

    def __init__(self, verdict: Verdict, stated: set[int]) -> None:
        self.verdict = verdict
        self.stated = stated
        self.frontier = merkle.Frontier()
        self.hashes: list[bytes] = []
        self.roots = {0: merkle.EMPTY}
        self.leaves = _leaves()
        self.leaf = next(self.leaves, None)
        newest = Leaf.objects.order_by("-fact_seq").values_list("fact_seq", flat=True).first()
        self.last = newest if newest is not None else -1

    def look(self, line: FactRow) -> None:
        """Take the next fact in, by number."""
        while self.leaf is not None and self.leaf.fact_seq < line.seq:
            self._lost(self.leaf)
        if self.leaf is None or self.leaf.fact_seq != line.seq:
            if line.seq < self.last:
                self.verdict.say(
                    "第 {seq} 号记录是事后插入的", "Fact {seq} was inserted afterwards", seq=line.seq
                )
            return
        value = merkle.leaf_hash(leaf_data(line))
        if self.leaf.index != self.frontier.size:
            self.verdict.say("第 {seq} 号记录的位置被改动", "Fact {seq} was moved", seq=line.seq)
        if value != bytes(self.leaf.hash):
            self.verdict.say("第 {seq} 号记录被修改", "Fact {seq} was changed", seq=line.seq)
        self._append(value)

    def finish(self) -> None:
        """The leaves that are left have lost their facts."""
        while self.leaf is not None:
            self._lost(self.leaf)
        self.verdict.sealed = self.frontier.size

    def root(self, size: int) -> bytes | None:
        """The root of the tree at this size; None when it never was so large."""
        if size > len(self.hashes):
            return None
        return self.roots[size] if size in self.roots else merkle.root(self.hashes[:size])

    def _lost(self, leaf: Leaf) -> None:
        """A leaf without its fact. Its own hash stands in, so that one loss is one finding."""
        self.verdict.say(
            "第 {seq} 号记录被删除或移走", "Fact {seq} was deleted or moved away", seq=leaf.fact_seq
        )
        self._append(bytes(leaf.hash))

    def _append(self, value: bytes) -> None:
        self.frontier.append(value)
        self.hashes.append(value)
        if self.frontier.size in self.stated:
            self.roots[self.frontier.size] = self.frontier.root()
        self.leaf = next(self.leaves, None)


def _leaves() -> Iterator[Leaf]:
    """All leaves by place, in portions."""
    index = -1
    while found := list(Leaf.objects.filter(index__gt=index).order_by("index")[:BATCH]):
        yield from found
        index = found[-1].index


def _facts() -> Iterator[FactRow]:
    """All facts by number, in portions: no cursor stays open for long."""
    seq = -(1 << 62)
    while lines := list(FactRow.objects.filter(seq__gt=seq).order_by("seq")[:BATCH]):
        yield from lines
        seq = lines[-1].seq


class _SecretCheck:
    """Whether the personal texts are those that the facts commit to, and whether any went without a record."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.waiting: list[FactRow] = []
        self.missing: dict[UUID, int] = {}  # subject -> a fact whose text is gone
        self.erased: set[UUID] = set()  # subjects with a record of erasing

    def look(self, line: FactRow) -> None:
        """Take a fact in."""
        if line.kind == journal.PersonalTextForgotten.KIND:
            self.erased.add(line.about)
        if '{"#":"' in line.data:
            self.waiting.append(line)
            if len(self.waiting) >= 500:
                self._check()

    def finish(self) -> None:
        """Say what can be said only at the end."""
        self._check()
        for subject, seq in self.missing.items():
            if subject not in self.erased:
                self.verdict.say(
                    "第 {seq} 号记录的个人信息缺失,但没有删除的记录",
                    "The personal text of fact {seq} is gone without a record of erasing",
                    seq=seq,
                )

    def _check(self) -> None:
        chosen = Secret.objects.filter(fact_id__in=[line.fact_id for line in self.waiting])
        found = {row.fact_id: row for row in chosen}
        for line in self.waiting:
            row = found.get(line.fact_id)
            if row is None:
                self.verdict.forgotten += 1
                self.missing.setdefault(line.about, line.seq)
            elif not _fits(line, row):
                self.verdict.say(
                    "第 {seq} 号记录的个人信息被修改",
                    "The personal text of fact {seq} was changed",
                    seq=line.seq,
                )
        self.waiting.clear()


def _fits(line: FactRow, secret: Secret) -> bool:
    """Whether the secret opens and holds exactly what the fact commits to."""
    data: dict[str, Any] = json.loads(line.data)
    promised = {name: v["#"] for name, v in data.items() if isinstance(v, dict) and set(v) == {"#"}}
    try:
        hidden = journal.open_secret(line.fact_id, bytes(secret.ciphertext))
    except (Unreadable, ValueError):
        return False
    return secret.about == line.about and promised == {
        name: journal.commitment(salt, name, value) for name, (salt, value) in hidden.items()
    }


def export(file: IO[str], progress: Progress | None = None) -> int:
    """Write the sealed facts, without personal texts, with all checkpoints, for `scripts/verify_journal.py`.

    JSON lines: first the key, then one line a fact (`{"fact": canonical JSON as text}`) in the order of the
    tree, then one line a checkpoint (`{"checkpoint": signed note}`). Gives the number of facts.
    """
    file.write(json.dumps({"format": "linli-journal-1", "key": str(signer().verifier)}) + "\n")
    total, count = Leaf.objects.count(), 0
    while leaves := list(Leaf.objects.filter(index__gte=count).order_by("index")[:BATCH]):
        found = FactRow.objects.in_bulk([leaf.fact_seq for leaf in leaves])
        for leaf in leaves:
            text = leaf_data(found[leaf.fact_seq]).decode() if leaf.fact_seq in found else ""
            file.write(json.dumps({"fact": text}, ensure_ascii=False) + "\n")
        count += len(leaves)
        if progress is not None:
            progress(count, total)
    for note in Checkpoint.objects.order_by("size").values_list("note", flat=True).iterator():
        file.write(json.dumps({"checkpoint": note}, ensure_ascii=False) + "\n")
    return count
