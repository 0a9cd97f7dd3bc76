"""Figures over the ratees of a unit: information beside the scores, never applied to them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from scoring_service.domain.disclosure import UNIT_LEAST, units_to_show
from scoring_service.domain.numbers import decimal, rounded
from scoring_service.domain.policy import Policy
from scoring_service.domain.rules import exceeded

TOO_FEW_RATEES = "too_few_ratees"
_PLACES = 1


@dataclass
class Gathered:
    """What is added up over a unit's scored ratees, one after another."""

    ratees: int = 0
    behaviours: int = 0
    total: Fraction = Fraction(0)
    predicates: Counter[str] = field(default_factory=Counter)

    def add(self, behaviour: str | None, predicate: str | None) -> None:
        """One score as it is published."""
        self.ratees += 1
        if behaviour is not None:
            self.behaviours += 1
            self.total += Fraction(behaviour)
        if predicate is not None:
            self.predicates[predicate] += 1

    def __add__(self, other: "Gathered") -> "Gathered":
        return Gathered(
            self.ratees + other.ratees,
            self.behaviours + other.behaviours,
            self.total + other.total,
            self.predicates + other.predicates,
        )


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """One unit (or everybody): figures, or the reason why there are none.

    ``mean`` of behaviour to one place; ``predicates`` in whole percent of those who have one; ``limits`` says in
    words which limits of the policy the distribution goes beyond.
    """

    unit: str | None
    hidden: str | None
    ratees: int | None = None
    mean: str | None = None
    predicates: Mapping[str, int] = field(default_factory=dict)
    limits: Sequence[str] = ()


def figures(policy: Policy, units: Mapping[str, Gathered], organisation: str | None) -> Sequence[UnitFigures]:
    """Every unit, and first everybody (``unit`` None). Units are hidden so that none follows by subtraction.

    ``organisation``: the predicate of the organisation itself, where a limit of the policy depends on it.
    """
    whole = sum(units.values(), Gathered())
    shown = units_to_show({name: one.ratees for name, one in units.items()})
    return (
        _figures(policy, None, whole, whole.ratees >= UNIT_LEAST, organisation),
        *(_figures(policy, name, units[name], name in shown, None) for name in sorted(units)),
    )


def _figures(
    policy: Policy, unit: str | None, found: Gathered, shown: bool, organisation: str | None
) -> UnitFigures:
    if not shown:
        return UnitFigures(unit, TOO_FEW_RATEES)
    known = sum(found.predicates.values())
    enough = known >= UNIT_LEAST
    shares = {name: round(100 * n / known) for name, n in sorted(found.predicates.items())} if enough else {}
    mean = decimal(rounded(found.total / found.behaviours, "half_up", _PLACES)) if found.behaviours else None
    limits = exceeded(policy, found.predicates, organisation) if enough and (unit or organisation) else ()
    return UnitFigures(unit, None, found.ratees, mean, shares, limits)
