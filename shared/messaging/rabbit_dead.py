"""Dead letters in RabbitMQ: look, put back, drop. A letter is acknowledged only after its copy is confirmed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

from shared.messaging.broker import DeadLetter
from shared.messaging.rabbit_queues import AT, ATTEMPTS, DELIVERY_LIMIT, REASON, TOPIC, send


def look(channel: BlockingChannel, queue: str, limit: int) -> list[DeadLetter]:
    """The oldest letters; they go back to their places when the channel closes."""
    return [letter for _, letter in _taken(channel, queue, limit)]


def put_back(channel: BlockingChannel, queue: str, ids: Sequence[str] | None) -> int:
    """Copies to the queue with no attempts counted, then acknowledges; a crash in between leaves both."""
    count = 0
    for tag, letter in _chosen(channel, queue, ids):
        send(channel, queue, letter.id, letter.body, {TOPIC: letter.topic})
        channel.basic_ack(tag)
        count += 1
    return count


def drop(channel: BlockingChannel, queue: str, ids: Sequence[str] | None) -> int:
    """Acknowledges without a copy."""
    chosen = list(_chosen(channel, queue, ids))
    for tag, _ in chosen:
        channel.basic_ack(tag)
    return len(chosen)


def _chosen(channel: BlockingChannel, queue: str, ids: Sequence[str] | None) -> Iterator[tuple[int, DeadLetter]]:
    wanted = None if ids is None else set(ids)
    for tag, letter in _taken(channel, queue, None):
        if wanted is None or letter.id in wanted:
            yield tag, letter


def _taken(channel: BlockingChannel, queue: str, limit: int | None) -> Iterator[tuple[int, DeadLetter]]:
    waiting = channel.queue_declare(f"{queue}.dead", passive=True).method.message_count
    for _ in range(waiting if limit is None else min(waiting, limit)):
        method, properties, body = channel.basic_get(f"{queue}.dead")
        if method is None:
            return
        yield method.delivery_tag, _letter(queue, method, properties, body)


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
