"""Signed notes and tree checkpoints as in C2SP (signed-note, tlog-checkpoint), with Ed25519.

A checkpoint is a text of three lines (origin, size, root in base64), an empty line, and one line a signature.
"""

from __future__ import annotations

import base64
import binascii
import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"


class BadNote(ValueError):
    """The text is no signed note, or nobody we know has signed it."""


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signature line names its key."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A name with its public key."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """From the one-line form `name+id+key`."""
        try:
            name, identity, key = text.strip().split("+", 2)
            found = cls(name, base64.b64decode(key, validate=True)[1:])
        except (ValueError, binascii.Error) as error:
            raise BadNote("no verifier key") from error
        if key_id(name, found.public).hex() != identity:
            raise BadNote("the key's id does not fit the key")
        return found

    def __str__(self) -> str:
        key = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{key_id(self.name, self.public).hex()}+{key}"


@dataclass(frozen=True, slots=True)
class Signer:
    """A name with its secret key."""

    name: str
    secret: bytes

    @property
    def verifier(self) -> Verifier:
        """What others need to check the signatures."""
        return Verifier(
            self.name, Ed25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()
        )

    def sign(self, text: str) -> str:
        """The text, which ends with a line break, as a signed note."""
        signature = Ed25519PrivateKey.from_private_bytes(self.secret).sign(text.encode())
        line = base64.b64encode(key_id(self.name, self.verifier.public) + signature).decode()
        return f"{text}\n— {self.name} {line}\n"


def opened(note: str, verifier: Verifier) -> str:
    """The text of a note, once its signature by this key is found good. Raises `BadNote` otherwise."""
    text, gap, signatures = note.rpartition("\n\n")
    if not gap:
        raise BadNote("no signatures")
    text += "\n"
    for line in signatures.splitlines():
        if _signed(line, text, verifier):
            return text
    raise BadNote("not signed by this key")


def _signed(line: str, text: str, verifier: Verifier) -> bool:
    try:
        dash, name, encoded = line.split(" ")
        blob = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        return False
    if dash != "—" or name != verifier.name or blob[:4] != key_id(name, verifier.public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(verifier.public).verify(blob[4:], text.encode())
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Statement:
    """What a checkpoint says: the tree of this origin, of this size, has this root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Statement:
        """From the lines of a checkpoint; further lines are extensions and are left alone."""
        try:
            origin, size, encoded = text.split("\n")[:3]
            return cls(origin, int(size), base64.b64decode(encoded, validate=True))
        except (ValueError, binascii.Error) as error:
            raise BadNote("no checkpoint") from error


def load_or_make(path: Path, name: str) -> Signer:
    """The signer kept in this file; a new one under `name` when there is none yet. Readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = base64.b64encode(os.urandom(32)).decode()
        fresh = path.with_suffix(f".{os.getpid()}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"{name} {secret}\n")
        with suppress(FileExistsError):  # another process was first: then that key counts
            os.link(fresh, path)
        fresh.unlink()
    kept, secret = path.read_text().split()
    return Signer(kept, base64.b64decode(secret))
