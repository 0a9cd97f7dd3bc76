"""Sending links again: to whoever is known and has something pending, once a day, without a trace for the rest."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shared.database import transaction
from survey_service.tables import letter, resend_wish
from survey_service.usecases import resending
from tests.asked import ADDRESS, NOW, Asked

TODAY = NOW.date()


@pytest.fixture
def asked(new_engine, tmp_path) -> Asked:
    return Asked(new_engine("survey_service.migrations"), tmp_path)


def grant(asked: Asked, *addresses: str, day=TODAY) -> int:
    for address in addresses:
        with transaction(asked.engine) as session:
            resending.wish(session, address)
    with transaction(asked.engine) as session:
        return resending.grant_wishes(session, NOW, day)


def wanted(asked: Asked) -> list[str | None]:
    with asked.engine.connect() as connection:
        return list(connection.scalars(sa.select(letter.c.wanted)))


def test_a_known_address_gets_its_letter_again_once_a_day(asked):
    asked.invite()
    assert grant(asked, ADDRESS.upper(), "nobody@dinas.example", ADDRESS) == 2
    assert wanted(asked) == ["resend"]
    with transaction(asked.engine) as session:
        session.execute(sa.update(letter).values(wanted=None))
        assert session.scalar(sa.select(sa.func.count()).select_from(resend_wish)) == 0
    grant(asked, ADDRESS)
    assert wanted(asked) == [None]
    grant(asked, ADDRESS, day=TODAY + timedelta(days=1))
    assert wanted(asked) == ["resend"]


@pytest.mark.parametrize("facts", [{"state": "answered"}, {"state": "declined"}, {"sealed": None}])
def test_nothing_leaves_when_nothing_is_pending_or_kept(asked, facts):
    asked.invite(**facts)
    assert grant(asked, ADDRESS) == 1
    assert wanted(asked) == [None]


@pytest.mark.parametrize("facts", [{"state": "closed"}, {"opens_at": NOW + timedelta(days=1)}, {"closes_at": NOW}])
def test_nothing_leaves_outside_the_answering_window(asked, facts):
    asked.invite()
    asked.set_round(**facts)
    grant(asked, ADDRESS)
    assert wanted(asked) == [None]


def test_wishes_stop_being_noted_when_somebody_plays(asked, monkeypatch):
    monkeypatch.setattr(resending, "MOST_WISHES", 3)
    assert grant(asked, *(f"a{n}@dinas.example" for n in range(5))) == 3
