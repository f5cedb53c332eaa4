"""The Merkle tree of RFC 6962, as pure functions on 32-byte SHA-256 hashes.

A proof is a list of ranges ``[lo, hi)`` of leaves whose subtree hashes it needs; each range falls into perfect subtrees, named
``(level, index)``: the ``2**level`` leaves from ``index * 2**level``. A store answers for those, so no proof reads the whole log.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

Range = tuple[int, int]
Subtree = tuple[int, int]
EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry; in SQL ``sha256('\\x00'::bytea || entry)``."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree head over leaf hashes: neighbours are joined level by level, an odd last one moves up as it is."""
    level = list(leaves)
    while len(level) > 1:
        paired = [sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0] if level else EMPTY


def split(size: int) -> int:
    """The largest power of two below ``size``: where a tree of that size parts."""
    return 1 << (size - 1).bit_length() - 1


def subtrees(span: Range) -> Iterator[Subtree]:
    """The perfect subtrees of a range, from left to right, the largest first."""
    lo, hi = span
    while lo < hi:
        level = (hi - lo).bit_length() - 1
        yield level, lo >> level
        lo += 1 << level


def range_hash(span: Range, subtree: Callable[[Subtree], bytes]) -> bytes:
    """The hash of a range, from the hashes of its perfect subtrees."""
    *others, result = [subtree(each) for each in subtrees(span)] or [EMPTY]
    for each in reversed(others):
        result = node_hash(each, result)
    return result


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """What proves that leaf ``index`` is in the tree of ``size``: PATH(m, D[n]) of RFC 6962 §2.1.1."""
    if not 0 <= index < size:
        raise LookupError(f"entry {index} is not among the first {size}")
    path, lo, hi = [], 0, size
    while hi - lo > 1:
        middle = lo + split(hi - lo)
        if index < middle:
            path.append((middle, hi))
            hi = middle
        else:
            path.append((lo, middle))
            lo = middle
    return path[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """What proves that the tree of ``old`` is the beginning of the tree of ``new``: PROOF(m, D[n]) of RFC 6962 §2.1.2."""
    if not 0 < old <= new:
        raise LookupError(f"a log of {old} entries is no beginning of one of {new}")
    path, lo, hi = [], 0, new
    while hi != old:
        middle = lo + split(hi - lo)
        if old <= middle:
            path.append((middle, hi))
            hi = middle
        else:
            path.append((lo, middle))
            lo = middle
    return ([(lo, hi)] if lo else []) + path[::-1]


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The tree head that an inclusion proof speaks for; None when the proof has the wrong length (RFC 9162 §2.1.3.2)."""
    result, last = leaf, size - 1
    for step in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            result = node_hash(step, result)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            result = node_hash(result, step)
        index, last = index >> 1, last >> 1
    return result if last == 0 else None


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a consistency proof shows that nothing of the old tree was changed (RFC 9162 §2.1.4.2)."""
    if old == new:
        return not path and old_root == new_root
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    index, last = old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            after = node_hash(after, step)
        index, last = index >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root
