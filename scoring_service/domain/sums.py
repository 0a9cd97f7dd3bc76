"""What is kept of the answers of a group: exact sums, and their form in storage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from scoring_service.domain.numbers import ratio, restored, stored
from scoring_service.domain.policy import OTHERS


@dataclass(frozen=True, slots=True)
class Sum:
    """An exact sum over ``n`` raters."""

    n: int
    total: Fraction

    @property
    def mean(self) -> Fraction:
        """Divided by who answered; there is no mean of nobody."""
        return ratio(self.total.numerator, self.total.denominator * self.n)

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.n + other.n, self.total + other.total)


@dataclass(frozen=True, slots=True)
class ItemTally:
    """One item: how many answered, and the sum on the working scale."""

    aspect: str
    n: int
    total: Fraction

    def __add__(self, other: "ItemTally") -> "ItemTally":
        return ItemTally(self.aspect, self.n + other.n, self.total + other.total)


@dataclass(frozen=True, slots=True)
class GroupTally:
    """What is kept of a group of ``n`` raters.

    From ballots: ``aspects`` (raters with a value, sum of their values), and ``items`` only where the policy takes
    the mean of each item first. From values that were typed in, one per rater: only ``overall``.
    """

    n: int
    aspects: Mapping[str, Sum] = field(default_factory=dict)
    items: Mapping[str, ItemTally] = field(default_factory=dict)
    overall: Sum | None = None

    def __add__(self, other: "GroupTally") -> "GroupTally":
        return GroupTally(
            self.n + other.n,
            _added(self.aspects, other.aspects),
            _added(self.items, other.items),
            self.overall + other.overall if self.overall and other.overall else self.overall or other.overall,
        )

    def to_json(self) -> dict[str, Any]:
        """Exact and plain: fractions as ``num/den``."""
        return {
            "n": self.n,
            "aspects": {code: {"n": part.n, "total": stored(part.total)} for code, part in self.aspects.items()},
            "items": {
                code: {"aspect": part.aspect, "n": part.n, "total": stored(part.total)}
                for code, part in self.items.items()
            },
            "overall": self.overall and {"n": self.overall.n, "total": stored(self.overall.total)},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "GroupTally":
        """What ``to_json`` wrote."""
        overall = data["overall"]
        return cls(
            data["n"],
            {code: Sum(part["n"], restored(part["total"])) for code, part in data["aspects"].items()},
            {
                code: ItemTally(part["aspect"], part["n"], restored(part["total"]))
                for code, part in data["items"].items()
            },
            overall and Sum(overall["n"], restored(overall["total"])),
        )


@dataclass(frozen=True, slots=True)
class Folded:
    """The groups of one ratee after folding: supervisor, self, and either ``others`` or peer and subordinate.

    Peer and subordinate stand apart only when both have at least ``threshold`` raters. ``others`` alone with the
    same number may be one group or two: the two cases look alike on purpose (``weigh_as`` tells the engine which
    row of the weight table holds).
    """

    threshold: int
    groups: Mapping[str, GroupTally]
    weigh_as: str = OTHERS
    """``others`` when two groups were merged, else the relation that ``others`` consists of."""

    def to_json(self) -> dict[str, Any]:
        """Exact and plain, for storage."""
        return {
            "threshold": self.threshold,
            "weigh_as": self.weigh_as,
            "groups": {name: group.to_json() for name, group in self.groups.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Folded":
        """What ``to_json`` wrote."""
        groups = {name: GroupTally.from_json(group) for name, group in data["groups"].items()}
        return cls(data["threshold"], groups, data["weigh_as"])


def _added(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    both = {**left}
    for code, part in right.items():
        both[code] = both[code] + part if code in both else part
    return both
