"""Landing pages: what a mailed or printed link shows before its button is pressed, which is nothing of anybody.

Mail scanners and previews fetch links and press no buttons. A button leads on to a page under a salt of its own.
"""

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request
from sqlalchemy.orm import Session

from scoring_service.reports.context import address, calendar, door, here, onward, shelf
from scoring_service.reports.reading import due
from scoring_service.usecases import doors, receipts, reports, results
from scoring_service.usecases.doors import Door
from scoring_service.usecases.reports import Report
from shared import audit
from shared.database import reading, transaction

OPENS = {"report": "own", "supervisor": "team", "assessment": "people", "decision": "decide"}
"""The page that the button of each purpose opens."""


def of(purpose: str) -> Callable[[str], Any]:
    """The view of the landing page of one purpose."""

    def land(token: str) -> Any:
        with reading(here().engine) as session:
            found = door(session, token, purpose, page="")
            report = _report(session, found, purpose)
            row = results.summary_of(session, found.round_id)
        if request.method == "POST":
            if report is not None:
                _receive(token, report)
            return redirect(address(OPENS[purpose], token=onward(found, purpose)), 303)
        return render_template(
            "reports/landing.html",
            purpose=purpose,
            round=row,
            report=report,
            due=report is not None and due(report),
            until=found.not_after,
            hours=int(doors.OPEN_FOR.total_seconds() // 3600),
        )

    return land


def _report(session: Session, found: Door, purpose: str) -> Report | None:
    """The report behind a ratee's own link. Raises ``Refused`` where there is nothing to open yet, or any more."""
    if purpose == "report":
        return reports.report_of(session, found.round_id, doors.ratee_of(found), shelf())
    if purpose == "decision":
        doors.decides(session, found)
    return None


def _receive(token: str, report: Report) -> None:
    number, round_id, version = report.score["ratee"], report.round["id"], report.score["version"]
    with transaction(here().engine) as session:
        door(session, token, "report", page="")
        if receipts.opened(session, round_id, number, version, calendar(), here().clock()):
            facts = {"version": version}
            audit.record(session, here().clock(), number, "report.received", f"{round_id}/{number}", facts)
