"""Rounds and what is done with them."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import url_for
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from shared.database import reading, transaction
from survey_service.api import schemas
from survey_service.api.calls import actor, call, context, engine, now
from survey_service.domain.raters import Group
from survey_service.domain.rounds import STEPS, Draft
from survey_service.domain.schedule import schedule_from
from survey_service.domain.steps import stepped
from survey_service.usecases import closing, launch, letters, outages, progress, rounds

_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "where the new round is"}}


def make() -> Blueprint:
    """The calls about rounds."""
    calls = Blueprint("api_rounds", __name__, url_prefix="/api/v1", description="Rounds")
    _drafts(calls)
    _looks(calls)
    _acts(calls)
    return calls


def _drafts(calls: Blueprint) -> None:
    @calls.route("/rounds", methods=["POST"])
    @call(calls, "rounds:write", 400, 409, 413, 415, 422)
    @calls.doc(summary="Make a draft")
    @calls.arguments(schemas.RoundForm)
    @calls.response(201, schemas.RoundOut, headers=_LOCATION)
    def create_round(form: dict[str, Any]) -> Any:
        draft = Draft(**{"seed": _seed(), **_plain(form)})
        return _made(lambda session: rounds.create(session, draft, now(), actor()))

    @calls.route("/rounds/<uuid:round_id>/clone", methods=["POST"])
    @call(calls, "rounds:write", 400, 404, 409, 413, 415, 422)
    @calls.doc(summary="Make a draft like this round")
    @calls.arguments(schemas.CloneForm)
    @calls.response(201, schemas.RoundOut, headers=_LOCATION)
    def clone_round(form: dict[str, Any], round_id: UUID) -> Any:
        return _made(lambda session: rounds.clone(session, round_id, form, _seed(), now(), actor()))

    @calls.route("/rounds/<uuid:round_id>", methods=["PATCH"])
    @call(calls, "rounds:write", 400, 404, 409, 413, 415, 422)
    @calls.doc(summary="Change a draft")
    @calls.arguments(schemas.RoundChanges(partial=tuple(schemas.RoundForm().fields)))
    @calls.response(200, schemas.RoundOut)
    def edit_round(form: dict[str, Any], round_id: UUID) -> Any:
        changes = _plain(form)
        revision = changes.pop("revision")
        with transaction(engine()) as session:
            rounds.edit(session, round_id, revision, changes, now(), actor())
            return _shown(rounds.find(session, round_id))


def _looks(calls: Blueprint) -> None:
    @calls.route("/rounds")
    @call(calls, "rounds:read", 422)
    @calls.doc(summary="Rounds by name")
    @calls.arguments(schemas.Page, location="query")
    @calls.response(200, schemas.Rounds)
    def list_rounds(query: dict[str, Any]) -> dict[str, Any]:
        with reading(engine()) as session:
            found = rounds.listing(session, query["after"], query["limit"])
        more = found[-1].name if len(found) == query["limit"] else None
        return {"items": [_shown(row) for row in found], "next": more}

    @calls.route("/rounds/<uuid:round_id>")
    @call(calls, "rounds:read", 404)
    @calls.doc(summary="One round")
    @calls.response(200, schemas.RoundOut)
    def show_round(round_id: UUID) -> Any:
        with reading(engine()) as session:
            return _shown(rounds.find(session, round_id))

    @calls.route("/rounds/<uuid:round_id>/preview")
    @call(calls, "rounds:read", 404)
    @calls.doc(summary="What a launch now would ask for, and what cannot be satisfied")
    @calls.response(200, schemas.Preview)
    def preview_round(round_id: UUID) -> dict[str, Any]:
        with reading(engine()) as session:
            plan = launch.preview(session, round_id)
        asked = [rater for one in plan.ratees for raters in one.raters.values() for rater in raters]
        counts = {"ratees": len(plan.ratees), "invitations": len(asked), "raters": len(set(asked))}
        return {**counts, "shortfalls": plan.shortfalls}

    @calls.route("/rounds/<uuid:round_id>/progress")
    @call(calls, "rounds:read", 404)
    @calls.doc(summary="Progress in steps, as of the last count")
    @calls.response(200, schemas.ProgressOut)
    def show_progress(round_id: UUID) -> Any:
        with reading(engine()) as session:
            return progress.show(session, round_id)


def _acts(calls: Blueprint) -> None:
    @calls.route("/rounds/<uuid:round_id>/launch", methods=["POST"])
    @call(calls, "rounds:write", 404, 409)
    @calls.doc(summary="Launch a draft")
    @calls.response(200, schemas.LaunchedOut)
    def launch_round(round_id: UUID) -> Any:
        settings = context().settings
        with transaction(engine()) as session:
            return launch.launch(
                session,
                round_id,
                now(),
                public_url=settings.public_url,
                service_secrets=settings.service_secrets,
                actor=actor(),
            )

    @calls.route("/rounds/<uuid:round_id>/close", methods=["POST"])
    @call(calls, "rounds:write", 404, 409)
    @calls.doc(summary="End answering now")
    @calls.response(200, schemas.RoundOut)
    def close_round(round_id: UUID) -> Any:
        with transaction(engine()) as session:
            closing.close(session, round_id, now(), actor())
            return _shown(rounds.find(session, round_id))

    @calls.route("/rounds/<uuid:round_id>/remind", methods=["POST"])
    @call(calls, "rounds:write", 404, 409)
    @calls.doc(summary="Remind everybody who has not answered, at most once a day")
    @calls.response(200, schemas.Reminded)
    def remind_round(round_id: UUID) -> Any:
        with transaction(engine()) as session:
            day = now().astimezone(ZoneInfo(rounds.find(session, round_id).timezone)).date()
            return {"letters": stepped(letters.remind(session, round_id, now(), day, actor()))}

    @calls.route("/rounds/<uuid:round_id>/extend", methods=["POST"])
    @call(calls, "rounds:write", 400, 404, 409, 413, 415, 422)
    @calls.doc(summary="Move the deadline; whoever has something left to answer gets a mail")
    @calls.arguments(schemas.ExtendForm)
    @calls.response(200, schemas.RoundOut)
    def extend_round(form: dict[str, Any], round_id: UUID) -> Any:
        with transaction(engine()) as session:
            outages.extend(session, round_id, form["closes_at"], now(), actor())
            return _shown(rounds.find(session, round_id))

    @calls.route("/rounds/<uuid:round_id>/cancel", methods=["POST"])
    @call(calls, "rounds:write", 400, 404, 409, 413, 415, 422)
    @calls.doc(summary="Give up a round; its ballots and links are deleted")
    @calls.arguments(schemas.CancelForm)
    @calls.response(200, schemas.RoundOut)
    def cancel_round(form: dict[str, Any], round_id: UUID) -> Any:
        with transaction(engine()) as session:
            closing.cancel(session, round_id, form["name"], now(), actor())
            return _shown(rounds.find(session, round_id))


def _made(work: Callable[[Session], UUID]) -> Any:
    with transaction(engine()) as session:
        row = rounds.find(session, work(session))
    return _shown(row), 201, {"Location": url_for("api_rounds.show_round", round_id=row.id)}


def _plain(form: Mapping[str, Any]) -> dict[str, Any]:
    plain = dict(form)
    if "groups" in form:
        plain["groups"] = {relation: Group(**numbers) for relation, numbers in form["groups"].items()}
    if "schedule" in form:
        plain["schedule"] = schedule_from(form["schedule"])
    return plain


def _shown(row: sa.Row[Any]) -> dict[str, Any]:
    return {**row._mapping, "next_states": sorted(STEPS[row.state])}


def _seed() -> int:
    """Chance decides who is sampled; the number is kept so that it can be repeated."""
    return secrets.randbelow(2**31)
