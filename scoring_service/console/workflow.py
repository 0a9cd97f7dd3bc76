"""After the release in the console: links that did not arrive, paper receipts, who decides, the end of a round."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, g, redirect, render_template, request
from sqlalchemy.orm import Session

from scoring_service.usecases import (
    assessments,
    assessors,
    deliveries,
    finals,
    objections,
    receipts,
    reports,
    results,
)
from scoring_service.usecases.notices import Doors
from scoring_service.usecases.receipts import Calendar
from scoring_service.usecases.shelf import Shelf
from shared.database import reading, transaction
from shared.errors import Refused
from shared.service import Context
from shared.web.access import staff
from shared.web.sentences import say
from shared.web.texts import t

HOME = "/console/results/"


def add(blueprint: Blueprint) -> None:
    """Add these views to the results pages."""
    notice, person = "/<uuid:round_id>/notices/<uuid:notice_id>", "/<uuid:round_id>/scores/<string:ratee>"
    blueprint.add_url_rule("/<uuid:round_id>/final", view_func=final, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{notice}/again", view_func=again, methods=["POST"])
    blueprint.add_url_rule(f"{notice}/print", view_func=printed, methods=["POST"])
    blueprint.add_url_rule(f"{person}/handed", view_func=handed, methods=["POST"])
    blueprint.add_url_rule(f"{person}/decider", view_func=decider, methods=["POST"])
    blueprint.add_url_rule(f"{person}/assessor", view_func=assessor, methods=["POST"])


def of_round(session: Session, row: Any) -> dict[str, Any]:
    """What the page of a round says about assessors, objections and links."""
    now, round_id = _here().clock(), row["id"]
    released = row["state"] in ("released", "final")
    return {
        "awaited": assessments.awaited(session, round_id),
        "unnamed": assessors.unnamed(session, round_id),
        "objections": objections.listed(session, round_id) if released else (),
        "standing": finals.standing(session, round_id, now) if released else None,
        "links": deliveries.counts(session, round_id),
        "troubled": deliveries.listed(session, round_id, now),
    }


def of_score(session: Session, round_id: UUID, number: str) -> dict[str, Any]:
    """What the page of a score says beyond its table."""
    shelf: Shelf = current_app.extensions["cermin_policies"]
    return {
        "report": reports.report_of(session, round_id, number, shelf, released=False),
        "assessor": assessors.assessor_of(session, round_id, number),
        "troubled": deliveries.listed(session, round_id, _here().clock(), number),
    }


@staff("hr")
def final(round_id: UUID) -> Any:
    """Make a round final, after a look at what is still to come."""
    with reading(_here().engine) as session:
        row = results.round_of(session, round_id)
        found = finals.standing(session, round_id, _here().clock())
    errors: dict[str, str] = {}
    if request.method == "POST":
        if request.form.get("sure"):
            return _do(
                f"{HOME}{round_id}",
                t("final.done"),
                lambda session, now: finals.finish(session, round_id, g.staff.id, now),
            )
        errors = {"sure": t("final.unsure")}
    page = render_template("results/final.html", round=row, standing=found, errors=errors)
    return page, 422 if errors else 200


@staff("hr")
def again(round_id: UUID, notice_id: UUID) -> Any:
    """Mail another link."""
    return _do(
        f"{HOME}{round_id}",
        t("links.again.done"),
        lambda session, now: deliveries.again(session, round_id, notice_id, g.staff.id, now),
    )


@staff("hr")
def printed(round_id: UUID, notice_id: UUID) -> Any:
    """A link on paper, shown once."""
    doors = Doors(_here().settings.public_url, _here().settings.service_secrets)
    now = _here().clock()
    try:
        with transaction(_here().engine) as session:
            row = results.round_of(session, round_id)
            link = deliveries.printed(session, round_id, notice_id, doors, g.staff.id, now)
    except Refused as refusal:
        flash(say(refusal.detail), "bad")
        return redirect(f"{HOME}{round_id}", 303)
    return render_template("results/printed.html", round=row, link=link)


@staff("hr")
def handed(round_id: UUID, ratee: str) -> Any:
    """Note on which day a report was handed over on paper."""
    back, zone = f"{HOME}{round_id}/scores/{ratee}", _here().settings.timezone
    try:
        day = date.fromisoformat(request.form.get("on", ""))
    except ValueError:
        flash(t("handed.no_day"), "bad")
        return redirect(back, 303)
    shelf: Shelf = current_app.extensions["cermin_policies"]
    received = datetime.combine(day, time(12), zone)
    if day == _here().clock().astimezone(zone).date():
        received = min(received, _here().clock())

    def note(session: Session, now: datetime) -> None:
        version = results.score_of(session, round_id, ratee, released=True)["version"]
        receipts.handed(session, round_id, ratee, version, received, Calendar(shelf, zone), g.staff.id, now)

    return _do(back, t("handed.done"), note)


@staff("hr")
def decider(round_id: UUID, ratee: str) -> Any:
    """Name who decides an open objection."""
    return _name(objections.name_decider, round_id, ratee, t("decider.done"))


@staff("hr")
def assessor(round_id: UUID, ratee: str) -> Any:
    """Name who assesses a ratee where the organisation chart names nobody."""
    return _name(assessors.name_assessor, round_id, ratee, t("assessor.done"))


def _name(name_: Any, round_id: UUID, ratee: str, done: str) -> Any:
    """Name the person of the form for a part in the appraisal of a ratee."""
    number, name = request.form.get("number", "").strip()[:64], request.form.get("name", "").strip()[:200]
    return _do(
        f"{HOME}{round_id}/scores/{ratee}",
        done,
        lambda session, now: name_(session, round_id, ratee, number, name, g.staff.id, now),
    )


def _do(back: str, done: str, act: Any) -> Any:
    try:
        with transaction(_here().engine) as session:
            act(session, _here().clock())
    except Refused as refusal:
        flash(say(refusal.detail), "bad")
    else:
        flash(done, "good")
    return redirect(back, 303)


def _here() -> Context:
    context: Context = current_app.extensions["cermin"]
    return context
