"""The Merkle tree of RFC 6962 §2.1: hashes, roots, proofs. Pure; knows nothing of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 over 0x00 and the leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over 0x01 and both children."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree that keeps only the roots of its full parts, at most one for each power of two."""

    def __init__(self, size: int = 0, parts: Sequence[bytes] = ()) -> None:
        if len(parts) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} full parts, not {len(parts)}")
        self.size = size
        self.parts = list(parts)  # largest first, as the bits of `size` from the highest

    @classmethod
    def load(cls, size: int, data: bytes) -> Frontier:
        """The frontier that `dump` wrote for a tree of this size."""
        return cls(size, [data[at : at + 32] for at in range(0, len(data), 32)])

    def dump(self) -> bytes:
        """The parts, one after the other."""
        return b"".join(self.parts)

    def append(self, leaf: bytes) -> None:
        """Add a leaf's hash at the end."""
        size, node = self.size, leaf
        while size & 1:
            node = node_hash(self.parts.pop(), node)
            size >>= 1
        self.parts.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree so far."""
        if not self.parts:
            return EMPTY
        node = self.parts[-1]
        for part in reversed(self.parts[:-1]):
            node = node_hash(part, node)
        return node


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The audit path of RFC 6962 §2.1.1: what one needs beside the leaf to work out the root."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"no leaf {index} in a tree of {len(leaves)}")
    path: list[bytes] = []
    while len(leaves) > 1:
        k = _split(len(leaves))
        left, right = leaves[:k], leaves[k:]
        if index < k:
            path.append(root(right))
            leaves = left
        else:
            path.append(root(left))
            leaves, index = right, index - k
    return path[::-1]


def inclusion_proofs(indexes: Iterable[int], leaves: Sequence[bytes]) -> dict[int, list[bytes]]:
    """`inclusion_proof` for many leaves in one pass over the tree, level by level."""
    places = {index: index for index in indexes}
    if any(not 0 <= index < len(leaves) for index in places):
        raise ValueError(f"not all of these are leaves of a tree of {len(leaves)}")
    paths: dict[int, list[bytes]] = {index: [] for index in places}
    level = list(leaves)
    while len(level) > 1:
        for index, place in places.items():
            beside = place ^ 1
            if beside < len(level):  # the last node of an odd level goes up as it is
                paths[index].append(level[beside])
            places[index] = place >> 1
        above = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = above + level[-1:] if len(level) & 1 else above
    return paths


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether the proof leads from the leaf's hash at `index` to the root of the tree of `size` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, node = index, size - 1, leaf
    for part in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            node = node_hash(part, node)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            node = node_hash(node, part)
        number, last = number >> 1, last >> 1
    return last == 0 and node == expected


def consistency_proof(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.2: what shows that the tree of the first `old` leaves is a beginning of the whole tree."""
    if not 0 < old <= len(leaves):
        raise ValueError(f"no tree of {old} leaves inside one of {len(leaves)}")
    path: list[bytes] = []
    whole = True  # whether the part at hand is a full part of the old tree
    while old != len(leaves):
        k = _split(len(leaves))
        if old <= k:
            path.append(root(leaves[k:]))
            leaves = leaves[:k]
        else:
            path.append(root(leaves[:k]))
            leaves, old, whole = leaves[k:], old - k, False
    return ([] if whole else [root(leaves)]) + path[::-1]


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new` leaves continues the tree of `old` leaves (RFC 9162 §2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    first = second = path[0]
    for part in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            first, second = node_hash(part, first), node_hash(part, second)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            second = node_hash(second, part)
        number, last = number >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
