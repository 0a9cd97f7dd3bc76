"""One ratee's dead letter holds up no other, and the round goes on as soon as somebody has looked at it."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service import tables as scoring
from shared.config import load
from shared.database import reading
from shared.errors import invalid
from shared.events import BallotsSealed, Event
from shared.host import Host
from tests.faults.conftest import Figure
from tests.faults.small_round import NOW, PHASES, SmallRound, cermin, life

UNLUCKY = "198501012009010003"


@pytest.fixture
def stumbling(data: Path) -> Iterator[SmallRound]:
    """A worker whose scoring service gives up one ratee's ballots."""
    host = Host(load(), clock=lambda: NOW)
    service = host.services["scoring"]
    take = service.handlers[BallotsSealed.type]

    def picky(session: Session, events: Sequence[Event]) -> None:
        if any(event.data["ratee"] == UNLUCKY for event in events):
            raise invalid("tried_out", "Not this one.")
        take(session, events)

    handlers = {**service.handlers, BallotsSealed.type: picky}
    host.services["scoring"] = dataclasses.replace(service, handlers=handlers)
    yield SmallRound(host, host.app("survey"), data)
    host.close()


def test_one_ratees_dead_letter_holds_up_no_other(data: Path, stumbling: SmallRound, figure: Figure) -> None:
    life(data, "launch", "answer")
    stumbling.run(next(phase for phase in PHASES if phase.name == "close"))
    [letter] = stumbling.host.broker.dead_letters("cermin.scoring")
    with reading(stumbling.scoring) as session:
        here = set(session.scalars(sa.select(scoring.box.c.ratee)))
        everybody = set(session.scalars(sa.select(scoring.ratee.c.number)))
    assert here == everybody - {UNLUCKY} and len(here) == 5
    told = cermin("doctor").output
    assert UNLUCKY in told and "dead-letters" in told
    assert cermin("dead-letters", "retry", "scoring", letter.id).exit_code == 0
    found = life(data, "count", "release")
    assert found["counted"] == found["thanked"] == found["boxes"]
    assert found["dead"] == [0, 0, 0] and found["digest"]
    figure("dead letter of one ratee among six", 1, lost=0, doubled=0, target="the others are taken, retry ends it")
