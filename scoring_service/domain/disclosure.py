"""The guard: from a folded result to the one table from which every page, file, API and event is made.

The reasoning, with the attacks it answers, is in ``docs/decisions/what-may-be-shown.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from scoring_service.domain.engine import Appraisal
from scoring_service.domain.numbers import decimal, in_steps, stored
from scoring_service.domain.policy import OTHERS, SMALL, Policy
from scoring_service.domain.tally import Folded, GroupTally
from scoring_service.domain.weighing import group_aspect, group_value

UNIT_LEAST = 5
"""Figures over a unit need this many ratees, and so does what is left of the whole without it."""

_BANDS = ((0, "0"), (2, "1-2"), (4, "3-4"), (9, "5-9"))
TOO_FEW = "too_few_raters"
"""Said of a group that is hidden, whether nobody answered, too few did, or it was merged."""
NO_ANSWER = "no_answer"
NOT_RELEASABLE = "threshold_too_low"


@dataclass(frozen=True, slots=True)
class ShownAspect:
    """The value of one behaviour over all that counts, or None with the reason."""

    aspect: str
    value: str | None
    hidden: str | None


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """One group that may be shown: a band for its size, its mean, and its value per aspect (None: hidden)."""

    group: str
    n: str
    mean: str
    aspects: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Protected:
    """All that may ever be shown of one (round, ratee, version). Numbers are decimal text.

    ``behaviour``, ``recommendation`` and ``total`` are exact. What stands beside them is rounded to the policy's
    step as soon as peers or subordinates are in it.
    """

    status: Literal["scored", "held"]
    reason: str | None
    behaviour: str | None = None
    recommendation: str | None = None
    total: str | None = None
    predicate: str | None = None
    category: str | None = None
    aspects: tuple[ShownAspect, ...] = ()
    groups: tuple[ShownGroup, ...] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    """Group to reason, in the same words for hidden and empty."""
    weights: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    external_codes: Mapping[str, int] = field(default_factory=dict)
    self_other_gap: str | None = None
    ratings: Mapping[str, str] = field(default_factory=dict)
    """Category per aspect, where the assessor chooses them: the assessor's own words, not an answer."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """What the official value can be computed from again, exact (``num/den``); empty for a held score.

    It tells no more than the official value does: peers and subordinates are in it as one number.
    """
    rounding: Mapping[str, str] = field(default_factory=dict)
    """How the total is rounded before banding, and to what step whatever stands beside it is."""

    def to_json(self) -> dict[str, Any]:
        """Plain values, for storage and for every exit."""
        return {
            "status": self.status,
            "reason": self.reason,
            "behaviour": self.behaviour,
            "recommendation": self.recommendation,
            "total": self.total,
            "predicate": self.predicate,
            "category": self.category,
            "aspects": [{"aspect": a.aspect, "value": a.value, "hidden": a.hidden} for a in self.aspects],
            "groups": [
                {"group": g.group, "n": g.n, "mean": g.mean, "aspects": dict(g.aspects)} for g in self.groups
            ],
            "hidden": dict(self.hidden),
            "weights": dict(self.weights),
            "flags": list(self.flags),
            "external_codes": dict(self.external_codes),
            "self_other_gap": self.self_other_gap,
            "ratings": dict(self.ratings),
            "inputs": dict(self.inputs),
            "rounding": dict(self.rounding),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Protected":
        """What ``to_json`` wrote."""
        return cls(
            **{
                **data,
                "aspects": tuple(ShownAspect(**part) for part in data["aspects"]),
                "groups": tuple(ShownGroup(**part) for part in data["groups"]),
                "flags": tuple(data["flags"]),
            }
        )


def protect(policy: Policy, folded: Folded, appraisal: Appraisal) -> Protected:
    """Decide what may be shown. Everything that leaves the scoring service is computed from the answer.

    Raises ``ValueError`` for a refused appraisal: there is nothing to show of it.
    """
    if appraisal.status == "refused":
        raise ValueError("a refused appraisal has no table")
    if folded.threshold < policy.raters.threshold:
        return Protected("held", NOT_RELEASABLE)
    if appraisal.status == "held" and appraisal.reason != "awaiting_assessor":
        return Protected("held", appraisal.reason)
    groups = _visible(folded)
    others_count = any(name in (*SMALL, OTHERS) for name in appraisal.weights)
    step = policy.shown_step if others_count else None
    return Protected(
        status=appraisal.status,
        reason=appraisal.reason,
        behaviour=_exact(appraisal.behaviour),
        recommendation=_exact(appraisal.recommendation),
        total=_exact(appraisal.total),
        predicate=appraisal.predicate,
        category=appraisal.category,
        aspects=tuple(_aspect(code, value, step) for code, value in appraisal.aspects.items()),
        groups=tuple(_group(policy, name, group, appraisal) for name, group in groups.items()),
        hidden=_hidden(policy, groups),
        weights={name: decimal(weight) for name, weight in _shown_weights(appraisal, groups).items()},
        flags=appraisal.flags,
        external_codes=appraisal.external_codes,
        self_other_gap=_gap(policy, appraisal),
        inputs=inputs_of(appraisal) if appraisal.status == "scored" else {},
        rounding={"banding": policy.banding, "shown_step": decimal(policy.shown_step)},
    )


def refusal(action: Literal["read", "change"], state: str) -> str | None:
    """Why a result may not be read, or what concerns anonymity not be changed, in this state of the round."""
    if action == "change":
        return None if state == "draft" else "frozen at launch"
    if state == "open":
        return "round is open"
    return "round is not counted yet" if state in ("draft", "preparing", "closed", "cancelled") else None


def units_to_show(sizes: Mapping[str, int]) -> frozenset[str]:
    """Of units with so many ratees, those whose figures may stand beside a figure over everybody.

    A unit below ``UNIT_LEAST`` is hidden; where the hidden ones together are few, their figure would follow by
    subtraction, so the smallest of the others is hidden as well.
    """
    shown = sorted(
        (name for name, size in sizes.items() if size >= UNIT_LEAST), key=lambda name: (sizes[name], name)
    )
    while shown and 0 < sum(sizes.values()) - sum(sizes[name] for name in shown) < UNIT_LEAST:
        shown = shown[1:]
    return frozenset(shown)


def shown_groups(folded: Folded) -> tuple[str, ...]:
    """Which of peer, subordinate and others stand in the table. One of the two alone is called others, so that
    it looks the same whether the rest is empty or merged into it."""
    small = tuple(name for name in (*SMALL, OTHERS) if name in folded.groups)
    return (OTHERS,) if len(small) == 1 else small


def count_band(count: int) -> str:
    """The band in which a count of raters may leave: 0, 1-2, 3-4, 5-9 or 10+."""
    return next((name for limit, name in _BANDS if count <= limit), "10+")


def _visible(folded: Folded) -> dict[str, GroupTally]:
    shown = shown_groups(folded)
    apart = {name: folded.groups[name] for name in ("supervisor", "self") if name in folded.groups}
    small = [folded.groups[name] for name in (*SMALL, OTHERS) if name in folded.groups]
    return apart | dict(zip(shown, small, strict=True))


def _group(policy: Policy, name: str, group: GroupTally, appraisal: Appraisal) -> ShownGroup:
    step = policy.shown_step if name in (*SMALL, OTHERS) else None
    aspects = {code: group_aspect(policy, group, code) for code in appraisal.aspects}
    return ShownGroup(
        name,
        count_band(group.n),
        _shown(group_value(policy, group), step),
        {code: None if value is None else _shown(value, step) for code, value in aspects.items()},
    )


def _hidden(policy: Policy, groups: Mapping[str, GroupTally]) -> dict[str, str]:
    small = [relation for relation in SMALL if policy.use(relation) != "absent" and relation not in groups]
    apart = [name for name in ("supervisor", "self") if policy.use(name) != "absent" and name not in groups]
    return dict.fromkeys(apart, NO_ANSWER) | dict.fromkeys(small, TOO_FEW)


def _aspect(code: str, value: Fraction | None, step: Fraction | None) -> ShownAspect:
    if value is None:
        return ShownAspect(code, None, TOO_FEW)
    return ShownAspect(code, _shown(value, step), None)


def _shown_weights(appraisal: Appraisal, groups: Mapping[str, GroupTally]) -> dict[str, Fraction]:
    """Weights under the names that are shown: one of peers and subordinates alone is others here too."""
    single = OTHERS in groups
    return {OTHERS if single and name in SMALL else name: weight for name, weight in appraisal.weights.items()}


def inputs_of(appraisal: Appraisal) -> dict[str, Any]:
    """What the official value can be computed from again (see ``Protected.inputs``), as plain values."""
    parts = {
        name: {
            "value": stored(part.value),
            "aspects": {code: stored(value) for code, value in part.aspects.items()},
        }
        for name, part in appraisal.inputs.items()
    }
    known = appraisal.work_result
    work_result = decimal(known) if isinstance(known, Fraction) else known
    return {"parts": parts, "work_result": work_result, "new_idea": appraisal.new_idea}


def _gap(policy: Policy, appraisal: Appraisal) -> str | None:
    gap = appraisal.self_other_gap
    return None if gap is None else _shown(gap, policy.shown_step)


def _shown(value: Fraction, step: Fraction | None) -> str:
    return decimal(value) if step is None else in_steps(value, step)


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else decimal(value)
