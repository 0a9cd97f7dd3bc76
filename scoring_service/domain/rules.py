"""The rules around the number: caps, bands, the matrix, conversions, standards and limits on a distribution."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from scoring_service.domain.policy import Band, Policy


def capped(policy: Policy, work_result: Fraction) -> Fraction:
    """The work result as far as it counts."""
    cap = policy.combination.cap
    return work_result if cap is None else min(work_result, cap)


def band_of(bands: Sequence[Band], value: Fraction, flags: Collection[str] = ()) -> str | None:
    """The first band that holds for ``value`` and whose required flags are all set; None without bands."""
    return next((band.name for band in bands if _holds(band, value, flags)), None)


def predicate_of_pair(policy: Policy, work_result: str, behaviour: str) -> str:
    """The predicate of a pair of categories. The work result comes first: the axes are not interchangeable."""
    return policy.combination.matrix[work_result, behaviour]


def convert(points: Sequence[tuple[Fraction, Fraction]], value: Fraction) -> Fraction:
    """Piecewise linear through corner points by rising x; flat outside them."""
    if value <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if value <= x1:
            return y0 + (value - x0) * (y1 - y0) / (x1 - x0)
    return points[-1][1]


def against_standard(low: int, high: int, level: int) -> str:
    """An assessed level against the standard of the post, both ends included: below, meets or above."""
    if level < low:
        return "below"
    return "above" if level > high else "meets"


def exceeded(policy: Policy, counts: Mapping[str, int], organisation: str | None = None) -> tuple[str, ...]:
    """Which limits on the distribution of predicates are violated, as sentences; empty when none is.

    ``counts`` holds the people of one unit, or with ``organisation`` (its predicate) those of the organisation.
    """
    people = sum(counts.values())
    if not people:
        return ()
    found = []
    for limit in policy.limits:
        if limit.organisation != organisation:
            continue
        share = Fraction(sum(counts.get(name, 0) for name in limit.predicates), people)
        if not limit.at_least <= share <= limit.at_most:
            names = " / ".join(limit.predicates)
            found.append(
                f"{names}: {_percent(share)} of {people}, "
                f"must be {_percent(limit.at_least)} to {_percent(limit.at_most)}"
            )
    return tuple(found)


def _holds(band: Band, value: Fraction, flags: Collection[str]) -> bool:
    return (
        (band.at_least is None or value >= band.at_least)
        and (band.above is None or value > band.above)
        and (band.at_most is None or value <= band.at_most)
        and (band.below is None or value < band.below)
        and all(flag in flags for flag in band.requires)
    )


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.3g} %"
