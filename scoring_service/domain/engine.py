"""The engine: one appraisal from a policy and what was given. Every number on the way is kept in the path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from scoring_service.domain.given import Fault, Given, faults, value_faults
from scoring_service.domain.numbers import decimal, rounded
from scoring_service.domain.policy import SMALL, Policy
from scoring_service.domain.rules import band_of, capped, predicate_of_pair
from scoring_service.domain.tally import Folded, GroupTally, Sum
from scoring_service.domain.weighing import Weighed, aspect_value, group_value, weigh

__all__ = ["Appraisal", "Fault", "Given", "Step", "appraise", "faults", "value_faults"]

Reason = Literal["too_few_raters", "supervisor_missing", "no_weight_rule", "awaiting_assessor"]
Status = Literal["scored", "held", "refused"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way to the number: the rule, its numbers in decimal text, its legal basis."""

    rule: str
    numbers: Mapping[str, str]
    basis: str


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


def appraise(policy: Policy, given: Given) -> Appraisal:
    """Apply the policy. Never raises for bad values: they come back as status ``refused`` with every fault."""
    found = faults(policy, given)
    if found:
        return Appraisal("refused", faults=found)
    folded = _with_aspects(policy, given)
    if policy.behaviour_by == "assessor":
        return _recommended(policy, given, folded)
    if given.behaviour is not None:
        return _finished(policy, given, Appraisal("scored", behaviour=given.behaviour))
    weighed = weigh(policy, folded, given.invited, bool(given.leadership))
    if weighed.reason:
        step = _step(policy, "raters", {name: str(group.n) for name, group in weighed.groups.items()})
        return Appraisal("held", reason=weighed.reason, flags=weighed.flags, path=(step,))
    return _finished(policy, given, _behaviour(policy, given, folded, weighed))


def _with_aspects(policy: Policy, given: Given) -> Folded:
    folded = given.folded or Folded(policy.raters.threshold, {})
    if given.aspects is None:
        return folded
    applicable = policy.applicable(bool(given.leadership))
    own = {aspect.code: Sum(1, value) for aspect, value in zip(applicable, given.aspects, strict=True)}
    return Folded(folded.threshold, {**folded.groups, "supervisor": GroupTally(1, own)}, folded.weigh_as)


def _behaviour(policy: Policy, given: Given, folded: Folded, weighed: Weighed) -> Appraisal:
    """The behaviour value: each group's value times its weight."""
    detailed = any(group.aspects for group in weighed.groups.values())
    applicable = policy.applicable(bool(given.leadership)) if detailed else ()
    values = {name: group_value(policy, group) for name, group in weighed.groups.items()}
    behaviour = sum((weight * values[name] for name, weight in weighed.weights.items()), Fraction(0))
    others = _others(policy, folded, weighed, values)
    own = group_value(policy, folded.groups["self"]) if "self" in folded.groups else None
    numbers = {f"{name} mean": decimal(value) for name, value in values.items()}
    weights = {f"{name} weight": decimal(weight) for name, weight in weighed.weights.items()}
    return Appraisal(
        "scored",
        others=others,
        behaviour=behaviour,
        aspects={aspect.code: aspect_value(policy, weighed, aspect.code) for aspect in applicable},
        flags=weighed.flags,
        self_other_gap=own - others if own is not None and others is not None else None,
        weights=weighed.weights,
        path=(
            _step(policy, "raters", numbers),
            _step(policy, "weights", {**weights, "behaviour": decimal(behaviour)}),
        ),
    )


def _others(policy: Policy, folded: Folded, weighed: Weighed, values: Mapping[str, Fraction]) -> Fraction | None:
    """Peers and subordinates by their weights; where they carry none, every rater counts the same."""
    small = {name: weight for name, weight in weighed.weights.items() if name in (*SMALL, "others")}
    if small:
        return sum((weight * values[name] for name, weight in small.items()), Fraction(0)) / sum(small.values())
    parts = [folded.groups[name] for name in (*SMALL, "others") if name in folded.groups]
    return group_value(policy, sum(parts[1:], parts[0])) if parts else None


