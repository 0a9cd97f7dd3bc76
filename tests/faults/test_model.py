"""Outbox, broker and inbox against a model in memory: whatever happens on the way, each fact takes effect once."""

import shutil
import tempfile
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy.orm import Session

from shared.database import connect, reading, transaction
from shared.events import Event, MailAccepted, event_id
from shared.host import queue_of
from shared.messaging import outbox
from shared.messaging.broker import Bury, Delivery, Message, Outcome, Retry
from shared.messaging.inbox import receiver
from shared.messaging.local import LocalBroker
from shared.messaging.tables import MESSAGING, inbox
from shared.messaging.tables import outbox as waiting
from shared.service import Service
from tests.faults.conftest import FULL

SECRETS = ("s" * 40,)
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
NUMBERS = range(31)
SPACE = UUID(int=7)
TABLES = sa.MetaData()
effect = sa.Table("effect", TABLES, sa.Column("id", sa.String(64)))


class Crash(Exception):
    """The process is gone; what it had in memory with it."""


class Model(RuleBasedStateMachine):
    """``said`` is the model: every fact that was committed, whatever was done to its event since."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="cermin-model-"))
        self.engine = connect(f"sqlite:///{self.folder / 'service.db'}")
        MESSAGING.create_all(self.engine)
        TABLES.create_all(self.engine)
        self.now = START
        self.said: set[str] = set()
        self.dropped: set[int] = set()
        """Facts whose event somebody threw away on its way; only publishing it again brings it."""
        self.broker = LocalBroker(self.folder / "broker.db")
        self.queue = queue_of("survey")
        self.broker.declare([self.queue])
        service = Service("survey", MESSAGING, "", self.engine, handlers={MailAccepted.type: self._apply})
        self.receive = receiver(service, SECRETS, lambda: self.now)

    def teardown(self) -> None:
        """In the end, when what was thrown away is published again, everything takes effect once."""
        self._publish_again(self.dropped)
        for _ in range(200):
            self.now += timedelta(minutes=2)
            self.broker.retry_dead(self.queue.name)
            if not outbox.relay(self.engine, self.broker, SECRETS, lambda: self.now) and not self._hear():
                break
        found = self._effects()
        assert sorted(found) == sorted(self.said)
        with reading(self.engine) as session:
            assert not session.scalar(sa.select(sa.func.count()).select_from(waiting))
        assert not self.broker.dead_letters(self.queue.name)
        self.broker.close()
        self.engine.dispose()
        shutil.rmtree(self.folder)

    @rule(numbers=st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=5, unique=True), commit=st.booleans())
    def publish(self, numbers: list[int], commit: bool) -> None:
        """State facts, some of them again; a transaction that fails states nothing."""
        events = [_event(number) for number in numbers]
        try:
            with transaction(self.engine) as session:
                outbox.publish(session, events)
                if not commit:
                    raise Crash
            self.said |= {event.id for event in events}
        except Crash:
            pass

    @rule()
    def relay(self) -> None:
        outbox.relay(self.engine, self.broker, SECRETS, lambda: self.now)

    @rule()
    def relay_dies_after_publishing(self) -> None:
        """The broker has it, the outbox does not know: it comes again when the lease is over."""
        broker = self.broker

        class Dying:
            def publish(self, messages: Sequence[Message]) -> None:
                broker.publish(messages)
                raise Crash

        try:
            outbox.relay(self.engine, Dying(), SECRETS, lambda: self.now)  # type: ignore[arg-type]
        except Crash:
            self.now += timedelta(minutes=2)

    @rule()
    def deliver(self) -> None:
        self._hear()

    @rule(what=st.sampled_from(["unseen", "unacknowledged"]))
    def consumer_dies(self, what: str) -> None:
        """Before or after its commit, in any case before the acknowledgement: everything comes again, later."""

        def dying(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
            if what == "unacknowledged":
                self.receive(deliveries)
            return [Retry("died")] * len(deliveries)

        self._hear(dying)

    @rule(dice=st.randoms(use_true_random=False))
    def reorder(self, dice: Any) -> None:
        """Half of a batch goes to the back of the queue."""

        def half(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
            now, later = [], set(dice.sample(range(len(deliveries)), len(deliveries) // 2))
            now = self.receive([one for at, one in enumerate(deliveries) if at not in later])
            done = iter(now)
            return [Retry("later") if at in later else next(done) for at in range(len(deliveries))]

        self._hear(half)

    @rule()
    def drop(self) -> None:
        """Everything of a batch is given up, and a person drops the dead letters."""

        def burying(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
            ids = {one.id for one in deliveries}
            self.dropped |= {number for number in NUMBERS if _event(number).id in ids}
            return [Bury("given up")] * len(deliveries)

        self._hear(burying)
        self.broker.drop_dead(self.queue.name)

    @rule(numbers=st.sets(st.sampled_from(NUMBERS), min_size=1))
    @precondition(lambda self: self.said)
    def release_again(self, numbers: set[int]) -> None:
        """Publish again what was published: the same id, the same content."""
        self._publish_again(numbers)

    def _publish_again(self, numbers: set[int]) -> None:
        events = [event for event in map(_event, sorted(numbers)) if event.id in self.said]
        with transaction(self.engine) as session:
            outbox.publish(session, events)

    @rule()
    def restart(self) -> None:
        self.broker.close()
        self.broker = LocalBroker(self.folder / "broker.db")
        self.broker.declare([self.queue])
        self.now += timedelta(minutes=2)

    @invariant()
    def nothing_twice_and_nothing_invented(self) -> None:
        found = self._effects()
        assert len(found) == len(set(found))
        assert set(found) <= self.said
        with reading(self.engine) as session:
            assert set(session.scalars(sa.select(inbox.c.event_id))) == set(found)

    def _apply(self, session: Session, events: Sequence[Event]) -> None:
        session.execute(effect.insert(), [{"id": event.id} for event in events])

    def _effects(self) -> list[str]:
        with reading(self.engine) as session:
            return list(session.scalars(sa.select(effect.c.id)))

    def _hear(self, consumer: Any = None) -> int:
        heard, stop = 0, threading.Event()
        if not self.broker.depth(self.queue.name):
            return 0

        def once(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
            nonlocal heard
            heard += len(deliveries)
            outcomes: Sequence[Outcome] = (consumer or self.receive)(deliveries)
            stop.set()
            return outcomes

        self.broker.consume(self.queue.name, once, stop, batch=7, backoff=timedelta(microseconds=1))
        return heard


def _event(number: int) -> Event:
    letter = uuid5(SPACE, str(number))
    data = {"letter_id": letter, "kind": "invitation"}
    name = event_id(MailAccepted.type, letter)
    return Event.make(MailAccepted, id=name, subject=str(letter), time=START, data=data)


TestModel = Model.TestCase
TestModel.settings = settings(
    max_examples=300 if FULL else 25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
