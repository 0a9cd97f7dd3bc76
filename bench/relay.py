"""The outbox's way to a quorum queue, against pika publishing the same bytes with confirms in a window."""

import pika
import sqlalchemy as sa
from pika.adapters.select_connection import SelectConnection

from bench import apart, letters
from bench.servers import Servers
from bench.targets import RELAY, Measured
from shared.config import load
from shared.database import reading, transaction
from shared.events import LetterRequested
from shared.host import Host, queue_of
from shared.messaging import outbox
from shared.messaging.envelope import write
from shared.messaging.tables import outbox as rows
from shared.sealing import make_key, public_part

WINDOW = 1000


def measure(servers: Servers, events: int) -> list[Measured]:
    """The row: requests for letters, the most numerous of all private events."""
    product, other = servers.product("relay"), servers.product("relay-reference")
    apart.run(stored, product, events)
    bodies, _ = apart.run(written, product)
    seconds, peak = apart.run(relayed, product, events)
    floor, _ = apart.run(published, other, bodies)
    figure = f"{events / seconds:,.0f}/s"
    return [Measured(RELAY, figure, f"{events / floor:,.0f}/s", floor / seconds, (("relay", peak),))]


def stored(environment: dict[str, str], events: int) -> None:
    """Fill the outbox."""
    host = Host(load(environment), ["survey"])
    host.declare()
    made = list(letters.requests(public_part(make_key()), events))
    with transaction(host.services["survey"].engine) as session:
        outbox.publish(session, made)
    host.close()


def written(environment: dict[str, str]) -> list[bytes]:
    """The bytes that will be published."""
    import json

    host = Host(load(environment), ["survey"])
    secrets = host.settings.event_secrets
    with reading(host.services["survey"].engine) as session:
        found = [
            write(row.type, row.event_id, row.subject, row.time, json.loads(row.data), secrets)
            for row in session.execute(sa.select(rows).order_by(rows.c.position))
        ]
    host.close()
    return found


def relayed(environment: dict[str, str], events: int) -> float:
    """Relay until the outbox is empty; seconds."""
    host = Host(load(environment), ["survey"])
    host.broker.depth(queue_of("notifier").name)
    left = events
    with apart.stopwatch() as seconds:
        while left:
            left -= outbox.relay(
                host.services["survey"].engine, host.broker, host.settings.event_secrets, host.clock
            )
    assert host.broker.depth(queue_of("notifier").name) == events
    host.close()
    return seconds[0]


def published(environment: dict[str, str], bodies: list[bytes]) -> float:
    """pika alone: seconds from the first message to the last confirm."""
    host = Host(load(environment), ["survey"])
    host.declare()
    host.close()
    sent = confirmed = 0
    open_tags: set[int] = set()

    def pump(channel: pika.channel.Channel) -> None:
        nonlocal sent
        while sent < len(bodies) and len(open_tags) < WINDOW:
            properties = pika.BasicProperties(delivery_mode=2, message_id=str(sent))
            channel.basic_publish(
                LetterRequested.exchange, LetterRequested.type, bodies[sent], properties, mandatory=True
            )
            sent += 1
            open_tags.add(sent)

    def answered(channel: pika.channel.Channel, method: pika.spec.Basic.Ack) -> None:
        nonlocal confirmed
        assert isinstance(method, pika.spec.Basic.Ack)
        tags = (
            [tag for tag in open_tags if tag <= method.delivery_tag] if method.multiple else [method.delivery_tag]
        )
        open_tags.difference_update(tags)
        confirmed += len(tags)
        if confirmed == len(bodies):
            connection.close()
        else:
            pump(channel)

    def opened(channel: pika.channel.Channel) -> None:
        channel.confirm_delivery(lambda frame: answered(channel, frame.method), callback=lambda _: pump(channel))

    connection = SelectConnection(
        pika.URLParameters(environment["CERMIN_BROKER_URL"]),
        on_open_callback=lambda it: it.channel(on_open_callback=opened),
        on_close_callback=lambda it, _: it.ioloop.stop(),
    )
    with apart.stopwatch() as seconds:
        connection.ioloop.start()
    return seconds[0]
