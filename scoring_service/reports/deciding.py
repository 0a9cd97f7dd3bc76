"""Deciding: the objection, the report it is about, and the superior's decision with its reason."""

from fractions import Fraction
from typing import Any

from flask import redirect, render_template, request

from scoring_service.domain.numbers import decimal
from scoring_service.reports.assessing import chosen, faults, options, wanted
from scoring_service.reports.context import address, category, door, here, shelf
from scoring_service.usecases import doors, objections, reports
from scoring_service.usecases.doors import Door
from scoring_service.usecases.reports import Report
from scoring_service.usecases.rules import Choice, number_of
from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.sentences import say
from shared.web.texts import t


def decide(token: str) -> Any:
    """Read and decide; a decided one shows what was decided."""
    with reading(here().engine) as session:
        found = door(session, token, "decision")
        number = doors.decides(session, found)
        report = reports.report_of(session, found.round_id, number, shelf())
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _decide(found, number, report)
        if not errors:
            return redirect(address("decide", token=token), 303)
    page = render_template(
        "reports/decide.html",
        report=report,
        table=report.table,
        values=request.form,
        errors=errors,
        options=options(report),
        wanted=wanted(report),
        exact=decimal,
        category=category,
        by_category=report.policy.behaviour_by == "assessor",
    )
    return page, 422 if errors else 200


def _decide(found: Door, number: str, report: Report) -> dict[str, str]:
    outcome = request.form.get("outcome")
    missing = {} if outcome in ("stands", "change") else {"outcome": t("decide.choose")}
    if not request.form.get("sure"):
        missing["sure"] = t("link.unsure")
    if missing:
        return missing
    reason, now = request.form.get("reason", ""), here().clock()
    try:
        ruling = _ruling(report) if outcome == "change" else None
        with transaction(here().engine) as session:
            objections.decide(
                session, found.round_id, number, found.person, reason, ruling, shelf(), now, on_paper=found.printed
            )
    except Refused as refusal:
        if refusal.code == "assessment_incomplete":
            return faults(refusal)
        if refusal.kind != "invalid":
            raise
        return {part.where: say(part.message) for part in refusal.problems}
    return {}


def _ruling(report: Report) -> Choice | Fraction:
    if report.policy.behaviour_by == "assessor":
        return chosen(report)
    return number_of(request.form.get("behaviour", ""))
