"""Long work as its page shows it: a bar that survives a reload, then what became of it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, g, jsonify, redirect, render_template

from shared.database import reading
from shared.errors import missing
from shared.web.access import staff
from survey_service.console.forms import here
from survey_service.usecases import rounds, tasks

UNFINISHED = ("waiting", "running")


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/tasks/<uuid:task_id>", view_func=task)
    blueprint.add_url_rule("/tasks/<uuid:task_id>/state", view_func=task_state)


@staff("hr")
def task(task_id: UUID) -> Any:
    """How far a task is; once it is over, what it did or why not."""
    row = _find(task_id)
    if row.state in UNFINISHED:
        return progress(row)
    if row.kind == "check" or (row.kind == "import" and row.state == "refused"):
        return redirect(f"/console/people/import/{row.about}", 303)
    name = ""
    if row.kind == "launch":
        with reading(here().engine) as session:
            name = rounds.find(session, row.about).name
    return render_template("console/task_over.html", task=row, name=name)


@staff("hr")
def task_state(task_id: UUID) -> Any:
    """The same for the script of the page."""
    row = _find(task_id)
    return jsonify({"over": row.state not in UNFINISHED, "state": row.state, "done": row.done, "total": row.total})


def progress(row: Any) -> str:
    """The page of a task that is not over."""
    return render_template("console/task.html", task=row)


def _find(task_id: UUID) -> Any:
    """A launch is everybody's of the personnel office; a file belongs to whoever sent it."""
    with reading(here().engine) as session:
        row = tasks.find(session, task_id)
    if row.kind != "launch" and str(row.account_id) != g.staff.id:
        raise missing("task_unknown", "There is no such task any more.")
    return row
