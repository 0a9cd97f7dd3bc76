"""Released scores for whoever appraises: by round, unit and ratee, and the feed of all that was published."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import RAISE

from scoring_service.api.contracts import (
    FeedPage,
    FeedQuery,
    PackageSchema,
    ReleasedQuery,
    ScorePage,
    ScoreSchema,
    engine,
    guarded,
)
from scoring_service.usecases import feed, provenance, results
from shared.database import reading

blueprint = Blueprint("scores", __name__, url_prefix="/api/v1/scores", description="Released scores")
"""Nothing here shows a score before its release."""


@blueprint.get("")
@guarded(blueprint, "scores:read", 404, 422)
@blueprint.arguments(ReleasedQuery, location="query", unknown=RAISE)
@blueprint.response(200, ScorePage)
def list_released(query: dict[str, Any]) -> dict[str, Any]:
    """Released scores of a round by employee number, of one unit if given."""
    with reading(engine()) as session:
        page = results.scores(session, query.pop("round_id"), released=True, **query)
    return {"scores": page.rows, "next": page.after}


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
