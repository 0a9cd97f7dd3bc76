"""After the count: assessors' choices, objections and the end of a round, for the agency's own systems."""

from typing import Any
from uuid import UUID

from flask import g
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from scoring_service.api.contracts import RoundDetailSchema, Strict, context, engine, guarded, shelf
from scoring_service.usecases import assessments, assessors, finals, objections, results
from scoring_service.usecases.rules import Choice
from shared.database import reading, transaction
from shared.fields import Text

blueprint = Blueprint("workflow", __name__, url_prefix="/api/v1/results", description="Assessments and objections")
"""Whoever has ``assessments:write`` speaks for the assessors: give it only to a system where they sign in."""


class Assessment(Strict):
    """What the assessor of a ratee chose, in the categories of the round's policy."""

    assessor = Text(required=True, shortest=1, longest=64, metadata={"description": "employee number (NIP)"})
    overall = Text(required=True, shortest=1, longest=64)
    ratings = fields.Dict(keys=Text(shortest=1, longest=64), values=Text(shortest=1, longest=64), required=True)


class NamedAssessor(Strict):
    """Who assesses a ratee for whom the organisation names nobody."""

    assessor = Text(required=True, shortest=1, longest=64, metadata={"description": "employee number (NIP)"})
    name = Text(required=True, shortest=1, longest=200)


class UnnamedSchema(Schema):
    """A ratee without an assessor."""

    ratee = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)


class AwaitedSchema(Schema):
    """An assessor and how many ratees are still to be assessed; null where the organisation names none."""

    assessor = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    ratees = fields.Integer(required=True)


class AwaitedPage(Schema):
    """Whom a round waits for."""

    awaited = fields.List(fields.Nested(AwaitedSchema), required=True)
    unnamed = fields.List(
        fields.Nested(UnnamedSchema),
        required=True,
        metadata={"description": "at most 200 ratees for whom an assessor has to be named"},
    )


class ObjectionSchema(Schema):
    """An objection; `decision` is the reason that the superior gave."""

    ratee = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"description": "`open`, `dismissed` or `upheld`"})
    reason = fields.String(required=True)
    raised_at = fields.AwareDateTime(required=True)
    decider = fields.String(required=True, allow_none=True)
    decision = fields.String(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)


class ObjectionPage(Schema):
    """All objections of a round, the open ones first."""

    objections = fields.List(fields.Nested(ObjectionSchema), required=True)


@blueprint.get("/<uuid:round_id>/assessments")
@guarded(blueprint, "results:read", 404)
@blueprint.response(200, AwaitedPage)
def list_awaited(round_id: UUID) -> dict[str, Any]:
    """The assessors whose choice a round waits for."""
    with reading(engine()) as session:
        results.round_of(session, round_id)
        return {
            "awaited": assessments.awaited(session, round_id),
            "unnamed": assessors.unnamed(session, round_id),
        }


@blueprint.put("/<uuid:round_id>/assessors/<string:ratee>")
@guarded(blueprint, "results:write", 400, 404, 409, 422)
@blueprint.arguments(NamedAssessor)
@blueprint.response(204)
def put_assessor(body: dict[str, Any], round_id: UUID, ratee: str) -> None:
    """Name who assesses a ratee; until the choice is made another one may be named."""
    with transaction(engine()) as session:
        assessors.name_assessor(
            session, round_id, ratee, body["assessor"], body["name"], g.client, context().clock()
        )


@blueprint.put("/<uuid:round_id>/assessments/<string:ratee>")
@guarded(blueprint, "assessments:write", 400, 404, 409, 422)
@blueprint.arguments(Assessment)
@blueprint.response(204)
def put_assessment(body: dict[str, Any], round_id: UUID, ratee: str) -> None:
    """Keep what the assessor chose; until the release it may be sent again."""
    choice = Choice(body["overall"], body["ratings"])
    with transaction(engine()) as session:
        assessments.require_assessor(session, round_id, ratee, body["assessor"])
        assessments.take(session, round_id, ratee, choice, shelf(), g.client, context().clock())


@blueprint.get("/<uuid:round_id>/objections")
@guarded(blueprint, "results:read", 404)
@blueprint.response(200, ObjectionPage)
def list_objections(round_id: UUID) -> dict[str, Any]:
    """The objections of a round, the open ones first."""
    with reading(engine()) as session:
        results.round_of(session, round_id)
        return {"objections": objections.listed(session, round_id)}


@blueprint.post("/<uuid:round_id>/final")
@guarded(blueprint, "results:write", 404, 409)
@blueprint.response(200, RoundDetailSchema)
def end_round(round_id: UUID) -> Any:
    """Make a round final, when nobody may object any more; what waits for an assessor stays held."""
    with transaction(engine()) as session:
        finals.finish(session, round_id, g.client, context().clock())
        return results.round_of(session, round_id)
