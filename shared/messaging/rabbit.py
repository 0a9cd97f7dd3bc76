"""The promise of a broker, kept by RabbitMQ 3.10 or newer through pika.

Connections never cross threads: publishing has a thread of its own, a consumer uses its caller's, everything else
opens a short connection.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event as Flag

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import (
    AMQPError,
    ChannelClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from shared.messaging import rabbit_dead, rabbit_queues
from shared.messaging.broker import Consumer, DeadLetter, Message, Queue
from shared.messaging.rabbit_consumer import Feed
from shared.messaging.rabbit_publisher import Publisher

log = structlog.get_logger(__name__)

HEARTBEAT = 8
"""Seconds; a line on which nothing arrives any more is noticed within three of them. A consumer is busy with one
short transaction at a time, below this; one that takes longer loses its connection and gets the batch again."""
LONGEST_PAUSE = 10.0
"""Seconds between attempts to reconnect, at most."""
PATIENCE = 60.0
"""Seconds that a start may wait for RabbitMQ."""


class RabbitBroker:
    """``url`` is ``amqp[s]://user:password@host:port/vhost``; nothing is connected before first use."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._publisher = Publisher(self._parameters)
        self._feeds: dict[Feed, str] = {}
        self._lock = threading.Lock()

    def declare(self, queues: Sequence[Queue]) -> None:
        """See ``Broker.declare``. Waits while RabbitMQ starts, or a queue that another process declares right now.

        Raises ``AMQPError`` at once for what waiting cannot mend, else after ``PATIENCE``.
        """
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with self._channel() as channel:
                    return rabbit_queues.declare(channel, queues)
            except (AMQPError, OSError) as error:
                if _final(error) or time.monotonic() > end:
                    raise
                log.warning("queues cannot be declared yet", error=type(error).__name__)
                time.sleep(0.5)

    def publish(self, messages: Sequence[Message]) -> None:
        """See ``Broker.publish``."""
        self._publisher.publish(messages)

    def consume(
        self,
        queue: str,
        consumer: Consumer,
        stop: Flag,
        *,
        batch: int = 200,
        backoff: timedelta = timedelta(seconds=5),
    ) -> None:
        """See ``Broker.consume``. The caller's thread is the consumer's."""
        pause = 0.2
        while not stop.is_set():
            try:
                with self._connection() as connection:
                    feed = Feed(connection, queue, consumer, stop, backoff)
                    pause = 0.2
                    with self._known(feed, queue):
                        feed.run(batch)
            except (AMQPError, OSError) as error:
                log.warning("consumer reconnects", queue=queue, error=type(error).__name__)
                stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def depth(self, queue: str) -> int:
        """See ``Broker.depth``."""
        with self._lock:
            in_hand = sum(feed.in_hand for feed, name in self._feeds.items() if name == queue)
        with self._channel() as channel:
            names = (queue, f"{queue}.retry")
            waiting = [channel.queue_declare(name, passive=True).method.message_count for name in names]
        return in_hand + sum(map(int, waiting))

    def dead_letters(self, queue: str, limit: int = 100) -> Sequence[DeadLetter]:
        """See ``Broker.dead_letters``. Meanwhile nobody else sees the letters."""
        with self._channel() as channel:
            return rabbit_dead.look(channel, queue, limit)

    def retry_dead(self, queue: str, ids: Sequence[str] | None = None) -> int:
        """See ``Broker.retry_dead``."""
        with self._channel() as channel:
            return rabbit_dead.put_back(channel, queue, ids)

    def drop_dead(self, queue: str, ids: Sequence[str] | None = None) -> int:
        """See ``Broker.drop_dead``."""
        with self._channel() as channel:
            return rabbit_dead.drop(channel, queue, ids)

    def check(self) -> str | None:
        """See ``Broker.check``."""
        parameters = self._parameters()
        parameters.socket_timeout = 1
        parameters.stack_timeout = 1.9
        try:
            pika.BlockingConnection(parameters).close()
        except (AMQPError, OSError) as error:
            return f"RabbitMQ does not answer: {type(error).__name__}"
        return None

    def close(self) -> None:
        """See ``Broker.close``; consumers end with their stop flag."""
        self._publisher.close()

    def _parameters(self) -> pika.URLParameters:
        parameters = pika.URLParameters(self._url)
        parameters.heartbeat = HEARTBEAT
        parameters.socket_timeout = 5
        parameters.stack_timeout = 10
        parameters.blocked_connection_timeout = 20
        return parameters

    @contextmanager
    def _connection(self) -> Iterator[pika.BlockingConnection]:
        connection = pika.BlockingConnection(self._parameters())
        try:
            yield connection
        finally:
            with suppress(AMQPError, OSError):
                if connection.is_open:
                    connection.close()

    @contextmanager
    def _channel(self) -> Iterator[BlockingChannel]:
        with self._connection() as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel

    @contextmanager
    def _known(self, feed: Feed, queue: str) -> Iterator[None]:
        with self._lock:
            self._feeds[feed] = queue
        try:
            yield
        finally:
            with self._lock:
                del self._feeds[feed]


def _final(error: Exception) -> bool:
    """Whether waiting does not mend it: a wrong password, a missing permission, a queue with other arguments."""
    if isinstance(error, ChannelClosedByBroker):
        return error.reply_code in {403, 406}
    return isinstance(error, ProbableAuthenticationError | ProbableAccessDeniedError)
