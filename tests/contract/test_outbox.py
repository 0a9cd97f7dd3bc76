"""The relay hands over what was committed: nothing is lost, a repetition has the same id, order holds."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from shared.events import PRIVATE, PUBLIC, Event, MailAccepted, RoundCancelled
from shared.messaging.broker import Message, PublishFailed, Queue, Unroutable
from shared.messaging.local import LocalBroker
from shared.messaging.outbox import LEASE, publish, relay
from shared.messaging.tables import outbox
from tests.contract import samples

START = datetime(2026, 10, 1, tzinfo=UTC)
SECRETS = samples.SECRETS


class Moment:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def later(self, by: timedelta) -> None:
        self.now += by


class Dying:
    """A broker that takes the messages and dies before it answers; or does not take them at all."""

    def __init__(self, problem: Exception) -> None:
        self.problem = problem
        self.taken: list[Message] = []

    def publish(self, messages: Sequence[Message]) -> None:
        self.taken += messages
        raise self.problem


@pytest.fixture
def engine(new_engine: Callable[..., Engine]) -> Engine:
    return new_engine("survey_service.migrations")


@pytest.fixture
def broker(tmp_path: Any) -> Iterator[LocalBroker]:
    made = LocalBroker(tmp_path / "broker.db")
    yield made
    made.close()


@pytest.fixture
def clock() -> Moment:
    return Moment()


def private(number: int = 0) -> Event:
    return Event.make(
        MailAccepted,
        id=f"private-{number}",
        subject=str(number),
        time=START,
        data={"letter_id": uuid4(), "kind": "reminder"},
    )


def public(number: int = 0) -> Event:
    event = samples.event("round.cancelled.v1")
    return Event.make(RoundCancelled, id=f"public-{number}", subject="x", time=START, data=event.data)


def store(engine: Engine, *events: Event) -> None:
    with transaction(engine) as session:
        publish(session, events)


def waiting(engine: Engine) -> list[tuple[str, str | None]]:
    with reading(engine) as session:
        rows = session.execute(sa.select(outbox.c.event_id, outbox.c.problem).order_by(outbox.c.position))
        return [(row.event_id, row.problem) for row in rows]


def listen(broker: LocalBroker) -> None:
    broker.declare([Queue("q", ((PUBLIC, "#"), (PRIVATE, "#")))])


def arrived(broker: LocalBroker) -> list[str]:
    """The ids in the queue, in order."""
    import threading

    from shared.messaging.broker import Done

    seen: list[str] = []
    stop = threading.Event()

    def consumer(deliveries: Sequence[Any]) -> list[Done]:
        seen.extend(delivery.id for delivery in deliveries)
        if broker.depth("q") <= len(deliveries):
            stop.set()
        return [Done()] * len(deliveries)

    if broker.depth("q"):
        broker.consume("q", consumer, stop)
    return seen


def test_an_event_leaves_only_with_its_fact(engine: Engine, broker: LocalBroker, clock: Moment) -> None:
    listen(broker)
    with pytest.raises(RuntimeError), transaction(engine) as session:
        publish(session, [private()])
        raise RuntimeError("the fact did not happen")
    assert relay(engine, broker, SECRETS, clock) == 0
    store(engine, private(1))
    assert relay(engine, broker, SECRETS, clock) == 1
    assert waiting(engine) == []
    assert arrived(broker) == ["private-1"]


def test_order_of_publication_holds_over_several_batches(
    engine: Engine, broker: LocalBroker, clock: Moment
) -> None:
    listen(broker)
    for first in range(0, 60, 20):
        store(engine, *[private(number) for number in range(first, first + 20)])
    while relay(engine, broker, SECRETS, clock, batch=7):
        pass
    assert arrived(broker) == [f"private-{number}" for number in range(60)]


def test_a_crash_between_publishing_and_settling_repeats_the_same_bytes(
    engine: Engine, broker: LocalBroker, clock: Moment
) -> None:
    listen(broker)
    store(engine, private(1), private(2))
    dying = Dying(SystemExit())
    with pytest.raises(SystemExit):
        relay(engine, dying, SECRETS, clock)  # type: ignore[arg-type]
    assert relay(engine, broker, SECRETS, clock) == 0, "another relay must leave a live lease alone"
    clock.later(LEASE + timedelta(seconds=1))
    again = Dying(PublishFailed("away"))
    relay(engine, again, SECRETS, clock)  # type: ignore[arg-type]
    assert again.taken == dying.taken
    assert relay(engine, broker, SECRETS, clock) == 2
    assert waiting(engine) == []


def test_a_broker_that_is_away_costs_no_event_and_no_order(
    engine: Engine, broker: LocalBroker, clock: Moment
) -> None:
    listen(broker)
    store(engine, *[private(number) for number in range(4)])
    assert relay(engine, Dying(PublishFailed("connection refused")), SECRETS, clock, batch=2) == 0  # type: ignore[arg-type]
    assert waiting(engine)[0] == ("private-0", "connection refused")
    while relay(engine, broker, SECRETS, clock, batch=2):
        pass
    assert arrived(broker) == [f"private-{number}" for number in range(4)]


def test_an_unheard_private_event_stays_and_lets_others_pass(
    engine: Engine, broker: LocalBroker, clock: Moment
) -> None:
    broker.declare([Queue("q", ((PUBLIC, "#"),))])
    store(engine, private(1), public(1))
    assert relay(engine, broker, SECRETS, clock) == 1
    assert waiting(engine) == [("private-1", "no queue listens")]
    assert relay(engine, broker, SECRETS, clock) == 0
    listen(broker)
    clock.later(timedelta(seconds=3))
    assert relay(engine, broker, SECRETS, clock) == 1
    assert arrived(broker) == ["public-1", "private-1"]


def test_an_unheard_public_event_counts_as_handed_over(engine: Engine, broker: LocalBroker, clock: Moment) -> None:
    store(engine, public(1))
    with pytest.raises(Unroutable):
        broker.publish([Message(PUBLIC, "round.cancelled.v1", "x", b"")])
    assert relay(engine, broker, SECRETS, clock) == 1
    assert waiting(engine) == []


def test_a_row_that_cannot_be_sent_holds_up_no_other(engine: Engine, broker: LocalBroker, clock: Moment) -> None:
    listen(broker)
    store(engine, private(1), private(2), private(3))
    with transaction(engine) as session:
        session.execute(sa.update(outbox).where(outbox.c.event_id == "private-1").values(type="gone.v1"))
        session.execute(sa.update(outbox).where(outbox.c.event_id == "private-2").values(data="{"))
    assert relay(engine, broker, SECRETS, clock) == 1
    assert arrived(broker) == ["private-3"]
    assert [problem for _, problem in waiting(engine)] == [
        "cannot be sent by this version: KeyError",
        "cannot be sent by this version: JSONDecodeError",
    ]


def test_two_relays_do_not_send_the_same_row(engine: Engine, broker: LocalBroker, clock: Moment) -> None:
    listen(broker)
    store(engine, *[private(number) for number in range(10)])
    seen: list[int] = []

    class Second:
        def publish(self, messages: Sequence[Message]) -> None:
            """While the first relay publishes, a second one comes along."""
            seen.append(relay(engine, broker, SECRETS, clock, batch=6))
            broker.publish(messages)

    assert relay(engine, Second(), SECRETS, clock, batch=6) == 6  # type: ignore[arg-type]
    assert seen == [4]
    assert sorted(arrived(broker)) == sorted(f"private-{number}" for number in range(10))
