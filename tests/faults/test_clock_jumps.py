"""The clock is set ahead or back under what runs: no round closes, nothing waits for a moment that was."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
import time_machine
from sqlalchemy.engine import Engine

from shared.clock import SteadyClock
from shared.database import transaction
from shared.messaging import outbox
from shared.messaging.broker import Delivery, Done, Message, Outcome, Queue, Retry
from shared.messaging.local import LocalBroker
from shared.messaging.tables import outbox as waiting
from survey_service.usecases import closing, questionnaires
from tests.integration.survey.conftest import NOW, Office
from tests.post_office import SECRETS

QUEUE = Queue("q", (("cermin.private", "#"),))


def _office(new_engine: Callable[..., Engine]) -> Office:
    made = Office(new_engine("survey_service.migrations"))
    made.do(questionnaires.load_shipped)
    return made


def test_a_clock_that_is_set_ahead_closes_no_round(new_engine: Callable[..., Engine]) -> None:
    office = _office(new_engine)
    office.open()
    wall, count = office.now, 0.0
    clock = SteadyClock(lambda: wall, lambda: count)
    wall += timedelta(days=30)
    count += 60
    assert office.do(closing.close_due, clock()) == 0
    count += 3600
    wall += timedelta(hours=1)
    assert office.do(closing.close_due, clock()) == 1, "unless it stays: then the clock was wrong before"


def test_the_outbox_does_not_wait_for_a_moment_that_was(new_engine: Callable[..., Engine], tmp_path: Path) -> None:
    office = _office(new_engine)
    office.launched()
    with transaction(office.engine) as session:
        count = session.scalar(sa.select(sa.func.count()).select_from(waiting))
        session.execute(sa.update(waiting).values(leased_until=NOW + timedelta(days=1)))
    broker = LocalBroker(tmp_path / "broker.db")
    broker.declare([QUEUE])
    assert outbox.relay(office.engine, broker, SECRETS, lambda: NOW) == count
    broker.close()


def test_the_local_broker_does_not_wait_for_a_moment_that_was(tmp_path: Path) -> None:
    """A message is put off and another one is in hand, both while the clock is a day ahead."""
    broker = LocalBroker(tmp_path / "broker.db")
    broker.declare([QUEUE])
    heard: list[str] = []

    def hear(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        heard.extend(one.id for one in deliveries)
        return [Retry("later") if one.attempt == 1 else Done() for one in deliveries]

    stop = threading.Event()
    with time_machine.travel(time.time() + 86_400):
        broker.publish([Message("cermin.private", "t", "put off", b"")])
        thread = threading.Thread(target=broker.consume, args=("q", hear, stop), kwargs={"batch": 1})
        thread.start()
        while heard != ["put off"]:
            time.sleep(0.01)
        broker._claim("q", "another", 1)
    begun = time.monotonic()
    while broker.depth("q") and time.monotonic() - begun < 20:
        time.sleep(0.05)
    stop.set()
    thread.join(5)
    broker.close()
    assert heard == ["put off"] * 2
    assert time.monotonic() - begun < 5
