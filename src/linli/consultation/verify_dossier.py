#!/usr/bin/env python3
"""Check a case's dossier (`linli dossier export`, or the desk) without trusting the town that made it.

    python scripts/verify_dossier.py FILE [--key KEY]

Imports nothing of Linli: Python's standard library and `cryptography`. Looked at are: the archive byte for byte
(it has only one form for its contents), the town's signature on the list of files, the size and SHA-256 of every
file, every fact's path to the root that a signed checkpoint states, the personal texts that the facts commit to,
and the signatures on opinions and decisions with the words that they are about.
KEY is the town's public key as you know it; without it the key in the archive is believed.
Exit code 0: nothing was changed. 1: findings, one a line. 2: the file cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import sys
import zipfile
import zlib
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TITLE = "linli dossier 1"
MANIFEST, CHECKPOINT, HISTORY = "MANIFEST.txt", "checkpoint.txt", "history.json"
OPINIONS, DECISIONS = "opinions.json", "decisions.json"
MOST_BYTES = 1 << 30
# What zipfile raises at bytes that are no archive, or no longer one.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, KeyError,
    OverflowError,
)  # fmt: skip


class Wrong(ValueError):
    """What makes it impossible to look further."""


def pack(entries: Iterable[tuple[str, bytes]]) -> bytes:
    """The archive of these files, in this order: nothing compressed, one date, no comments, so that the same
    contents have one form only."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return made.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of an archive, in order; Wrong when it is none, or more than its contents."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > MOST_BYTES:
                raise Wrong("the archive is too large")
            entries = [(info.filename, archive.read(info)) for info in infos]
    except DAMAGED as error:
        raise Wrong(f"the archive is damaged: {error}") from error
    found = dict(entries)
    if len(found) != len(entries) or pack(entries) != data:
        raise Wrong("the archive is not as it was written: bytes were added or changed around the files")
    return found


def opened(note: str, key: str) -> str:
    """The text of a note signed with this key alone (C2SP signed note, Ed25519); Wrong if it is not."""
    name, identity, encoded = key.strip().split("+", 2)
    public = base64.b64decode(encoded, validate=True)
    if sha256(name.encode() + b"\n" + public).digest()[:4].hex() != identity:
        raise Wrong("the key's id does not fit the key")
    text, gap, line = note.rpartition("\n\n")
    dash, signer, blob = line.removesuffix("\n").split(" ")
    signature = base64.b64decode(blob, validate=True)
    # Only one way to write it: nothing may be added to a note, not even a bit that no signature covers.
    whole = f"{text}\n\n— {name} {base64.b64encode(signature).decode()}\n"
    if not gap or dash != "—" or signer != name or whole != note or signature[:4].hex() != identity:
        raise Wrong("not signed by this key")
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], f"{text}\n".encode())
    return f"{text}\n"


def try_opened(note: str, key: str) -> str | None:
    """The text, or None when the signature is not good."""
    try:
        return opened(note, key)
    except (ValueError, InvalidSignature):
        return None


def values_of(text: str) -> dict[str, str]:
    """The lines `name value` of a statement after its title."""
    return dict(line.partition(" ")[::2] for line in text.splitlines()[1:])


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root to which the path leads from the leaf's hash (RFC 9162 §2.1.3.2); None when it leads nowhere."""
    if not 0 <= index < size:
        return None
    number, last, node = index, size - 1, leaf
    for part in path:
        if last == 0:
            return None
        if number & 1 or number == last:
            node = sha256(b"\x01" + part + node).digest()
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + part).digest()
        number, last = number >> 1, last >> 1
    return node if last == 0 else None


def listed(text: str) -> list[tuple[str, str, int]]:
    """Name, SHA-256 and size of every file that the manifest lists."""
    found = []
    for line in text.splitlines():
        parts = line.split(" ", 3)
        if parts[0] == "file" and len(parts) == 4:
            found.append((parts[3], parts[1], int(parts[2])))
    return found


def check_files(files: dict[str, bytes], manifest: str) -> list[str]:
    """Findings about single files: changed, missing, not listed, out of order."""
    rows = listed(manifest)
    names = [name for name, _, _ in rows]
    findings = [f"{name}: missing" for name in names if name not in files]
    findings += [f"{name}: not in the list of files" for name in files if name not in {*names, MANIFEST}]
    if not findings and [MANIFEST, *names] != list(files):
        findings.append("the files stand in another order than the list")
    for name, digest, size in rows:
        data = files.get(name)
        if data is not None and (len(data) != size or sha256(data).hexdigest() != digest):
            findings.append(f"{name}: changed")
    return findings


