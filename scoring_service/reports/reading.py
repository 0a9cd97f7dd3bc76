"""Reading: the ratee's own report with its receipt and objection, and the reports of a supervisor's people."""

from datetime import date, timedelta
from typing import Any

from flask import Response, redirect, render_template, request

from scoring_service.domain.numbers import decimal
from scoring_service.reports.context import address, category, door, here, onward, shelf
from scoring_service.reports.drawing import draw, drawn
from scoring_service.reports.printing import offered, paper, sheet
from scoring_service.usecases import doors, objections, reports
from scoring_service.usecases.doors import Door
from scoring_service.usecases.reports import Report
from shared import audit
from shared.database import reading, transaction
from shared.errors import Refused, missing
from shared.web.sentences import say
from shared.web.texts import t


def own(token: str) -> Any:
    """The own report, once its receipt is recorded; a version that came since is received like the first."""
    found, report = _own(token)
    if due(report):
        return redirect(address("report_landing", token=onward(found, "report", "")), 303)
    return _report(
        report,
        radar=address("own_radar", token=token),
        pdf=address("own_pdf", token=token),
        objecting=address("objection", token=onward(found, "report", "objection")) if _may_object(report) else "",
    )


def own_radar(token: str) -> Response:
    """The radar of an opened report, as an image."""
    return draw(_received(token))


def own_pdf(token: str) -> Response:
    """An opened report as PDF."""
    report = _received(token)
    return paper(report, sheet(**_words(report)))


def objection(token: str) -> Any:
    """The form of an objection; once sent, the report shows it."""
    with reading(here().engine) as session:
        found = door(session, token, "report", "objection")
        report = reports.report_of(session, found.round_id, doors.ratee_of(found), shelf())
    back = address("own", token=onward(found, "report"))
    if not _may_object(report):
        return redirect(back, 303)
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _raise(found, report)
        if not errors:
            return redirect(back, 303)
    page = render_template(
        "reports/objection.html", report=report, back=back, values=request.form, errors=errors, token=token
    )
    return page, 422 if errors else 200


def team(token: str) -> Any:
    """The people of a supervisor, with what may be shown of each."""
    with reading(here().engine) as session:
        found = door(session, token, "supervisor")
        selectors = {number: who for who, number in doors.people(session, found).items()}
        people = reports.team(session, found.round_id, found.person)
    shown = [dict(one) | {"who": selectors[one["number"]]} for one in people]
    return render_template("reports/team.html", people=shown, token=token, category=category)


def member(token: str, who: str) -> Any:
    """The report of one of them; reading it is recorded."""
    return _report(
        _member(token, who),
        radar=address("member_radar", token=token, who=who),
        pdf=address("member_pdf", token=token, who=who),
        back=address("team", token=token),
    )


def member_pdf(token: str, who: str) -> Response:
    """The report of one of them as PDF; that is recorded like reading."""
    report = _member(token, who)
    return paper(report, sheet(**_words(report)))


def member_radar(token: str, who: str) -> Response:
    """The radar of one of them."""
    with reading(here().engine) as session:
        found = door(session, token, "supervisor")
        return draw(reports.report_of(session, found.round_id, doors.person(session, found, who), shelf()))


def due(report: Report) -> bool:
    """Whether the receipt of this report is still to be recorded."""
    return report.receipt is not None and report.receipt.opened_at is None


def _own(token: str) -> tuple[Door, Report]:
    with reading(here().engine) as session:
        found = door(session, token, "report")
        return found, reports.report_of(session, found.round_id, doors.ratee_of(found), shelf())


def _received(token: str) -> Report:
    """The own report, whose receipt must be recorded."""
    _, report = _own(token)
    if due(report):
        raise missing("score_unknown", "There is no score of this person in this round that may be seen.")
    return report


def _member(token: str, who: str) -> Report:
    """The report of one of a supervisor's people; recorded as read."""
    with transaction(here().engine) as session:
        found = door(session, token, "supervisor")
        number = doors.person(session, found, who)
        report = reports.report_of(session, found.round_id, number, shelf())
        audit.record(session, here().clock(), found.person, "report.read", f"{found.round_id}/{number}")
    return report


def _report(report: Report, pdf: str, **addresses: str) -> str:
    """The page; ``pdf`` is offered where one can be made."""
    return render_template(
        "reports/report.html",
        frame="reports/frame.html",
        pdf=pdf if offered() else "",
        **addresses,
        **_words(report),
    )


def _words(report: Report) -> dict[str, Any]:
    """What the page and the PDF of a report are made of."""
    return {
        "report": report,
        "table": report.table,
        "drawn": drawn(report),
        "category": category,
        "exact": decimal,
        "until": _last_day(report),
        "over": _is_over(report),
    }


def _is_over(report: Report) -> bool:
    until = report.receipt.until if report.receipt is not None else None
    return until is not None and until <= here().clock()


def _last_day(report: Report) -> date | None:
    """The last day on which an objection counts, in the agency's zone."""
    until = report.receipt.until if report.receipt is not None else None
    zone = here().settings.timezone
    return (until - timedelta(seconds=1)).astimezone(zone).date() if until is not None else None


def _may_object(report: Report) -> bool:
    until = report.receipt.until if report.receipt is not None else None
    current = report.round["state"] == "released" and report.objection is None
    return current and until is not None and until > here().clock() and report.score["status"] == "scored"


def _raise(found: Door, report: Report) -> dict[str, str]:
    if not request.form.get("sure"):
        return {"sure": t("link.unsure")}
    try:
        with transaction(here().engine) as session:
            objections.raise_(
                session, found.round_id, doors.ratee_of(found), request.form.get("reason", ""), here().clock()
            )
    except Refused as refusal:
        if refusal.code != "reason_missing":
            raise
        return {part.where: say(part.message) for part in refusal.problems}
    return {}
