"""An exact attacker on released numbers: goes through every round that could have been.

A *world* is what each rater could have answered. The attacker knows the software, the policy, the questionnaire,
how many peers and subordinates answered, the supervisor's and the ratee's own answers, and what was released.
Whatever all worlds with the same release have in common is known to the attacker, by exhaustion and not by guess.
Raters of one relation are interchangeable, so a world is a multiset of rows per relation.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, product

Row = tuple[int, ...]
World = Mapping[str, tuple[Row, ...]]
Release = Callable[[World], Hashable]


@dataclass(frozen=True)
class Finding:
    """In every world with this release, whoever of the relation answered the item (from 0) gave this ``answer``."""

    relation: str
    item: int
    answer: int
    worlds: int
    example: World


def worlds(sizes: Mapping[str, int], items: int, points: int, not_seen: bool) -> Iterator[World]:
    """Every possible round with that many raters of each relation; a ballot has at least one answer."""
    options = range(0 if not_seen else 1, points + 1)
    rows = [row for row in product(options, repeat=items) if any(row)]
    choices = [list(combinations_with_replacement(rows, size)) for size in sizes.values()]
    for picked in product(*choices):
        yield dict(zip(sizes, picked, strict=True))


def by_release(possible: Iterable[World], release: Release) -> list[list[World]]:
    """Worlds that cannot be told apart."""
    classes: defaultdict[Hashable, list[World]] = defaultdict(list)
    for world in possible:
        classes[release(world)].append(world)
    return list(classes.values())


def answers_known(classes: Iterable[Sequence[World]], items: int) -> Iterator[Finding]:
    """Single answers that the attacker knows for certain."""
    for alike in classes:
        for relation, item in product(alike[0], range(items)):
            given = {row[item] for world in alike for row in world[relation]} - {0}
            if len(given) == 1:
                yield Finding(relation, item, given.pop(), len(alike), alike[0])


def means_known(classes: Iterable[Sequence[World]], relation: str) -> Iterator[tuple[Fraction, World]]:
    """Means of one relation over all its answers that the attacker knows for certain, with an example."""
    for alike in classes:
        means = {_mean(world[relation]) for world in alike}
        if len(means) == 1:
            yield means.pop(), alike[0]


def _mean(rows: Sequence[Row]) -> Fraction:
    given = [answer for row in rows for answer in row if answer]
    return Fraction(sum(given), len(given))


def knowing_who_answered(release: Release) -> Release:
    """The same release to a stronger attacker, who also knows how many of each relation answered each item."""

    def known(world: World) -> Hashable:
        counts = {
            relation: [sum(map(bool, column)) for column in zip(*rows, strict=True)]
            for relation, rows in world.items()
        }
        return str(counts), release(world)

    return known
