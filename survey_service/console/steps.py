"""The steps of the round wizard: which fields each has, how its form is read, and how a draft fills it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.web.sentences import say
from survey_service.console.forms import Reader
from survey_service.domain import messages as words
from survey_service.domain.raters import RELATIONS, Group
from survey_service.domain.rounds import Draft
from survey_service.domain.schedule import Schedule, days_from

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
POLICIES = ("pp30-360", "pp30-no-360", "permen6", "pp46", "dp3")
NUMBERS = ("minimum", "target", "maximum", "cap")
HOURS = ("hour", "quiet_from", "quiet_until")


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the wizard. ``read`` gives the changed fields of the draft, ``fill`` the form of a draft."""

    name: str
    read: Callable[[Reader], dict[str, Any]]
    fill: Callable[[Draft], dict[str, str]]
    together: Mapping[str, tuple[str, ...]]
    """Fields that a rule needs besides its own: it is not judged when one of them cannot be read."""


def _read_basics(reader: Reader) -> dict[str, Any]:
    zone = reader.one_of("timezone", ZONES)
    known = zone if zone in ZONES else ZONES[0]
    return {
        "name": reader.text("name", 200),
        "period_start": reader.day("period_start"),
        "period_end": reader.day("period_end"),
        "opens_at": reader.moment("opens_at", known),
        "closes_at": reader.moment("closes_at", known),
        "timezone": known,
    }


def _fill_basics(draft: Draft) -> dict[str, str]:
    zone = ZoneInfo(draft.timezone)
    return {
        "name": draft.name,
        "timezone": draft.timezone,
        **{name: getattr(draft, name).isoformat() for name in ("period_start", "period_end")},
        **{name: local(getattr(draft, name), zone) for name in ("opens_at", "closes_at")},
    }


def _read_form(reader: Reader) -> dict[str, Any]:
    return {"questionnaire_id": _id(reader), "policy": reader.one_of("policy", POLICIES)}


def _fill_form(draft: Draft) -> dict[str, str]:
    return {"questionnaire_id": str(draft.questionnaire_id), "policy": draft.policy}


def _read_raters(reader: Reader) -> dict[str, Any]:
    asked = [relation for relation in RELATIONS if reader.given.get(f"ask_{relation}")]
    changes: dict[str, Any] = {"groups": {relation: _group(reader, relation) for relation in asked}}
    seed = reader.number("seed", most=2**31 - 1)
    return changes if seed is None else changes | {"seed": seed}


def _fill_raters(draft: Draft) -> dict[str, str]:
    typed = {"seed": str(draft.seed)}
    for relation, group in draft.groups.items():
        typed[f"ask_{relation}"] = "yes"
        for name in NUMBERS:
            value = getattr(group, name)
            typed[f"{relation}_{name}"] = "" if value is None else str(value)
    return typed


def _read_small(reader: Reader) -> dict[str, Any]:
    return {"threshold": reader.number("threshold", empty=0) or 0}


def _fill_small(draft: Draft) -> dict[str, str]:
    return {"threshold": str(draft.threshold)}


def _read_schedule(reader: Reader) -> dict[str, Any]:
    try:
        days = tuple(days_from(reader.given.get("schedule_days", "")))
    except ValueError:
        reader.faults["schedule_days"] = say("Give numbers of days, such as 7, 3, 1.")
        days = ()
    hours = {name: reader.number(f"schedule_{name}", empty=0) or 0 for name in HOURS}
    weekends = bool(reader.given.get("schedule_weekends"))
    most = reader.number("schedule_most", empty=0) or 0
    return {"schedule": Schedule(days=days, weekends=weekends, most=most, **hours)}


def _fill_schedule(draft: Draft) -> dict[str, str]:
    plan = draft.schedule
    return {
        "schedule_days": ", ".join(str(day) for day in plan.days),
        **{f"schedule_{name}": str(getattr(plan, name)) for name in (*HOURS, "most")},
        "schedule_weekends": "yes" if plan.weekends else "",
    }


def _read_messages(reader: Reader) -> dict[str, Any]:
    typed = {
        kind: {
            language: reader.given.get(f"messages_{kind}_{language}", "").strip() for language in words.LANGUAGES
        }
        for kind in words.KINDS
    }
    return {
        "authority": reader.text("authority", 300),
        "contact": reader.text("contact", 300),
        "messages": {kind: by_language for kind, by_language in typed.items() if any(by_language.values())},
    }


def _fill_messages(draft: Draft) -> dict[str, str]:
    own = {
        f"messages_{kind}_{language}": draft.messages.get(kind, {}).get(language, "")
        for kind in words.KINDS
        for language in words.LANGUAGES
    }
    return {"authority": draft.authority, "contact": draft.contact, **own}


def local(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as a browser shows it in a field."""
    return moment.astimezone(zone).replace(tzinfo=None).isoformat("T", "minutes")


def _group(reader: Reader, relation: str) -> Group:
    if relation in ("supervisor", "self"):
        return Group(1, 1, 1)
    minimum, *others = (reader.number(f"{relation}_{name}") for name in NUMBERS)
    return Group(minimum or 0, *others)


def _id(reader: Reader) -> UUID | None:
    try:
        return UUID(reader.given.get("questionnaire_id", ""))
    except ValueError:
        reader.one_of("questionnaire_id", ())
        return None


STEPS = (
    Step(
        "basics",
        _read_basics,
        _fill_basics,
        {"period_end": ("period_start",), "closes_at": ("opens_at", "timezone")},
    ),
    Step("form", _read_form, _fill_form, {}),
    Step(
        "raters",
        _read_raters,
        _fill_raters,
        {f"groups_{one}": tuple(f"{one}_{name}" for name in NUMBERS[:3]) for one in RELATIONS},
    ),
    Step("small", _read_small, _fill_small, {}),
    Step(
        "schedule",
        _read_schedule,
        _fill_schedule,
        {"schedule_hour": ("schedule_quiet_from", "schedule_quiet_until")},
    ),
    Step("messages", _read_messages, _fill_messages, {}),
)
"""In the order in which they are walked; the last one is followed by the checklist on the page of the round."""
