"""Assessing: everybody who waits for a category of this assessor, and the form for one of them."""

from typing import Any

from flask import redirect, render_template, request

from scoring_service.domain.numbers import decimal
from scoring_service.reports.context import address, category, door, here, shelf
from scoring_service.usecases import assessments, doors, reports
from scoring_service.usecases.doors import Door
from scoring_service.usecases.reports import Report
from scoring_service.usecases.rules import Choice
from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.texts import t


def people(token: str) -> Any:
    """All people of an assessor: who waits, who is done."""
    with reading(here().engine) as session:
        found = door(session, token, "assessment")
        selectors = {number: who for who, number in doors.people(session, found).items()}
        team = reports.team(session, found.round_id, found.person)
        done = {one["number"]: assessments.choice_of(session, found.round_id, one["number"]) for one in team}
    shown = [dict(one) | {"who": selectors[one["number"]], "choice": done[one["number"]]} for one in team]
    return render_template(
        "reports/assess.html", people=shown, token=token, category=category, saved="saved" in request.args
    )


def one(token: str, who: str) -> Any:
    """The recommendation and the categories of one ratee."""
    with reading(here().engine) as session:
        found = door(session, token, "assessment")
        number = doors.person(session, found, who)
        report = reports.advice(session, found.round_id, number, shelf())
        before = assessments.choice_of(session, found.round_id, number)
    back = address("people", token=token)
    errors: dict[str, str] = {}
    values = _values(before)
    if request.method == "POST":
        values = dict(request.form.items())
        errors = _take(found, number, report)
        if not errors:
            return redirect(f"{back}&saved=1", 303)
    page = render_template(
        "reports/assess_one.html",
        report=report,
        back=back,
        values=values,
        errors=errors,
        options=options(report),
        wanted=wanted(report),
        exact=decimal,
        category=category,
        settled=report.score["state"] != "provisional" and report.score["status"] == "scored",
    )
    return page, 422 if errors else 200


def options(report: Report) -> list[tuple[str, str]]:
    """The categories of the policy with their words."""
    return [(name, category(name)) for name in report.policy.category_names]


def wanted(report: Report) -> list[str]:
    """The behaviours that a category is chosen for, whether or not anybody gave feedback on them."""
    return [aspect.code for aspect in report.policy.applicable(report.leadership)]


def chosen(report: Report) -> Choice:
    """What a form says: a category per behaviour of this ratee, and one overall."""
    ratings = {code: request.form.get(f"rating-{code}", "") for code in wanted(report)}
    return Choice(request.form.get("overall", ""), ratings)


def faults(refusal: Refused) -> dict[str, str]:
    """The fields of a form that lacks categories."""
    return {part.where.replace("ratings.", "rating-"): t("assess.missing") for part in refusal.problems}


def _values(before: Choice | None) -> dict[str, str]:
    if before is None:
        return {}
    return {"overall": before.overall} | {f"rating-{code}": value for code, value in before.ratings.items()}


def _take(found: Door, number: str, report: Report) -> dict[str, str]:
    now, choice = here().clock(), chosen(report)
    try:
        with transaction(here().engine) as session:
            assessments.take(
                session, found.round_id, number, choice, shelf(), found.person, now, on_paper=found.printed
            )
    except Refused as refusal:
        if refusal.code != "assessment_incomplete":
            raise
        return faults(refusal)
    return {}
