"""People: who is known, by unit and name."""

from typing import Any

from flask import Blueprint, g, render_template, request

from shared.database import reading
from shared.web.access import staff
from survey_service.console.forms import here
from survey_service.usecases import accounts, directory


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the console."""
    blueprint.add_url_rule("/people", view_func=listing, endpoint="people")


@staff("hr", "viewer", "unit_admin")
def listing() -> Any:
    """People with unit and supervisor; a unit administrator sees the own unit and those below it."""
    words = request.args.get("q", "").strip()[:200].replace("\x00", "")
    start = max(request.args.get("from", 0, type=int), 0)
    with reading(here().engine) as session:
        own = accounts.unit_of(session, g.staff.id)
        units = directory.units(session, own)
        chosen = request.args.get("unit", "")
        within = chosen if chosen in units else own
        found = directory.search(session, words, within, start)
    return render_template(
        "console/people.html",
        found=found,
        units=units,
        values={"q": words, "unit": chosen if chosen in units else ""},
        start=start,
        page=directory.PAGE,
        filtered=bool(words or chosen),
    )
