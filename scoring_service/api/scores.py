"""Released scores for whoever appraises: by round, unit and ratee, and the feed of all that was published."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from marshmallow import RAISE

from scoring_service.api.contracts import (
    FeedPage,
    FeedQuery,
    FileQuery,
    PackageSchema,
    ReleasedQuery,
    ScorePage,
    ScoreSchema,
    engine,
    file_answer,
    guarded,
)
from scoring_service.usecases import feed, provenance, results
from scoring_service.usecases.exports import Wanted
from shared.database import reading
from shared.web.downloads import MIMETYPES

blueprint = Blueprint("scores", __name__, url_prefix="/api/v1/scores", description="Released scores")
"""Nothing here shows a score before its release."""
_FILE = {"type": "string", "format": "binary"}


@blueprint.get("")
@guarded(blueprint, "scores:read", 404, 422)
@blueprint.arguments(ReleasedQuery, location="query", unknown=RAISE)
@blueprint.response(200, ScorePage)
def list_released(query: dict[str, Any]) -> dict[str, Any]:
    """Released scores of a round by employee number, of one unit if given."""
    with reading(engine()) as session:
        page = results.scores(session, query.pop("round_id"), released=True, **query)
    return {"scores": page.rows, "next": page.after}


@blueprint.get("/<uuid:round_id>/file")
@guarded(blueprint, "scores:read", 404, 409, 422)
@blueprint.arguments(FileQuery, location="query", unknown=RAISE)
@blueprint.doc(responses={"200": {"content": {kind: {"schema": _FILE} for kind in MIMETYPES.values()}}})
@blueprint.response(200, _FILE, content_type=MIMETYPES["xlsx"])
def released_file(query: dict[str, Any], round_id: UUID) -> Response:
    """Released scores as CSV or XLSX, of one unit if given; held ones say why. Recorded in the audit."""
    wanted = Wanted(round_id, query["layout"], released=True, unit=query.get("unit"))
    return file_answer(wanted, query["format"])


@blueprint.get("/feed")
@guarded(blueprint, "scores:read", 422)
@blueprint.arguments(FeedQuery, location="query", unknown=RAISE)
@blueprint.response(200, FeedPage)
def read_feed(query: dict[str, Any]) -> feed.Page:
    """Public events after a cursor: a subscriber that was away reads here what it missed."""
    with reading(engine()) as session:
        return feed.read(session, query.get("after"), query["limit"])


@blueprint.get("/<uuid:round_id>/<string:ratee>")
@guarded(blueprint, "scores:read", 404)
@blueprint.response(200, ScoreSchema)
def show_released(round_id: UUID, ratee: str) -> Any:
    """The released score of one ratee."""
    with reading(engine()) as session:
        return results.score_of(session, round_id, ratee, released=True)


@blueprint.get("/<uuid:round_id>/<string:ratee>/provenance")
@guarded(blueprint, "scores:read", 404)
@blueprint.response(200, PackageSchema)
def show_provenance(round_id: UUID, ratee: str) -> Any:
    """How a released score was made: policy text, inputs, weights, rounding, digests; to compute it again."""
    with reading(engine()) as session:
        return provenance.package_of(session, round_id, ratee)
