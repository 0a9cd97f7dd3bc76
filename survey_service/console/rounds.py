"""Rounds: the list with what to do next, and one round as far as it has come."""

from typing import Any
from uuid import UUID

from flask import Blueprint, g, jsonify, render_template, request
from sqlalchemy.orm import Session

from shared.database import reading
from shared.staff import ROLES
from shared.web.access import staff
from shared.web.texts import t
from survey_service.console.forms import here
from survey_service.domain.schedule import moments, schedule_from
from survey_service.domain.steps import stepped
from survey_service.usecases import (
    accounts,
    after_close,
    directory,
    outages,
    overview,
    progress,
    questionnaires,
    rounds,
    tasks,
)

CURRENT = ("draft", "preparing", "open", "closed")


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/", view_func=home)
    blueprint.add_url_rule("/rounds/<uuid:round_id>", view_func=show)
    blueprint.add_url_rule("/rounds/<uuid:round_id>/way", view_func=way)


@staff(*ROLES)
def home() -> Any:
    """All rounds: those that need somebody first, the past ones below."""
    with reading(here().engine) as session:
        found = overview.all_rounds(session, _own_units(session))
        people, forms = overview.people_counted(session)
        away = outages.undecided(session)
    return render_template(
        "console/rounds.html",
        current=[row for row in found if row.state in CURRENT],
        past=[row for row in found if row.state not in CURRENT],
        away=away,
        stepped=stepped,
        people=people,
        forms=forms,
    )


@staff(*ROLES)
def show(round_id: UUID) -> Any:
    """One round: a draft with its checklist, an open one with its progress, later ones with what became of it."""
    context = here()
    with reading(context.engine) as session:
        row = rounds.find(session, round_id)
        form = questionnaires.find(session, row.questionnaire_id)
        checks = (
            overview.checks(session, round_id, context.clock(), context.settings.public_url)
            if row.state == "draft"
            else []
        )
        launching = tasks.newest(session, "launch", round_id) if row.state == "draft" else None
        shown = progress.show(session, round_id)
        mails = overview.mails(session, round_id)
        away = outages.undecided(session).get(round_id)
        units = _own_units(session)
        onward = after_close.way(session, row)
        totals = overview.totals(session, round_id, units)
    lines: dict[str, dict[str, Any]] = {}
    for line in shown.lines:
        if units is None or line.unit in units:
            lines.setdefault(line.unit, {})[line.relation] = line
    return render_template(
        "console/round.html",
        round=row,
        away=away,
        length=_length(away) if away else "",
        form=form,
        checks=checks,
        launching=launching if launching and launching.state in ("waiting", "running") else None,
        moments=moments(schedule_from(row.schedule), row.opens_at, row.closes_at, row.timezone),
        ready=all(check.verdict != "bad" for check in checks),
        totals=totals,
        lines=lines,
        as_of=shown.as_of,
        way=onward,
        stages=after_close.STAGES,
        mails=mails if units is None else {},
    )


def _length(away: outages.Away) -> str:
    """How long an outage was, in hours and minutes."""
    hours, minutes = divmod(int(away.length.total_seconds()) // 60, 60)
    parts = [t("outage.hours", count=hours)] * (hours > 0) + [t("outage.minutes", count=minutes)] * (minutes > 0)
    return " ".join(parts)


@staff(*ROLES)
def way(round_id: UUID) -> Any:
    """The same for the script of the page: ``over`` when the round is not in the stage ``in`` any more."""
    with reading(here().engine) as session:
        found = after_close.way(session, rounds.find(session, round_id))
    if found is None or found.stage != request.args.get("in"):
        return jsonify({"over": True})
    return jsonify({"over": False, "done": found.done, "total": found.total})


def _own_units(session: Session) -> set[str] | None:
    """The units that a unit administrator looks after; None for everybody else, who see all."""
    own = accounts.unit_of(session, g.staff.id)
    return None if own is None else set(directory.units(session, own))
