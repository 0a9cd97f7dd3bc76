"""Matching raters to ballots: what an attacker guesses, how often the guess is right, and what luck would give.

In a box with n answers a blind guess hits one of them on average, whatever n is; how many boxes give how many hits
by luck is known exactly (permutations by their fixed points). That makes the bound.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, factorial
from random import Random
from typing import Any

ALARM = 1e-5
"""How often a sound product may be accused, for each strategy."""
Box = Hashable


@dataclass(frozen=True, slots=True)
class Truth:
    """Who is asked about in which box, and whose ballot is whose; boxes with one answer are no riddle."""

    boxes: Mapping[Box, Sequence[bytes]]
    """Raters (by what names their invitation) of each box, in no particular order."""
    ballot_of: Mapping[bytes, bytes]

    @property
    def raters(self) -> int:
        return sum(len(raters) for raters in self.boxes.values())

    @property
    def chance(self) -> float:
        """The hit rate of blind guessing."""
        return len(self.boxes) / self.raters

    def bound(self, tries: int = 1) -> float:
        """The hit rate that luck passes in one of ``1 / ALARM`` runs, when the best of ``tries`` guesses counts."""
        return _limit(tuple(sorted(len(raters) for raters in self.boxes.values())), ALARM / tries) / self.raters


def truth(boxes: Mapping[Box, Sequence[bytes]], ballot_of: Mapping[bytes, bytes]) -> Truth:
    """The riddle: boxes with two answers or more."""
    return Truth({box: list(raters) for box, raters in boxes.items() if len(raters) > 1}, ballot_of)


def by_order(riddle: Truth, raters: Mapping[bytes, Any], ballots: Mapping[bytes, Any], seed: int = 0) -> float:
    """The hit rate of laying raters and ballots side by side, each in their order; the better direction counts.

    What an order does not tell (missing or equal) is guessed.
    """
    luck = Random(seed)
    hits = [0, 0]
    for names in riddle.boxes.values():
        ours = _sorted(names, raters, luck)
        theirs = _sorted([riddle.ballot_of[name] for name in names], ballots, luck)
        for way, row in enumerate((theirs, theirs[::-1])):
            hits[way] += sum(riddle.ballot_of[name] == ballot for name, ballot in zip(ours, row, strict=True))
    return max(hits) / riddle.raters


def by_link(riddle: Truth, rater_of: Mapping[bytes, bytes], seed: int = 0) -> float:
    """The hit rate of links from ballot to rater; what is not linked is guessed among what is left."""
    luck, hits = Random(seed), 0
    for names in riddle.boxes.values():
        ballots = [riddle.ballot_of[name] for name in names]
        linked = {ballot: rater_of[ballot] for ballot in ballots if rater_of.get(ballot) in names}
        left = [name for name in names if name not in linked.values()]
        rest = [ballot for ballot in ballots if ballot not in linked]
        luck.shuffle(left)
        guess = linked | dict(zip(rest, left, strict=False))
        hits += sum(riddle.ballot_of[name] == ballot for ballot, name in guess.items())
    return hits / riddle.raters


def _sorted(names: Sequence[bytes], order: Mapping[bytes, Any], luck: Random) -> list[bytes]:
    shuffled = list(names)
    luck.shuffle(shuffled)
    known = sorted((name for name in shuffled if name in order), key=lambda name: _place(order[name]))
    rest = [name for name in shuffled if name not in order]
    return known + rest


def _place(value: Any) -> Any:
    """Something that can be compared with its like."""
    return value if isinstance(value, int | float | str | bytes | tuple) else str(value)


@lru_cache(maxsize=64)
def _limit(sizes: tuple[int, ...], alarm: float) -> int:
    """The smallest number of hits that luck passes with probability at most ``alarm``."""
    chances = [1.0]
    for size in sizes:
        chances = _convolved(chances, _fixed_points(size))
    above = 0.0
    for hits in range(len(chances) - 1, -1, -1):
        above += chances[hits]
        if above > alarm:
            return hits
    return 0


@lru_cache(maxsize=64)
def _fixed_points(size: int) -> list[float]:
    """The chances that a permutation of ``size`` leaves 0, 1, … in their place."""
    astray = [1, 0]
    for n in range(2, size + 1):
        astray.append((n - 1) * (astray[n - 1] + astray[n - 2]))
    return [comb(size, kept) * astray[size - kept] / factorial(size) for kept in range(size + 1)]


def _convolved(left: Sequence[float], right: Sequence[float]) -> list[float]:
    found = [0.0] * (len(left) + len(right) - 1)
    for at, one in enumerate(left):
        if one > 1e-300:
            for by, other in enumerate(right):
                found[at + by] += one * other
    return found
