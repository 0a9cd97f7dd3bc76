"""The results pages as a whole: their words, and the pages themselves."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
)

from scoring_service.console import audit_texts, figures, workflow, workflow_texts
from scoring_service.console.sentences import SENTENCES
from scoring_service.console.texts import TEXTS
from scoring_service.usecases import exports, results, work_result_files, work_results
from scoring_service.usecases import release as releasing
from scoring_service.usecases.exports import FORMATS, LAYOUTS, Wanted
from scoring_service.usecases.shelf import Shelf
from scoring_service.usecases.trail import names
from shared import audit
from shared.database import reading, transaction
from shared.errors import Refused
from shared.service import Context
from shared.web import sentences, texts, trail
from shared.web.access import staff
from shared.web.console import serve
from shared.web.downloads import download
from shared.web.sentences import say
from shared.web.texts import t

HOME = "/console/results/"
PAGE = 50
MOST_ROUNDS = 500


READS = {
    "results_pages.round": "results.read",
    "results_pages.figures": "results.read",
    "results_pages.audit": "audit.read",
}
"""Pages of results: looking at them is in the audit trail; a single score and a file are recorded by themselves."""


def register(app: Flask) -> None:
    """Add the results pages to the app of the scoring service."""
    blueprint = Blueprint("results_pages", __name__, url_prefix="/console/results", template_folder="templates")
    blueprint.add_url_rule("/", view_func=home)
    blueprint.add_url_rule("/audit", view_func=audit_trail, endpoint="audit")
    blueprint.add_url_rule("/<uuid:round_id>", view_func=show, endpoint="round")
    blueprint.add_url_rule("/<uuid:round_id>/way", view_func=way)
    blueprint.add_url_rule("/<uuid:round_id>/figures", view_func=figures.show, endpoint="figures")
    blueprint.add_url_rule("/<uuid:round_id>/scores/<string:ratee>", view_func=score)
    blueprint.add_url_rule("/<uuid:round_id>/scores.csv", view_func=export)
    blueprint.add_url_rule("/<uuid:round_id>/files/<string:layout>.<string:kind>", view_func=released_file)
    blueprint.add_url_rule("/<uuid:round_id>/work-results", view_func=take, methods=["GET", "POST"])
    blueprint.add_url_rule("/<uuid:round_id>/release", view_func=release, methods=["GET", "POST"])
    workflow.add(blueprint)
    texts.install(app, TEXTS)
    texts.install(app, workflow_texts.TEXTS)
    texts.install(app, audit_texts.TEXTS)
    sentences.install(app, SENTENCES)
    serve(app, blueprint, reads=READS)


@staff("hr", "viewer", "auditor")
def home() -> Any:
    """Rounds that scoring knows, the latest period first."""
    with reading(_here().engine) as session:
        found = results.rounds(session, None, MOST_ROUNDS)
    found = sorted(found, key=lambda row: row["period"]["end"], reverse=True)
    return render_template("results/rounds.html", rounds=found)


@staff("hr", "auditor")
def audit_trail() -> str:
    """What was done with results and with keys. An auditor is not told how anybody was rated."""
    return trail.page(_here(), names, untold=("overall",) if g.staff.role == "auditor" else ())


@staff("hr", "viewer", "auditor")
def show(round_id: UUID) -> Any:
    """One round: how far it is, what the guard says, and the scores unless the reader audits."""
    unit, after = request.args.get("unit") or None, request.args.get("after") or None
    with reading(_here().engine) as session:
        row = results.round_of(session, round_id)
        units = results.units(session, round_id)
        given = results.with_work_result(session, round_id)
        page = results.scores(
            session, round_id, released=False, unit=unit if unit in units else None, after=after, limit=PAGE
        )
        onward = workflow.of_round(session, row)
        done = results.progress(session, results.found(session, round_id))
    seen = g.staff.role != "auditor"
    return render_template(
        "results/round.html",
        round=row,
        page=page if seen else results.Page((), None),
        seen=seen,
        units=units,
        values={"unit": unit or ""},
        given=given,
        first=after is None,
        done=done,
        **onward,
    )


@staff("hr", "viewer", "auditor")
def way(round_id: UUID) -> Any:
    """How far the work on a round is, for the script of its page: ``over`` when it is not ``in`` that state."""
    with reading(_here().engine) as session:
        row = results.found(session, round_id)
        done = results.progress(session, row)
    if done is None or row.state != request.args.get("in"):
        return jsonify({"over": True})
    return jsonify({"over": False, "done": done[0], "total": done[1]})


@staff("hr", "viewer")
def score(round_id: UUID, ratee: str) -> Any:
    """Everything that may be shown of one score. Reading it is recorded."""
    with transaction(_here().engine) as session:
        row = results.round_of(session, round_id)
        found = results.score_of(session, round_id, ratee, released=False)
        titles = results.titles(session, round_id)
        onward = workflow.of_score(session, round_id, ratee)
        audit.record(session, _here().clock(), g.staff.id, "score.read", f"{round_id}/{ratee}")
    return render_template(
        "results/score.html", round=row, score=found, table=found["table"], titles=titles, **onward
    )


@staff("hr")
def export(round_id: UUID) -> Response:
    """All scores of a round as a file that spreadsheets open. Recorded in the audit."""
    return _file(Wanted(round_id, "scores", released=False), "csv")


@staff("hr")
def released_file(round_id: UUID, layout: str, kind: str) -> Response:
    """Released scores in the columns of another system, of one unit if given. Recorded in the audit."""
    if layout not in LAYOUTS or kind not in FORMATS:
        abort(404)
    return _file(Wanted(round_id, layout, released=True, unit=request.args.get("unit") or None), kind)


@staff("hr")
def take(round_id: UUID) -> Any:
    """Import work results: all lines or none, with every fault by row and column."""
    with reading(_here().engine) as session:
        row = results.round_of(session, round_id)
    if request.method == "GET":
        return _work_results(row)
    given = request.files.get("file")
    if given is None or not given.filename:
        return _work_results(row, fault=t("work.no_file")), 422
    try:
        entries = work_result_files.read(given.read())
        with transaction(_here().engine) as session:
            done = work_results.take(session, round_id, entries, _shelf(), g.staff.id, _here().clock())
    except Refused as refusal:
        return _work_results(row, refusal=refusal), 409 if refusal.kind == "conflict" else 422
    flash(t("work.done", new=done.new, changed=done.changed, same=done.unchanged), "good")
    if done.capped:
        flash(t("work.capped", count=done.capped), "info")
    return redirect(f"{HOME}{round_id}", 303)


@staff("hr")
def release(round_id: UUID) -> Any:
    """Release all scores of a round, after a look at what the guard says; however often the button is pressed."""
    onward = redirect(f"{HOME}{round_id}", 303)
    with reading(_here().engine) as session:
        row = results.round_of(session, round_id)
        given = results.with_work_result(session, round_id)
    if row["state"] in ("releasing", "released", "final"):
        flash(t("release.already"), "info")
        return onward
    if request.method == "GET" or not request.form.get("sure"):
        fault = {"sure": t("release.unsure")} if request.method == "POST" else {}
        return _release(row, given, fault), 422 if fault else 200
    try:
        with transaction(_here().engine) as session:
            releasing.release(session, round_id, _here().clock(), g.staff.id)
    except Refused as refusal:
        flash(say(refusal.detail), "bad")
        return onward
    flash(t("release.done"), "good")
    return onward


def _file(wanted: Wanted, kind: str) -> Response:
    here, shelf = _here(), _shelf()
    with transaction(here.engine) as session:
        exports.note(session, wanted, kind, g.staff.id, here.clock())
    return download(
        here.engine,
        lambda session: exports.pieces(session, wanted, shelf, kind, bom=True),
        exports.name_of(wanted, kind),
    )


def _release(row: Mapping[str, Any], given: int, errors: Mapping[str, str]) -> str:
    return render_template("results/release.html", round=row, given=given, errors=errors)


def _work_results(row: Mapping[str, Any], fault: str = "", refusal: Refused | None = None) -> str:
    errors = {"file": fault} if fault else {}
    return render_template("results/work_results.html", round=row, errors=errors, refusal=refusal)


def _here() -> Context:
    context: Context = current_app.extensions["cermin"]
    return context


def _shelf() -> Shelf:
    shelf: Shelf = current_app.extensions["cermin_policies"]
    return shelf
