"""The routes of signed links. A link is the only credential: no cookie, no account, no script.

Looking at the landing page of a link does nothing; its button opens what lies behind it, and for a report records
the receipt. What follows works with links of its own purpose only, for a day, and every page says how to go on when
its link does not open anything any more.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request

from scoring_service.reports import assessing, deciding, landing, reading
from scoring_service.reports.texts import TEXTS
from scoring_service.usecases.notices import PATHS
from shared.errors import Refused
from shared.web import texts
from shared.web.access import open_to_all
from shared.web.problems import STATUS
from shared.web.sentences import say

LARGEST = 64 * 1024


def register(app: Flask) -> None:
    """Add these pages to the app of the scoring service."""
    pages = Blueprint(
        "reports",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/static/scoring/reports",
    )
    both = ["GET", "POST"]
    routes: tuple[tuple[str, Callable[..., Any], list[str]], ...] = (
        ("own/<token>", reading.own, ["GET"]),
        ("own/<token>/radar.svg", reading.own_radar, ["GET"]),
        ("own/<token>/report.pdf", reading.own_pdf, ["GET"]),
        ("objection/<token>", reading.objection, both),
        ("team/<token>", reading.team, ["GET"]),
        ("team/<token>/<who>", reading.member, ["GET"]),
        ("team/<token>/<who>/radar.svg", reading.member_radar, ["GET"]),
        ("team/<token>/<who>/report.pdf", reading.member_pdf, ["GET"]),
        ("assess/<token>", assessing.people, ["GET"]),
        ("assess/<token>/<who>", assessing.one, both),
        ("decide/<token>", deciding.decide, both),
    )
    for rule, view, methods in routes:
        pages.add_url_rule(f"/reports/open/{rule}", view_func=open_to_all(view), methods=methods)
    for purpose, path in PATHS.items():
        view = open_to_all(landing.of(purpose))
        pages.add_url_rule(f"/reports/{path}/<token>", f"{purpose}_landing", view, methods=both)
    pages.before_request(_limit)
    pages.after_request(_unlisted)
    pages.register_error_handler(Refused, _refused)
    texts.install(app, TEXTS)
    app.register_blueprint(pages)


def _limit() -> None:
    request.max_content_length = LARGEST


def _unlisted(response: Response) -> Response:
    """No search engine keeps these pages; the static address of this blueprint is no page."""
    if request.path.startswith("/reports/"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "no-store"
    return response


def _refused(error: Refused) -> Any:
    """A dead end that says what happened and what to do next."""
    code = error.code if texts.has(f"door.{error.code}") else "closed"
    detail = say(error.detail) if code == "closed" else ""
    return render_template("reports/dead_end.html", code=code, detail=detail), STATUS[error.kind]
