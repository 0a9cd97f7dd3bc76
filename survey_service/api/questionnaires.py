"""Questionnaires: read, made, changed until they are published."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import url_for
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from shared.database import reading, transaction
from survey_service.api import schemas
from survey_service.api.calls import actor, call, engine, now
from survey_service.usecases import questionnaire_versions as versions
from survey_service.usecases import questionnaires

_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "where the new version is"}}
_ONE = "/questionnaires/<uuid:questionnaire_id>"


def make() -> Blueprint:
    """The calls about questionnaires."""
    calls = Blueprint("api_questionnaires", __name__, url_prefix="/api/v1", description="Questionnaires")
    _looks(calls)
    _new(calls)
    _changes(calls)
    return calls


def _looks(calls: Blueprint) -> None:
    @calls.route("/questionnaires")
    @call(calls, "questionnaires:read")
    @calls.doc(summary="All questionnaires, newest version first")
    @calls.response(200, schemas.Questionnaires)
    def list_questionnaires() -> dict[str, Any]:
        with reading(engine()) as session:
            return {"items": questionnaires.listing(session)}

    @calls.route(_ONE)
    @call(calls, "questionnaires:read", 404)
    @calls.doc(summary="One questionnaire with all its words")
    @calls.response(200, schemas.QuestionnaireOut)
    def show_questionnaire(questionnaire_id: UUID) -> Any:
        with reading(engine()) as session:
            return questionnaires.find(session, questionnaire_id)


def _new(calls: Blueprint) -> None:
    @calls.route("/questionnaires", methods=["POST"])
    @call(calls, "questionnaires:write", 400, 409, 413, 415, 422)
    @calls.doc(summary="Make a questionnaire with a code of its own")
    @calls.arguments(schemas.NewQuestionnaire)
    @calls.response(201, schemas.QuestionnaireOut, headers=_LOCATION)
    def create_questionnaire(form: dict[str, Any]) -> Any:
        return _made(lambda session: versions.create(session, form, now(), actor()))

    @calls.route(f"{_ONE}/versions", methods=["POST"])
    @call(calls, "questionnaires:write", 404, 409)
    @calls.doc(summary="Make a version with the words of this one")
    @calls.response(201, schemas.QuestionnaireOut, headers=_LOCATION)
    def branch_questionnaire(questionnaire_id: UUID) -> Any:
        return _made(lambda session: versions.branch(session, questionnaire_id, now(), actor()))


def _changes(calls: Blueprint) -> None:
    @calls.route(_ONE, methods=["PUT"])
    @call(calls, "questionnaires:write", 400, 404, 409, 413, 415, 422)
    @calls.doc(summary="Change the words of an own version; behaviours and points stay")
    @calls.arguments(schemas.QuestionnaireChange)
    @calls.response(200, schemas.QuestionnaireOut)
    def edit_questionnaire(form: dict[str, Any], questionnaire_id: UUID) -> Any:
        with transaction(engine()) as session:
            versions.edit(session, questionnaire_id, form["digest"], form["body"], now(), actor(), finished=True)
            return questionnaires.find(session, questionnaire_id)

    @calls.route(f"{_ONE}/publish", methods=["POST"])
    @call(calls, "questionnaires:write", 400, 404, 409, 413, 415, 422)
    @calls.doc(summary="Lock the words of an own version, before a round does")
    @calls.arguments(schemas.QuestionnairePublish)
    @calls.response(200, schemas.QuestionnaireOut)
    def publish_questionnaire(form: dict[str, Any], questionnaire_id: UUID) -> Any:
        with transaction(engine()) as session:
            versions.publish(session, questionnaire_id, form["digest"], now(), actor())
            return questionnaires.find(session, questionnaire_id)


def _made(work: Callable[[Session], UUID]) -> Any:
    with transaction(engine()) as session:
        row = questionnaires.find(session, work(session))
    address = url_for("api_questionnaires.show_questionnaire", questionnaire_id=row.id)
    return row, 201, {"Location": address}
