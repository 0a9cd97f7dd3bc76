"""The root over ballots: the tree level by level, as whoever checks a receipt may compute it."""

import hashlib
from random import Random

import pytest

from shared.sealing import merkle_root


def by_levels(leaves: list[bytes]) -> str:
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in sorted(leaves)]
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [hashlib.sha256(b"\x01" + b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0].hex() if level else hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("count", [*range(20), 63, 64, 65, 100])
def test_the_root_is_that_of_the_whole_tree_whatever_the_order(count: int) -> None:
    dice = Random(count)
    leaves = [dice.randbytes(32) for _ in range(count)]
    assert merkle_root(iter(leaves)) == merkle_root(reversed(leaves)) == by_levels(leaves)
    if leaves:
        other = [*leaves[1:], dice.randbytes(32)]
        assert merkle_root(other) != merkle_root(leaves)
