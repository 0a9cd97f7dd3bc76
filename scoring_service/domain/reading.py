"""Reading a protected table: self beside others, strengths and blind spots. Nothing here is not in the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from scoring_service.domain.disclosure import Protected
from scoring_service.domain.policy import OTHERS, SMALL, Policy

NOTABLE = Fraction(1, 10)
"""A gap is notable from a tenth of the scale on (10 of 100, 0.4 of 1 to 5), and never below what is shown."""
Reading = Literal["hidden_strength", "blind_spot", "agreement"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One behaviour seen by oneself and by others; what is hidden or missing is None."""

    aspect: str
    own: Fraction | None
    supervisor: Fraction | None
    others: Fraction | None
    """Peers and subordinates; where both stand apart the middle of the two, to compare and draw, never to print."""
    seen: Mapping[str, Fraction]
    """What peers and subordinates, or both as others, say: cells of the table."""
    gap: Fraction | None
    """Own value minus that of others."""
    reading: Reading | None


def notable(policy: Policy) -> Fraction:
    """The smallest gap between self and others that is called a strength or a blind spot."""
    return max((policy.scale.high - policy.scale.low) * NOTABLE, policy.shown_step)


def compare(policy: Policy, table: Protected) -> tuple[Compared, ...]:
    """Every behaviour of the table, in its order."""
    return tuple(_compared(policy, table, part.aspect) for part in table.aspects)


def _compared(policy: Policy, table: Protected, aspect: str) -> Compared:
    shown = {
        group.group: Fraction(group.aspects[aspect] or "")
        for group in table.groups
        if group.aspects.get(aspect) is not None
    }
    seen = {name: shown[name] for name in (*SMALL, OTHERS) if name in shown}
    others = sum(seen.values(), Fraction(0)) / len(seen) if seen else None
    own = shown.get("self")
    gap = own - others if own is not None and others is not None else None
    return Compared(aspect, own, shown.get("supervisor"), others, seen, gap, _reading(gap, notable(policy)))


def _reading(gap: Fraction | None, least: Fraction) -> Reading | None:
    if gap is None:
        return None
    if gap >= least:
        return "blind_spot"
    return "hidden_strength" if gap <= -least else "agreement"
