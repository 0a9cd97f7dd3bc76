"""Questionnaires."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from shared.database import reading
from survey_service.api.calls import call, engine
from survey_service.api.schemas import QuestionnaireOut, Questionnaires
from survey_service.usecases import questionnaires


def make() -> Blueprint:
    """The calls about questionnaires."""
    calls = Blueprint("api_questionnaires", __name__, url_prefix="/api/v1", description="Questionnaires")

    @calls.route("/questionnaires")
    @call(calls, "questionnaires:read")
    @calls.doc(summary="All questionnaires, newest version first")
    @calls.response(200, Questionnaires)
    def list_questionnaires() -> dict[str, Any]:
        with reading(engine()) as session:
            return {"items": questionnaires.listing(session)}

    @calls.route("/questionnaires/<uuid:questionnaire_id>")
    @call(calls, "questionnaires:read", 404)
    @calls.doc(summary="One questionnaire with all its words")
    @calls.response(200, QuestionnaireOut)
    def show_questionnaire(questionnaire_id: UUID) -> Any:
        with reading(engine()) as session:
            return questionnaires.find(session, questionnaire_id)

    return calls
