"""Rounds of scoring for the personnel office's own systems: states, provisional scores, work results, release."""

from typing import Any
from uuid import UUID

from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import RAISE

from scoring_service.api.contracts import (
    ImportedSchema,
    RoundDetailSchema,
    RoundPage,
    RoundQuery,
    ScorePage,
    ScoreQuery,
    StatisticsSchema,
    UnitQuery,
    UnitsQuery,
    UnitsSchema,
    WorkResults,
    context,
    engine,
    file_answer,
    guarded,
    shelf,
)
from scoring_service.usecases import release as releasing
from scoring_service.usecases import results, work_result_files, work_results
from scoring_service.usecases.exports import Wanted
from shared.database import reading, transaction

blueprint = Blueprint("results", __name__, url_prefix="/api/v1", description="Rounds of scoring")
"""Everything here needs ``results:read`` or ``results:write``."""


@blueprint.get("/results")
@guarded(blueprint, "results:read", 422)
@blueprint.arguments(RoundQuery, location="query", unknown=RAISE)
@blueprint.response(200, RoundPage)
def list_rounds(query: dict[str, Any]) -> dict[str, Any]:
    """Rounds with their states and problems."""
    with reading(engine()) as session:
        found = results.rounds(session, query.get("after"), query["limit"] + 1)
    shown = found[: query["limit"]]
    return {"rounds": shown, "next": shown[-1]["id"] if len(found) > len(shown) else None}


@blueprint.get("/results/<uuid:round_id>")
@guarded(blueprint, "results:read", 404)
@blueprint.response(200, RoundDetailSchema)
def show_round(round_id: UUID) -> Any:
    """One round: how far counting is, what was refused, what the guard says."""
    with reading(engine()) as session:
        return results.round_of(session, round_id)


@blueprint.get("/results/<uuid:round_id>/scores")
@guarded(blueprint, "results:read", 404, 422)
@blueprint.arguments(ScoreQuery, location="query", unknown=RAISE)
@blueprint.response(200, ScorePage)
def list_scores(query: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """Scores of a round, provisional ones included; `state` tells them apart."""
    with reading(engine()) as session:
        page = results.scores(session, round_id, released=False, **query)
    return {"scores": page.rows, "next": page.after}


@blueprint.get("/results/<uuid:round_id>/scores.csv")
@guarded(blueprint, "results:read", 404, 409, 422)
@blueprint.arguments(UnitQuery, location="query", unknown=RAISE)
@blueprint.response(200, {"type": "string"}, content_type="text/csv")
def export_scores(query: dict[str, Any], round_id: UUID) -> Response:
    """All scores of a round as CSV, provisional ones included; no cell is a formula. Recorded in the audit."""
    wanted = Wanted(round_id, "scores", released=False, unit=query.get("unit"))
    return file_answer(wanted, "csv")


@blueprint.get("/results/<uuid:round_id>/statistics")
@guarded(blueprint, "results:read", 404, 409)
@blueprint.response(200, StatisticsSchema)
def show_statistics(round_id: UUID) -> dict[str, Any]:
    """Agreement, reliability and consistency of a counted round."""
    with reading(engine()) as session:
        return {"figures": results.statistics(session, round_id)}


@blueprint.get("/results/<uuid:round_id>/units")
@guarded(blueprint, "results:read", 404, 409, 422)
@blueprint.arguments(UnitsQuery, location="query", unknown=RAISE)
@blueprint.response(200, UnitsSchema)
def show_units(query: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """Means and distribution of predicates by unit, and which limits of the policy they exceed."""
    with reading(engine()) as session:
        policy = shelf().thaw(results.found(session, round_id))
        return {"units": results.unit_figures(session, round_id, policy, query.get("organisation"))}


@blueprint.post("/results/<uuid:round_id>/release")
@guarded(blueprint, "results:write", 404, 409)
@blueprint.response(202, RoundDetailSchema)
def release_round(round_id: UUID) -> Any:
    """Release all scores of a round that is `scored`; they are published in the background."""
    with transaction(engine()) as session:
        releasing.release(session, round_id, context().clock(), g.client)
        return results.round_of(session, round_id)


@blueprint.post("/work-results/<uuid:round_id>")
@guarded(blueprint, "results:write", 400, 404, 409, 413, 422)
@blueprint.arguments(WorkResults)
@blueprint.response(200, ImportedSchema)
def post_work_results(body: dict[str, Any], round_id: UUID) -> work_results.Imported:
    """Work results as JSON: all are kept or none; the same again changes nothing."""
    entries = [
        work_results.Entry(
            one["nip"], one["work_result"], one["new_idea"], f"results.{at}.nip", f"results.{at}.work_result"
        )
        for at, one in enumerate(body["results"])
    ]
    return _take(round_id, entries)


@blueprint.post("/work-results/<uuid:round_id>/csv")
@guarded(blueprint, "results:write", 404, 409, 413, 422)
@blueprint.doc(requestBody={"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}})
@blueprint.response(200, ImportedSchema)
def post_work_results_csv(round_id: UUID) -> work_results.Imported:
    """Work results as CSV with the columns `NIP, Nilai SKP, Ide Baru` (or `nip, work_result, new_idea`)."""
    return _take(round_id, work_result_files.read(request.get_data(cache=False)))


def _take(round_id: UUID, entries: Any) -> work_results.Imported:
    with transaction(engine()) as session:
        return work_results.take(session, round_id, entries, shelf(), g.client, context().clock())
