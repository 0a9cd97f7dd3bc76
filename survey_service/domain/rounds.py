"""Rules of a round: its states and steps, and what a draft must satisfy."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from survey_service.domain import messages as words
from survey_service.domain import schedule as schedules
from survey_service.domain.raters import RELATIONS, Group
from survey_service.domain.schedule import Schedule

STEPS: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"preparing", "cancelled"}),
    "preparing": frozenset({"open", "cancelled"}),
    "open": frozenset({"closed", "cancelled"}),
    "closed": frozenset({"counted"}),
    "counted": frozenset({"scored"}),
    "scored": frozenset({"released"}),
    "released": frozenset({"final"}),
    "final": frozenset({"archived"}),
    "archived": frozenset(),
    "cancelled": frozenset({"archived"}),
}
"""From each state the states that may come next."""

LONGEST_WINDOW = timedelta(days=180)
MOST_RATERS = 50
DEFAULT_GROUPS = {
    "supervisor": Group(1, 1, 1),
    "peer": Group(3, 5, 8),
    "subordinate": Group(3, 5, 8),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What HR decides about a round; frozen at launch."""

    name: str
    period_start: date
    period_end: date
    opens_at: datetime
    closes_at: datetime
    timezone: str
    questionnaire_id: Any
    policy: str
    threshold: int
    groups: Mapping[str, Group]
    seed: int
    authority: str
    contact: str
    schedule: Schedule = schedules.NONE
    messages: words.Messages = field(default_factory=dict)


def before(state: str) -> tuple[str, ...]:
    """The states from which ``state`` may be reached."""
    return tuple(sorted(known for known, following in STEPS.items() if state in following))


def faults(draft: Draft) -> Iterator[tuple[str, str]]:
    """Everything wrong with a draft: where, and what to do about it."""
    if not draft.name.strip():
        yield "name", "Give the round a name."
    if draft.period_end < draft.period_start:
        yield "period_end", "The appraisal period ends before it starts."
    if draft.closes_at <= draft.opens_at:
        yield "closes_at", "The answering window closes before it opens."
    elif draft.closes_at - draft.opens_at > LONGEST_WINDOW:
        yield "closes_at", f"The answering window is longer than {LONGEST_WINDOW.days} days."
    if not is_zone(draft.timezone):
        yield "timezone", "Use a name such as Asia/Jakarta, Asia/Makassar or Asia/Jayapura."
    if not 1 <= draft.threshold <= 20:
        yield "threshold", "Use a number from 1 to 20; 3 is usual."
    yield from _group_faults(draft.groups)
    yield from schedules.faults(draft.schedule)
    yield from words.faults(draft.messages)


def _group_faults(groups: Mapping[str, Group]) -> Iterator[tuple[str, str]]:
    if not set(groups) - {"self"}:
        yield "groups", "Ask at least one of supervisor, peer and subordinate."
    for relation, group in groups.items():
        where = f"groups.{relation}"
        if relation not in RELATIONS:
            yield where, f"Use only {', '.join(RELATIONS)}."
        numbers = [n for n in (group.minimum, group.target, group.maximum) if n is not None]
        if numbers != sorted(numbers) or not all(0 <= n <= MOST_RATERS for n in numbers):
            yield where, f"Minimum, target and maximum ascend, from 0 to {MOST_RATERS}."
        if group.cap is not None and group.cap < 1:
            yield f"{where}.cap", "A cap is at least 1; leave it out for none."


def is_zone(name: str) -> bool:
    """Whether this names a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def groups_from(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, Group]:
    """Groups as they are stored, back as objects."""
    return {relation: Group(**numbers) for relation, numbers in stored.items()}


def groups_to(groups: Mapping[str, Group]) -> dict[str, dict[str, Any]]:
    """Groups as they are stored."""
    return {relation: asdict(group) for relation, group in groups.items()}
