"""A box: the sealed ballots of one ratee and relation, one after another, sorted by their SHA-256.

All ballots of a questionnaire are equally long, so a box needs no separators; and being sorted by hash, it says
nothing about who came first.
"""

import hashlib
from collections.abc import Iterable
from typing import Any


def split(ballots: bytes, size: int) -> list[bytes]:
    """The ballots of a box, each ``size`` bytes. Raises ``ValueError`` when it is not a whole number of them."""
    if size < 1 or len(ballots) % size:
        raise ValueError(f"a box of {len(ballots)} bytes does not hold ballots of {size} bytes")
    return [ballots[at : at + size] for at in range(0, len(ballots), size)]


def insert(ballots: bytes, ballot: bytes, size: int) -> bytes:
    """The box with one more ballot; a ballot that is already inside changes nothing.

    Raises ``ValueError`` when the ballot is not ``size`` bytes long.
    """
    if len(ballot) != size:
        raise ValueError(f"a ballot of {len(ballot)} bytes, not {size}")
    return join({*split(ballots, size), ballot})


def join(ballots: Iterable[bytes]) -> bytes:
    """The bytes of a box with these ballots."""
    return b"".join(sorted(ballots, key=_place))


def _place(ballot: Any) -> bytes:
    return leaf(ballot)


def leaf(ballot: bytes) -> bytes:
    """The hash of a ballot: its place in the box, its leaf in the Merkle tree and the rater's receipt."""
    return hashlib.sha256(ballot).digest()


def leaves(ballots: bytes, size: int) -> list[bytes]:
    """The hashes of all ballots of a box, ascending."""
    return [leaf(ballot) for ballot in split(ballots, size)]
