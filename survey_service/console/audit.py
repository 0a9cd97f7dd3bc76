"""The audit trail."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from shared.database import reading
from shared.web.access import staff
from survey_service.console.forms import Reader, here
from survey_service.usecases import trail


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the console."""
    blueprint.add_url_rule("/audit", view_func=page)


@staff("hr", "auditor")
def page() -> Any:
    """Entries, newest first, all or those that are asked for, and whether the chain is whole."""
    before = request.args.get("before", type=int)
    given = {
        name: request.args.get(name, "")[:200].replace("\x00", "") for name in ("actor", "action", "since", "until")
    }
    reader = Reader(given)
    wanted = _wanted(reader)
    with reading(here().engine) as session:
        acts = trail.acts(session, before, wanted)
        count, broken = trail.chain(session)
        actors, actions = trail.actors(session), trail.actions(session)
    older = acts[-1].position if len(acts) == trail.PAGE else None
    filtered = {name: value for name, value in given.items() if value}
    return render_template(
        "console/audit.html",
        acts=acts,
        count=count,
        broken=broken,
        older=urlencode(filtered | {"before": older}) if older else None,
        newest=None if before is None else urlencode(filtered),
        actors=actors,
        actions=actions,
        values=given,
        errors=reader.faults,
        filtered=bool(filtered),
    )


def _wanted(reader: Reader) -> trail.Wanted:
    """What was asked for; days are those of the agency, both included. A day that is none asks for nothing."""
    since, until = (reader.day(name) if reader.given[name] else None for name in ("since", "until"))
    return trail.Wanted(
        reader.given["actor"],
        reader.given["action"],
        _midnight(since) if since and "since" not in reader.faults else None,
        _midnight(until + timedelta(days=1)) if until and "until" not in reader.faults else None,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), here().settings.timezone)
