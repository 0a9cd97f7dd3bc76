"""Forecast of a round before it is launched: what could be shown of each ratee if so many people answer."""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction

from survey_service.domain.raters import PEER, SUBORDINATE

RATES = (Fraction(60, 100), Fraction(80, 100), Fraction(1))
OUTCOMES = ("reportable", "merged", "held", "supervisor_only")


def outcome(peers: int, subordinates: int, threshold: int, rate: Fraction) -> str:
    """What becomes of one ratee when ``rate`` of the invited peers and subordinates answer (rounded down).

    ``reportable``: every group that was asked has ``threshold`` answers; ``merged``: only both together have;
    ``held``: not even that; ``supervisor_only``: nobody else was asked.
    """
    if not peers and not subordinates:
        return "supervisor_only"
    answered = [int(count * rate) for count in (peers, subordinates) if count]
    if all(count >= threshold for count in answered):
        return "reportable"
    return "merged" if sum(answered) >= threshold else "held"


def forecast(raters: Iterable[Mapping[str, tuple[str, ...]]], threshold: int) -> dict[int, Counter[str]]:
    """How many ratees come to which outcome, by the percentage of people who answer."""
    sizes = Counter((len(one.get(PEER, ())), len(one.get(SUBORDINATE, ()))) for one in raters)
    found: dict[int, Counter[str]] = {}
    for rate in RATES:
        counted: Counter[str] = Counter()
        for (peers, subordinates), ratees in sizes.items():
            counted[outcome(peers, subordinates, threshold, rate)] += ratees
        found[int(rate * 100)] = counted
    return found


def after(invited: Mapping[str, int], threshold: int) -> dict[int, str]:
    """What becomes of one ratee of whom so many are asked by relation, by the percentage of people who answer."""
    peers, subordinates = invited.get(PEER, 0), invited.get(SUBORDINATE, 0)
    return {int(rate * 100): outcome(peers, subordinates, threshold, rate) for rate in RATES}
