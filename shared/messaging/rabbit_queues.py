"""What lies in RabbitMQ for one of our queues: the queue, its retries, its dead letters, its patterns.

========================  =========================================================================
``<queue>``               what arrives; a message that even the delivery limit gives up goes to ``.dead``
``<queue>.retry``         waits for its time (per message), then returns to ``<queue>``
``<queue>.dead``          given up, with the reason in a header, until a person decides
``<queue>.bindings``      one message: the patterns now bound, because AMQP cannot list them
========================  =========================================================================

Arguments are constants: RabbitMQ refuses to declare a queue again with others (406), so other arguments need
other names. All are quorum queues: they outlive a node, and their confirms are safe on disk.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from shared.events import PRIVATE, PUBLIC
from shared.messaging.broker import Queue

Connect = Callable[[], pika.ConnectionParameters]

EXCHANGES = (PUBLIC, PRIVATE)
TOPIC, ATTEMPTS, REASON, AT = "cermin-topic", "cermin-attempts", "cermin-reason", "cermin-at"
"""Headers of our own: RabbitMQ's counters differ between versions and its routing key changes on the way."""

DELIVERY_LIMIT = 50
"""Deliveries that ended without any answer (the consumer died): the last net behind our own attempt counter."""
_SAFE: Mapping[str, Any] = {
    "x-queue-type": "quorum",
    "x-overflow": "reject-publish",
    "x-dead-letter-strategy": "at-least-once",
    "x-dead-letter-exchange": "",
}
_NEVER = 1_000_000_000


def _arguments(queue: str) -> Mapping[str, Mapping[str, Any]]:
    return {
        queue: {**_SAFE, "x-dead-letter-routing-key": f"{queue}.dead", "x-delivery-limit": DELIVERY_LIMIT},
        f"{queue}.retry": {**_SAFE, "x-dead-letter-routing-key": queue},
        # looking at a message counts as a delivery, so these two must not have a limit within reach
        f"{queue}.dead": {"x-queue-type": "quorum", "x-delivery-limit": _NEVER},
        f"{queue}.bindings": {"x-queue-type": "quorum", "x-delivery-limit": _NEVER},
    }


def declare(channel: BlockingChannel, queues: Sequence[Queue]) -> None:
    """Make exchanges, queues and bindings; ``channel`` is in confirm mode."""
    for exchange in EXCHANGES:
        channel.exchange_declare(exchange, "topic", durable=True)
    for queue in queues:
        for name, arguments in _arguments(queue.name).items():
            channel.queue_declare(name, durable=True, arguments=dict(arguments))
        _bind(channel, queue)


def _bind(channel: BlockingChannel, queue: Queue) -> None:
    """Bind first, unbind afterwards: at no moment is a wanted message without its queue."""
    wanted = set(queue.bindings)
    for exchange, pattern in sorted(wanted):
        channel.queue_bind(queue.name, exchange, pattern)
    ledger = f"{queue.name}.bindings"
    tags, known = [], set()
    while (got := channel.basic_get(ledger))[0] is not None:
        tags.append(got[0].delivery_tag)
        known |= {(exchange, pattern) for exchange, pattern in json.loads(got[2] or b"[]")}
    for exchange, pattern in sorted(known - wanted):
        channel.queue_unbind(queue.name, exchange, pattern)
    if known == wanted and len(tags) == 1:
        channel.basic_reject(tags[0], requeue=True)
        return
    channel.basic_publish("", ledger, json.dumps(sorted(wanted)).encode(), _persistent(), mandatory=True)
    for tag in tags:
        channel.basic_ack(tag)


def _persistent() -> pika.BasicProperties:
    return pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent)


def send(
    channel: BlockingChannel,
    queue: str,
    id: str,
    body: bytes,
    headers: Mapping[str, Any],
    delay_ms: int | None = None,
) -> None:
    """Put a message straight into a queue and wait for the confirm. Raises ``pika``'s ``AMQPError``."""
    properties = pika.BasicProperties(
        content_type="application/cloudevents+json",
        delivery_mode=pika.DeliveryMode.Persistent,
        message_id=id,
        headers=dict(headers),
        expiration=None if delay_ms is None else str(delay_ms),
    )
    channel.basic_publish("", queue, body, properties, mandatory=True)
