"""``cermin dead-letters``: a person looks, retries, drops."""

import threading
from collections.abc import Sequence

import pytest
from click.testing import CliRunner, Result

from shared.cli import main
from shared.events import PRIVATE
from shared.host import make_broker, queue_of
from shared.messaging.broker import Broker, Bury, Delivery, Message, Outcome

REASON = "Refused: no ratee 198503122010011004"


@pytest.fixture
def buried(broker: Broker, broker_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Broker:
    """A broker with two dead letters, ``a`` and ``b``, of the survey service."""
    for name in ("EVENT", "SERVICE"):
        monkeypatch.setenv(f"CERMIN_{name}_SECRETS", "x" * 40)
    monkeypatch.setenv("CERMIN_BROKER_URL", broker_url)
    monkeypatch.setenv("CERMIN_DATA_DIR", str(tmp_path))
    queue, stop = queue_of("survey"), threading.Event()
    broker.declare([queue_of(name) for name in ("survey", "scoring", "notifier")])
    broker.publish([Message(PRIVATE, "mail.accepted.v1", id, b"content") for id in ("a", "b")])

    def bury(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        if broker.depth(queue.name) <= len(deliveries):
            stop.set()
        return [Bury(REASON)] * len(deliveries)

    broker.consume(queue.name, bury, stop)
    return broker


def cermin(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, ["dead-letters", *arguments], input=answer)


def left(broker: Broker) -> list[str]:
    return [letter.id for letter in broker.dead_letters("cermin.survey")]


def test_the_list_names_what_where_and_why_but_no_person(buried: Broker) -> None:
    shown = cermin("list")
    assert shown.exit_code == 0, shown.output
    first = shown.stdout.splitlines()[0].split("\t")
    assert first[:3] == ["cermin.survey", "a", "mail.accepted.v1"]
    assert first[4:] == ["1", "Refused: no ratee …"]
    assert "content" not in shown.output
    assert "0 dead letter(s)" in cermin("list", "scoring").output
    assert left(buried) == ["a", "b"]


def test_chosen_ones_are_put_back(buried: Broker) -> None:
    assert cermin("retry", "survey", "b").output == "1 dead letter(s) put back\n"
    assert left(buried) == ["a"]
    assert buried.depth("cermin.survey") == 1


def test_dropping_asks_first(buried: Broker) -> None:
    assert cermin("drop", "survey", "--all", answer="n\n").exit_code == 1
    assert left(buried) == ["a", "b"]
    assert cermin("drop", "survey", "--all", "--yes").output == "2 dead letter(s) dropped\n"
    assert left(buried) == []


@pytest.mark.parametrize("arguments", [(), ("a", "--all")])
def test_retry_wants_ids_or_all(buried: Broker, arguments: tuple[str, ...]) -> None:
    refused = cermin("retry", "survey", *arguments)
    assert refused.exit_code == 2
    assert "--all" in refused.output
    assert left(buried) == ["a", "b"]


def test_an_unknown_id_is_told(buried: Broker) -> None:
    told = cermin("retry", "survey", "a", "unknown")
    assert told.exit_code == 1
    assert "not among the dead letters" in told.output
    assert left(buried) == ["b"]


@pytest.mark.usefixtures("buried")
def test_a_broker_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert make_broker("amqp://127.0.0.1:1/").check()
    monkeypatch.setenv("CERMIN_BROKER_URL", "amqp://127.0.0.1:1/")
    told = cermin("list")
    assert told.exit_code == 1
    assert "does not answer" in told.output
