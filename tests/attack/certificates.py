"""An exact attacker on what is published of whole ratees: integer programming, with certificates.

The attacker knows the software, the policy, the questionnaire, the supervisor's and the ratee's own answers, how
many peers and subordinates answered, which items the raters of a group as it is shown left out, and everything
published. An answer is
*recovered* when no other round fits all that. Raters of a relation are interchangeable, so that takes a relation
that agrees on the item in every round that fits.

*Not recovered* is never believed: it needs another round as a certificate, and the product itself has to publish
the very same bytes for it. Such a round is looked for by small changes first and by integer programming (HiGHS)
when those do not find one. *Recovered* is what integer programming proves to have no other solution.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, cycle, islice, product
from math import ceil, floor, lcm
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from scoring_service.domain.policy import SMALL
from tests.attack.published import Row, World

TRIES = 12
"""Rounds drawn at random where the nearest ones are told apart by the statistics of the round."""
INFEASIBLE, GAVE_UP = 2, 4
"""What the solver says; after the second it is asked once more, without its simplifications."""
Cell = tuple[str, int, int]
"""Relation, rater, item."""
Form = dict[Cell, Fraction]
"""A linear form over answers."""


@dataclass(frozen=True)
class Bound:
    """``low`` <= form (+ constant, which is moved into the bounds) <= ``high``; exact rationals."""

    form: Form
    low: Fraction
    high: Fraction
    below: bool = False
    """The upper bound itself is excluded."""


@dataclass(frozen=True)
class Known:
    """One thing the attacker found out."""

    what: str
    """``answer`` or ``mean``."""
    relation: str
    item: int | None
    value: Fraction


Fits = Callable[[World], bool]
"""Whether the product publishes the same for another round."""


def cells(world: World) -> list[Cell]:
    """The answers in question."""
    return [
        (relation, rater, item)
        for relation in SMALL
        for rater, row in enumerate(world.get(relation, ()))
        for item, answer in enumerate(row)
        if answer
    ]


def changed(world: World, changes: Mapping[Cell, int]) -> World:
    """The round with other answers in some cells."""
    rows = {relation: [list(row) for row in of] for relation, of in world.items()}
    for (relation, rater, item), answer in changes.items():
        rows[relation][rater][item] = answer
    return {relation: tuple(tuple(row) for row in of) for relation, of in rows.items()}


def columns_that_agree(world: World) -> Iterator[tuple[str, int, int]]:
    """(relation, item, answer) where everybody of the relation who answered gave the same."""
    for relation in SMALL:
        rows = world.get(relation, ())
        for item in range(len(rows[0]) if rows else 0):
            given = {row[item] for row in rows} - {0}
            if len(given) == 1:
                yield relation, item, given.pop()


def small_changes(
    world: World, relation: str, item: int, points: int, aspects: Sequence[str]
) -> Iterator[dict[Cell, int]]:
    """Changes to one answer of the column that keep sums: undone in another item of the same row and aspect, or by
    another rater at the same item."""
    rows = world[relation]
    for rater, row in enumerate(rows):
        if not row[item]:
            continue
        for step in (1, -1):
            if not 1 <= row[item] + step <= points:
                continue
            own = {(relation, rater, item): row[item] + step}
            for other, answer in enumerate(row):
                same = other != item and answer and aspects[other] == aspects[item]
                if same and 1 <= answer - step <= points:
                    yield own | {(relation, rater, other): answer - step}
            for cell in _column(world, item):
                answer = world[cell[0]][cell[1]][item]
                if cell[:2] != (relation, rater) and 1 <= answer - step <= points:
                    yield own | {cell: answer - step}


def at_once(world: World, points: int, aspects: Sequence[str]) -> World:
    """One round that is another in as many columns as small changes reach without meeting."""
    taken: dict[Cell, int] = {}
    for relation, item, _ in columns_that_agree(world):
        free = (
            change
            for change in small_changes(world, relation, item, points, aspects)
            if not set(change) & set(taken)
        )
        taken |= next(free, {})
    return changed(world, taken)


def _column(world: World, item: int) -> Iterator[Cell]:
    """Every answer to an item."""
    return (cell for cell in cells(world) if cell[2] == item)


def swaps(world: World) -> Iterator[World]:
    """A peer and a subordinate change places: which of the merged group left out what is not known."""
    peers, subordinates = (list(world.get(relation, ())) for relation in SMALL)
    for one, two in product(range(len(peers)), range(len(subordinates))):
        left, right = peers.copy(), subordinates.copy()
        left[one], right[two] = right[two], left[one]
        yield {**world, "peer": tuple(left), "subordinate": tuple(right)}


class Integer:
    """The rounds that fit what is published, as an integer program over the answers in question."""

    def __init__(self, world: World, points: int, bounds: Sequence[Bound]) -> None:
        self.world, self.points = world, points
        self.cells = cells(world)
        self.place = {cell: at for at, cell in enumerate(self.cells)}
        scaled = [self._scaled(bound) for bound in bounds]
        matrix = np.zeros((len(scaled), len(self.cells)))
        for at, (form, _, _) in enumerate(scaled):
            for cell, weight in form.items():
                matrix[at, self.place[cell]] = weight
        self.matrix = csr_array(matrix)
        self.low = np.array([low for _, low, _ in scaled], dtype=float)
        self.high = np.array([high for _, _, high in scaled], dtype=float)
        self.given = np.array([world[relation][rater][item] for relation, rater, item in self.cells], dtype=float)
        self.chance = np.random.default_rng(1)

    def _scaled(self, bound: Bound) -> tuple[Mapping[Cell, int], int, int]:
        """Whole numbers only: nothing is left to the solver's tolerance."""
        scale = lcm(*(weight.denominator for weight in bound.form.values()), 1)
        form = {cell: int(weight * scale) for cell, weight in bound.form.items()}
        high = bound.high * scale
        return form, ceil(bound.low * scale), ceil(high) - 1 if bound.below else floor(high)

    def another(self, limits: Mapping[Cell, tuple[int, int]], cost: Any) -> World | None:
        """The round within ``limits`` of the smallest cost, by how far each answer goes up and down; None when
        there is none at all. An answer is what was given + up - down."""
        count = len(self.cells)
        low, high = np.ones(count), np.full(count, self.points)
        for cell, (least, most) in limits.items():
            low[self.place[cell]], high[self.place[cell]] = least, most
        if (low > high).any():
            return None
        eye = eye_array(count)
        rules = [LinearConstraint(hstack([eye, -eye]), low - self.given, high - self.given)]
        if self.low.size:
            here = self.matrix @ self.given
            rules.append(LinearConstraint(hstack([self.matrix, -self.matrix]), self.low - here, self.high - here))
        bounds = Bounds(np.zeros(2 * count), np.full(2 * count, self.points))
        found = milp(cost, integrality=np.ones(2 * count), bounds=bounds, constraints=rules)
        if found.status == GAVE_UP:
            options = {"presolve": False}
            found = milp(cost, integrality=np.ones(2 * count), bounds=bounds, constraints=rules, options=options)
        if found.status == INFEASIBLE:
            return None
        assert found.x is not None, found.message
        up, down = found.x[:count].round(), found.x[count:].round()
        answers = (self.given + up - down).astype(int)
        return changed(self.world, {cell: int(answers[at]) for cell, at in self.place.items()})

    def other_answer(self, relation: str, item: int, value: int, fits: Fits) -> World | None:
        """A round that fits and has another answer there; None when there is none. Every claim is checked."""
        possible = []
        for cell in self.cells:
            if (cell[0], cell[2]) != (relation, item):
                continue
            for limits in ({cell: (1, value - 1)}, {cell: (value + 1, self.points)}):
                other = self.another(limits, self._near())
                if other and fits(other):
                    return other
                possible += [limits] if other else []
        drawn = (self.another(limits, self._anywhere()) for limits in islice(cycle(possible), TRIES))
        return next((other for other in drawn if other and fits(other)), None)

    def mean_is_known(self, relation: str, fits: Fits) -> bool:
        """Whether the mean of a relation's answers is the same in every round that fits."""
        mine = np.array([cell[0] == relation for cell in self.cells], dtype=float)
        ends = [self.another({}, sign * np.concatenate([mine, -mine])) for sign in (1, -1)]
        here = _sum(self.world[relation])
        far = [other for other in ends if other is not None and _sum(other[relation]) != here]
        if any(fits(other) for other in far):
            return False
        drawn = (self.another({}, self._anywhere()) for _ in range(TRIES if far else 0))
        return not any(other and _sum(other[relation]) != here and fits(other) for other in drawn)

    def _near(self) -> Any:
        return np.ones(2 * len(self.cells))

    def _anywhere(self) -> Any:
        return self.chance.uniform(0.2, 1.8, 2 * len(self.cells))


