"""One promise, two keepers: everything here runs over the local broker and over RabbitMQ."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest

from shared.events import PRIVATE, PUBLIC
from shared.host import make_broker
from shared.messaging.broker import (
    MAX_ATTEMPTS,
    Broker,
    Bury,
    Delivery,
    Done,
    Message,
    Outcome,
    Queue,
    Retry,
    Unroutable,
)

SOON = timedelta(milliseconds=5)


def message(topic: str = "round.opened.v1", body: bytes = b"{}", exchange: str = PUBLIC) -> Message:
    return Message(exchange, topic, str(uuid.uuid4()), body)


def numbered(count: int) -> list[Message]:
    return [message(body=str(number).encode()) for number in range(count)]


@pytest.fixture
def queue(broker: Broker) -> str:
    """A queue that hears every public topic."""
    name = f"q.{uuid.uuid4().hex[:8]}"
    broker.declare([Queue(name, ((PUBLIC, "#"),))])
    return name


class Reader:
    """Consumes on a thread and remembers; ``answer`` decides, by default everything is done."""

    def __init__(self, answer: Callable[[Delivery], Outcome] = lambda _: Done()) -> None:
        self.seen: list[Delivery] = []
        self.batches: list[int] = []
        self.answer = answer

    def __call__(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        self.batches.append(len(deliveries))
        self.seen += deliveries
        return [self.answer(delivery) for delivery in deliveries]

    @property
    def bodies(self) -> list[bytes]:
        return [delivery.body for delivery in self.seen]


@contextmanager
def consuming(
    broker: Broker, queue: str, consumer: Callable[..., Sequence[Outcome]], **more: int
) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(
        target=broker.consume, args=(queue, consumer, stop), kwargs={"backoff": SOON, **more}, daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive(), "the consumer did not stop"


def until(true: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def read_all(broker: Broker, queue: str, count: int) -> Reader:
    reader = Reader()
    with consuming(broker, queue, reader):
        until(lambda: len(reader.seen) >= count)
        until(lambda: broker.depth(queue) == 0)
    return reader


def test_a_queue_keeps_what_arrives_before_anybody_consumes(broker: Broker, queue: str) -> None:
    sent = numbered(3)
    broker.publish(sent)
    assert broker.depth(queue) == 3
    reader = read_all(broker, queue, 3)
    assert [(one.id, one.topic, one.body, one.attempt) for one in reader.seen] == [
        (one.id, one.topic, one.body, 1) for one in sent
    ]


def test_every_listening_queue_gets_its_copy(broker: Broker) -> None:
    broker.declare([Queue("q.a", ((PUBLIC, "#"),)), Queue("q.b", ((PUBLIC, "round.*.v1"), (PUBLIC, "round.#")))])
    broker.publish([message("round.opened.v1"), message("behaviour.scored.v1")])
    assert [one.topic for one in read_all(broker, "q.a", 2).seen] == ["round.opened.v1", "behaviour.scored.v1"]
    assert [one.topic for one in read_all(broker, "q.b", 1).seen] == ["round.opened.v1"]


@pytest.mark.parametrize(
    ("pattern", "heard"),
    [
        ("round.opened.v1", ["round.opened.v1"]),
        ("round.*.v1", ["round.opened.v1", "round.closed.v1"]),
        ("round.#", ["round", "round.opened.v1", "round.closed.v1", "round.opened.v1.extra"]),
        ("#.v1", ["round.opened.v1", "round.closed.v1", "v1"]),
        ("*", ["round", "v1"]),
        ("round.opened.#.extra", ["round.opened.v1.extra"]),
        ("roundXopened.v1", []),
    ],
)
def test_patterns_mean_the_same_on_both(broker: Broker, pattern: str, heard: list[str]) -> None:
    topics = ["round", "round.opened.v1", "round.closed.v1", "v1", "round.opened.v1.extra"]
    broker.declare([Queue("q.pattern", ((PUBLIC, pattern),)), Queue("q.all", ((PUBLIC, "#"),))])
    broker.publish([message(topic) for topic in topics])
    assert broker.depth("q.pattern") == len(heard)
    if heard:
        assert [one.topic for one in read_all(broker, "q.pattern", len(heard)).seen] == [
            topic for topic in topics if topic in heard
        ]


def test_exchanges_are_separate(broker: Broker, queue: str) -> None:
    with pytest.raises(Unroutable):
        broker.publish([message(exchange=PRIVATE)])
    assert broker.depth(queue) == 0


def test_what_no_queue_listens_to_is_named_and_the_rest_arrives(broker: Broker) -> None:
    broker.declare([Queue("q.some", ((PUBLIC, "round.#"),))])
    heard, lost = message("round.opened.v1"), message("behaviour.scored.v1")
    with pytest.raises(Unroutable) as problem:
        broker.publish([lost, heard])
    assert problem.value.ids == (lost.id,)
    assert [one.id for one in read_all(broker, "q.some", 1).seen] == [heard.id]


def test_declaring_again_changes_nothing_and_removed_patterns_are_unbound(broker: Broker, broker_url: str) -> None:
    both = Queue("q.turn", ((PUBLIC, "a.#"), (PUBLIC, "b.#")))
    broker.declare([both])
    broker.publish([message("a.one")])
    broker.declare([both])
    assert broker.depth("q.turn") == 1
    other = make_broker(broker_url)  # the next version of the program
    other.declare([Queue("q.turn", ((PUBLIC, "b.#"), (PUBLIC, "c.#")))])
    with pytest.raises(Unroutable):
        other.publish([message("a.two")])
    other.publish([message("b.two"), message("c.two")])
    other.close()
    assert broker.depth("q.turn") == 3


def test_order_holds_and_batches_have_a_bound(broker: Broker, queue: str) -> None:
    broker.publish(numbered(450))
    reader = Reader()
    with consuming(broker, queue, reader, batch=100):
        until(lambda: len(reader.seen) == 450)
    assert reader.bodies == [str(number).encode() for number in range(450)]
    assert max(reader.batches) == 100
    assert broker.depth(queue) == 0


def test_competing_consumers_share_and_nobody_gets_the_same(broker: Broker, queue: str, broker_url: str) -> None:
    other = make_broker(broker_url)
    slow: Callable[[Delivery], Outcome] = lambda _: (time.sleep(0.002), Done())[1]  # noqa: E731
    first, second = Reader(slow), Reader(slow)
    with consuming(broker, queue, first, batch=10), consuming(other, queue, second, batch=10):
        broker.publish(numbered(600))
        until(lambda: len(first.seen) + len(second.seen) >= 600)
        until(lambda: broker.depth(queue) + other.depth(queue) == 0)
    other.close()
    assert first.seen
    assert second.seen
    assert sorted(first.bodies + second.bodies) == sorted(str(number).encode() for number in range(600))


def test_several_threads_publish_at_once(broker: Broker, queue: str) -> None:
    threads = [threading.Thread(target=broker.publish, args=(numbered(50),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert broker.depth(queue) == 300


def test_a_waiting_consumer_is_woken_at_once(broker: Broker, queue: str) -> None:
    reader = Reader()
    with consuming(broker, queue, reader):
        time.sleep(0.5)
        began = time.monotonic()
        broker.publish([message()])
        until(lambda: reader.seen)
        assert time.monotonic() - began < 0.5


def test_a_passing_fault_is_tried_again_and_counted(broker: Broker, queue: str) -> None:
    broker.publish([message(body=b"x"), message(body=b"good")])
    reader = Reader(lambda one: Retry("not yet") if one.body == b"x" and one.attempt < 3 else Done())
    with consuming(broker, queue, reader):
        until(lambda: len(reader.seen) == 4)
        until(lambda: broker.depth(queue) == 0)
    assert [one.attempt for one in reader.seen if one.body == b"x"] == [1, 2, 3]
    assert {one.topic for one in reader.seen} == {"round.opened.v1"}
    assert broker.dead_letters(queue) == []


def test_attempts_are_bounded_and_the_reason_is_kept(broker: Broker, queue: str) -> None:
    sent = message(body=b"never")
    broker.publish([sent])
    reader = Reader(lambda _: Retry("the ratee is unknown"))
    with consuming(broker, queue, reader):
        until(lambda: broker.dead_letters(queue))
    [letter] = broker.dead_letters(queue)
    assert [one.attempt for one in reader.seen] == list(range(1, MAX_ATTEMPTS + 1))
    assert (letter.queue, letter.id, letter.topic, letter.body) == (queue, sent.id, sent.topic, b"never")
    assert (letter.reason, letter.attempts) == ("the ratee is unknown", MAX_ATTEMPTS)
    assert letter.at is not None
    assert broker.depth(queue) == 0


def test_the_unreadable_is_buried_at_once_and_holds_up_nobody(broker: Broker, queue: str) -> None:
    broker.publish([message(body=b"bad"), *numbered(20)])
    reader = Reader(lambda one: Bury("not a CloudEvent") if one.body == b"bad" else Done())
    with consuming(broker, queue, reader):
        until(lambda: broker.dead_letters(queue))
        until(lambda: broker.depth(queue) == 0)
    assert len(reader.seen) == 21
    assert [(one.body, one.reason, one.attempts) for one in broker.dead_letters(queue)] == [
        (b"bad", "not a CloudEvent", 1)
    ]


def test_a_consumer_that_cannot_work_is_asked_again_without_counting(broker: Broker, queue: str) -> None:
    broker.publish(numbered(5))
    faults = iter(range(MAX_ATTEMPTS + 3))
    reader = Reader()

    def consumer(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        if next(faults, None) is not None:
            raise ConnectionError("the database is away")
        return reader(deliveries)

    with consuming(broker, queue, consumer):
        until(lambda: len(reader.seen) == 5)
        until(lambda: broker.depth(queue) == 0)
    assert {one.attempt for one in reader.seen} == {1}
    assert broker.dead_letters(queue) == []


def test_stopping_hands_back_what_was_not_done(broker: Broker, queue: str) -> None:
    broker.publish(numbered(3))
    asked = threading.Event()

    def consumer(_: Sequence[Delivery]) -> Sequence[Outcome]:
        asked.set()
        raise ConnectionError("the database is away")

    with consuming(broker, queue, consumer):
        assert asked.wait(20)
    assert sorted(read_all(broker, queue, 3).bodies) == [b"0", b"1", b"2"]


@pytest.fixture
def buried(broker: Broker, queue: str) -> list[str]:
    """The ids of five dead letters, oldest first."""
    sent = numbered(5)
    broker.publish(sent)
    with consuming(broker, queue, Reader(lambda one: Bury(f"reason {one.body.decode()}"))):
        until(lambda: len(broker.dead_letters(queue)) == 5)
    return [one.id for one in sent]


def test_looking_at_dead_letters_leaves_them_in_place(broker: Broker, queue: str, buried: list[str]) -> None:
    for _ in range(5):
        assert [one.id for one in broker.dead_letters(queue)] == buried
    assert [one.reason for one in broker.dead_letters(queue, limit=2)] == ["reason 0", "reason 1"]
    assert len(broker.dead_letters(queue)) == 5


def test_chosen_dead_letters_return_with_no_attempts_counted(broker: Broker, queue: str, buried: list[str]) -> None:
    assert broker.retry_dead(queue, [buried[1], buried[3], "unknown"]) == 2
    assert [one.id for one in broker.dead_letters(queue)] == [buried[0], buried[2], buried[4]]
    seen = read_all(broker, queue, 2).seen
    assert [(one.id, one.attempt, one.topic) for one in seen] == [
        (buried[1], 1, "round.opened.v1"),
        (buried[3], 1, "round.opened.v1"),
    ]


def test_all_dead_letters_return_to_their_own_queue_only(broker: Broker, queue: str, buried: list[str]) -> None:
    broker.declare([Queue("q.other", ((PUBLIC, "#"),))])
    assert broker.retry_dead(queue) == 5
    assert broker.dead_letters(queue) == []
    assert broker.depth("q.other") == 0
    assert [one.id for one in read_all(broker, queue, 5).seen] == buried


def test_dropped_dead_letters_are_gone(broker: Broker, queue: str, buried: list[str]) -> None:
    assert broker.drop_dead(queue, buried[:1]) == 1
    assert [one.id for one in broker.dead_letters(queue)] == buried[1:]
    assert broker.drop_dead(queue) == 4
    assert broker.drop_dead(queue) == 0
    assert broker.depth(queue) == 0


def test_large_bodies_arrive_whole(broker: Broker, queue: str) -> None:
    body = bytes(range(256)) * 8192
    broker.publish([message(body=body)])
    assert read_all(broker, queue, 1).bodies == [body]


def test_check_says_that_all_is_well(broker: Broker) -> None:
    assert broker.check() is None
