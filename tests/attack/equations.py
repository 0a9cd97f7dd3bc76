"""What is published of a ratee as exact equations and intervals over the answers of peers and subordinates."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scoring_service.domain.policy import SMALL, Policy
from tests.attack.certificates import Bound, Form
from tests.attack.published import K, Setting, World

Rater = tuple[str, int]


@dataclass(frozen=True)
class Linear:
    """``form`` over answers plus ``constant``: a value on the policy's scale."""

    form: Form
    constant: Fraction

    def __add__(self, other: "Linear") -> "Linear":
        cells = {**self.form, **other.form}
        both = {cell: self.form.get(cell, Fraction(0)) + other.form.get(cell, Fraction(0)) for cell in cells}
        return Linear(both, self.constant + other.constant)

    def __mul__(self, factor: Fraction) -> "Linear":
        return Linear({cell: weight * factor for cell, weight in self.form.items()}, self.constant * factor)


@dataclass(frozen=True)
class Group:
    """Value and number of raters of each aspect in one group."""

    aspects: Mapping[str, tuple[Linear, int]]

    def __add__(self, other: "Group") -> "Group":
        found = dict(self.aspects)
        for code, (value, n) in other.aspects.items():
            if code in found:
                mine, m = found[code]
                found[code] = (mine * Fraction(m, m + n) + value * Fraction(n, m + n), m + n)
            else:
                found[code] = (value, n)
        return Group(found)

    def value(self, policy: Policy) -> Linear:
        present = [
            (aspect.weight, self.aspects[aspect.code][0])
            for aspect in policy.aspects
            if aspect.code in self.aspects
        ]
        whole = sum(weight for weight, _ in present)
        return _sum(value * (weight / whole) for weight, value in present)


def bounds(setting: Setting, world: World, published: str) -> list[Bound]:
    """Read from the published bytes, with the knowledge of the policy and of who left out which item."""
    shown = json.loads(published)[3][0]
    groups = {name: _group(setting, world, raters) for name, raters in _raters(setting, world).items()}
    groups = {name: group for name, group in groups.items() if group.aspects}
    if not groups or not shown["inputs"]:
        return []
    return [*_official(setting.policy, shown, groups), *_beside(setting.policy, shown, groups)]


def _raters(setting: Setting, world: World) -> dict[str, list[Rater]]:
    """Raters by the group in which they are counted; nobody where all together are too few."""
    used = [relation for relation in SMALL if setting.policy.use(relation) != "absent"]
    present = {relation: [(relation, at) for at in range(len(world.get(relation, ())))] for relation in used}
    if len(present) == 2 and all(len(raters) >= K for raters in present.values()):
        return present
    together = [rater for raters in present.values() for rater in raters]
    return {"others": together} if len(together) >= K else {}


def _group(setting: Setting, world: World, raters: Sequence[Rater]) -> Group:
    """The items that enough of the group answered, each rater's mean of an aspect, the mean of those."""
    applies = {aspect.code for aspect in setting.policy.applicable(setting.leads)}
    places: dict[str, list[int]] = {}
    for item, (aspect, _) in enumerate(setting.form.items()):
        if aspect in applies and sum(bool(world[relation][at][item]) for relation, at in raters) >= K:
            places.setdefault(aspect, []).append(item)
    found = {}
    for aspect, items in places.items():
        answered = {
            (relation, at): [item for item in items if world[relation][at][item]] for relation, at in raters
        }
        answered = {rater: given for rater, given in answered.items() if given}
        form = {
            (*rater, item): Fraction(1, len(answered) * len(given))
            for rater, given in answered.items()
            for item in given
        }
        found[aspect] = (_on_scale(setting, form), len(answered))
    return Group(found)


def _on_scale(setting: Setting, form: Form) -> Linear:
    """Every policy maps answers evenly to its scale (the made-up table too), so values stay linear."""
    low = setting.policy.on_scale(1, setting.form.points)
    step = setting.policy.on_scale(2, setting.form.points) - low
    return Linear({cell: weight * step for cell, weight in form.items()}, low - step)


def _official(policy: Policy, shown: Mapping[str, Any], groups: Mapping[str, Group]) -> Iterator[Bound]:
    """The number that stands for everybody else, exact."""
    parts = shown["inputs"]["parts"]
    if "others" not in parts:
        return
    exact = Fraction(parts["others"]["value"])
    value = _others(policy, shown, groups)
    yield Bound(value.form, exact - value.constant, exact - value.constant)


def _others(policy: Policy, shown: Mapping[str, Any], groups: Mapping[str, Group]) -> Linear:
    if policy.raters.pooled or len(groups) == 1:
        members = list(groups.values())
        whole = members[0] + members[1] if len(members) == 2 else members[0]
        return whole.value(policy)
    weights = {name: Fraction(shown["weights"][name]) for name in groups}
    whole_weight = sum(weights.values())
    return _sum(group.value(policy) * (weights[name] / whole_weight) for name, group in groups.items())


def _beside(policy: Policy, shown: Mapping[str, Any], groups: Mapping[str, Group]) -> Iterator[Bound]:
    """Means of groups and values of behaviours, each somewhere within its step."""
    step = policy.shown_step
    single = len(groups) == 1
    for part in shown["groups"]:
        name = next(iter(groups)) if single and part["group"] == "others" else part["group"]
        if name in groups:
            yield _around(groups[name].value(policy), part["mean"], step)
            for code, value in part["aspects"].items():
                if value is not None:
                    yield _around(groups[name].aspects[code][0], value, step)
    yield from _over_all(policy, shown, groups)


def _over_all(policy: Policy, shown: Mapping[str, Any], groups: Mapping[str, Group]) -> Iterator[Bound]:
    parts = shown["inputs"]["parts"]
    weights = {name: Fraction(weight) for name, weight in shown["weights"].items()}
    if not set(weights) - {"supervisor", "self"}:
        return
    for aspect in shown["aspects"]:
        if aspect["value"] is None:
            continue
        code = aspect["aspect"]
        apart = [
            weight * Fraction(parts[name]["aspects"][code])
            for name, weight in weights.items()
            if name in ("supervisor", "self")
        ]
        own = Linear({}, sum(apart, Fraction(0)))
        yield _around(own + _aspect_of_others(policy, weights, groups, code), aspect["value"], policy.shown_step)


def _aspect_of_others(
    policy: Policy, weights: Mapping[str, Fraction], groups: Mapping[str, Group], code: str
) -> Linear:
    share = sum(weight for name, weight in weights.items() if name not in ("supervisor", "self"))
    if policy.raters.pooled or len(groups) == 1:
        members = list(groups.values())
        whole = members[0] + members[1] if len(members) == 2 else members[0]
        return whole.aspects[code][0] * Fraction(share)
    return _sum(groups[name].aspects[code][0] * weights[name] for name in groups)


def _around(value: Linear, shown: str, step: Fraction) -> Bound:
    middle = Fraction(shown) - value.constant
    return Bound(value.form, middle - step / 2, middle + step / 2, below=True)


def _sum(parts: Any) -> Linear:
    whole = Linear({}, Fraction(0))
    for part in parts:
        whole = whole + part
    return whole
