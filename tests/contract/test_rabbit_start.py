"""Starting on RabbitMQ: many processes at once, a node that is not there yet, and what waiting does not mend."""

import threading
import time

import pika
import pytest

from shared.config import SERVICES
from shared.host import make_broker, queue_of
from shared.messaging import rabbit
from shared.messaging.broker import Queue
from tests.servers.processes import free_port

QUEUES = [queue_of(name) for name in SERVICES]


@pytest.mark.timeout(300)
def test_many_processes_may_declare_at_once(amqp_url: str) -> None:
    brokers = [make_broker(amqp_url) for _ in range(6)]
    faults: list[BaseException] = []

    def declare(which: int) -> None:
        try:
            brokers[which].declare(QUEUES)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=declare, args=(which,)) for which in range(len(brokers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert faults == []
    assert [brokers[0].depth(queue.name) for queue in QUEUES] == [0, 0, 0]
    for broker in brokers:
        broker.close()


def test_other_arguments_than_the_queue_has_are_said_at_once(amqp_url: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        connection.channel().queue_declare("cermin.odd", durable=True)
    broker = make_broker(amqp_url)
    began = time.monotonic()
    with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="inequivalent arg"):
        broker.declare([Queue("cermin.odd", ())])
    assert time.monotonic() - began < rabbit.PATIENCE / 2


def test_a_node_that_never_comes_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rabbit, "PATIENCE", 1.2)
    broker = make_broker(f"amqp://guest:guest@127.0.0.1:{free_port()}/%2F")
    began = time.monotonic()
    with pytest.raises(pika.exceptions.AMQPError):
        broker.declare(QUEUES)
    assert 1 < time.monotonic() - began < 20
