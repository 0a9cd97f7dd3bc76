"""The rater's screens for staff who look at a questionnaire: same template, nobody's link, nothing is sent."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, g, make_response, request

from shared.config import LANGUAGES
from shared.database import reading
from shared.errors import missing
from shared.service import Context
from shared.web.access import staff
from shared.web.app import CSP
from shared.web.texts import t
from survey_service.domain.raters import PEER, RELATIONS
from survey_service.respond import screens
from survey_service.respond.texts import moment
from survey_service.usecases import questionnaires
from survey_service.usecases.answering import Invited

preview = Blueprint("preview", __name__, template_folder="templates")
FRAMED = CSP.replace("form-action 'self'", "form-action 'none'").replace("ancestors 'none'", "ancestors 'self'")
"""A page of ours may show the screens inside it, and no browser sends their forms anywhere."""
NOBODY = UUID(int=0)
USUAL_THRESHOLD = 3


@preview.get("/console/questionnaires/<uuid:questionnaire_id>/screens/<string:lang>")
@staff("hr", "viewer")
def show(questionnaire_id: UUID, lang: str) -> Response:
    """What a rater would see of this version, in one language; ``relation`` and ``leads`` say of whom."""
    if lang not in LANGUAGES:
        raise missing("language_unknown", "The languages are id and en.")
    g.language = lang
    with reading(_context().engine) as session:
        body = questionnaires.find(session, questionnaire_id).body
    invited = _somebody(body)
    values = dict.fromkeys(("ticket", "bound", "draft"), "")
    values |= {"name": invited.ratee_name, "post": invited.ratee_post}
    values["until"] = moment(invited.until, invited.timezone)
    answer = make_response(screens.page(invited, values, template="respond/preview.html"))
    answer.headers["Content-Security-Policy"] = FRAMED
    return answer


def _somebody(body: dict[str, Any]) -> Invited:
    """An invitation that nobody has, with made-up words where those of a round would stand."""
    context, relation = _context(), request.args.get("relation", "")
    now = context.clock().replace(minute=0)
    until = now + timedelta(days=14)
    return Invited(
        invitation=NOBODY,
        round_id=NOBODY,
        ratee="",
        relation=relation if relation in RELATIONS else PEER,
        state="pending",
        reason=None,
        ratee_name=t("rater.preview.ratee"),
        ratee_post=t("rater.preview.post"),
        leadership="leads" in request.args,
        sole=True,
        language=g.language,
        round_name=t("rater.preview.round"),
        authority=t("rater.preview.authority"),
        contact=context.settings.contact,
        opens_at=now,
        until=until,
        timezone=str(context.settings.timezone),
        threshold=USUAL_THRESHOLD,
        body=body,
        public_key=None,
        standing="open",
    )


def _context() -> Context:
    found: Context = current_app.extensions["cermin"]
    return found
