"""Commands for the operator about messages: dead letters are looked at, put back or dropped by a person."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from shared.config import SERVICES, load
from shared.host import make_broker, queue_of
from shared.logs import blank, configure
from shared.messaging.broker import Broker, DeadLetter


@click.group("dead-letters")
def dead_letters() -> None:
    """Messages that were given up: look at them, retry them, drop them."""


_service = click.argument("service", type=click.Choice(SERVICES))
_ids = click.argument("ids", nargs=-1)
_everything = click.option("--all", "everything", is_flag=True, help="Every dead letter of the service.")


@dead_letters.command("list")
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1), help="So many a service.")
def show(services: Sequence[str], limit: int) -> None:
    """Show the dead letters of SERVICES (default: all three), oldest first, without their content."""
    with _broker() as broker:
        found = [letter for name in services or SERVICES for letter in broker.dead_letters(_queue(name), limit)]
    for letter in found:
        click.echo(_line(letter))
    click.echo(f"{len(found)} dead letter(s)", err=True)


@dead_letters.command()
@_service
@_ids
@_everything
def retry(service: str, ids: Sequence[str], everything: bool) -> None:
    """Put dead letters of SERVICE back in its queue, with no attempts counted: those with IDS, or --all."""
    chosen = _chosen(ids, everything)
    with _broker() as broker:
        count = broker.retry_dead(_queue(service), chosen)
    _say(count, chosen, "put back")


@dead_letters.command()
@_service
@_ids
@_everything
@click.confirmation_option(prompt="What they say is then lost. Drop them?")
def drop(service: str, ids: Sequence[str], everything: bool) -> None:
    """Forget dead letters of SERVICE for good: those with IDS, or --all."""
    chosen = _chosen(ids, everything)
    with _broker() as broker:
        count = broker.drop_dead(_queue(service), chosen)
    _say(count, chosen, "dropped")


@contextmanager
def _broker() -> Iterator[Broker]:
    settings = load()
    configure(settings.log_level)
    broker = make_broker(settings.broker_url)
    if problem := broker.check():
        raise click.ClickException(problem)
    try:
        broker.declare([queue_of(name) for name in SERVICES])
        yield broker
    finally:
        broker.close()


def _queue(service: str) -> str:
    return queue_of(service).name


def _line(letter: DeadLetter) -> str:
    when = letter.at.isoformat(timespec="seconds") if letter.at else "-"
    return "\t".join([letter.queue, letter.id, letter.topic, when, str(letter.attempts), blank(letter.reason)])


def _chosen(ids: Sequence[str], everything: bool) -> list[str] | None:
    if everything == bool(ids):
        raise click.UsageError("Name the ids (`cermin dead-letters list` shows them) or say --all.")
    return None if everything else list(ids)


def _say(count: int, chosen: Sequence[str] | None, what: str) -> None:
    click.echo(f"{count} dead letter(s) {what}")
    if chosen is not None and count < len(set(chosen)):
        raise click.ClickException("Some ids are not among the dead letters of this service.")
