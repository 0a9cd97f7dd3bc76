"""The scoring service, put together: handlers, jobs, API, commands and readiness checks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from scoring_service import commands
from scoring_service.api import policies, results, scores, workflow
from scoring_service.console import pages as console
from scoring_service.reports import pages as reports
from scoring_service.reports.sentences import SENTENCES
from scoring_service.tables import SCORING
from scoring_service.usecases import (
    assessments,
    boxes,
    counting,
    finals,
    keys,
    notices,
    reconciling,
    release,
    rounds,
)
from scoring_service.usecases import scores as scoring
from scoring_service.usecases.receipts import Calendar
from scoring_service.usecases.shelf import Shelf
from shared.database import reading, transaction
from shared.events import (
    BallotsSealed,
    Event,
    NoticeMailed,
    NotifierKey,
    RoundAbandoned,
    RoundLaunched,
    RoundRoster,
    RoundSealed,
)
from shared.keystore import KeyStore, open_keystore
from shared.sealing import unb64
from shared.service import Context, Handler, Job, Service
from shared.web import sentences

PREFIXES = (
    "/console/results",
    "/reports",
    "/api/v1/scores",
    "/api/v1/results",
    "/api/v1/work-results",
    "/api/v1/appraisals",
    "/api/v1/policies",
    "/api/v1/scoring",
    "/static/scoring",
)


def build(context: Context) -> Service:
    """The service on this context's database, key store and clock."""
    keystore = open_keystore(context.settings.keystore_url)
    shelf = Shelf(context.settings.data_dir / "policies")
    return Service(
        name="scoring",
        metadata=SCORING,
        migrations="scoring_service.migrations",
        engine=context.engine,
        handlers=_handlers(context, shelf, keystore),
        jobs=_jobs(context, shelf, keystore),
        register=partial(_register, shelf=shelf),
        prefixes=PREFIXES,
        commands=commands.of(context, keystore, shelf),
        checks={
            "rounds": partial(_broken_rounds, context),
            "round keys": partial(_missing_keys, context, keystore),
        },
        diagnosis=partial(_reconciled, context),
    )


def _handlers(context: Context, shelf: Shelf, keystore: KeyStore) -> Mapping[str, Handler]:
    def launch(session: Session, events: Sequence[Event]) -> None:
        rounds.launch(session, _data(events), shelf, keystore, context.clock())

    def open_boxes(session: Session, events: Sequence[Event]) -> None:
        boxes.take(session, _data(events), shelf, keystore)

    def keep_key(session: Session, events: Sequence[Event]) -> None:
        for data in _data(events):
            notices.keep_key(session, unb64(data["public_key"]), data["fingerprint"])

    def mailed(session: Session, events: Sequence[Event]) -> None:
        outcomes = [(data["notice_id"], data["outcome"]) for data in _data(events)]
        notices.settle(session, outcomes, Calendar(shelf, context.settings.timezone), context.clock())

    return {
        NotifierKey.type: keep_key,
        NoticeMailed.type: mailed,
        RoundLaunched.type: launch,
        RoundRoster.type: lambda session, events: rounds.enrol(session, _data(events)),
        BallotsSealed.type: open_boxes,
        RoundAbandoned.type: lambda session, events: rounds.abandon(session, _data(events)),
        RoundSealed.type: lambda session, events: rounds.promise(session, _data(events)),
    }


def _data(events: Sequence[Event]) -> Sequence[Mapping[str, Any]]:
    return [event.data for event in events]


def _jobs(context: Context, shelf: Shelf, keystore: KeyStore) -> Sequence[Job]:
    def often(name: str, run: Callable[[], int]) -> Job:
        return Job(name, timedelta(seconds=2), run)

    def seldom(name: str, run: Callable[[], int]) -> Job:
        return Job(name, timedelta(seconds=60), run)

    return (
        often("count", partial(count, context, keystore)),
        often("score", partial(score, context, shelf)),
        often("release", partial(publish, context)),
        often("send notices", partial(send_notices, context)),
        seldom("end objections", partial(end_objections, context)),
        seldom("mend rounds", partial(_mend, context, shelf, keystore)),
        seldom("watch keys", partial(_watch_keys, context, keystore)),
    )


