"""What is kept until when, what was deleted, and the archive."""

from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request

from shared import stored
from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.access import staff
from shared.web.texts import t
from survey_service.console.forms import actor, faults_of, here
from survey_service.usecases import archiving, retention, rounds


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/data", view_func=data)
    blueprint.add_url_rule("/rounds/<uuid:round_id>/archive", view_func=archive, methods=["GET", "POST"])


@staff("hr", "auditor")
def data() -> Any:
    """The record of deletion by round, and what every table is kept for."""
    with reading(here().engine) as session:
        records = retention.records(session)
    kept = [(service, list(tables)) for service, tables in groupby(stored.statement(), lambda one: one.service)]
    return render_template("console/data.html", records=records, kept=kept)


@staff("hr")
def archive(round_id: UUID) -> Any:
    """Delete what names the raters of an ended round, once its name has been typed."""
    wrong: dict[str, str] = {}
    with reading(here().engine) as session:
        row = rounds.find(session, round_id)
    if request.method == "POST":
        try:
            with transaction(here().engine) as session:
                archiving.archive(session, round_id, request.form.get("name", "").strip(), here().clock(), actor())
            flash(t("archive.done"), "good")
            return redirect("/console/data", 303)
        except Refused as refusal:
            wrong = faults_of(refusal, {"form": "name"})
    elif row.state not in ("final", "cancelled"):
        return redirect(f"/console/rounds/{round_id}", 303)
    return render_template(
        "console/archive.html", round=row, errors=wrong, values=request.form
    ), 409 if wrong else 200
