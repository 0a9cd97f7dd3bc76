"""Dead letters in RabbitMQ: look, put back, drop. A letter is acknowledged only after its copy is confirmed."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

from shared.messaging.broker import DeadLetter
from shared.messaging.rabbit_queues import AT, ATTEMPTS, DELIVERY_LIMIT, REASON, TOPIC, send

GIVING_BACK = 5.0
"""Seconds to wait until letters that were only looked at can be seen again."""


def look(channel: BlockingChannel, queue: str, limit: int) -> list[DeadLetter]:
    """The oldest letters, back in their places when this returns."""
    taken = list(_taken(channel, queue, limit))
    _give_back(channel, queue, [tag for tag, _ in taken])
    return [letter for _, letter in taken]


def put_back(channel: BlockingChannel, queue: str, ids: Sequence[str] | None) -> int:
    """Copies to the queue with no attempts counted, then acknowledges; a crash in between leaves both."""
    chosen, rest = _divided(channel, queue, ids)
    for tag, letter in chosen:
        send(channel, queue, letter.id, letter.body, {TOPIC: letter.topic})
        channel.basic_ack(tag)
    _give_back(channel, queue, rest)
    return len(chosen)


def drop(channel: BlockingChannel, queue: str, ids: Sequence[str] | None) -> int:
    """Acknowledges without a copy."""
    chosen, rest = _divided(channel, queue, ids)
    for tag, _ in chosen:
        channel.basic_ack(tag)
    _give_back(channel, queue, rest)
    return len(chosen)


def _divided(
    channel: BlockingChannel, queue: str, ids: Sequence[str] | None
) -> tuple[list[tuple[int, DeadLetter]], list[int]]:
    """The letters that were named (all without ``ids``), and the tags of the others."""
    taken, wanted = list(_taken(channel, queue, None)), set(ids or ())
    chosen = [(tag, letter) for tag, letter in taken if ids is None or letter.id in wanted]
    tags = {tag for tag, _ in chosen}
    return chosen, [tag for tag, _ in taken if tag not in tags]


def _give_back(channel: BlockingChannel, queue: str, tags: Sequence[int]) -> None:
    """Return letters in order; a queue takes a moment until whoever looks next sees them."""
    for tag in tags:
        channel.basic_reject(tag, requeue=True)
    end = time.monotonic() + GIVING_BACK
    while _waiting(channel, queue) < len(tags) and time.monotonic() < end:
        time.sleep(0.02)


def _taken(channel: BlockingChannel, queue: str, limit: int | None) -> Iterator[tuple[int, DeadLetter]]:
    waiting = _waiting(channel, queue)
    for _ in range(waiting if limit is None else min(waiting, limit)):
        method, properties, body = channel.basic_get(f"{queue}.dead")
        if method is None:
            return
        yield method.delivery_tag, _letter(queue, method, properties, body)


def _waiting(channel: BlockingChannel, queue: str) -> int:
    return int(channel.queue_declare(f"{queue}.dead", passive=True).method.message_count)


def _letter(queue: str, method: Any, properties: Any, body: bytes) -> DeadLetter:
    headers = properties.headers or {}
    deaths = headers.get("x-death") or [{}]
    at = headers.get(AT)
    return DeadLetter(
        queue=queue,
        id=properties.message_id or "",
        topic=str(headers.get(TOPIC) or (deaths[0].get("routing-keys") or [method.routing_key])[0]),
        reason=str(headers.get(REASON) or f"no answer in {DELIVERY_LIMIT} deliveries: its consumer died"),
        attempts=int(headers.get(ATTEMPTS) or DELIVERY_LIMIT),
        body=body,
        at=datetime.fromisoformat(str(at)) if at else _moment(deaths[0].get("time")),
    )


def _moment(value: Any) -> datetime | None:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None
