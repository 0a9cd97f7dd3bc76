"""Somebody dies at every step of a round, once at each; the next worker finishes it as if nothing had been."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import FULL, Figure
from tests.servers.postgres import Postgres
from tests.servers.rabbit import Rabbit

ROOT = Path(__file__).parents[2]
LANES = 2


def explore(orders: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Carry out orders side by side; all the deaths they died."""
    lanes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.deaths", json.dumps(order)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for order in orders
    ]
    found: list[dict[str, Any]] = []
    for lane in lanes:
        said, log = lane.communicate()
        assert lane.returncode == 0, log[-4000:]
        told = json.loads(said.splitlines()[-1])
        _sound(told["reference"])
        found += told["deaths"]
    return found


def _sound(reference: dict[str, Any]) -> None:
    """The round without a death, which all others are compared with, is what it should be."""
    assert reference["thanked"] == reference["counted"] == reference["boxes"] > 15
    assert reference["letters"] == 6
    assert reference["events"]["behaviour.scored.v1"] + reference["events"]["behaviour.held.v1"] == 6
    assert reference["digest"] and reference["each score once in the feed"]
    assert not any((*reference["dead"], *reference["waiting"], *reference["keys"], reference["boxes left"]))


def _judge(deaths: list[dict[str, Any]]) -> tuple[int, int]:
    """Nothing lost, nothing double; how many mails came twice, and after how many deaths they may."""
    assert [death for death in deaths if death["wrong"]] == []
    doubled = [death for death in deaths if death["doubled"]]
    assert [death for death in doubled if not death["acknowledging"] or death["doubled"] > 1] == []
    return len(doubled), sum(death["acknowledging"] for death in deaths)


def _note(figure: Figure, fault: str, deaths: list[dict[str, Any]], doubled: int, allowed: int) -> None:
    """Nothing but mails may be doubled, and those only in ``allowed`` deaths: while the mail server says yes."""
    figure(fault, len(deaths), lost=0, doubled=doubled, target=f"mails twice: at most {allowed}, in SMTP's yes")


@pytest.mark.timeout(1200)
def test_embedded_every_step(figure: Figure) -> None:
    orders = [
        {"part": [lane, LANES], "sample": 0 if FULL else 4, "seed": lane, "looks": FULL} for lane in range(LANES)
    ]
    deaths = explore(orders)
    assert Counter(death["phase"] for death in deaths).keys() == {
        "launch", "mail", "answer", "close", "count", "score", "release",
    }  # fmt: skip
    assert len(deaths) > (400 if FULL else 60)
    doubled, allowed = _judge(deaths)
    _note(figure, "death at every statement, embedded", deaths, doubled, allowed)


@pytest.mark.timeout(2400)
def test_on_servers(postgres: Postgres, rabbit: Rabbit, figure: Figure) -> None:
    """Every change, commit, publication and acknowledgement; that a look adds nothing is seen embedded."""
    vhosts = rabbit.vhosts(LANES) if rabbit.home else [rabbit.url]
    orders: list[dict[str, Any]] = [
        {"part": [lane, len(vhosts)], "sample": 0 if FULL else 30, "seed": lane, "looks": False}
        | {"server": postgres.url, "broker": vhost}
        for lane, vhost in enumerate(vhosts)
    ]
    deaths = explore(orders)
    assert len(deaths) > 10
    doubled, allowed = _judge(deaths)
    _note(figure, "death at every change, PostgreSQL + RabbitMQ", deaths, doubled, allowed)
