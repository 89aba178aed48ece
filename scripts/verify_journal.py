#!/usr/bin/env python3
"""Check an exported journal (`linli journal export FILE`) without trusting the town that made it.

    python scripts/verify_journal.py FILE [--key KEY] [--checkpoint NOTE]...

Imports nothing of Linli: Python's standard library and `cryptography`. Every fact is hashed again into the
tree of RFC 6962, and every checkpoint's signature and root are compared. KEY is the town's public key as you
know it; without it the key in the file is believed. NOTE is a file with a checkpoint that you kept earlier:
only that finds out a town that rewrote its whole journal with its own key.
Exit code 0: nothing was changed. 1: findings, one a line. 2: the file cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def tree_roots(leaves: list[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The root of the tree at each of these sizes."""
    roots, parts = {0: sha256(b"").digest()}, []
    for number, leaf in enumerate(leaves):
        node, size = leaf, number
        while size & 1:
            node = sha256(b"\x01" + parts.pop() + node).digest()
            size >>= 1
        parts.append(node)
        if number + 1 in sizes:
            root = parts[-1]
            for part in reversed(parts[:-1]):
                root = sha256(b"\x01" + part + root).digest()
            roots[number + 1] = root
    return roots


def opened(note: str, key: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint signed with this key (C2SP signed note); ValueError if it is not."""
    name, identity, encoded = key.strip().split("+", 2)
    public = base64.b64decode(encoded)
    if sha256(name.encode() + b"\n" + public).digest()[:4].hex() != identity:
        raise ValueError("the key's id does not fit the key")
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        dash, signer, blob = line.split(" ")
        signature = base64.b64decode(blob)
        if dash == "—" and signer == name and signature[:4].hex() == identity:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], f"{text}\n".encode())
            lines = text.split("\n")
            return int(lines[1]), base64.b64decode(lines[2])
    raise ValueError("not signed by this key")


def check_facts(facts: list[str]) -> list[str]:
    """Findings about single facts: unreadable, out of order, an id twice."""
    findings, seq, ids = [], 0, set()
    for number, text in enumerate(facts):
        try:
            fact = json.loads(text)
            this, identity = fact["seq"], fact["id"]
        except (ValueError, KeyError, TypeError):
            findings.append(f"leaf {number}: the fact is missing or unreadable")
            continue
        if this <= seq:
            findings.append(f"leaf {number}: fact {this} stands after fact {seq}")
        if identity in ids:
            findings.append(f"leaf {number}: id {identity} appears twice")
        seq = this
        ids.add(identity)
    return findings


def check(facts: list[str], notes: list[tuple[str, str]], key: str) -> list[str]:
    """All findings; `notes` are (where it comes from, signed note)."""
    findings = check_facts(facts)
    statements = []
    for source, note in notes:
        try:
            statements.append((source, *opened(note, key)))
        except (ValueError, IndexError, InvalidSignature):
            findings.append(f"{source}: the signature is not good")
    leaves = [sha256(b"\x00" + text.encode()).digest() for text in facts]
    roots = tree_roots(leaves, {size for _, size, _ in statements})
    for source, size, root in statements:
        if size not in roots:
            findings.append(f"{source}: states {size} facts, the file has {len(facts)}: the end was cut off")
        elif roots[size] != root:
            findings.append(f"{source}: the facts do not give its root")
    covered = max((size for _, size, _ in statements), default=0)
    if covered < len(facts):
        findings.append(f"{len(facts) - covered} facts at the end are covered by no checkpoint")
    return findings


def read(path: Path) -> tuple[str, list[str], list[tuple[str, str]]]:
    """Key, facts and checkpoints of an export."""
    key, facts, notes = "", [], []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            entry = json.loads(line)
            if "fact" in entry:
                facts.append(entry["fact"])
            elif "checkpoint" in entry:
                notes.append((f"checkpoint in line {number}", entry["checkpoint"]))
            else:
                key = entry["key"]
    return key, facts, notes


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Check an exported Linli journal.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", help="the town's public key as you know it (name+id+key)")
    parser.add_argument(
        "--checkpoint", type=Path, action="append", default=[], help="a checkpoint kept earlier"
    )
    options = parser.parse_args()
    try:
        key, facts, notes = read(options.file)
        notes += [(str(path), path.read_text(encoding="utf-8")) for path in options.checkpoint]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"cannot read: {error}\n")
        return 2
    findings = check(facts, notes, options.key or key)
    sys.stdout.write("".join(f"{finding}\n" for finding in findings))
    sys.stdout.write(f"{len(facts)} facts, {len(notes)} checkpoints, {len(findings)} findings\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
