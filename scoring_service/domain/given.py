"""What is known of one ratee, and everything that can be wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from scoring_service.domain.numbers import decimal
from scoring_service.domain.policy import Policy
from scoring_service.domain.tally import Folded


@dataclass(frozen=True, slots=True)
class Given:
    """All that is known of one ratee.

    Either ``folded`` (from ballots or typed values), or the assessor's ``aspects`` in policy order, or both
    (``folded`` then holds no supervisor), or a ``behaviour`` value that was settled elsewhere.
    """

    folded: Folded | None = None
    invited: Mapping[str, int] = field(default_factory=dict)
    """By relation; a relation that is missing here was not asked."""
    aspects: Sequence[Fraction] | None = None
    behaviour: Fraction | None = None
    feedback_mean: Fraction | None = None
    """The raters' mean, where it is only a recommendation."""
    assessor_category: str | None = None
    work_result: Fraction | str | None = None
    """A number, or a category where the policy has a matrix."""
    new_idea: bool = False
    """A new idea that was recognised."""
    leadership: bool | None = None
    """Whether the leadership aspect applies. Never guessed: needed as soon as there are aspects."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an input is refused: where, and what is wrong."""

    where: str
    message: str


def faults(policy: Policy, given: Given) -> tuple[Fault, ...]:
    """Everything that is wrong with what was given; empty when nothing is."""
    found = [*_work_result_faults(policy, given.work_result), *_aspect_faults(policy, given)]
    if given.behaviour is not None:
        found += value_faults(policy, "behaviour", "behaviour", [given.behaviour], stepped=False)
        if given.aspects is not None or (given.folded and given.folded.groups):
            found.append(Fault("behaviour", "give the behaviour value or what it is made of, not both"))
    if given.feedback_mean is not None:
        found += value_faults(policy, "feedback_mean", "feedback mean", [given.feedback_mean], stepped=False)
    if policy.behaviour_by == "assessor":
        if given.behaviour is not None:
            found.append(Fault("behaviour", "this policy takes a category chosen by the assessor, not a value"))
        if given.assessor_category not in (None, *policy.category_names):
            found.append(Fault("assessor_category", f"must be one of {', '.join(policy.category_names)}"))
    elif given.assessor_category is not None or given.feedback_mean is not None:
        found.append(
            Fault("assessor_category", "this policy takes a behaviour value, not a category or recommendation")
        )
    return tuple(found)


def value_faults(
    policy: Policy, where: str, what: str, values: Sequence[Fraction], stepped: bool = True
) -> list[Fault]:
    """Values off the working scale, each named by its place."""
    low, high, step = policy.scale.low, policy.scale.high, policy.scale.step
    found = []
    for at, value in enumerate(values, start=1):
        place = where if len(values) == 1 else f"{where}, number {at}"
        if value > high:
            found.append(Fault(place, f"{what} above {decimal(high)}: {decimal(value)}"))
        elif value < low:
            found.append(Fault(place, f"{what} below {decimal(low)}: {decimal(value)}"))
        elif stepped and step and (value - low) % step:
            found.append(Fault(place, f"{what} must be in steps of {decimal(step)}: {decimal(value)}"))
    return found


def _aspect_faults(policy: Policy, given: Given) -> Iterable[Fault]:
    detailed = given.aspects is not None or (
        given.folded is not None and any(group.aspects for group in given.folded.groups.values())
    )
    asked = any(aspect.applies == "leadership" for aspect in policy.aspects)
    if detailed and asked and given.leadership is None:
        yield Fault("leadership", "say true or false: whether the leadership aspect applies is never guessed")
        return
    if given.aspects is None:
        return
    expected = policy.applicable(bool(given.leadership))
    if len(given.aspects) != len(expected):
        names = ", ".join(aspect.code for aspect in expected)
        yield Fault("aspects", f"expects {len(expected)} values ({names}), got {len(given.aspects)}")
    if given.folded and "supervisor" in given.folded.groups:
        yield Fault("aspects", "give the supervisor's aspects or one supervisor value, not both")
    yield from value_faults(policy, "aspects", "aspect", given.aspects)


def _work_result_faults(policy: Policy, value: Fraction | str | None) -> Iterable[Fault]:
    if value is None:
        return
    if policy.combination.method == "matrix":
        if value not in policy.category_names:
            yield Fault("work_result", f"must be one of {', '.join(policy.category_names)}")
    elif isinstance(value, str):
        yield Fault("work_result", "must be a number")
    elif value < 0:
        yield Fault("work_result", f"work result below 0: {decimal(value)}")
