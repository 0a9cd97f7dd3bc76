"""The routes of a rater's link. Looking at any of them, as often as one likes, changes nothing.

Every POST names its link (see ``credentials``). A page that is not the survey is a dead end
with a next step; the same page is served to a browser with and without JavaScript.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, g, jsonify, redirect, render_template, request
from sqlalchemy.orm import Session

from shared import sealing
from shared.config import LANGUAGES
from shared.database import glancing, transaction
from shared.errors import Refused, invalid
from shared.service import Context
from shared.web import problems
from shared.web.access import open_to_all
from shared.web.problems import STATUS
from survey_service.domain.answers import read as read_answers
from survey_service.respond import lists, screens
from survey_service.respond.credentials import is_list_code, list_of, token_of
from survey_service.respond.filling import filled
from survey_service.respond.tickets import Tickets, tickets_of
from survey_service.usecases import accepting, answering, listing, resending, spending
from survey_service.usecases.answering import DECLINE_REASONS, RELATION_REASONS, Invited

pages = Blueprint(
    "respond",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/survey/respond",
)
SURE = ("ya", "yes")
LARGEST = 64 * 1024
"""Bytes of the largest request: a questionnaire of some hundred items fits."""
_QUESTION = re.compile(r"q\d{1,3}")
_CHOICE = re.compile(r"\d{1,2}")


@pages.before_request
def limit() -> None:
    """Refuse what no form of ours could send, and speak the language that a form asks for."""
    request.max_content_length = LARGEST
    chosen = request.form.get("to") or request.form.get("lang")
    g.language = chosen if chosen in LANGUAGES else None


@pages.get("/")
@open_to_all
def front_door() -> Any:
    """Whoever types the host alone is most likely a rater with a printed code."""
    return redirect("/s")


@pages.get("/s")
@open_to_all
def start() -> str:
    """The inert page behind every link: its script reads the fragment, or the rater types the code."""
    return filled("start", {}, lambda _: render_template("respond/start.html"))


@pages.get("/s/open", endpoint="open_again")
@pages.get("/s/answer", endpoint="answer_again")
@pages.get("/s/decline", endpoint="decline_again")
@pages.get("/s/relation", endpoint="relation_again")
@pages.get("/s/undo", endpoint="undo_again")
@pages.get("/s/list", endpoint="list_again")
@open_to_all
def again() -> Any:
    """Whoever reloads a page that came of a form begins again."""
    return redirect("/s")


@pages.post("/s/open")
@open_to_all
def open_link() -> Any:
    """The survey behind a link; the list behind a typed code of one."""
    if is_list_code(request.form.get("code", "")):
        return _list()
    return _survey(_token(request.form), _given())


@pages.post("/s/list")
@open_to_all
def list_of_forms() -> Any:
    """The list of everybody whom the rater is asked about."""
    return _list()


@pages.post("/s/answer")
@open_to_all
def answer() -> Any:
    """Answers from a form, sealed here at once; or the same form in the other language."""
    token = _token(request.form)
    invited = _look(token)
    given = [request.form.get(f"q{at}") for at in range(len(invited.questions))]
    answers, faults = read_answers(given, invited.questions, int(invited.body["points"]))
    if "to" in request.form or faults:
        shown = [] if "to" in request.form else faults
        return _survey(token, _given(), shown), 422 if shown else 200
    return _received(token, answering.seal(invited, answers))


@pages.post("/s/submit")
@open_to_all
def submit() -> Any:
    """A ballot that the browser sealed, as JSON with the link's credentials; the same bytes again are fine."""
    values = _sent()
    return _received(_token(values), _bytes(values, "ballot"))


@pages.post("/s/draft")
@open_to_all
def draft() -> Any:
    """Keep a draft that only the browser can read, as JSON; 409 with the present one when that is not ``over``."""
    values = _sent()
    token = _token(values)
    content, over = _bytes(values, "draft"), _bytes(values, "over")
    with transaction(_context().engine) as session:
        present = answering.keep_draft(session, token, content, over, _now())
    return ("", 204) if present is None else (jsonify(draft=sealing.b64(present)), 409)


@pages.post("/s/decline")
@open_to_all
def decline() -> Any:
    """The reasons to choose from, then the decline itself."""
    return _step_aside("decline", DECLINE_REASONS)


@pages.post("/s/relation")
@open_to_all
def relation() -> Any:
    """The relationships to choose from, then the report itself."""
    return _step_aside("relation", RELATION_REASONS)


@pages.post("/s/undo")
@open_to_all
def undo() -> Any:
    """Take back a decline or a report, and go on with the survey."""
    token = _token(request.form)
    with transaction(_context().engine) as session:
        answering.take_back(session, token, _now())
    return _survey(token)