def check_history(files: dict[str, bytes], key: str, case: str) -> tuple[list[str], dict[str, Any]]:
    """Findings about the facts and their proofs; the facts' data by kind and id of what they name."""
    statement = try_opened(files[CHECKPOINT].decode(), key)
    if statement is None:
        return ["the checkpoint's signature is not good"], {}
    lines = statement.split("\n")
    size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)
    findings: list[str] = []
    known: dict[str, Any] = {}
    last = 0
    abouts = {case}
    for entry in json.loads(files[HISTORY]):
        fact = json.loads(entry["leaf"])
        seq, data = fact["seq"], json.loads(fact["data"])
        if seq <= last:
            findings.append(f"fact {seq}: out of order")
        last = seq
        leaf = sha256(b"\x00" + entry["leaf"].encode()).digest()
        path = [bytes.fromhex(part) for part in entry["path"]]
        if root_of(leaf, entry["index"], size, path) != root:
            findings.append(f"fact {seq}: does not lead to the checkpoint's root")
        if fact["kind"] == "consultation.ConsultationAsked":
            abouts.add(data["consultation"])
        if fact["about"] not in abouts:
            findings.append(f"fact {seq}: is about another matter")
        findings += check_opened(seq, data, entry["opened"])
        if "digest" in data:
            known[data.get("opinion") or data["decision"]] = data["digest"]
    return findings, known


def check_opened(seq: int, data: dict[str, Any], shown: dict[str, list[Any]]) -> list[str]:
    """Findings about the personal texts that are shown: each must be what its fact commits to."""
    findings = []
    for name, (salt, value) in shown.items():
        words = (
            value
            if isinstance(value, str)
            else json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        )
        commitment = sha256(bytes.fromhex(salt) + name.encode() + b"\0" + words.encode()).hexdigest()
        if data.get(name) != {"#": commitment}:
            findings.append(f"fact {seq}: {name} is not what was recorded")
    return findings


def check_signed(entries: list[dict[str, Any]], known: dict[str, Any], key: str, kind: str) -> list[str]:
    """Findings about opinions or decisions: signature, words, and whether the journal knows the note."""
    findings = []
    for entry in entries:
        where = f"{kind} {entry['id']}"
        text = try_opened(entry["note"], key)
        if text is None:
            findings.append(f"{where}: the signature is not good")
            continue
        said = values_of(text)
        if said.get(kind) != entry["id"]:
            findings.append(f"{where}: the note is about another one")
        if known.get(entry["id"]) != sha256(entry["note"].encode()).hexdigest():
            findings.append(f"{where}: the journal does not know this note")
        if entry.get("salt"):
            digest = sha256(f"{entry['salt']}\n{entry['text']}".encode()).hexdigest()
            if digest != said.get("text-sha256"):
                findings.append(f"{where}: the words are not those that were signed")
        elif entry["text"] and "*" not in entry["text"]:
            findings.append(f"{where}: words without the salt that proves them")
    return findings


def unproved(data: bytes) -> list[str]:
    """Opinions and decisions whose words were masked: the town's signature covers them, the journal cannot."""
    files = unpack(data)
    return [
        f"{kind} {entry['id']}"
        for name, kind in ((OPINIONS, "opinion"), (DECISIONS, "decision"))
        for entry in json.loads(files[name])
        if entry["text"] and not entry["salt"]
    ]


def check(data: bytes, key: str = "") -> tuple[list[str], dict[str, str]]:
    """All findings about an archive, and what its list says of it. Raises Wrong when it cannot be read."""
    files = unpack(data)
    try:
        note = files[MANIFEST].decode()
        said = values_of(note.partition("\n\n")[0])
        manifest = try_opened(note, key or said["key"])
        if manifest is None or not manifest.startswith(TITLE + "\n"):
            return ["the signature on the list of files is not good"], said
        findings = check_files(files, manifest)
        if findings:
            return findings, said
        used = key or said["key"]
        more, known = check_history(files, used, said["case-id"])
        findings += more
        for name, kind in ((OPINIONS, "opinion"), (DECISIONS, "decision")):
            findings += check_signed(json.loads(files[name]), known, used, kind)
    except (KeyError, IndexError, TypeError, UnicodeDecodeError, ValueError) as error:
        raise Wrong(f"the archive is no dossier: {error}") from error
    if key and said["key"].strip() != key.strip():
        findings.append("the list of files names another key")
    return findings, said


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Check the dossier of a case.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", default="", help="the town's public key as you know it (name+id+key)")
    options = parser.parse_args()
    try:
        data = options.file.read_bytes()
        findings, said = check(data, options.key)
    except OSError as error:
        sys.stderr.write(f"cannot read: {error}\n")
        return 2
    except Wrong as error:
        sys.stdout.write(f"{error}\n1 findings\n")
        return 1
    sys.stdout.write("".join(f"{finding}\n" for finding in findings))
    if not findings:
        sys.stdout.write(
            "".join(f"masked, so not proved by the journal: {each}\n" for each in unproved(data))
        )
    if not options.key:
        sys.stdout.write(f"signed with the key in the archive, believed: {said.get('key', '')}\n")
    sys.stdout.write(f"case {said.get('case', '')}, made {said.get('made', '')}, {len(findings)} findings\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
