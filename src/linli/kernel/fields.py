"""Personal fields: encrypted at rest, found again by blind indexes, shown masked.

Keys are derived from `settings.FIELD_KEY` (HKDF, RFC 5869), one for encryption and one for each purpose
of a blind index, so that an index of telephone numbers tells nothing about an index of identity numbers.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = b"\x01"
NONCE = 12


class Unreadable(ValueError):
    """A stored ciphertext does not open: other key, other row, or changed bytes."""


@lru_cache(maxsize=64)
def _key(master: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"linli/{purpose}".encode()).derive(master)


@lru_cache(maxsize=4)
def _cipher(master: bytes) -> AESGCMSIV:
    return AESGCMSIV(_key(master, "encrypt"))


def encrypt(text: str, aad: str) -> bytes:
    """Encrypt with AES-256-GCM-SIV (RFC 8452). `aad` names the place ("table|column|row id"); it is
    needed again to decrypt, so that a value cannot be moved to another row."""
    return encrypt_bytes(text.encode(), aad)


def encrypt_bytes(data: bytes, aad: str) -> bytes:
    """`encrypt` for what is not a text."""
    nonce = os.urandom(NONCE)
    return VERSION + nonce + _cipher(settings.FIELD_KEY).encrypt(nonce, data, aad.encode())


def encrypt_many(texts: Sequence[tuple[str, str]]) -> list[bytes]:
    """`encrypt` of each text with its `aad`: the system is asked for random bytes once."""
    seal, nonces = _cipher(settings.FIELD_KEY).encrypt, os.urandom(NONCE * len(texts))
    starts = range(0, len(nonces), NONCE)
    return [
        VERSION + (nonce := nonces[start : start + NONCE]) + seal(nonce, text.encode(), aad.encode())
        for (text, aad), start in zip(texts, starts, strict=True)
    ]


def decrypt(ciphertext: bytes, aad: str) -> str:
    """The text again. Raises `Unreadable` when key, place or bytes are not those of `encrypt`."""
    return decrypt_bytes(ciphertext, aad).decode()


def decrypt_bytes(ciphertext: bytes, aad: str) -> bytes:
    """What `encrypt_bytes` was given. Raises `Unreadable` as `decrypt` does."""
    data = bytes(ciphertext)
    if data[:1] != VERSION:
        raise Unreadable("unknown version")
    try:
        return _cipher(settings.FIELD_KEY).decrypt(data[1 : 1 + NONCE], data[1 + NONCE :], aad.encode())
    except (InvalidTag, ValueError) as error:
        raise Unreadable("does not open") from error


def blind_index(purpose: str, value: str) -> str:
    """HMAC-SHA-256 of the value, in hex: equal values are found, nothing is read back. The caller
    brings the value into its one form first (digits only for telephone numbers)."""
    return hmac.digest(_key(settings.FIELD_KEY, f"blind/{purpose}"), value.encode(), "sha256").hex()


def mask_phone(phone: str) -> str:
    """A telephone number with its middle hidden: 138****1234; up to seven signs are hidden whole."""
    if len(phone) <= 7:
        return "*" * len(phone)
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