def attack(
    world: World, points: int, aspects: Sequence[str], bounds: Sequence[Bound], fits: Fits, apart: bool
) -> Iterator[Known]:
    """Everything the attacker finds out. ``apart``: peers and subordinates are published apart, so the mean of
    neither is merged away."""
    program: Integer | None = None
    others = [other for other in [at_once(world, points, aspects)] if fits(other)]
    for relation, item, value in columns_that_agree(world):
        tries = (changed(world, change) for change in small_changes(world, relation, item, points, aspects))
        if any(_answers(other[relation], item) != {value} for other in others) or any(map(fits, tries)):
            continue
        exchanged = (other for other in swaps(world) if _answers(other[relation], item) != {value})
        if any(map(fits, exchanged)):
            continue
        program = program or Integer(world, points, bounds)
        found = program.other_answer(relation, item, value, fits)
        if found:
            others.append(found)
        else:
            yield Known("answer", relation, item, Fraction(value))
    if apart:
        return
    for relation in SMALL:
        rows = world.get(relation, ())
        if not rows or not any(world.get(other, ()) for other in SMALL if other != relation):
            continue
        if any(_sum(other[relation]) != _sum(rows) for other in others):
            continue
        tries = (
            changed(world, change)
            for item in range(len(rows[0]))
            for change in small_changes(world, relation, item, points, aspects)
        )
        if any(_sum(other[relation]) != _sum(rows) and fits(other) for other in chain(swaps(world), tries)):
            continue
        program = program or Integer(world, points, bounds)
        if program.mean_is_known(relation, fits):
            yield Known("mean", relation, None, Fraction(_sum(rows), sum(map(bool, sum(rows, ())))))


def _answers(rows: Sequence[Row], item: int) -> set[int]:
    return {row[item] for row in rows} - {0}


def _sum(rows: Sequence[Row]) -> int:
    return sum(map(sum, rows))
