"""Consuming from RabbitMQ: one connection on the caller's thread, heartbeats served while nothing comes."""

import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Event as Flag
from typing import Any

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel

from shared.messaging.broker import MAX_ATTEMPTS, Consumer, Delivery, Done, Outcome, Retry, delay_before
from shared.messaging.rabbit_queues import AT, ATTEMPTS, REASON, TOPIC, send
from shared.unavailable import trace

log = structlog.get_logger(__name__)

GLANCE = 0.2
"""Seconds between looks at the stop flag while nothing comes."""
SUSPECT = 3
"""A message that was delivered so often without an answer is taken alone: if it kills its consumer again, the
delivery counters of the others do not rise with it."""


class Feed:
    """Feeds a consumer over one connection until ``stop`` is set or the connection fails."""

    def __init__(
        self, connection: pika.BlockingConnection, queue: str, consumer: Consumer, stop: Flag, backoff: timedelta
    ) -> None:
        self._connection = connection
        self._channel: BlockingChannel = connection.channel()
        self._channel.confirm_delivery()
        self._queue = queue
        self._consumer = consumer
        self._stop = stop
        self._backoff = backoff
        self._arrived: deque[tuple[int, Delivery, bool]] = deque()
        self._cancelled = False

    @property
    def in_hand(self) -> int:
        """How many messages this feed has taken and not answered."""
        return len(self._arrived)

    def run(self, batch: int) -> None:
        """Raises ``AMQPError`` or ``OSError`` when the connection fails."""
        self._channel.add_on_cancel_callback(self._on_cancel)
        tag = self._subscribe(prefetch=1)
        careful = True
        while not self._stop.is_set():
            self._connection.process_data_events(time_limit=GLANCE)
            if self._cancelled:
                raise pika.exceptions.AMQPChannelError("the queue was deleted or moved")
            if not self._arrived:
                continue
            if careful and not self._arrived[0][2]:
                careful = False
                self._channel.basic_cancel(tag)
                tag = self._subscribe(prefetch=2 * batch)
            self._connection.process_data_events(time_limit=0)
            self._take(1 if careful else batch)

    def _subscribe(self, prefetch: int) -> str:
        self._channel.basic_qos(prefetch_count=prefetch)
        return str(self._channel.basic_consume(self._queue, self._on_message))

    def _on_cancel(self, _frame: Any) -> None:
        self._cancelled = True

    def _on_message(self, _channel: Any, method: Any, properties: Any, body: bytes) -> None:
        headers = properties.headers or {}
        delivery = Delivery(
            topic=str(headers.get(TOPIC) or method.routing_key),
            id=properties.message_id or "",
            body=body,
            attempt=_number(headers.get(ATTEMPTS)) + 1,
        )
        self._arrived.append((method.delivery_tag, delivery, _number(headers.get("x-delivery-count")) >= SUSPECT))

    def _take(self, batch: int) -> None:
        taken = [self._arrived[at] for at in range(min(batch, len(self._arrived)))]
        outcomes = self._outcomes([delivery for _, delivery, _ in taken])
        if outcomes is None:
            return
        self._settle([(tag, delivery) for tag, delivery, _ in taken], outcomes)
        for _ in taken:
            self._arrived.popleft()

    def _outcomes(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome] | None:
        """What the consumer says; None when it was stopped before it could work."""
        while not self._stop.is_set():
            try:
                return self._consumer(deliveries)
            except Exception as error:
                why = type(error).__name__
                log.error("consumer cannot work now", queue=self._queue, error=why, exc_info=trace(error))
            self._pause(self._backoff.total_seconds())
        return None

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stop.is_set() and (left := end - time.monotonic()) > 0:
            self._connection.process_data_events(time_limit=min(GLANCE, left))

    def _settle(self, taken: Sequence[tuple[int, Delivery]], outcomes: Sequence[Outcome]) -> None:
        if all(isinstance(outcome, Done) for outcome in outcomes):
            self._channel.basic_ack(taken[-1][0], multiple=True)
            return
        for (tag, delivery), outcome in zip(taken, outcomes, strict=True):
            if not isinstance(outcome, Done):
                self._put_aside(delivery, outcome)
            self._channel.basic_ack(tag)

    def _put_aside(self, delivery: Delivery, outcome: Any) -> None:
        headers: dict[str, Any] = {TOPIC: delivery.topic, ATTEMPTS: delivery.attempt}
        if isinstance(outcome, Retry) and delivery.attempt < MAX_ATTEMPTS:
            delay = delay_before(delivery.attempt + 1, self._backoff)
            milliseconds = max(1, round(delay.total_seconds() * 1000))
            send(self._channel, f"{self._queue}.retry", delivery.id, delivery.body, headers, milliseconds)
            return
        headers |= {REASON: outcome.reason, AT: datetime.now(UTC).isoformat()}
        send(self._channel, f"{self._queue}.dead", delivery.id, delivery.body, headers)


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
