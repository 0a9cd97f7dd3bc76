"""When mails of a round leave: reminders before the end, quiet hours at night, never too many."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SATURDAY = 5
LONGEST_NOTICE = 60
MOST_MAILS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Hours are whole hours of the round's zone, 0 to 23; equal ends of the quiet time mean that there is none.

    ``days``: days before the end of answering on which a reminder leaves, the first one first; ``hour`` when.
    ``weekends``: whether one may leave on Saturday or Sunday; otherwise it leaves on the Friday before.
    ``most``: at most so many mails reach one rater after the invitation, asked for by hand or not.
    """

    days: tuple[int, ...] = ()
    hour: int = 9
    quiet_from: int = 0
    quiet_until: int = 0
    weekends: bool = False
    most: int = 5


NONE = Schedule()
"""No reminders, no quiet hours."""

USUAL = Schedule(days=(7, 3, 1), quiet_from=20, quiet_until=7)
"""What the console proposes; a program says what it wants."""


def moments(plan: Schedule, opens_at: datetime, closes_at: datetime, timezone: str) -> list[datetime]:
    """When reminders leave, inside the window only and not before the day after it begins; ascending."""
    zone = ZoneInfo(timezone)
    last = closes_at.astimezone(zone)
    found = {_moment(plan, last, days, zone) for days in plan.days}
    first = opens_at + timedelta(days=1)
    return sorted(one for one in found if first <= one < closes_at)


def audible(plan: Schedule, at: datetime, closes_at: datetime, timezone: str) -> datetime:
    """``at``, or the end of the quiet time it falls into; never later than an hour before the end of answering."""
    local = at.astimezone(ZoneInfo(timezone))
    if not _quiet(plan, local.hour):
        return at
    day = local.date() + timedelta(days=plan.quiet_from > plan.quiet_until and local.hour >= plan.quiet_from)
    end = datetime.combine(day, time(plan.quiet_until), local.tzinfo)
    return max(at, min(end, closes_at - timedelta(hours=1))).astimezone(at.tzinfo)


def faults(plan: Schedule) -> Iterator[tuple[str, str]]:
    """Everything wrong with a schedule: where, and what to do about it."""
    if len(plan.days) > MOST_MAILS or not all(1 <= day <= LONGEST_NOTICE for day in plan.days):
        yield "schedule.days", f"Give at most {MOST_MAILS} numbers of days, each from 1 to {LONGEST_NOTICE}."
    for name in ("hour", "quiet_from", "quiet_until"):
        if not 0 <= getattr(plan, name) <= 23:
            yield f"schedule.{name}", "Use an hour from 0 to 23."
    if _quiet(plan, plan.hour):
        yield "schedule.hour", "Reminders would leave in the quiet hours: choose another hour."
    if not 0 <= plan.most <= MOST_MAILS:
        yield "schedule.most", f"Use a number from 0 to {MOST_MAILS}."


def schedule_from(stored: Mapping[str, Any]) -> Schedule:
    """A schedule as it is stored, back as an object; what is not stored is as usual."""
    return Schedule(**{**stored, **({"days": tuple(stored["days"])} if "days" in stored else {})})


def schedule_to(plan: Schedule) -> dict[str, Any]:
    """A schedule as it is stored."""
    return {**asdict(plan), "days": list(plan.days)}


def days_from(text: str) -> Sequence[int]:
    """The days that a person typed, such as ``7, 3, 1``: each once, the earliest reminder first.

    Raises ``ValueError`` for anything that is no whole number.
    """
    parts = text.replace(";", ",").replace(" ", ",").split(",")
    return sorted({int(part) for part in parts if part}, reverse=True)


def _quiet(plan: Schedule, hour: int) -> bool:
    if plan.quiet_from <= plan.quiet_until:
        return plan.quiet_from <= hour < plan.quiet_until
    return hour >= plan.quiet_from or hour < plan.quiet_until


def _moment(plan: Schedule, last: datetime, days: int, zone: ZoneInfo) -> datetime:
    day = last.date() - timedelta(days=days)
    if not plan.weekends and day.weekday() >= SATURDAY:
        day -= timedelta(days=day.weekday() - SATURDAY + 1)
    return datetime.combine(day, time(plan.hour), zone)
