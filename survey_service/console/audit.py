"""The audit trail."""

from typing import Any

from flask import Blueprint, current_app, render_template, request

from shared.database import reading
from shared.service import Context
from shared.web.access import staff
from survey_service.usecases import trail


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the console."""
    blueprint.add_url_rule("/audit", view_func=page)


@staff("hr", "auditor")
def page() -> Any:
    """Entries, newest first, and whether the chain is whole."""
    context: Context = current_app.extensions["cermin"]
    before = request.args.get("before", type=int)
    with reading(context.engine) as session:
        acts = trail.acts(session, before)
        count, broken = trail.chain(session)
    older = acts[-1].position if len(acts) == trail.PAGE else None
    return render_template(
        "console/audit.html", acts=acts, count=count, broken=broken, older=older, newest=before is None
    )
