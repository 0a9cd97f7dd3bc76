"""The console as a whole: one blueprint, the words of its pages, and who counts as signed in."""

from uuid import UUID

from flask import Blueprint, Flask, Response, g, request

from shared.database import reading
from shared.service import Context
from shared.staff import Staff
from shared.web import sentences, texts
from shared.web.access import keep_signed_in
from shared.web.console import serve
from survey_service.console import (
    accounts,
    audit,
    data,
    editing,
    importing,
    launching,
    own_account,
    people,
    questionnaires,
    raters,
    rounds,
    running,
    sign_in,
    tasks,
    wizard,
)
from survey_service.console.sentences import SENTENCES
from survey_service.console.texts import TEXTS
from survey_service.usecases.accounts import is_known

PARTS = (
    sign_in,
    own_account,
    accounts,
    rounds,
    wizard,
    launching,
    tasks,
    running,
    raters,
    people,
    importing,
    questionnaires,
    editing,
    data,
    audit,
)
"""Each adds its pages to the console."""


READS = {
    "console.people": "people.read",
    "console.accounts": "accounts.read",
    "console.page": "audit.read",
    "console.data": "data.read",
    "console.plan": "plan.read",
    "console.mails": "letters.read",
    "console.rater": "letters.read",
}
"""Pages with names of people, or with what was done: looking at them is in the audit trail."""


def register(app: Flask) -> None:
    """Add the console to the app of the survey service."""
    context: Context = app.extensions["cermin"]
    blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
    for part in PARTS:
        part.add_to(blueprint)
    texts.install(app, TEXTS)
    sentences.install(app, SENTENCES)
    app.extensions["cermin_staff_known"] = lambda person: _known(context, person)
    app.after_request(_renew)
    serve(app, blueprint, reads=READS)


def _known(context: Context, person: Staff) -> bool:
    try:
        UUID(person.id), UUID(person.session)
    except ValueError:
        return False
    with reading(context.engine) as session:
        return is_known(session, person, context.clock())


def _renew(response: Response) -> Response:
    """Every page of a signed-in person renews the cookie that the scoring service believes for 15 minutes."""
    if "staff" in g and request.blueprint == "console" and request.endpoint != "console.sign_out":
        keep_signed_in(response, g.staff)
    return response