@pages.get("/s/resend")
@open_to_all
def resend_form() -> str:
    """Where to ask for one's links again."""
    return render_template("respond/resend.html", fault=False, address="")


@pages.post("/s/resend")
@open_to_all
def resend() -> Any:
    """Note the wish; the answer is the same whether the address is known, unknown or has answered."""
    address = request.form.get("address", "").strip()
    if not resending.looks_like_an_address(address):
        return render_template("respond/resend.html", fault=True, address=address[:254]), 422
    with transaction(_context().engine) as session:
        resending.wish(session, address)
    return render_template("respond/resend_done.html")


@pages.errorhandler(Refused)
def refused(error: Refused) -> Any:
    """A dead end that says what happened and what to do next."""
    token: bytes | None = g.get("token")
    contact = _context().settings.contact
    if error.code in spending.REFUSALS and token is not None:
        return screens.dead_end(error.code, contact, _look(token), _ticket(token)), STATUS[error.kind]
    known = {"unknown_link", "expired", "bad_ballot", "key_missing"}
    if error.code not in known:
        return problems.refused(error)
    return screens.dead_end(error.code, contact, given=_given()), STATUS[error.kind]


def _context() -> Context:
    found: Context = current_app.extensions["cermin"]
    return found


def _now() -> datetime:
    return _context().clock()


def _tickets() -> Tickets:
    return tickets_of(_context().settings.service_secrets)


def _ticket(token: bytes) -> str:
    return _tickets().issue(token)


def _token(values: Mapping[str, str]) -> bytes:
    g.token = token_of(values, _context().settings.service_secrets, _tickets())
    return bytes(g.token)


def _sent() -> dict[str, str]:
    values = request.get_json(silent=True)
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise invalid("bad_ballot", "Send a JSON object of strings.")
    g.language = values.get("lang") if values.get("lang") in LANGUAGES else None
    return values


def _bytes(values: Mapping[str, str], name: str) -> bytes:
    try:
        return sealing.unb64(values.get(name, ""))
    except ValueError as error:
        raise invalid("bad_ballot", f"The {name} is not base64url.") from error


def _given() -> dict[int, str]:
    """Answers that a form brought along, by position: also of a page that is too old to be taken."""
    found = {int(name[1:]): value for name, value in request.form.items() if _QUESTION.fullmatch(name)}
    return {at: value for at, value in found.items() if _CHOICE.fullmatch(value)}


def _survey(token: bytes, given: Mapping[int, str] | None = None, faults: Sequence[int] = ()) -> str:
    with glancing(_context().engine) as session:
        invited = _look_in(session, token)
        answering.require_open(invited)
        draft = answering.draft_of(session, token, invited)
    return screens.survey(invited, _ticket(token), draft, given or {}, faults)


def _list() -> Any:
    context = _context()
    key = list_of(request.form, context.settings.service_secrets, _tickets())
    with glancing(context.engine) as session:
        found = listing.look(session, key.token, _now())
    g.language = g.language or found.language
    if found.standing != "open":
        ticket = _tickets().issue(key.held)
        return screens.dead_end(found.standing, found.contact, found, ticket, switch_to="/s/list"), 409
    return lists.page(found, key, _tickets())


def _look(token: bytes) -> Invited:
    with glancing(_context().engine) as session:
        return _look_in(session, token)


def _look_in(session: Session, token: bytes) -> Invited:
    invited = answering.look(session, token, _now())
    g.language = g.language or invited.language
    return invited


def _received(token: bytes, ballot: bytes) -> str:
    with transaction(_context().engine) as session:
        accepted = accepting.submit(session, token, ballot, _now())
    if not g.language:
        _look(token)
    return screens.done(ballot, accepted.round_id, _context().settings.public_url, accepted.left)


def _step_aside(what: str, reasons: tuple[str, ...]) -> Any:
    token = _token(request.form)
    invited = _look(token)
    answering.require_open(invited)
    reason, sure = request.form.get("reason", ""), _sure(request.form.get("sure", ""))
    if reason not in reasons or not sure or "to" in request.form:
        fault = "asked" in request.form and "to" not in request.form
        page = render_template(
            "respond/aside.html",
            what=what,
            reasons=reasons,
            chosen=reason,
            missing=fault and reason not in reasons,
            unsure=fault and not sure,
            invited=invited,
            ticket=_ticket(token),
        )
        return page, 422 if fault else 200
    act = answering.decline if what == "decline" else answering.report_relation
    with transaction(_context().engine) as session:
        act(session, token, reason, _now())
    after = _look(token)
    return screens.dead_end(after.standing, _context().settings.contact, after, _ticket(token))


def _sure(word: str) -> bool:
    """Whether a person typed the word that is asked for; a program that presses everything types something else."""
    return word.strip().strip(".!\"'").casefold() in SURE
