"""The permissions in the guide for integrators, given word for word to a subscriber on a real broker."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from tests.servers.processes import unprivileged
from tests.servers.rabbit import PROGRAMS, Rabbit

pytestmark = [pytest.mark.rabbitmq, pytest.mark.timeout(180)]
GUIDE = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
COMMANDS = [shlex.split(line) for line in re.findall(r"^rabbitmqctl .*$", GUIDE, flags=re.M)]


@pytest.fixture
def subscriber(rabbit: Rabbit, amqp_url: str) -> Iterator[Callable[[], BlockingChannel]]:
    """Opens channels as the user that the guide makes; the exchanges are there already."""
    if rabbit.home is None:
        pytest.skip("a server that was given is not ours to add users to")
    host, vhost = re.findall(r"@(.*)/(.*)$", amqp_url)[0]
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        for name in ("cermin.public", "cermin.private"):
            connection.channel().exchange_declare(name, "topic", durable=True)
    for _, verb, *rest in COMMANDS:
        _control(rabbit, verb, *([] if verb == "add_user" else ["-p", vhost]), *rest)
    connection = pika.BlockingConnection(pika.URLParameters(f"amqp://kinerja:PASSWORD@{host}/{vhost}"))
    yield connection.channel
    connection.close()
    _control(rabbit, "delete_user", "kinerja")


def _control(rabbit: Rabbit, *words: str) -> None:
    command = [str(PROGRAMS / "rabbitmqctl"), "-q", *words]
    done = subprocess.run(
        command, env=rabbit.environment, cwd="/", capture_output=True, text=True, timeout=60, **unprivileged()
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _try(channel: BlockingChannel, topic: str, exchange: str = "cermin.public") -> None:
    channel.queue_bind("kinerja.behaviour", exchange, topic)


def test_a_subscriber_reads_scores_and_nothing_else(subscriber: Callable[[], BlockingChannel]) -> None:
    channel = subscriber()
    channel.queue_declare("kinerja.behaviour", durable=True, arguments={"x-queue-type": "quorum"})
    _try(channel, "behaviour.*.*")
    _try(channel, "round.released.v1")
    forbidden: dict[str, Callable[[BlockingChannel], object]] = {
        "ballots": lambda it: _try(it, "#", "cermin.private"),
        "who was asked": lambda it: _try(it, "survey.completed.v1"),
        "everything": lambda it: _try(it, "#"),
        "our queues": lambda it: it.queue_declare("cermin.scoring", durable=True),
        "our messages": lambda it: it.basic_get("cermin.scoring"),
        "other exchanges": lambda it: it.exchange_declare("cermin.other", "topic"),
    }
    for what, attempt in forbidden.items():
        with pytest.raises(ChannelClosedByBroker) as refused:
            attempt(subscriber())
        assert refused.value.reply_code == 403, what


def test_a_subscriber_cannot_publish_scores(subscriber: Callable[[], BlockingChannel]) -> None:
    channel = subscriber()
    channel.confirm_delivery()
    with pytest.raises(ChannelClosedByBroker) as refused:
        channel.basic_publish("cermin.public", "behaviour.scored.v1", b"{}")
    assert refused.value.reply_code == 403
