"""The round wizard: every step keeps what it has at once, so a half-made round can be left and taken up again."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request
from sqlalchemy.orm import Session

from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.access import staff
from shared.web.sentences import say
from shared.web.texts import t
from survey_service.console.forms import Reader, actor, faults_of, here
from survey_service.console.steps import NUMBERS, POLICIES, STEPS, ZONES, Step
from survey_service.domain.raters import RELATIONS
from survey_service.domain.rounds import DEFAULT_GROUPS, Draft, faults
from survey_service.domain.schedule import USUAL, moments
from survey_service.usecases import overview, questionnaires, rounds
from survey_service.usecases.questionnaire_versions import lacking

_SHORTFALLS = 50
"""Shortfalls listed under the form; all of them are on the page of the plan."""


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/rounds/new", view_func=new, methods=["GET", "POST"])
    blueprint.add_url_rule("/rounds/<uuid:round_id>/steps/<name>", view_func=step, methods=["GET", "POST"])


@staff("hr")
def new() -> Any:
    """The first step of a new round, which may begin as a copy of an old one."""
    basics = STEPS[0]
    with reading(here().engine) as session:
        proposed = _proposed(session, request.values.get("like", ""))
    if request.method == "GET":
        return _page(basics, basics.fill(proposed) | {"like": request.values.get("like", "")}, {}, None)
    reader = Reader(request.form)
    draft = replace(proposed, **basics.read(reader))
    wrong = _wrong(reader, draft, basics)
    if not wrong:
        try:
            with transaction(here().engine) as session:
                round_id = rounds.create(session, draft, here().clock(), actor())
            flash(t("draft.created"), "good")
            return redirect(_address(round_id, STEPS[1]), 303)
        except Refused as refusal:
            wrong = faults_of(refusal)
    return _page(basics, request.form, wrong, None), 422


@staff("hr")
def step(round_id: UUID, name: str) -> Any:
    """One step of a draft. Two people who edit it do not overwrite each other."""
    place = next((number for number, one in enumerate(STEPS) if one.name == name), None)
    if place is None:
        abort(404)
    chosen = STEPS[place]
    with reading(here().engine) as session:
        row = rounds.find(session, round_id)
    if row.state != "draft":
        return redirect(f"/console/rounds/{round_id}", 303)
    present = rounds.draft_of(row)
    if request.method == "GET":
        return _page(chosen, chosen.fill(present) | {"revision": str(row.revision)}, {}, row)
    reader = Reader(request.form)
    changes = chosen.read(reader)
    wrong, status = _wrong(reader, replace(present, **changes), chosen), 422
    if not wrong:
        try:
            revision = reader.number("revision", empty=0) or 0
            with transaction(here().engine) as session:
                rounds.edit(session, round_id, revision, changes, here().clock(), actor())
            return _onward(round_id, place)
        except Refused as refusal:
            wrong, status = faults_of(refusal), 409 if refusal.kind == "conflict" else 422
    return _page(chosen, request.form, wrong, row), status


def _onward(round_id: UUID, place: int) -> Any:
    if request.form.get("go") == "stay":
        flash(t("draft.kept"), "good")
        return redirect(_address(round_id, STEPS[place]), 303)
    following = place + 1
    last = following == len(STEPS)
    return redirect(f"/console/rounds/{round_id}" if last else _address(round_id, STEPS[following]), 303)


def _page(chosen: Step, values: Mapping[str, Any], wrong: Mapping[str, str], row: Any) -> str:
    with reading(here().engine) as session:
        more = _surroundings(session, chosen, row)
    return render_template(
        f"console/steps/{chosen.name}.html",
        step=chosen.name,
        steps=STEPS,
        values=values,
        errors=wrong,
        round=row,
        zones=ZONES,
        policies=POLICIES,
        numbers=NUMBERS,
        relations=RELATIONS,
        shortfalls=_SHORTFALLS,
        **more,
    )


def _surroundings(session: Session, chosen: Step, row: Any) -> dict[str, Any]:
    """What a step shows beside its form: of the draft as it is kept, not as it is typed."""
    if row is None:
        return {"former": overview.all_rounds(session)}
    if chosen.name == "form":
        return {"forms": questionnaires.listing(session), "lacking": lacking}
    if chosen.name in ("raters", "small"):
        return {"preview": overview.preview(session, row.id)}
    if chosen.name == "schedule":
        draft = rounds.draft_of(row)
        return {"moments": moments(draft.schedule, row.opens_at, row.closes_at, row.timezone)}
    return {}


def _wrong(reader: Reader, draft: Draft, chosen: Step) -> dict[str, str]:
    """What cannot be read, and at the same time every rule that what can be read breaks."""
    found = dict(reader.faults)
    for where, message in faults(draft):
        name = where.replace(".", "_")
        if not any(part in found for part in (name, *chosen.together.get(name, ()))):
            found[name] = say(message)
    return found


def _proposed(session: Session, like: str) -> Draft:
    """A new round: as an old one was, or as is usual; for the last whole month, answered from tomorrow on."""
    usual = _usual(session)
    former = next((row for row in overview.all_rounds(session) if str(row.id) == like), None)
    if former is None:
        return usual
    dates = {name: getattr(usual, name) for name in ("period_start", "period_end", "opens_at", "closes_at", "seed")}
    return replace(rounds.draft_of(former), name="", **dates)


def _usual(session: Session) -> Draft:
    settings = here().settings
    zone = settings.timezone if str(settings.timezone) in ZONES else None
    today = here().clock().astimezone(settings.timezone).date()
    last = today.replace(day=1) - timedelta(days=1)
    form = next((one for one in questionnaires.listing(session) if one.finished), None)
    return Draft(
        name="",
        period_start=last.replace(day=1),
        period_end=last,
        opens_at=datetime.combine(today + timedelta(days=1), time(8), settings.timezone),
        closes_at=datetime.combine(today + timedelta(days=15), time(16), settings.timezone),
        timezone=str(zone or ZONES[0]),
        questionnaire_id=form.id if form else None,
        policy=POLICIES[2] if form and form.code == "berakhlak" else POLICIES[0],
        threshold=3,
        groups=DEFAULT_GROUPS,
        seed=secrets.randbelow(2**31),
        authority="",
        contact=settings.contact,
        schedule=USUAL,
    )


def _address(round_id: UUID, chosen: Step) -> str:
    return f"/console/rounds/{round_id}/steps/{chosen.name}"
