"""Publishing to RabbitMQ: confirms in a window, on a thread of its own that also serves heartbeats.

pika's blocking connection waits for every single confirm (about 1,300 messages a second); with a window it is
ten times that. ``mandatory`` makes RabbitMQ hand back what no queue listens to.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import pika
import structlog
from pika.adapters.select_connection import SelectConnection
from pika.channel import Channel

from shared.messaging.broker import Message, PublishFailed, Unroutable
from shared.messaging.rabbit_queues import Connect

log = structlog.get_logger(__name__)

WINDOW = 1000
"""How many messages may be unconfirmed at once."""
PATIENCE = 12.0
"""Seconds that a batch may take to be confirmed; shorter than the outbox's lease."""


class _Batch:
    """Messages of one ``publish`` call and what became of them."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        self.ids = {message.id for message in messages}
        self.open = len(messages)
        self.lost: set[str] = set()
        self.problem: str | None = None
        self.done = threading.Event()

    def confirmed(self) -> None:
        self.open -= 1
        if self.open == 0:
            self.done.set()

    def fail(self, problem: str) -> None:
        self.problem = self.problem or problem
        self.done.set()


class Publisher:
    """Connects when there is something to publish and stays connected; ``publish`` is safe from any thread."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._waiting: deque[tuple[_Batch, Message]] = deque()
        self._open: dict[int, _Batch] = {}
        self._active: dict[_Batch, None] = {}
        self._tag = 0
        self._work = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None
        self._connection: SelectConnection | None = None
        self._channel: Channel | None = None

    def publish(self, messages: Sequence[Message]) -> None:
        """Return when all are confirmed. Raises ``PublishFailed`` or ``Unroutable``."""
        if not messages:
            return
        batch = _Batch(messages)
        with self._lock:
            if self._closing:
                raise PublishFailed("the broker was closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="rabbit publisher", daemon=True)
                self._thread.start()
            self._waiting.extend((batch, message) for message in messages)
            self._work.set()
            if self._connection is not None:
                self._connection.ioloop.add_callback_threadsafe(self._pump)
        if not batch.done.wait(PATIENCE):
            batch.fail(f"no confirm within {PATIENCE:.0f} seconds")
        if batch.problem:
            raise PublishFailed(batch.problem)
        if batch.lost:
            raise Unroutable([message.id for message in messages if message.id in batch.lost])

    def close(self) -> None:
        """End the thread; batches under way fail."""
        with self._lock:
            self._closing = True
            self._work.set()
            if self._connection is not None:
                self._connection.ioloop.add_callback_threadsafe(self._hang_up)
        if self._thread is not None:
            self._thread.join(timeout=10)

    # Everything below runs on the publisher's own thread.

    def _run(self) -> None:
        pause = 0.1
        while not self._closing:
            self._work.wait()
            started = time.monotonic()
            problem = "the connection ended"
            try:
                self._connected()
            except Exception as error:
                problem = f"{type(error).__name__}: {error}"
            with self._lock:
                self._work.clear()
            self._fail(problem)
            pause = 0.1 if time.monotonic() - started > 5 else min(pause * 2, 2.0)
            if not self._closing:
                time.sleep(pause)
        self._fail("the broker was closed")

    def _connected(self) -> None:
        """One connection, from its opening to its end."""
        connection = SelectConnection(
            self._connect(),
            on_open_callback=lambda it: it.channel(on_open_callback=self._opened),
            on_open_error_callback=self._ended,
            on_close_callback=self._ended,
        )
        with self._lock:
            self._connection = connection
        try:
            if not self._closing:
                connection.ioloop.start()
        finally:
            with self._lock:
                self._connection = self._channel = None
            connection.ioloop.close()

    def _opened(self, channel: Channel) -> None:
        if self._closing:
            self._hang_up()
            return
        self._tag = 0
        self._channel = channel
        channel.add_on_close_callback(lambda _channel, reason: self._lose(str(reason)))
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._answered, callback=lambda _frame: self._pump())

    def _ended(self, connection: SelectConnection, reason: Any) -> None:
        log.debug("publisher disconnected", reason=type(reason).__name__)
        self._fail(f"{type(reason).__name__}: {reason}")
        connection.ioloop.stop()

    def _lose(self, reason: str) -> None:
        """A channel that was closed takes the connection along: the next batch starts afresh."""
        self._fail(reason)
        self._hang_up()

    def _hang_up(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if connection.is_open:
            connection.close()
        elif connection.is_closed:
            connection.ioloop.stop()

    def _pump(self) -> None:
        channel = self._channel
        while channel is not None and channel.is_open and self._waiting and len(self._open) < WINDOW:
            batch, message = self._waiting.popleft()
            if batch.problem:
                continue
            self._tag += 1
            self._open[self._tag] = batch
            self._active[batch] = None
            channel.basic_publish(
                message.exchange, message.topic, message.body, _properties(message), mandatory=True
            )

    def _returned(self, _channel: Channel, _method: Any, properties: Any, _body: bytes) -> None:
        for batch in self._active:
            if properties.message_id in batch.ids:
                batch.lost.add(properties.message_id)

    def _answered(self, frame: Any) -> None:
        tags = [frame.method.delivery_tag]
        if frame.method.multiple:  # confirms are counted upwards, and a dict keeps its order
            tags = [tag for tag in self._open if tag <= frame.method.delivery_tag]
        for tag in tags:
            batch = self._open.pop(tag, None)
            if batch is None:
                continue
            if isinstance(frame.method, pika.spec.Basic.Ack):
                batch.confirmed()
            else:
                batch.fail("RabbitMQ refused a message (a queue is full or cannot be reached)")
            if batch.done.is_set():
                self._active.pop(batch, None)
        self._pump()

    def _fail(self, problem: str) -> None:
        with self._lock:
            batches = {*self._open.values(), *(batch for batch, _ in self._waiting)}
            self._open.clear()
            self._active.clear()
            self._waiting.clear()
        for batch in batches:
            batch.fail(problem)


def _properties(message: Message) -> pika.BasicProperties:
    return pika.BasicProperties(
        content_type="application/cloudevents+json",
        delivery_mode=pika.DeliveryMode.Persistent,
        message_id=message.id,
    )
