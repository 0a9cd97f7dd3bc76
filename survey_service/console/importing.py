"""Importing people: look at the file first, then import exactly what was looked at. Both are long work."""

from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request

from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.access import staff
from shared.web.language import language
from shared.web.texts import t
from survey_service.console import tasks as pages
from survey_service.console.forms import here, tell
from survey_service.domain.roster.columns import COLUMNS
from survey_service.usecases import directory, tasks, uploads
from survey_service.usecases.uploads import SHOWN, Upload


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/people/import", view_func=choose, methods=["GET", "POST"])
    blueprint.add_url_rule("/people/import/<uuid:upload_id>", view_func=confirm, methods=["GET", "POST"])


@staff("hr")
def choose() -> Any:
    """Take a file and have it tried."""
    if request.method == "GET":
        return _form()
    given = request.files.get("file")
    if given is None or not given.filename:
        return _form(fault=t("import.no_file"), exclude=bool(request.form.get("exclude_absent"))), 422
    content = given.read()
    options = {"language": language(), "exclude_absent": bool(request.form.get("exclude_absent"))}
    with transaction(here().engine) as session:
        upload_id = uploads.keep(session, g.staff.id, given.filename, content, here().clock())
        tasks.ask(session, "check", upload_id, g.staff.id, options, here().clock())
    return redirect(f"/console/people/import/{upload_id}", 303)


@staff("hr")
def confirm(upload_id: UUID) -> Any:
    """What the file would change, or everything wrong with it; sending the page has it imported."""
    try:
        with reading(here().engine) as session:
            kept = uploads.find(session, upload_id, g.staff.id, here().clock())
            tried = tasks.newest(session, "check", upload_id)
    except Refused as refusal:
        tell(refusal)
        return redirect("/console/people/import", 303)
    if tried is None or tried.state == "failed":
        return redirect("/console/people/import", 303)
    if tried.state in ("waiting", "running"):
        return pages.progress(tried)
    if tried.state == "refused":
        return _form(found=kept.difference, exclude=tried.options["exclude_absent"]), 422
    return _confirmed(upload_id, tried) if request.method == "POST" else _difference(upload_id, kept, tried)


def _confirmed(upload_id: UUID, tried: Any) -> Any:
    with transaction(here().engine) as session:
        task_id = tasks.ask(session, "import", upload_id, g.staff.id, tried.options, here().clock())
    return redirect(f"/console/tasks/{task_id}", 303)


def _difference(upload_id: UUID, kept: Upload, tried: Any) -> str:
    found = kept.difference or {"new": [], "changed": [], "absent": []}
    counts = tried.result
    with reading(here().engine) as session:
        names = directory.names(session, [*(number for number, _ in found["changed"]), *found["absent"]])
    return render_template(
        "console/import_difference.html",
        upload_id=upload_id,
        file=kept.name,
        counts=counts,
        found=found,
        names=names,
        exclude=tried.options["exclude_absent"],
        shown=SHOWN,
        empty=not (counts["new"] or counts["changed"] or counts["units"]),
    )


def _form(fault: str = "", found: dict[str, Any] | None = None, exclude: bool = False) -> str:
    return render_template(
        "console/import.html",
        errors={"file": fault} if fault else {},
        found=found,
        values={"exclude_absent": exclude},
        columns=COLUMNS,
    )
