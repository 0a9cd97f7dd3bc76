"""Puts the survey service together: handlers, jobs, commands and web surfaces."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from shared.database import reading, transaction
from shared.events import Event
from shared.sealing import unb64
from shared.service import Context, Handler, Job, Service
from survey_service import api, respond
from survey_service.commands import commands
from survey_service.console import pages
from survey_service.console.commands import staff_commands
from survey_service.tables import SURVEY
from survey_service.usecases import (
    accounts,
    advancing,
    closing,
    letters,
    notices,
    opening,
    outages,
    progress,
    questionnaires,
    reminders,
    resending,
    sweeping,
    tasks,
)
from survey_service.usecases.long_work import Worker


def build(context: Context) -> Service:
    """The survey service on ``context``; nothing runs yet."""
    return Service(
        name="survey",
        metadata=SURVEY,
        migrations="survey_service.migrations",
        engine=context.engine,
        handlers=_handlers(context),
        jobs=_jobs(context),
        register=_register,
        prefixes=("",),
        commands=(*commands(context), staff_commands(context)),
        checks={"round keys": lambda: _late_keys(context)},
        welcome=lambda: _welcome(context),
    )


def _register(app: Flask) -> None:
    """Add the web surfaces."""
    api.install(app)
    respond.install(app)
    pages.register(app)


def _handlers(context: Context) -> dict[str, Handler]:
    def notifier_key(session: Session, events: Sequence[Event]) -> None:
        for event in events:
            opening.keep_notifier_key(session, unb64(event.data["public_key"]), event.data["fingerprint"])

    def round_key(session: Session, events: Sequence[Event]) -> None:
        for event in events:
            data = event.data
            opening.keep_round_key(session, data["round_id"], unb64(data["public_key"]), data["fingerprint"])

    def round_counted(session: Session, events: Sequence[Event]) -> None:
        for event in events:
            data = event.data
            closing.counted(
                session, data["round_id"], data["merkle_root"], data["counted"], data["refused"], context.clock()
            )

    def round_key_destroyed(session: Session, events: Sequence[Event]) -> None:
        for event in events:
            closing.key_destroyed(session, event.data["round_id"], event.data["fingerprint"], context.clock())

    def round_advanced(session: Session, events: Sequence[Event]) -> None:
        for event in events:
            advancing.advance(session, event.data["round_id"], event.data["state"])

    def slips(session: Session, events: Sequence[Event]) -> None:
        for event in events:
            data = event.data
            letters.slips_printed(session, data["round_id"], data["sheets"], data["by"], context.clock())

    def mails(session: Session, events: Sequence[Event]) -> None:
        letters.settle_mails(session, [(event.data["letter_id"], event.data.get("reason")) for event in events])

    return {
        "notifier.key.v1": notifier_key,
        "round.key.v1": round_key,
        "round.counted.v1": round_counted,
        "round.key.destroyed.v1": round_key_destroyed,
        "round.advanced.v1": round_advanced,
        "notice.requested.v1": notices.address,
        "slips.printed.v1": slips,
        "mail.accepted.v1": mails,
        "mail.refused.v1": mails,
    }


def _jobs(context: Context) -> tuple[Job, ...]:
    def job(name: str, every: timedelta, work: Callable[[Session, datetime], int]) -> Job:
        def run() -> int:
            with transaction(context.engine) as session:
                return work(session, context.clock())

        return Job(name, every, run)

    def grant_wishes(session: Session, now: datetime) -> int:
        return resending.grant_wishes(session, now, now.astimezone(context.settings.timezone).date())

    def close_due(session: Session, now: datetime) -> int:
        outages.notice(session, now)  # first, so that nothing closes before an outage is known
        return closing.close_due(session, now)

    return (
        job("load questionnaires", timedelta(hours=1), lambda session, _: questionnaires.load_shipped(session)),
        job("open rounds", timedelta(seconds=2), opening.open_due),
        job("ask for letters", timedelta(seconds=1), letters.dispatch),
        job("send reminders", timedelta(minutes=1), reminders.send_due),
        job("send links again", timedelta(seconds=20), grant_wishes),
        job("close rounds", timedelta(seconds=5), close_due),
        job("hand over ballots", timedelta(seconds=1), closing.hand_over),
        job("count progress", timedelta(minutes=1), progress.recount),
        job("forget letters", timedelta(minutes=10), lambda session, _: letters.forget_done(session)),
        Job("long work", timedelta(seconds=1), worker(context).work),
        job("forget long work", timedelta(hours=1), tasks.forget_old),
        Job("sweep files", sweeping.often(context.engine), lambda: sweeping.sweep(context.engine)),
    )


def worker(context: Context) -> Worker:
    """Does long work for the pages."""
    settings = context.settings
    return Worker(context.engine, context.clock, settings.public_url, settings.service_secrets)


def _welcome(context: Context) -> list[str]:
    url = context.settings.public_url
    with reading(context.engine) as session:
        known = accounts.any_account(session)
    pages = [f"Raters: {url}/s", f"Personnel office: {url}/console"]
    advice = "Nobody can sign in yet: cermin staff add LOGIN --name NAME --role hr"
    return pages if known else [*pages, advice]


def _late_keys(context: Context) -> str | None:
    with reading(context.engine) as session:
        late = opening.waiting_for_key(session, context.clock())
    return f"scoring has not sent the key of {len(late)} launched round(s): is it running?" if late else None
