"""What was confirmed survives a SIGKILL, and what somebody had in hand comes again."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from shared.events import PUBLIC
from shared.messaging import local, rabbit_queues
from shared.messaging.broker import Broker, Delivery, Done, Message, Outcome, PublishFailed, Queue
from shared.messaging.local import LocalBroker
from shared.messaging.rabbit import RabbitBroker
from tests.servers import processes, rabbit

ROOT = Path(__file__).parents[2]
HEAR_ALL = Queue("q", ((PUBLIC, "#"),))
OPEN = """
import os, signal, sys, threading
from shared.messaging.broker import Done, Message
if sys.argv[1].startswith("sqlite"):
    from shared.messaging.local import LocalBroker
    broker = LocalBroker(sys.argv[1].removeprefix("sqlite:///"))
else:
    from shared.messaging.rabbit import RabbitBroker
    broker = RabbitBroker(sys.argv[1])
"""
PUBLISH = """
for number in range(100):
    broker.publish([Message("cermin.public", "t", f"{number}.{part}", b"x" * 500) for part in range(5)])
    print(number, flush=True)
"""
CONSUME = """
def consumer(deliveries):
    print(len(deliveries), flush=True)
    if any(delivery.body == b"poison" for delivery in deliveries) or len(sys.argv) > 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return [Done()] * len(deliveries)
broker.consume("q", consumer, threading.Event())
"""


def child(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OPEN + program, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def numbered(count: int, first: int = 0) -> list[Message]:
    return [Message(PUBLIC, "t", str(number), b"x") for number in range(first, first + count)]


def collect(broker: Broker, enough: Callable[[list[str]], bool], seconds: float = 60) -> list[str]:
    """Ids in the order in which they come, until ``enough``."""
    seen: list[str] = []
    stop = threading.Event()

    def consumer(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        seen.extend(delivery.id for delivery in deliveries)
        if enough(seen):
            stop.set()
        return [Done()] * len(deliveries)

    timer = threading.Timer(seconds, stop.set)
    timer.start()
    broker.consume("q", consumer, stop, backoff=timedelta(milliseconds=10))
    timer.cancel()
    assert enough(seen), f"only {len(seen)} came"
    return seen


def test_what_a_killed_publisher_had_confirmed_is_there(broker: Broker, broker_url: str) -> None:
    broker.declare([HEAR_ALL])
    process = child(PUBLISH, broker_url)
    assert process.stdout
    confirmed = [int(process.stdout.readline()) for _ in range(20)]
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    confirmed += [int(line) for line in process.stdout.read().split()]
    process.stdout.close()
    wanted = {f"{number}.{part}" for number in confirmed for part in range(5)}
    seen = collect(broker, lambda seen: wanted <= set(seen))
    whole = [f"{number}.{part}" for number in range(len(confirmed) + 1) for part in range(5)]
    assert whole[: len(seen)] == seen, "in order, and at most the batch under way besides"


def test_what_a_killed_consumer_had_in_hand_comes_again(broker: Broker, broker_url: str) -> None:
    broker.declare([HEAR_ALL])
    broker.publish(numbered(50))
    process = child(CONSUME, broker_url, "die")
    assert process.wait(30) == -signal.SIGKILL
    assert process.stdout
    assert int(process.stdout.read()) > 0
    process.stdout.close()
    began = time.monotonic()
    assert sorted(collect(broker, lambda seen: len(seen) >= 50), key=int) == [str(number) for number in range(50)]
    assert time.monotonic() - began < 20, "not only after the lease has run out"


def test_a_message_that_kills_its_consumer_is_buried_alone(
    broker: Broker, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The local broker counts attempts itself; RabbitMQ counts up to the queue's delivery limit (lowered here)."""
    monkeypatch.setattr(rabbit_queues, "DELIVERY_LIMIT", 5)
    broker.declare([HEAR_ALL])
    poison = Message(PUBLIC, "t", "poison", b"poison")
    broker.publish([*numbered(5), poison, *numbered(5, first=5)])
    deaths = 0
    while not broker.dead_letters("q"):
        process = child(CONSUME, broker_url)
        deadline = time.monotonic() + 30
        while process.poll() is None and not broker.dead_letters("q"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        deaths += process.poll() == -signal.SIGKILL
        assert deaths < 12, "it is not given up"
        process.kill()
        process.wait(10)
        assert process.stdout
        process.stdout.close()
    assert deaths >= 5
    [letter] = broker.dead_letters("q")
    assert (letter.id, letter.body, letter.topic) == ("poison", b"poison", "t")
    assert "its consumer died" in letter.reason
    if left := broker.depth("q"):
        collect(broker, lambda seen: len(seen) >= left)
    assert [one.id for one in broker.dead_letters("q")] == ["poison"], "it took no other along"


def test_a_lease_that_ran_out_is_given_to_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "LEASE", 0.3)
    broker = LocalBroker(tmp_path / "broker.db")
    broker.declare([HEAR_ALL])
    broker.publish(numbered(1))
    free, stop = threading.Event(), threading.Event()

    def stuck(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        free.wait(20)
        stop.set()
        return [Done()] * len(deliveries)

    thread = threading.Thread(target=broker.consume, args=("q", stuck, stop))
    thread.start()
    time.sleep(0.1)
    assert collect(broker, lambda seen: seen == ["0"]) == ["0"]
    free.set()
    thread.join(10)
    assert broker.depth("q") == 0
    broker.close()


@pytest.fixture
def node() -> Iterator[rabbit.Rabbit]:
    """A node of one's own, because it is going to be killed."""
    if os.environ.get("TEST_AMQP_URL"):
        pytest.skip("a server that was given is not killed")
    try:
        with rabbit.server() as server:
            yield server
    except processes.ServerMissing as missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(missing))


@pytest.mark.rabbitmq
@pytest.mark.timeout(240)
def test_confirms_survive_a_killed_node_and_everybody_reconnects(node: rabbit.Rabbit) -> None:
    broker = RabbitBroker(node.url)
    broker.declare([HEAR_ALL])
    time.sleep(1.5)
    seen: list[str] = []
    stop = threading.Event()

    def consumer(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        seen.extend(delivery.id for delivery in deliveries)
        return [Done()] * len(deliveries)

    broker.publish(numbered(300))
    node.kill()
    with pytest.raises(PublishFailed):
        broker.publish(numbered(1, first=1000))
    assert "does not answer" in str(broker.check())
    node.start()
    deadline = time.monotonic() + 60
    while (broker.check() or broker.depth("q") < 300) and time.monotonic() < deadline:
        time.sleep(0.2)  # a quorum queue counts as empty until it has a leader again
    assert broker.depth("q") == 300, "what was confirmed before the kill"
    thread = threading.Thread(target=broker.consume, args=("q", consumer, stop))
    thread.start()
    while len(set(seen)) < 300 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert set(seen) == {str(number) for number in range(300)}

    node.kill()  # under a waiting consumer and an idle publisher
    node.start()
    deadline = time.monotonic() + 60
    while "later" not in seen and time.monotonic() < deadline:
        try:
            broker.publish([Message(PUBLIC, "t", "later", b"x")])
        except PublishFailed:
            time.sleep(0.2)
        time.sleep(0.1)
    assert "later" in seen
    stop.set()
    thread.join(15)
    assert not thread.is_alive()
    broker.close()
