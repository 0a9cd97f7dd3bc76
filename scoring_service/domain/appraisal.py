"""What comes out of the engine: the numbers, the way to them, or why there are none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from scoring_service.domain.given import Fault
from scoring_service.domain.numbers import decimal

Reason = Literal["too_few_raters", "supervisor_missing", "no_weight_rule", "awaiting_assessor"]
Status = Literal["scored", "held", "refused"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way to the number: the rule, its numbers in decimal text, its legal basis."""

    rule: str
    numbers: Mapping[str, str]
    basis: str


@dataclass(frozen=True, slots=True)
class Input:
    """What went into the official value under one name. ``aspects`` only for supervisor and self."""

    value: Fraction
    aspects: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What came out, exact.

    A held appraisal carries a reason and no numbers (except the recommendation that the assessor waits for); a
    refused one carries its faults.
    """

    status: Status
    reason: Reason | None = None
    faults: tuple[Fault, ...] = ()
    others: Fraction | None = None
    behaviour: Fraction | None = None
    recommendation: Fraction | None = None
    aspects: Mapping[str, Fraction | None] = field(default_factory=dict)
    """Value of each applicable aspect over all weighted groups; None when one of them has none."""
    total: Fraction | None = None
    banded_as: Fraction | None = None
    predicate: str | None = None
    category: str | None = None
    external_codes: Mapping[str, int] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    self_other_gap: Fraction | None = None
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    inputs: Mapping[str, Input] = field(default_factory=dict)
    """What the official value is made of, under the names of the weights; peers and subordinates as one."""
    work_result: Fraction | str | None = None
    """As it counts: capped."""
    new_idea: bool = False
    path: tuple[Step, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, numbers as decimal text (see ``numbers.decimal``)."""
        return {
            "status": self.status,
            "reason": self.reason,
            "others": _text(self.others),
            "behaviour": _text(self.behaviour),
            "recommendation": _text(self.recommendation),
            "aspects": {code: _text(value) for code, value in self.aspects.items()},
            "total": _text(self.total),
            "banded_as": _text(self.banded_as),
            "predicate": self.predicate,
            "category": self.category,
            "external_codes": dict(self.external_codes),
            "flags": list(self.flags),
            "self_other_gap": _text(self.self_other_gap),
            "weights": {group: decimal(weight) for group, weight in self.weights.items()},
            "path": [{"rule": step.rule, "numbers": dict(step.numbers), "basis": step.basis} for step in self.path],
        }


def _text(value: Fraction | None) -> str | None:
    return None if value is None else decimal(value)