def count(context: Context, keystore: KeyStore) -> int:
    """Reconcile rounds whose manifest is here, then destroy their keys and say so; returns how many moved on."""
    with reading(context.engine) as session:
        waiting = [(round_id, counting.root_of(session, round_id)) for round_id in counting.to_reconcile(session)]
    moved = 0
    for round_id, root in waiting:
        with transaction(context.engine) as session:
            moved += counting.reconcile(session, round_id, root) == "reconciled"
    with reading(context.engine) as session:
        reconciled = counting.to_finish(session)
    for round_id in reconciled:
        keystore.destroy(keys.name_of(round_id))
        counting.sweep(context.engine)
        with transaction(context.engine) as session:
            moved += counting.finish(session, round_id, context.clock())
    return moved


def score(context: Context, shelf: Shelf) -> int:
    """Score one batch of each counted round, and call complete what is; returns how many ratees and rounds."""
    return sum(_score_one(context, shelf, round_id) for round_id in _ids(context, scoring.to_compute))


def publish(context: Context) -> int:
    """Publish one piece of each round that is being released; returns how many ratees and rounds."""
    did = 0
    for round_id in _ids(context, release.to_publish):
        with transaction(context.engine) as session:
            did += release.publish(session, round_id)
    return did


def send_notices(context: Context) -> int:
    """Make and hand over the links of one batch of notices; returns how many."""
    settings = context.settings
    doors = notices.Doors(settings.public_url, settings.service_secrets)
    with transaction(context.engine) as session:
        return notices.dispatch(session, doors, str(settings.timezone), context.clock())


def end_objections(context: Context) -> int:
    """Make rounds final whose time for objections is over; returns how many."""
    ended = 0
    for round_id in _ids(context, finals.due):
        with transaction(context.engine) as session:
            ended += finals.finish_due(session, round_id, context.clock())
    return ended


def _score_one(context: Context, shelf: Shelf, round_id: UUID) -> int:
    with transaction(context.engine) as session:
        done = scoring.compute(session, round_id, shelf)
    if done:
        return done
    with transaction(context.engine) as session:
        settled = scoring.settle(session, round_id, context.clock())
        if settled:
            assessments.ask(session, round_id, context.clock())
        return int(settled)


def _mend(context: Context, shelf: Shelf, keystore: KeyStore) -> int:
    with transaction(context.engine) as session:
        return rounds.mend(session, shelf, keystore, context.clock())


def _watch_keys(context: Context, keystore: KeyStore) -> int:
    with transaction(context.engine) as session:
        return keys.note_lost(session, keystore)


def _ids(context: Context, query: Callable[[Session], Sequence[UUID]]) -> Sequence[UUID]:
    with reading(context.engine) as session:
        return query(session)


def _register(app: Flask, shelf: Shelf) -> None:
    app.extensions["cermin_policies"] = shelf
    for blueprint in (results.blueprint, workflow.blueprint, scores.blueprint, policies.blueprint):
        app.extensions["cermin_api"].register_blueprint(blueprint)
    console.register(app)
    reports.register(app)
    sentences.install(app, SENTENCES)


def _reconciled(context: Context) -> Sequence[str]:
    with reading(context.engine) as session:
        return list(reconciling.findings(session))


def _broken_rounds(context: Context) -> str | None:
    with reading(context.engine) as session:
        found = rounds.broken(session)
    return "; ".join(f"round {name}: {detail}" for name, detail in found) or None


def _missing_keys(context: Context, keystore: KeyStore) -> str | None:
    try:
        with reading(context.engine) as session:
            lost = [key.name for key in keys.states(session, keystore) if key.state == "lost"]
    except OSError as error:
        return f"the key store does not answer: {type(error).__name__}"
    return f"the private key is not in the key store: {', '.join(lost)}" if lost else None
