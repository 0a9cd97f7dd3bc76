"""Drafts of rounds: a new one, an edit, a copy of an old one."""

import secrets
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request

from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.access import staff
from shared.web.sentences import say
from shared.web.texts import t
from survey_service.console.forms import Reader, actor, faults_of, here
from survey_service.domain.raters import RELATIONS, Group
from survey_service.domain.rounds import DEFAULT_GROUPS, Draft, faults
from survey_service.usecases import questionnaires, rounds

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
POLICIES = ("pp30-360", "pp30-no-360", "permen6", "pp46", "dp3")
_TOGETHER = {
    "period_end": ("period_start",),
    "closes_at": ("opens_at",),
    **{f"groups_{one}": tuple(f"{one}_{name}" for name in ("minimum", "target", "maximum")) for one in RELATIONS},
}
"""Fields that a rule needs besides its own: it is not judged when one of them cannot be read."""
NUMBERS = ("minimum", "target", "maximum", "cap")


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/rounds/new", view_func=new, methods=["GET", "POST"])
    blueprint.add_url_rule("/rounds/<uuid:round_id>/edit", view_func=edit, methods=["GET", "POST"])
    blueprint.add_url_rule("/rounds/<uuid:round_id>/copy", view_func=copy)


@staff("hr")
def new() -> Any:
    """The form of a new round, filled with what is usual."""
    if request.method == "GET":
        return _form("new", _usual(), {})
    reader = Reader(request.form)
    draft = _draft(reader, secrets.randbelow(2**31))
    wrong = _faults(reader, draft)
    if not wrong:
        try:
            with transaction(here().engine) as session:
                round_id = rounds.create(session, draft, here().clock(), actor())
            flash(t("draft.created"), "good")
            return redirect(f"/console/rounds/{round_id}", 303)
        except Refused as refusal:
            wrong = faults_of(refusal)
    return _form("new", request.form, wrong), 422


@staff("hr")
def edit(round_id: UUID) -> Any:
    """The form of a draft; two people who edit it do not overwrite each other."""
    with reading(here().engine) as session:
        row = rounds.find(session, round_id)
    if request.method == "GET":
        return _form("edit", _typed(rounds.draft_of(row), row.revision), {}, row)
    reader = Reader(request.form)
    draft = _draft(reader, row.seed)
    revision = reader.number("revision", empty=0) or 0
    wrong, status = _faults(reader, draft), 422
    if not wrong:
        try:
            changes = {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
            with transaction(here().engine) as session:
                rounds.edit(session, round_id, revision, changes, here().clock(), actor())
            flash(t("draft.kept"), "good")
            return redirect(f"/console/rounds/{round_id}", 303)
        except Refused as refusal:
            wrong, status = faults_of(refusal), 409 if refusal.kind == "conflict" else 422
    return _form("edit", request.form, wrong, row), status


@staff("hr")
def copy(round_id: UUID) -> Any:
    """The form of a new round with what an old one had; name and dates are asked anew."""
    with reading(here().engine) as session:
        old = rounds.draft_of(rounds.find(session, round_id))
    dates = {name: value for name, value in _usual().items() if name in ("opens_at", "closes_at")}
    emptied = {"name": "", "period_start": "", "period_end": ""}
    return _form("new", _typed(old, 0) | dates | emptied, {})


def _form(page: str, values: Mapping[str, Any], wrong: Mapping[str, str], row: Any = None) -> str:
    with reading(here().engine) as session:
        forms = questionnaires.listing(session)
    return render_template(
        "console/draft.html",
        page=page,
        values=values,
        errors=wrong,
        round=row,
        forms=forms,
        zones=ZONES,
        policies=POLICIES,
        numbers=NUMBERS,
        relations=RELATIONS,
    )


def _draft(reader: Reader, seed: int) -> Draft:
    zone = reader.one_of("timezone", ZONES) or ZONES[0]
    zone = zone if zone in ZONES else ZONES[0]
    chosen = reader.given.get("questionnaire_id", "")
    return Draft(
        name=reader.text("name", 200),
        period_start=reader.day("period_start"),
        period_end=reader.day("period_end"),
        opens_at=reader.moment("opens_at", zone),
        closes_at=reader.moment("closes_at", zone),
        timezone=zone,
        questionnaire_id=_id(reader, chosen),
        policy=reader.one_of("policy", POLICIES),
        threshold=reader.number("threshold", empty=0) or 0,
        groups={
            relation: _group(reader, relation) for relation in RELATIONS if reader.given.get(f"ask_{relation}")
        },
        seed=seed,
        authority=reader.text("authority", 300),
        contact=reader.text("contact", 300),
    )


def _faults(reader: Reader, draft: Draft) -> dict[str, str]:
    """What cannot be read, and at the same time every rule that what can be read breaks."""
    found = dict(reader.faults)
    if found:
        for where, message in faults(draft):
            name = where.replace(".", "_")
            if not any(part in found for part in (name, *_TOGETHER.get(name, ()))):
                found[name] = say(message)
    return found


def _group(reader: Reader, relation: str) -> Group:
    if relation in ("supervisor", "self"):
        return Group(1, 1, 1)
    minimum, *others = (reader.number(f"{relation}_{name}") for name in NUMBERS)
    return Group(minimum or 0, *others)


def _id(reader: Reader, text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        reader.one_of("questionnaire_id", ())
        return None


def _usual() -> dict[str, Any]:
    """A new round: the last whole month, answered from tomorrow for two weeks."""
    settings = here().settings
    today = here().clock().astimezone(settings.timezone).date()
    last = today.replace(day=1) - timedelta(days=1)
    return {
        "timezone": str(settings.timezone),
        "period_start": last.replace(day=1).isoformat(),
        "period_end": last.isoformat(),
        "opens_at": datetime.combine(today + timedelta(days=1), time(8)).isoformat("T", "minutes"),
        "closes_at": datetime.combine(today + timedelta(days=15), time(16)).isoformat("T", "minutes"),
        "threshold": "3",
        "policy": POLICIES[0],
        "contact": settings.contact,
    } | _typed_groups(DEFAULT_GROUPS)


def _typed(draft: Draft, revision: int) -> dict[str, Any]:
    """A draft as its form would send it."""
    plain = ("name", "timezone", "questionnaire_id", "policy", "threshold", "authority", "contact")
    zone = ZoneInfo(draft.timezone)
    return {
        **{name: str(getattr(draft, name)) for name in plain},
        **{name: getattr(draft, name).isoformat() for name in ("period_start", "period_end")},
        **{name: _local(getattr(draft, name), zone) for name in ("opens_at", "closes_at")},
        **_typed_groups(draft.groups),
        "revision": str(revision),
    }


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).replace(tzinfo=None).isoformat("T", "minutes")


def _typed_groups(groups: Mapping[str, Group]) -> dict[str, str]:
    typed: dict[str, str] = {}
    for relation, group in groups.items():
        typed[f"ask_{relation}"] = "yes"
        for name in NUMBERS:
            value = getattr(group, name)
            typed[f"{relation}_{name}"] = "" if value is None else str(value)
    return typed
