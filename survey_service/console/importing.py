"""Importing people: look at the file first, then import exactly what was looked at."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request

from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.access import staff
from shared.web.language import language
from shared.web.texts import t
from survey_service.console.forms import actor, here, tell
from survey_service.domain.roster.columns import COLUMNS
from survey_service.usecases import directory, people, uploads

SHOWN = 100
"""Changes listed one by one; the rest is counted."""


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/people/import", view_func=choose, methods=["GET", "POST"])
    blueprint.add_url_rule("/people/import/<uuid:upload_id>", view_func=confirm, methods=["GET", "POST"])


@staff("hr")
def choose() -> Any:
    """Take a file, try it, and show what it would change or everything wrong with it."""
    if request.method == "GET":
        return _form()
    given = request.files.get("file")
    content = given.read() if given else b""
    if given is None or not given.filename:
        return _form(fault=t("import.no_file")), 422
    with transaction(here().engine) as session:
        upload_id = uploads.keep(session, g.staff.id, given.filename, content, here().clock())
    exclude = "&exclude_absent=yes" if request.form.get("exclude_absent") else ""
    return redirect(f"/console/people/import/{upload_id}?{exclude.lstrip('&')}".rstrip("?"), 303)


@staff("hr")
def confirm(upload_id: UUID) -> Any:
    """The difference that the file makes; sending the page imports it."""
    exclude = bool(request.values.get("exclude_absent"))
    try:
        return _imported(upload_id, exclude) if request.method == "POST" else _difference(upload_id, exclude)
    except Refused as refusal:
        if refusal.code == "upload_gone":
            tell(refusal)
            return redirect("/console/people/import", 303)
        return _form(refusal=refusal, exclude=exclude), 422


def _difference(upload_id: UUID, exclude: bool) -> str:
    context = here()
    with reading(context.engine) as session:
        kept = uploads.find(session, upload_id, g.staff.id, context.clock())
        tried = people.import_people(
            session,
            kept.content,
            context.clock(),
            actor(),
            language=language(),
            dry_run=True,
            exclude_absent=exclude,
        )
        changes = tried.changes
        listed = [*list(changes.changed)[:SHOWN], *changes.absent[:SHOWN]]
        names = directory.names(session, listed)
    return render_template(
        "console/import_difference.html",
        upload_id=upload_id,
        file=kept.name,
        tried=tried,
        changes=changes,
        names=names,
        exclude=exclude,
        shown=SHOWN,
        empty=not (changes.new or changes.changed or tried.units),
    )


def _imported(upload_id: UUID, exclude: bool) -> Any:
    context = here()
    with transaction(context.engine) as session:
        kept = uploads.take(session, upload_id, g.staff.id, context.clock())
        done = people.import_people(
            session, kept.content, context.clock(), actor(), language=language(), exclude_absent=exclude
        )
    flash(t("import.done", new=len(done.changes.new), changed=len(done.changes.changed)), "good")
    return redirect("/console/people", 303)


def _form(fault: str = "", refusal: Refused | None = None, exclude: bool = False) -> str:
    return render_template(
        "console/import.html",
        errors={"file": fault} if fault else {},
        refusal=refusal,
        values={"exclude_absent": exclude},
        columns=COLUMNS,
    )
