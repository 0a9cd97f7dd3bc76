"""The promise of a broker. Two keepers of it: ``local`` (SQLite) and ``rabbit`` (RabbitMQ, pika).

Topics are routing keys such as ``behaviour.scored.v1``; patterns use ``*`` for one word and ``#`` for any number.
A queue keeps what arrives from the moment it is declared, whether anyone consumes or not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import Protocol

MAX_ATTEMPTS = 8
"""How often a message is tried before it becomes a dead letter."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue and what it listens to: pairs of exchange and topic pattern."""

    name: str
    bindings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """Bytes under way. ``id`` is the event's id; it may come more than once."""

    exchange: str
    topic: str
    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message handed to a consumer; ``attempt`` counts from 1."""

    topic: str
    id: str
    body: bytes
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Done:
    """The effect is committed: forget the message."""


@dataclass(frozen=True, slots=True)
class Retry:
    """A passing fault: try again later, at most ``MAX_ATTEMPTS`` times, then bury with this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Bury:
    """It will never work: a dead letter at once, with this reason."""

    reason: str


Outcome = Done | Retry | Bury
Consumer = Callable[[Sequence[Delivery]], Sequence[Outcome]]
"""Takes a batch in order of arrival, gives one outcome per delivery, in the same order.

Raising says that nothing can be done at all now (its database is away): the same batch is offered again after the
back-off, and no attempt is counted."""


def delay_before(attempt: int, backoff: timedelta) -> timedelta:
    """How long a message waits before ``attempt`` (2 is the second): ``backoff``, doubled up to eightfold."""
    return backoff * (1 << min(max(attempt - 2, 0), 3))


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, kept until a person retries or drops it."""

    queue: str
    id: str
    topic: str
    reason: str
    attempts: int
    body: bytes = field(repr=False)
    at: datetime | None = None


class PublishFailed(Exception):
    """The broker did not confirm. Any part of the batch may have arrived; publishing it again is safe."""


class Unroutable(PublishFailed):
    """No queue listens to some of the messages; the others of the batch are confirmed. ``ids`` names them."""

    def __init__(self, ids: Sequence[str]) -> None:
        self.ids = tuple(ids)
        super().__init__(f"{len(self.ids)} message(s) that no queue listens to")


class Broker(Protocol):
    """Carries messages between services. Safe to use from several threads and processes at once."""

    def declare(self, queues: Sequence[Queue]) -> None:
        """Make queues and bindings durable; doing it again changes nothing, removed patterns are unbound."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Return when every message is safe in every queue that listens: it survives a SIGKILL of the broker.

        Raises ``Unroutable`` or ``PublishFailed``.
        """

    def consume(
        self,
        queue: str,
        consumer: Consumer,
        stop: Flag,
        *,
        batch: int = 200,
        backoff: timedelta = timedelta(seconds=5),
    ) -> None:
        """Feed ``consumer`` until ``stop`` is set. What it had in hand at a crash is delivered again.

        Reconnects by itself. Several consumers of one queue share its messages; one consumer sees them in order.
        """

    def depth(self, queue: str) -> int:
        """How many messages wait, now or for another attempt, or are in hand in this process."""

    def dead_letters(self, queue: str, limit: int = 100) -> Sequence[DeadLetter]:
        """The oldest dead letters; looking leaves them where they are."""

    def retry_dead(self, queue: str, ids: Sequence[str] | None = None) -> int:
        """Put dead letters back in their queue with no attempts counted (all when ``ids`` is None)."""

    def drop_dead(self, queue: str, ids: Sequence[str] | None = None) -> int:
        """Forget dead letters for good."""

    def check(self) -> str | None:
        """None when the broker answers within 2 seconds, else what is wrong."""

    def close(self) -> None:
        """Give connections back; the broker object is not used afterwards."""
