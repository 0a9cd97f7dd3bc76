"""What the API accepts and answers, and how a route documents its refusals."""

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, g
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy.engine import Engine

from scoring_service.usecases import exports
from scoring_service.usecases.exports import FORMATS, LAYOUTS, Wanted
from scoring_service.usecases.shelf import Shelf
from shared.database import transaction
from shared.fields import DecimalText, Text
from shared.service import Context
from shared.web.access import requires
from shared.web.downloads import download
from shared.web.problems import ProblemSchema

MOST_RESULTS = 50_000
PROBLEM = "application/problem+json"
MEANINGS = {
    400: "The body is not JSON.",
    401: "The key is missing, unknown or revoked.",
    403: "The key lacks the scope.",
    404: "There is no such thing, or none that may be seen.",
    409: "The present state does not allow it.",
    413: "The body is too large.",
    422: "The input does not fit; `errors` lists every fault.",
}


def guarded(blueprint: Blueprint, scope: str, *refusals: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only for API clients with ``scope``; documents the refusals beside 401 and 403."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        for status in (401, 403, *refusals):
            view = blueprint.alt_response(
                status, schema=ProblemSchema, content_type=PROBLEM, description=MEANINGS[status]
            )(view)
        documented: Callable[..., Any] = blueprint.doc(security=[{"key": []}])(view)
        return requires(scope)(documented)

    return decorate


def context() -> Context:
    """What this service was built from."""
    found: Context = current_app.extensions["cermin"]
    return found


def engine() -> Engine:
    """The database of this service."""
    return context().engine


def file_answer(wanted: Wanted, kind: str) -> Response:
    """A file of scores as a stream, after the audit has noted who takes it."""
    here, policies = context(), shelf()
    with transaction(here.engine) as session:
        exports.note(session, wanted, kind, g.client, here.clock())
    return download(
        here.engine,
        lambda session: exports.pieces(session, wanted, policies, kind),
        exports.name_of(wanted, kind),
    )


def shelf() -> Shelf:
    """The policies of this service."""
    found: Shelf = current_app.extensions["cermin_policies"]
    return found


class Strict(Schema):
    """Input: a field or parameter that is not known is a fault, not noise."""

    class Meta:
        """Unknown names are refused."""

        unknown = RAISE


def limit_field(most: int, default: int) -> fields.Integer:
    """How many rows a page holds at most."""
    return fields.Integer(load_default=default, validate=validate.Range(min=1, max=most))


class RoundQuery(Strict):
    """Rounds by id."""

    after = fields.UUID(metadata={"description": "id of the last round of the page before"})
    limit = limit_field(200, 50)


class ScoreQuery(Strict):
    """Scores by employee number."""

    unit = Text(shortest=1, longest=200)
    after = Text(shortest=1, longest=64, metadata={"description": "`next` of the page before"})
    limit = limit_field(1000, 100)


class ReleasedQuery(ScoreQuery):
    """Released scores of one round."""

    round_id = fields.UUID(required=True)


class UnitQuery(Strict):
    """Of one unit, or of all."""

    unit = Text(shortest=1, longest=200)


class UnitsQuery(Strict):
    """The predicate of the organisation itself, where a limit of the policy depends on it (`istimewa`)."""

    organisation = Text(shortest=1, longest=64)


class FileQuery(UnitQuery):
    """Which file: `ekinerja` has the columns people key into e-Kinerja, `siasn` the fields of SIASN clients."""

    layout = fields.String(load_default="ekinerja", validate=validate.OneOf(LAYOUTS))
    format = fields.String(load_default="xlsx", validate=validate.OneOf(FORMATS))


class FeedQuery(Strict):
    """The feed from a cursor on."""

    after = Text(shortest=1, longest=64, metadata={"description": "`cursor` of the page before"})
    limit = limit_field(1000, 200)


class PeriodSchema(Schema):
    """The appraisal period: first and last day, both included."""

    start = fields.Date(required=True)
    end = fields.Date(required=True)


class PolicySchema(Schema):
    """Which rules made the number; version and digest are null while the round is broken."""

    id = fields.String(required=True)
    version = fields.Integer(required=True, allow_none=True)
    digest = fields.String(required=True, allow_none=True)


class TroubleSchema(Schema):
    """What keeps a round from going on."""

    code = fields.String(required=True)
    detail = fields.String(required=True)


class RoundSchema(Schema):
    """A round as scoring knows it."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    period = fields.Nested(PeriodSchema, required=True)
    policy = fields.Nested(PolicySchema, required=True)
    threshold = fields.Integer(required=True)
    ratees = fields.Integer(required=True)
    counted = fields.Integer(required=True, allow_none=True)
    refused = fields.Integer(required=True, allow_none=True)
    key_destroyed_at = fields.AwareDateTime(required=True, allow_none=True)
    released_at = fields.AwareDateTime(required=True, allow_none=True)
    ids_digest = fields.String(required=True, allow_none=True)
    final_at = fields.AwareDateTime(required=True, allow_none=True)
    problem = fields.Nested(TroubleSchema, required=True, allow_none=True)


class ProgressSchema(Schema):
    """How many there are to come and how many are here; expected is null until the manifest came."""

    expected = fields.Integer(required=True, allow_none=True)
    here = fields.Integer(required=True)


class VerdictSchema(Schema):
    """What the guard says: how many scores may be shown, how many are held and why."""

    scored = fields.Integer(required=True)
    held = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class RoundDetailSchema(RoundSchema):
    """A round with how far counting is."""

    boxes = fields.Nested(ProgressSchema, required=True)
    ballots = fields.Nested(ProgressSchema, required=True)
    refused_reasons = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    verdict = fields.Nested(VerdictSchema, required=True)


class AspectFigures(Schema):
    """Decimal text in steps of 0.1, never above 0.9 (which means "or more"); null: not available."""

    rwg = fields.String(required=True, allow_none=True)
    icc_1 = fields.String(required=True, allow_none=True)
    icc_1_k = fields.String(required=True, allow_none=True)
    cronbach_alpha = fields.String(required=True, allow_none=True)
    spearman_brown = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "reliability of the mean of 3, 5 and 10 raters, foretold from the `icc_1` shown"},
    )


class Figures(Schema):
    """Quality of the instrument over a whole round, by aspect; never of a rater.

    `straight_lines`, `ceilings` and `lenient` are shares of the raters, null when too few or too many were meant.
    """

    aspects = fields.Dict(keys=fields.String(), values=fields.Nested(AspectFigures), required=True)
    raters = fields.Integer(required=True)
    straight_lines = fields.String(required=True, allow_none=True)
    ceilings = fields.String(required=True, allow_none=True)
    lenient = fields.String(required=True, allow_none=True)


class StatisticsSchema(Schema):
    """``figures`` is null over too few ratees."""

    figures = fields.Nested(Figures, required=True, allow_none=True)


class UnitFiguresSchema(Schema):
    """A unit (null: everybody). Hidden below five ratees, and where it would follow by subtraction."""

    unit = fields.String(required=True, allow_none=True)
    hidden = fields.String(required=True, allow_none=True)
    ratees = fields.Integer(required=True, allow_none=True)
    mean = fields.String(required=True, allow_none=True, metadata={"description": "of behaviour, to one place"})
    predicates = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "whole percent"}
    )
    limits = fields.List(
        fields.String(), required=True, metadata={"description": "which limits of the policy are exceeded"}
    )


class UnitsSchema(Schema):
    """Information; nothing of it is ever applied to a score."""

    units = fields.List(fields.Nested(UnitFiguresSchema), required=True)


class RoundPage(Schema):
    """Some rounds; ``next`` is the ``after`` of the next page, null at the end."""

    rounds = fields.List(fields.Nested(RoundSchema), required=True)
    next = fields.UUID(required=True, allow_none=True)


class ScoreSchema(Schema):
    """A score; a held one carries its reason and no number, here as everywhere."""

    round_id = fields.UUID(required=True)
    ratee = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    version = fields.Integer(required=True)
    supersedes = fields.Integer(
        required=True, allow_none=True, metadata={"description": "the version that this one takes the place of"}
    )
    state = fields.String(
        required=True, metadata={"description": "`provisional`, `released`, `corrected` or `final`"}
    )
    status = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    behaviour = DecimalText(required=True, allow_none=True)
    total = DecimalText(required=True, allow_none=True)
    predicate = fields.String(required=True, allow_none=True)
    n_band = fields.String(required=True, allow_none=True)
    policy = fields.Nested(PolicySchema, required=True)
    table = fields.Dict(
        keys=fields.String(), required=True, allow_none=True, metadata={"description": "all that may be shown"}
    )


class ScorePage(Schema):
    """Some scores; ``next`` is the ``after`` of the next page, null at the end."""

    scores = fields.List(fields.Nested(ScoreSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class PackageSchema(Schema):
    """All that is needed to compute the official value of one score again; `examples/recompute.py` does it.

    Of a held score it holds the reason and no number. `inputs` are exact (`num/den`); peers and subordinates are
    in them as one number, which the official value tells anyhow.
    """

    format = fields.String(required=True)
    round_id = fields.UUID(required=True)
    ratee = fields.String(required=True)
    version = fields.Integer(required=True)
    period = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    policy = fields.Dict(keys=fields.String(), required=True, metadata={"description": "with the text of its file"})
    questionnaire = fields.Dict(keys=fields.String(), required=True)
    threshold = fields.Integer(required=True)
    merkle_root = fields.String(required=True, allow_none=True)
    status = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    inputs = fields.Dict(keys=fields.String())
    inputs_key = fields.String()
    inputs_digest = fields.String(
        metadata={"description": "as in the event: HMAC-SHA256 of `inputs` by `inputs_key`"}
    )
    weights = fields.Dict(keys=fields.String(), values=fields.String())
    n = fields.Dict(keys=fields.String(), values=fields.String())
    hidden = fields.Dict(keys=fields.String(), values=fields.String())
    flags = fields.List(fields.String())
    rounding = fields.Dict(keys=fields.String())
    result = fields.Dict(keys=fields.String())
    shown = fields.Dict(keys=fields.String())


class FeedEvent(Schema):
    """One public event: id, type, subject, time and the data of its contract."""

    id = fields.String(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True)
    time = fields.AwareDateTime(required=True)
    data = fields.Dict(keys=fields.String(), required=True)


class FeedPage(Schema):
    """Some events in the order in which they became visible; go on with ``cursor``, also when none came."""

    events = fields.List(fields.Nested(FeedEvent), required=True)
    cursor = fields.String(required=True)
    more = fields.Boolean(required=True)


class WorkResult(Strict):
    """One work result. ``work_result`` is decimal text, or a category where the policy has a matrix."""

    nip = Text(required=True, shortest=1, longest=64)
    work_result = Text(required=True, shortest=1, longest=40)
    new_idea = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class WorkResults(Strict):
    """Work results of a round; all or none are kept."""

    results = fields.List(
        fields.Nested(WorkResult), required=True, validate=validate.Length(min=1, max=MOST_RESULTS)
    )


class ImportedSchema(Schema):
    """What an import did; ``capped`` counts values above the policy's ceiling."""

    new = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    capped = fields.Integer(required=True)
