"""The engine: one appraisal from a policy and what was given. Every number on the way is kept in the path."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from scoring_service.domain.appraisal import Appraisal, Input, Step
from scoring_service.domain.given import Fault, Given, faults, value_faults
from scoring_service.domain.numbers import decimal, rounded, weighted
from scoring_service.domain.policy import OTHERS, SMALL, Policy
from scoring_service.domain.rules import band_of, capped, predicate_of_pair
from scoring_service.domain.tally import Folded, GroupTally, Sum
from scoring_service.domain.weighing import Weighed, aspect_value, group_aspect, group_value, weigh

__all__ = ["Appraisal", "Fault", "Given", "Input", "Step", "appraise", "faults", "value_faults"]


def appraise(policy: Policy, given: Given) -> Appraisal:
    """Apply the policy. Never raises for bad values: they come back as status ``refused`` with every fault."""
    found = faults(policy, given)
    if found:
        return Appraisal("refused", faults=found)
    folded = _with_aspects(policy, given)
    if policy.behaviour_by == "assessor":
        return _recommended(policy, given, folded)
    if given.behaviour is not None:
        settled = {"behaviour": Input(given.behaviour)}
        return _finished(policy, given, Appraisal("scored", behaviour=given.behaviour, inputs=settled))
    weighed = weigh(policy, folded, given.invited, bool(given.leadership))
    if weighed.reason:
        step = _step(policy, "raters", _counts(weighed))
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
    behaviour = weighted((weight, values[name]) for name, weight in weighed.weights.items())
    others = _others(policy, folded, weighed, values)
    own = group_value(policy, folded.groups["self"]) if "self" in folded.groups else None
    numbers = _counts(weighed) | {f"{name} mean": decimal(value) for name, value in values.items()}
    aspects = {aspect.code: aspect_value(policy, weighed, aspect.code) for aspect in applicable}
    known = {code: decimal(value) for code, value in aspects.items() if value is not None}
    weights = {f"{name} weight": decimal(weight) for name, weight in weighed.weights.items()}
    return Appraisal(
        "scored",
        others=others,
        behaviour=behaviour,
        aspects=aspects,
        flags=weighed.flags,
        self_other_gap=own - others if own is not None and others is not None else None,
        weights=weighed.weights,
        inputs=_inputs(policy, weighed, values, others),
        path=(
            _step(policy, "raters", numbers),
            *([_step(policy, "aspects", known)] if known else []),
            _step(policy, "weights", {**weights, "behaviour": decimal(behaviour)}),
        ),
    )


def _inputs(
    policy: Policy, weighed: Weighed, values: Mapping[str, Fraction], others: Fraction | None
) -> dict[str, Input]:
    """Peers and subordinates enter as the one number that the official value tells anyhow, never apart."""
    found: dict[str, Input] = {}
    for name in weighed.weights:
        if name in (*SMALL, OTHERS):
            assert others is not None
            found[OTHERS] = Input(others)
            continue
        group = weighed.groups[name]
        aspects = {aspect.code: group_aspect(policy, group, aspect.code) for aspect in policy.aspects}
        found[name] = Input(values[name], {code: value for code, value in aspects.items() if value is not None})
    return found


def _counts(weighed: Weighed) -> dict[str, str]:
    return {f"{name} n": str(group.n) for name, group in weighed.groups.items()}


def _others(policy: Policy, folded: Folded, weighed: Weighed, values: Mapping[str, Fraction]) -> Fraction | None:
    """Peers and subordinates by their weights; where they carry none, every rater counts the same."""
    small = {name: weight for name, weight in weighed.weights.items() if name in (*SMALL, OTHERS)}
    if small:
        return sum((weight * values[name] for name, weight in small.items()), Fraction(0)) / sum(small.values())
    parts = [folded.groups[name] for name in (*SMALL, OTHERS) if name in folded.groups]
    return group_value(policy, sum(parts[1:], parts[0])) if parts else None


def _finished(policy: Policy, given: Given, so_far: Appraisal) -> Appraisal:
    """Add work result, predicate, category and outside codes to a behaviour value."""
    behaviour = so_far.behaviour
    assert behaviour is not None
    category = band_of(policy.categories, behaviour, _set_flags(given)) if policy.categories else None
    flags, path = list(so_far.flags), list(so_far.path)
    total: Fraction | None = None
    banded: Fraction | None = behaviour if policy.combination.method == "none" else None
    work_result: Fraction | None = None
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
    predicate = None
    if banded is not None:
        banded = rounded(banded, policy.banding)
        predicate = band_of(policy.bands, banded, _set_flags(given))
        words = {"predicate": predicate, "category": category}
        said = {name: word for name, word in words.items() if word is not None}
        path.append(_step(policy, "bands", {"value": decimal(banded), **said}))
    return replace(
        so_far,
        total=total,
        banded_as=banded,
        predicate=predicate,
        category=category,
        external_codes=_codes(policy, None, category),
        flags=tuple(flags),
        work_result=work_result,
        new_idea=given.new_idea,
        path=tuple(path),
    )


def _recommended(policy: Policy, given: Given, folded: Folded) -> Appraisal:
    """The raters recommend, the assessor chooses, the matrix gives the predicate."""
    advice = _advice(policy, given, folded)
    advice = replace(advice, recommendation=advice.behaviour, behaviour=None)
    if given.assessor_category is None:
        return replace(advice, status="held", reason="awaiting_assessor")
    category, work_result = given.assessor_category, given.work_result
    known = work_result if isinstance(work_result, str) else None
    predicate = predicate_of_pair(policy, known, category) if known else None
    numbers = {"behaviour": category} | ({"work result": known, "predicate": predicate or ""} if known else {})
    return replace(
        advice,
        predicate=predicate,
        category=category,
        external_codes=_codes(policy, known, category),
        work_result=known,
        new_idea=given.new_idea,
        path=(*advice.path, _step(policy, "combination", numbers)),
    )


def _advice(policy: Policy, given: Given, folded: Folded) -> Appraisal:
    if given.feedback_mean is not None:
        step = _step(policy, "raters", {"recommendation": decimal(given.feedback_mean)})
        settled = {"recommendation": Input(given.feedback_mean)}
        return Appraisal("scored", behaviour=given.feedback_mean, inputs=settled, path=(step,))
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
