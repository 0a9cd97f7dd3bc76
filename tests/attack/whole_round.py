"""A whole round of simulated ratees, what is published of it, and whether another one would publish the same."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from fractions import Fraction
from functools import cached_property
from itertools import islice, permutations
from random import Random
from typing import Any

from scoring_service.domain.moments import LEAST, STEP, TOP, AspectMoments, Moments
from scoring_service.domain.policy import SMALL
from scoring_service.domain.statistics import Agreement, Between, Consistency
from tests.attack.certificates import changed, small_changes
from tests.attack.published import K, Setting, World, everything, moments_of, statistics, table

OTHERS = 12
"""Other ratees whose answers are changed as well, at most, to make the statistics of the round the same again."""
ASKED = 100
"""Ratees of a round who are looked at for that."""


class Round:
    """A round of simulated ratees, and what is published of each and of all."""

    def __init__(self, members: Sequence[tuple[Setting, World]]) -> None:
        self.members = members
        self.tables = [table(setting, world) for setting, world in members]
        self.published = [everything(setting, world) for setting, world in members]
        self.parts = [moments_of(setting, world) for setting, world in members]
        self.total = sum(self.parts, Moments())
        self.statistics = statistics(self.total)
        self.few = len(members) < LEAST
        self._unseen: dict[str, list[tuple[int, Moments]]] = {}

    def fits(self, at: int, other: World) -> bool:
        """Whether the same is published when this ratee's raters answered like that, if need be with changes that
        cannot be seen either in the answers about other ratees of the round."""
        setting, _ = self.members[at]
        if table(setting, other) != self.tables[at] or everything(setting, other) != self.published[at]:
            return False
        mine = self.total + without(self.parts[at]) + moments_of(setting, other)
        return self.few or self._fits_with_others(at, mine)

    def _fits_with_others(self, at: int, mine: Moments) -> bool:
        """Greedy: what takes the statistics nearest to the published ones, another ratee at each step."""
        changed_already = {at}
        for _ in range(OTHERS):
            if statistics(mine) == self.statistics:
                return True
            tries = [
                (self._distance(mine + change), then, change)
                for then, change in self._helpful(mine)
                if then not in changed_already
            ]
            nearest = min(tries, key=lambda one: one[:2], default=None)
            if nearest is None or nearest[0] >= self._distance(mine):
                return False
            changed_already.add(nearest[1])
            mine += nearest[2]
        return statistics(mine) == self.statistics

    def _helpful(self, mine: Moments) -> Iterator[tuple[int, Moments]]:
        """Unseen changes to what is not as it was published."""
        then = self.total.aspects
        for aspect, part in mine.aspects.items():
            if part.figures() != then[aspect].figures():
                yield from self.unseen(aspect)
        if self._shares_apart(mine):
            yield from self.unseen_shares

    def _shares_apart(self, mine: Moments) -> float:
        """How many raters would have to answer in another manner for the published shares, about."""
        here, there = mine.figures(K) or {}, self.total.figures(K) or {}
        apart = [name for name in ("straight_lines", "ceilings", "lenient") if here.get(name) != there.get(name)]
        return sum(
            1.0 + mine.raters * _outside(Fraction(getattr(mine, name), mine.raters), there.get(name) or "0")
            for name in apart
        )

    def _distance(self, mine: Moments) -> float:
        """By how much the figures lie outside of what would be rounded to the published ones."""
        published: dict[str, Any] = json.loads(self.statistics)
        return self._shares_apart(mine) + sum(
            _outside(value, published["aspects"][code][name])
            for code, part in mine.aspects.items()
            for name, value in exact_figures(part).items()
        )

    def unseen(self, aspect: str) -> list[tuple[int, Moments]]:
        """Changes to the answers about one ratee in an aspect that change nothing published of that ratee, and what
        they do to the moments of the round: (ratee, difference)."""
        if aspect not in self._unseen:
            self._unseen[aspect] = [
                (at, difference)
                for at in range(min(len(self.members), ASKED))
                for difference in self._unseen_of(at, aspect)
            ]
        return self._unseen[aspect]

    def _unseen_of(self, at: int, aspect: str) -> Iterator[Moments]:
        setting, world = self.members[at]
        items = [item for item, (code, _) in enumerate(setting.form.items()) if code == aspect]
        others = list(_changes(setting, world, items))
        Random(at).shuffle(others)
        return islice(self._alike(at, others[:60]), 10)

    @cached_property
    def unseen_shares(self) -> list[tuple[int, Moments]]:
        """The same for changes to how many answer in a straight line, at the top or leniently."""
        found: list[tuple[int, Moments]] = []
        for at, (setting, world) in enumerate(self.members):
            points, every = setting.form.points, range(len(list(setting.form.items())))
            others = {manners(other, points): other for other in _changes(setting, world, every)}
            others |= {manners(other, points): other for other in drawn_apart(world)}
            others.pop(manners(world, points), None)
            found += [(at, change) for change in self._alike(at, others.values())]
            if len(found) > ASKED:
                break
        return found

    def _alike(self, at: int, others: Iterable[World]) -> Iterator[Moments]:
        """What those of other answers about a ratee that publish the same of the ratee do to the moments."""
        setting, here = self.members[at][0], without(self.parts[at])
        for other in others:
            if table(setting, other) == self.tables[at] and everything(setting, other) == self.published[at]:
                yield here + moments_of(setting, other)


def _changes(setting: Setting, world: World, items: Iterable[int]) -> Iterator[World]:
    """One answer to one of the items changed, and undone in another answer."""
    aspects = [code for code, _ in setting.form.items()]
    columns = ((relation, item) for item in items for relation in SMALL if world[relation])
    return (
        changed(world, change)
        for relation, item in columns
        for change in small_changes(world, relation, item, setting.form.points, aspects)
    )


def drawn_apart(world: World) -> Iterator[World]:
    """Of two raters, one gives the higher answer to everything that both answered, and the other one the lower."""
    for relation in SMALL:
        for one, two in permutations(range(len(world[relation])), 2):
            rows = list(world[relation])
            pairs = [
                (a, b) if not (a and b) else (max(a, b), min(a, b))
                for a, b in zip(rows[one], rows[two], strict=True)
            ]
            rows[one], rows[two] = (tuple(side) for side in zip(*pairs, strict=True))
            yield {**world, relation: tuple(rows)}


def manners(world: World, points: int) -> tuple[int, int, int]:
    """How many peers and subordinates answer in a straight line, at the top, leniently."""
    given = [[answer for answer in row if answer] for relation in SMALL for row in world[relation]]
    rows = [row for row in given if len(row) > 1]
    means = [sum(row) / len(row) for row in rows]
    lenient = sum(m - (sum(means) - m) / (len(means) - 1) >= 1 for m in means) if len(means) > 2 else 0
    return sum(len(set(row)) == 1 for row in rows), sum(set(row) == {points} for row in rows), lenient


def exact_figures(part: AspectMoments) -> dict[str, Fraction | None]:
    """What ``AspectMoments.figures`` rounds."""
    return {
        "rwg": part.agreement.mean(),
        "icc_1": part.between.icc_1(),
        "icc_1_k": part.between.icc_1_k(),
        "cronbach_alpha": part.consistency.alpha(),
    }


def _outside(value: Fraction | None, shown: str | None) -> float:
    if value is None or shown is None:
        return float((value is None) != (shown is None))
    beyond = 0 if Fraction(shown) == TOP and value > TOP else abs(value - Fraction(shown)) - STEP / 2
    return max(float(beyond), 0.0)


def without(part: Moments) -> Moments:
    """What takes a part out of a sum again."""
    aspects = {
        code: AspectMoments(
            negative(one.between, Between),
            Consistency(
                -one.consistency.rows,
                tuple((-a, -b) for a, b in one.consistency.items),
                -one.consistency.total,
                -one.consistency.squares,
            ),
            negative(one.agreement, Agreement),
        )
        for code, one in part.aspects.items()
    }
    counts = (-part.raters, -part.straight_lines, -part.ceilings, -part.lenient)
    return Moments(-part.ratees, aspects, *counts)


def negative(part: Any, kind: Any) -> Any:
    return kind(*(-getattr(part, one.name) for one in fields(part)))
