"""``cermin doctor``: looks at everything and says in plain words what is well and what needs a person."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Literal
from urllib.parse import urlsplit

import click
import sqlalchemy as sa

from shared.config import SERVICES, BadSettings, Settings, load
from shared.health import readiness
from shared.host import Host, queue_of
from shared.logs import configure
from shared.service import Service

Verdict = Literal["ok", "look", "MEND"]
Finding = tuple[Verdict, str, str]
ROOM = 1024**3
"""Bytes that should be free on the disk of the data folder."""
SKEW = 5.0
"""Seconds by which clocks may differ: leases and deadlines are compared across machines."""


@click.command()
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
def doctor(services: Sequence[str]) -> None:
    """Look at everything SERVICES (default: all three) need; exit code 1 when something needs a person."""
    try:
        settings = load()
    except BadSettings as problem:
        click.echo(f"MEND  settings: {problem}")
        sys.exit(1)
    configure("CRITICAL")
    bad, host = 0, Host(settings, services or SERVICES)
    for verdict, what, finding in examine(host):
        click.echo(f"{verdict:<5} {what}{': ' if finding else ''}{finding}")
        bad += verdict == "MEND"
    host.close()
    click.echo("Nothing needs you." if not bad else f"{bad} finding(s) need you.")
    sys.exit(1 if bad else 0)


def examine(host: Host) -> Iterator[Finding]:
    """Every look with what it found; nothing is changed."""
    yield "ok", "settings", ""
    yield from _address(host.settings)
    yield from _disk(host.settings)
    for what, problem in readiness(host.services.values(), host.broker):
        yield ("MEND", what, problem) if problem else ("ok", what, "")
    for service in host.services.values():
        yield from _clock(host, service)
        yield from _dead_letters(host, service)
        yield from _diagnosis(service)


def _address(settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.public_url)
    if parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1", "::1"}:
        yield "ok", "address of the pages", ""
        return
    yield (
        "look",
        "address of the pages",
        f"{settings.public_url} is not HTTPS: the server will seal answers, not the browser. Put a proxy in front.",
    )


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    enough = free >= ROOM
    yield (
        "ok" if enough else "MEND",
        "disk",
        "" if enough else f"only {free // 1024**2} MiB are free below {folder}: make room.",
    )


def _clock(host: Host, service: Service) -> Iterator[Finding]:
    if service.engine.dialect.name != "postgresql":
        return
    try:
        with service.engine.connect() as connection:
            there = connection.scalar(sa.text("SELECT clock_timestamp()"))
    except sa.exc.SQLAlchemyError:
        return  # said already
    skew = abs((host.clock() - there.astimezone(UTC)).total_seconds())
    what = f"{service.name} clock"
    if skew <= SKEW:
        yield "ok", what, ""
    else:
        yield "MEND", what, f"differs from the database's by {skew:.0f} seconds: let both follow a time server."


def _dead_letters(host: Host, service: Service) -> Iterator[Finding]:
    what = f"{service.name} dead letters"
    try:
        found = len(host.broker.dead_letters(queue_of(service.name).name, limit=1000))
    except Exception:
        yield "look", what, "cannot be counted: the broker does not answer, or no service has been started yet."
        return
    advice = f"{found} message(s) were given up: see `cermin dead-letters list {service.name}`."
    yield ("MEND", what, advice) if found else ("ok", what, "")


def _diagnosis(service: Service) -> Iterator[Finding]:
    what = f"{service.name} in depth"
    try:
        found = service.diagnosis()
    except sa.exc.SQLAlchemyError as error:
        yield "MEND", what, f"the database does not answer: {type(error).__name__}"
        return
    yield from ([("MEND", what, one) for one in found] or [("ok", what, "")])
