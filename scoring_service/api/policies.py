"""Policies: which there are, and a preview of what one makes of given numbers."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from scoring_service.api.appraisal import INPUT
from scoring_service.api.contracts import Strict, guarded, shelf
from scoring_service.usecases.appraisals import preview
from shared.fields import Text

blueprint = Blueprint("policies", __name__, url_prefix="/api/v1", description="Policies and previews")
"""Nothing here touches a round."""


class ShelfSchema(Schema):
    """One policy; `problem` says why it cannot be used (a template without its table), null when it can."""

    id = fields.String(required=True)
    version = fields.Integer(required=True, allow_none=True)
    title = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    regime = fields.String(required=True, allow_none=True)
    digest = fields.String(required=True, allow_none=True)
    own = fields.Boolean(required=True, metadata={"description": "from the agency's folder"})
    problem = fields.String(required=True, allow_none=True)


class ShelfPage(Schema):
    """All policies, by id."""

    policies = fields.List(fields.Nested(ShelfSchema), required=True)


@blueprint.get("/policies")
@guarded(blueprint, "policies:read")
@blueprint.response(200, ShelfPage)
def list_policies() -> dict[str, Any]:
    """All policies on the shelf, those that cannot be used with the reason."""
    return {"policies": shelf().all()}


class PreviewInput(Strict):
    """What to appraise, by which policy."""

    policy = Text(required=True, shortest=1, longest=64, metadata={"description": "an id of the list of policies"})
    input = fields.Dict(keys=fields.String(), required=True, metadata=INPUT)


class StepSchema(Schema):
    """One step of the way to the number."""

    rule = fields.String(required=True)
    numbers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    basis = fields.String(required=True)


class PreviewSchema(Schema):
    """What the policy makes of it; numbers are decimal text."""

    policy = fields.Dict(keys=fields.String(), required=True)
    status = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    others = fields.String(required=True, allow_none=True)
    behaviour = fields.String(required=True, allow_none=True)
    recommendation = fields.String(required=True, allow_none=True)
    aspects = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), required=True)
    total = fields.String(required=True, allow_none=True)
    banded_as = fields.String(required=True, allow_none=True)
    predicate = fields.String(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True)
    external_codes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    flags = fields.List(fields.String(), required=True)
    self_other_gap = fields.String(required=True, allow_none=True)
    weights = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    path = fields.List(fields.Nested(StepSchema), required=True)


@blueprint.post("/appraisals/preview")
@guarded(blueprint, "policies:read", 400, 404, 413, 422)
@blueprint.arguments(PreviewInput)
@blueprint.response(200, PreviewSchema)
def preview_appraisal(body: dict[str, Any]) -> dict[str, Any]:
    """Try a policy on typed values; nothing is stored or sent."""
    return preview(shelf().find(body["policy"]), body["input"])
