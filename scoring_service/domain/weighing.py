"""Which groups count with which weight, and what value each has. Nothing here ever sees a single rater."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from scoring_service.domain.numbers import ONE, weighted
from scoring_service.domain.policy import OTHERS, SMALL, Policy
from scoring_service.domain.tally import Folded, GroupTally

Reason = Literal["too_few_raters", "supervisor_missing", "no_weight_rule"]
PARTNER = {"peer": "subordinate", "subordinate": "peer"}


@dataclass(frozen=True, slots=True)
class Weighed:
    """The counted groups and their weights (sum 1), or the reason why there are none."""

    groups: Mapping[str, GroupTally] = field(default_factory=dict)
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    reason: Reason | None = None


def weigh(policy: Policy, folded: Folded, invited: Mapping[str, int], leadership: bool) -> Weighed:
    """Choose the weights for the groups that are there; a missing group never changes them silently."""
    groups = _counted(policy, folded, leadership)
    lacks_supervisor = policy.use("supervisor") == "counted" and "supervisor" not in groups
    if lacks_supervisor and _row(policy, groups) is None:
        return Weighed(groups, reason="supervisor_missing")
    if not _asks_others(policy) or any(name in groups for name in (*SMALL, OTHERS)):
        weights = _weights(policy, groups)
        return Weighed(groups, weights, reason=None if weights else "no_weight_rule")
    asked = any(invited.get(relation, 0) for relation in SMALL if policy.use(relation) == "counted")
    rule = policy.raters.below_threshold if asked else policy.raters.none_eligible
    if rule == "hold":
        return Weighed(groups, reason="too_few_raters")
    flags = ("others_below_threshold",) if asked else ("no_other_raters",)
    return _without_others(policy, groups, flags)


def group_value(policy: Policy, group: GroupTally) -> Fraction:
    """The behaviour value of a group: its aspects by their weights, leaving out those it has no value for."""
    if group.overall is not None:
        return group.overall.mean
    values = [(aspect.weight, group_aspect(policy, group, aspect.code)) for aspect in policy.aspects]
    present = [(weight, value) for weight, value in values if value is not None]
    return weighted(present) / weighted((weight, ONE) for weight, _ in present)


def group_aspect(policy: Policy, group: GroupTally, code: str) -> Fraction | None:
    """The value of one aspect in one group, in the policy's order of aggregation; None when nobody gave one."""
    if policy.raters.order == "items_first" and group.items:
        means = [item.total / item.n for item in group.items.values() if item.aspect == code]
        return sum(means, Fraction(0)) / len(means) if means else None
    part = group.aspects.get(code)
    return part.mean if part and part.n else None


def aspect_value(policy: Policy, weighed: Weighed, code: str) -> Fraction | None:
    """The value of one aspect over all weighted groups; None as soon as one of them has none."""
    parts = {name: group_aspect(policy, weighed.groups[name], code) for name in weighed.weights}
    known = {name: value for name, value in parts.items() if value is not None}
    if len(known) < len(parts):
        return None
    return weighted((weighed.weights[name], value) for name, value in known.items())


def _counted(policy: Policy, folded: Folded, leadership: bool) -> dict[str, GroupTally]:
    """The groups that count, under the names that the weight table uses."""
    groups: dict[str, GroupTally] = {}
    for name, group in folded.groups.items():
        relation = folded.weigh_as if name == OTHERS else name
        small = name in (*SMALL, OTHERS)
        used = (
            any(policy.use(part) == "counted" for part in SMALL)
            if relation == OTHERS
            else (policy.use(relation) == "counted")
        )
        if used and _complete(policy, relation, group, leadership):
            target = OTHERS if small and policy.raters.pooled else relation
            groups[target] = groups[target] + group if target in groups else group
    return groups


def _complete(policy: Policy, relation: str, group: GroupTally, leadership: bool) -> bool:
    if group.overall is not None:
        return True
    rule = policy.raters.groups.get(relation)
    given = [bool(group.aspects.get(aspect.code)) for aspect in policy.applicable(leadership)]
    return all(given) if rule and rule.every_aspect else any(given)


def _asks_others(policy: Policy) -> bool:
    return any(policy.use(relation) == "counted" for relation in SMALL)


def _row(policy: Policy, groups: Mapping[str, GroupTally]) -> Mapping[str, Fraction] | None:
    return next((row for row in policy.raters.weights if set(row) == set(groups)), None)


def _weights(policy: Policy, groups: Mapping[str, GroupTally]) -> Mapping[str, Fraction]:
    """The row that fits exactly, else what the rule for absent groups makes of the first row; empty: no rule."""
    row = _row(policy, groups)
    if row is not None or not policy.raters.weights:
        return row or {}
    full = policy.raters.weights[0]
    match policy.raters.absent_group:
        case "partner":
            return _partnered(full, groups)
        case "renormalise":
            kept = {name: _share(full, name) for name in groups}
            whole = sum(kept.values())
            return {name: weight / whole for name, weight in kept.items()} if all(kept.values()) else {}
        case _:
            return {}


def _partnered(full: Mapping[str, Fraction], groups: Mapping[str, GroupTally]) -> Mapping[str, Fraction]:
    weights = {name: _share(full, name) for name in groups}
    for name in SMALL:
        partner = PARTNER[name]
        if name in full and name not in groups and partner in groups:
            weights[partner] += full[name]
    return weights if sum(weights.values()) == 1 and all(weights.values()) else {}


def _share(full: Mapping[str, Fraction], name: str) -> Fraction:
    """The weight of a group in the first row; merged others carry the weights of both."""
    if name == OTHERS and OTHERS not in full:
        return sum((full.get(relation, Fraction(0)) for relation in SMALL), Fraction(0))
    return full.get(name, Fraction(0))


def _without_others(policy: Policy, groups: Mapping[str, GroupTally], flags: tuple[str, ...]) -> Weighed:
    """The row of the table for who is left, else the assessor alone."""
    row = _row(policy, groups)
    if row is None and "supervisor" in groups:
        row = {"supervisor": Fraction(1)}
        groups = {"supervisor": groups["supervisor"]}
    return Weighed(groups, row or {}, flags, None if row else "no_weight_rule")
