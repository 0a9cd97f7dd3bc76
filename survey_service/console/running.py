"""A round that runs: remind, close early, cancel."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request

from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.access import staff
from shared.web.sentences import say
from shared.web.texts import moment, t
from survey_service.console.forms import actor, here, tell
from survey_service.domain.steps import stepped
from survey_service.usecases import closing, letters, outages, rounds


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/rounds/<uuid:round_id>/remind", view_func=remind, methods=["POST"])
    blueprint.add_url_rule("/rounds/<uuid:round_id>/outage", view_func=outage, methods=["POST"])
    blueprint.add_url_rule("/rounds/<uuid:round_id>/close", view_func=close, methods=["GET", "POST"])
    blueprint.add_url_rule("/rounds/<uuid:round_id>/cancel", view_func=cancel, methods=["GET", "POST"])


@staff("hr")
def remind(round_id: UUID) -> Any:
    """Ask for reminders to everybody whose answer is still missing."""
    now = here().clock()
    try:
        with transaction(here().engine) as session:
            zone = ZoneInfo(rounds.find(session, round_id).timezone)
            count = letters.remind(session, round_id, now, now.astimezone(zone).date(), actor())
        flash(t("remind.done", count=stepped(count)), "good")
    except Refused as refusal:
        tell(refusal)
    return redirect(f"/console/rounds/{round_id}", 303)


@staff("hr")
def outage(round_id: UUID) -> Any:
    """Give the time of an outage back, or leave the deadline as it is."""
    try:
        with transaction(here().engine) as session:
            if request.form.get("answer") == "extend":
                until = outages.give_back(session, round_id, here().clock(), actor())
                zone = rounds.find(session, round_id).timezone
                flash(t("outage.extended", moment=moment(until, zone)), "good")
            else:
                outages.dismiss(session, round_id, here().clock(), actor())
                flash(t("outage.dismissed"), "good")
    except Refused as refusal:
        tell(refusal)
    return redirect(f"/console/rounds/{round_id}", 303)


@staff("hr")
def close(round_id: UUID) -> Any:
    """Close before the window ends, after one more question."""
    row = _find(round_id)
    if request.method == "GET":
        if row.state != "open":
            return redirect(f"/console/rounds/{round_id}", 303)
        return render_template("console/close.html", round=row)
    try:
        with transaction(here().engine) as session:
            closing.close(session, round_id, here().clock(), actor())
        flash(t("close.done"), "good")
    except Refused as refusal:
        tell(refusal)
    return redirect(f"/console/rounds/{round_id}", 303)


@staff("hr")
def cancel(round_id: UUID) -> Any:
    """Give a round up; its name has to be typed."""
    row = _find(round_id)
    if request.method == "GET":
        return render_template("console/cancel.html", round=row, values={}, errors={})
    try:
        with transaction(here().engine) as session:
            closing.cancel(session, round_id, request.form.get("name", "").strip(), here().clock(), actor())
    except Refused as refusal:
        if refusal.code == "round_name_differs":
            faults = {"name": say(refusal.detail)}
            return render_template("console/cancel.html", round=row, values=request.form, errors=faults), 422
        tell(refusal)
        return redirect(f"/console/rounds/{round_id}", 303)
    flash(t("cancel.done"), "good")
    return redirect(f"/console/rounds/{round_id}", 303)


def _find(round_id: UUID) -> Any:
    with reading(here().engine) as session:
        return rounds.find(session, round_id)
