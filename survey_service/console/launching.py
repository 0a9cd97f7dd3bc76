"""From draft to launch: who would be asked, and the one step that cannot be taken back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request

from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.access import staff
from shared.web.texts import t
from survey_service.console.forms import actor, here, tell
from survey_service.usecases import overview, rounds, tasks, trial

PAGE = 50


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/rounds/<uuid:round_id>/plan", view_func=plan)
    blueprint.add_url_rule("/rounds/<uuid:round_id>/trial", view_func=try_mail, methods=["POST"], endpoint="trial")
    blueprint.add_url_rule("/rounds/<uuid:round_id>/launch", view_func=launch, methods=["POST"])


@staff("hr")
def plan(round_id: UUID) -> Any:
    """Who would be asked about whom if the draft were launched now."""
    start = max(request.args.get("from", 0, type=int), 0)
    with reading(here().engine) as session:
        row = rounds.find(session, round_id)
        if row.state != "draft":
            return redirect(f"/console/rounds/{round_id}", 303)
        preview = overview.preview(session, round_id)
    return render_template(
        "console/plan.html",
        round=row,
        preview=preview,
        ratees=preview.plan.ratees[start : start + PAGE],
        start=start,
        page=PAGE,
    )


@staff("hr")
def try_mail(round_id: UUID) -> Any:
    """Send a sample of the mail to an address that is typed."""
    context, given = here(), request.form
    try:
        with transaction(context.engine) as session:
            trial.send(
                session,
                round_id,
                given.get("to", "").strip(),
                given.get("kind", ""),
                given.get("language", ""),
                context.clock(),
                actor(),
                public_url=context.settings.public_url,
            )
        flash(t("trial.done", to=given["to"].strip()), "good")
    except Refused as refusal:
        tell(refusal)
    return redirect(f"/console/rounds/{round_id}/steps/messages", 303)


@staff("hr")
def launch(round_id: UUID) -> Any:
    """Have it launched once, however often the button is pressed."""
    onward = redirect(f"/console/rounds/{round_id}", 303)
    if not request.form.get("sure"):
        flash(t("launch.unsure"), "bad")
        return onward
    with transaction(here().engine) as session:
        if rounds.find(session, round_id, lock=True).state != "draft":
            flash(t("launch.already"), "info")
            return onward
        task_id = tasks.ask(session, "launch", round_id, g.staff.id, {}, here().clock())
    return redirect(f"/console/tasks/{task_id}", 303)
