"""The service was away on deadline day."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from shared.errors import Refused
from survey_service.tables import invitation, outage, round_
from survey_service.usecases import closing, outages
from tests.integration.survey.conftest import Office
from tests.people_files import nip

HOURS = timedelta(hours=2)


def closes_at(office: Office):
    return office.ask(sa.select(round_.c.closes_at))[0].closes_at


def away(office: Office, before: timedelta):
    """An open round, and two hours without us that began so long before its deadline; its id and deadline."""
    round_id = office.open()
    office.dispatch()
    end = closes_at(office)
    office.do(outages.notice, end - before - timedelta(seconds=30))
    office.do(outages.notice, end - before + timedelta(seconds=40))
    office.now = end - before + timedelta(seconds=40) + HOURS
    assert office.do(outages.notice, office.now) == 1
    return round_id, end


def test_time_is_given_back_once_and_told_to_those_with_something_left(office: Office) -> None:
    round_id, end = away(office, timedelta(hours=4))
    office.set_states(round_id, "answered", invitation.c.rater == nip(3))
    office.set_states(round_id, "declined", invitation.c.rater == nip(4))
    before = len(office.events("letter.requested.v1"))
    assert office.do(outages.give_back, round_id, office.now, "hr") == end + HOURS == closes_at(office)
    office.dispatch()
    told = office.events("letter.requested.v1")[before:]
    assert {(one.data["kind"], one.data["closes_at"]) for one in told} == {("extended", end + HOURS)}
    assert len(told) == 23
    with pytest.raises(Refused, match="outage_none"):
        office.do(outages.give_back, round_id, office.now, "hr")
    assert closes_at(office) == end + HOURS


def test_a_deadline_inside_the_outage_waits_for_hr_and_opens_again(office: Office) -> None:
    round_id, end = away(office, timedelta(hours=1))
    assert end < office.now and office.do(closing.close_due, office.now) == 0
    assert office.do(outages.give_back, round_id, office.now, "hr") == office.now + HOURS
    assert office.do(closing.close_due, office.now + HOURS - timedelta(seconds=1)) == 0
    assert office.do(closing.close_due, office.now + HOURS) == 1


def test_the_round_waits_for_a_day_at_most_and_not_when_dismissed(office: Office) -> None:
    round_id, _ = away(office, timedelta(hours=1))
    assert office.do(closing.close_due, office.now + outages.PATIENCE - timedelta(seconds=1)) == 0
    office.do(outages.dismiss, round_id, office.now, "hr")
    with pytest.raises(Refused, match="outage_none"):
        office.do(outages.give_back, round_id, office.now, "hr")
    assert office.do(closing.close_due, office.now) == 1


def test_several_outages_are_given_back_together(office: Office) -> None:
    round_id, end = away(office, timedelta(hours=8))
    office.now += timedelta(hours=1)
    office.do(outages.notice, office.now)
    office.now += timedelta(minutes=30, seconds=1)
    assert office.do(outages.notice, office.now) == 1
    assert office.do(outages.undecided)[round_id].length == HOURS + timedelta(minutes=91)
    assert office.do(outages.give_back, round_id, office.now, "hr") == end + HOURS + timedelta(minutes=91)
    assert office.do(outages.undecided) == {}


def test_more_time_for_everybody_is_bounded(office: Office) -> None:
    round_id = office.open()
    end = closes_at(office)
    for until in (end, office.now, end + outages.LONGEST + timedelta(seconds=1)):
        with pytest.raises(Refused, match="extension_unfit"):
            office.do(outages.extend, round_id, until, office.now, "hr")
    office.do(outages.extend, round_id, end + HOURS, office.now, "hr")
    assert closes_at(office) == end + HOURS
    office.do(closing.close, round_id, office.now, "hr")
    with pytest.raises(Refused, match="round_not_open"):
        office.do(outages.extend, round_id, end + 2 * HOURS, office.now, "hr")


def test_nobody_decides(office: Office) -> None:
    away(office, timedelta(hours=1))
    assert office.do(closing.close_due, office.now + outages.PATIENCE) == 1


def test_a_clock_that_was_wrong_hides_no_later_outage(office: Office) -> None:
    office.open()
    end = closes_at(office)
    office.do(outages.notice, end + timedelta(days=400))
    office.do(outages.notice, end - timedelta(hours=4))
    assert office.do(outages.notice, end - timedelta(hours=2)) == 1


@pytest.mark.parametrize(("before", "gap"), [(timedelta(days=3), HOURS), (HOURS, timedelta(minutes=9))])
def test_short_gaps_and_those_long_before_the_end_are_let_be(office: Office, before, gap) -> None:
    office.open()
    start = closes_at(office) - before
    office.do(outages.notice, start)
    assert office.do(outages.notice, start + gap) == 0 == office.count(outage)
    assert office.do(outages.notice, start + gap + timedelta(minutes=1)) == 0