def _finished(policy: Policy, given: Given, so_far: Appraisal) -> Appraisal:
    """Add work result, predicate, category and outside codes to a behaviour value."""
    behaviour = so_far.behaviour
    assert behaviour is not None
    category = band_of(policy.categories, behaviour, _set_flags(given)) if policy.categories else None
    flags, path = list(so_far.flags), list(so_far.path)
    total: Fraction | None = None
    banded: Fraction | None = behaviour if policy.combination.method == "none" else None
    if policy.combination.method == "weighted" and isinstance(given.work_result, Fraction):
        work_result = capped(policy, given.work_result)
        if work_result != given.work_result:
            flags.append("work_result_capped")
        total = policy.combination.work_result * work_result + policy.combination.behaviour * behaviour
        banded = total
        path.append(
            _step(
                policy,
                "combination",
                {
                    "work result": decimal(work_result),
                    "work result weight": decimal(policy.combination.work_result),
                    "behaviour": decimal(behaviour),
                    "behaviour weight": decimal(policy.combination.behaviour),
                    "total": decimal(total),
                },
            )
        )
    if banded is not None:
        banded = rounded(banded, policy.banding)
        path.append(_step(policy, "bands", {"value": decimal(banded)}))
    return Appraisal(
        "scored",
        others=so_far.others,
        behaviour=behaviour,
        aspects=so_far.aspects,
        total=total,
        banded_as=banded,
        predicate=band_of(policy.bands, banded, _set_flags(given)) if banded is not None else None,
        category=category,
        external_codes=_codes(policy, None, category),
        flags=tuple(flags),
        self_other_gap=so_far.self_other_gap,
        weights=so_far.weights,
        path=tuple(path),
    )


def _recommended(policy: Policy, given: Given, folded: Folded) -> Appraisal:
    """The raters recommend, the assessor chooses, the matrix gives the predicate."""
    advice = _advice(policy, given, folded)
    if given.assessor_category is None:
        return Appraisal(
            "held",
            reason="awaiting_assessor",
            recommendation=advice.behaviour,
            aspects=advice.aspects,
            others=advice.others,
            flags=advice.flags,
            self_other_gap=advice.self_other_gap,
            weights=advice.weights,
            path=advice.path,
        )
    category, work_result = given.assessor_category, given.work_result
    known = work_result if isinstance(work_result, str) else None
    numbers = {"behaviour": category} | ({"work result": known} if known else {})
    return Appraisal(
        "scored",
        others=advice.others,
        recommendation=advice.behaviour,
        aspects=advice.aspects,
        predicate=predicate_of_pair(policy, known, category) if known else None,
        category=category,
        external_codes=_codes(policy, known, category),
        flags=advice.flags,
        self_other_gap=advice.self_other_gap,
        weights=advice.weights,
        path=(*advice.path, _step(policy, "combination", numbers)),
    )


def _advice(policy: Policy, given: Given, folded: Folded) -> Appraisal:
    if given.feedback_mean is not None:
        step = _step(policy, "raters", {"recommendation": decimal(given.feedback_mean)})
        return Appraisal("scored", behaviour=given.feedback_mean, path=(step,))
    weighed = weigh(policy, folded, given.invited, bool(given.leadership))
    if weighed.reason or not weighed.weights:
        return Appraisal("scored", flags=(*weighed.flags, "recommendation_hidden"))
    return _behaviour(policy, given, folded, weighed)


def _codes(policy: Policy, work_result: str | None, behaviour: str | None) -> dict[str, int]:
    sources = {"work_result": work_result, "behaviour": behaviour}
    found = {code.field: code.codes.get(sources[code.source] or "") for code in policy.external_codes}
    return {name: value for name, value in found.items() if value is not None}


def _set_flags(given: Given) -> frozenset[str]:
    return frozenset({"new_idea"} if given.new_idea else ())


def _step(policy: Policy, rule: str, numbers: Mapping[str, str]) -> Step:
    return Step(rule, numbers, policy.basis(rule))


def _text(value: Fraction | None) -> str | None:
    return None if value is None else decimal(value)
