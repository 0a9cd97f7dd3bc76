"""Reminders that leave by themselves, quiet hours, the agency's own words, and the sample mail."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from shared import audit
from shared.errors import Refused
from shared.sealing import Opener, letter_info, unb64
from survey_service.domain.raters import Group
from survey_service.domain.schedule import Schedule
from survey_service.tables import invitation, letter, round_
from survey_service.usecases import closing, letters, opening, reminders, trial
from tests.integration.survey.conftest import PUBLIC_URL, Office

WORDS = {"invitation": {"id": "Kata kami.", "en": "Our words."}, "reminder": {"id": "Sekali lagi.", "en": "Again."}}


def asked(office: Office) -> int:
    return len([one for one in office.events("letter.requested.v1") if one.data["kind"] == "reminder"])


def tick(office: Office, time: timedelta = timedelta(0)) -> int:
    office.now += time
    done = office.do(reminders.send_due, office.now)
    office.dispatch()
    return int(done)


def test_each_moment_of_the_schedule_reminds_once_whoever_has_not_answered(office: Office) -> None:
    round_id = office.open(schedule=Schedule(days=(3, 1), hour=9, weekends=True))
    raters = office.count(letter, letter.c.state != "no_address")
    done = office.ask(invitation.select().where(invitation.c.round_id == round_id))[0].rater
    office.set_states(round_id, "answered", invitation.c.rater == done)
    assert tick(office) == 0
    assert tick(office, timedelta(days=4, hours=4)) == 1
    assert asked(office) == raters - 1
    assert tick(office) == 0, "once"
    assert tick(office, timedelta(days=2)) == 1
    assert asked(office) == 2 * (raters - 1)
    assert tick(office, timedelta(days=30)) == 0, "not after the end"


def test_moments_that_were_missed_are_one_reminder(office: Office) -> None:
    office.open(schedule=Schedule(days=(5, 4, 3, 2), hour=9, weekends=True))
    assert tick(office, timedelta(days=5, hours=3)) == 1
    assert tick(office, timedelta(minutes=1)) == 0


def test_a_reminder_that_comes_due_in_the_quiet_hours_waits(office: Office) -> None:
    office.open(schedule=Schedule(days=(3,), hour=9, quiet_from=20, quiet_until=7, weekends=True))
    night = timedelta(days=4, hours=14)  # nothing ran in the morning; now it is past 20.00
    assert tick(office, night) == 0
    assert tick(office, timedelta(hours=10)) == 1


def test_nobody_gets_more_mails_than_the_round_allows_by_hand_or_not(office: Office) -> None:
    round_id = office.open(schedule=Schedule(most=2))
    sent = []
    for _ in range(4):
        office.now += timedelta(days=1)
        sent.append(office.do(letters.remind, round_id, office.now, office.now.date()))
        office.dispatch()
    assert sent[0] == sent[1] > 0 and sent[2:] == [0, 0]


def test_mails_do_not_leave_in_the_quiet_hours(office: Office) -> None:
    office.now = office.now.replace(hour=16)  # 23.00 WIB
    office.open(schedule=Schedule(quiet_from=20, quiet_until=7))
    leave = {one.data["not_before"] for one in office.events("letter.requested.v1")}
    assert {(one.hour, one.minute) for one in leave} == {(0, 0)}, "07.00 WIB"


def test_the_agencys_own_words_travel_with_the_mail(office: Office) -> None:
    round_id = office.open(messages=WORDS, schedule=Schedule(days=(3,), weekends=True))
    office.do(letters.remind, round_id, office.now, office.now.date() + timedelta(days=1))
    office.dispatch()
    found = {(one.data["kind"], one.data["message"]["id"]) for one in office.events("letter.requested.v1")}
    assert found == {("invitation", "Kata kami."), ("reminder", "Sekali lagi.")}


def test_a_sample_names_nobody_and_its_link_opens_nothing(office: Office) -> None:
    office.hire()
    office.meet_notifier()
    round_id = office.create(messages=WORDS)
    with pytest.raises(Refused, match="bad_address"):
        office.do(trial.send, round_id, "bukan alamat", "invitation", "id", office.now, "hr", public_url=PUBLIC_URL)
    office.do(trial.send, round_id, "sari@kota.go.id", "reminder", "id", office.now, "hr", public_url=PUBLIC_URL)
    [event] = office.events("letter.requested.v1")
    assert event.data["kind"] == "trial" and event.data["message"]["id"] == "Sekali lagi."
    opened = Opener(office.notifier_key).open(unb64(event.data["sealed"]), letter_info(event.data["letter_id"]))
    plain = json.loads(opened)
    assert plain["to"] == "sari@kota.go.id"
    assert [one["link"] for one in plain["links"]] == [f"{PUBLIC_URL}/s#CONTOH"]
    assert office.count(letter) == office.count(invitation) == 0
    [entry] = office.ask(audit.entry.select().where(audit.entry.c.action == "round.trial_sent"))
    assert "sari" not in repr(entry)
    office.do(letters.settle_mails, [(event.data["letter_id"], None)])


@pytest.mark.parametrize(("zone", "offset"), [("Asia/Makassar", 8), ("Asia/Jayapura", 9)])
def test_a_round_in_the_east_is_walked_hour_by_hour(office: Office, zone: str, offset: int) -> None:
    """WITA and WIT: quiet from 20 to 7 over midnight; who has answered, declined or lost the link hears nothing."""

    def at(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)

    schedule = Schedule(days=(4, 2), hour=8, quiet_from=20, quiet_until=7, weekends=True)
    office.now = at(23, 12)
    round_id = office.launched(
        opens_at=at(23, 22), closes_at=at(30, 16), timezone=zone, schedule=schedule, groups={"peer": Group(3, 3, 3)}
    )
    office.give_key(round_id)
    everybody = {row.id for row in office.ask(sa.select(letter.c.id))}
    done = [row.rater for row in office.ask(sa.select(letter.c.rater).order_by(letter.c.rater))][:6]
    gone = dict(zip(("answered", "declined", "revoked"), (done[:2], done[2:4], done[4:]), strict=True))
    while office.now < at(30, 18):
        office.do(opening.open_due, office.now)
        office.do(reminders.send_due, office.now)
        office.dispatch()
        office.do(closing.close_due, office.now)
        if office.now == at(27, 12):
            for state, raters in gone.items():
                assert office.set_states(round_id, state, invitation.c.rater.in_(raters))
        office.now += timedelta(hours=1)
    heard: dict[tuple[str, str], set[UUID]] = {}
    for one in office.events("letter.requested.v1"):
        leaves = one.data["not_before"].astimezone(ZoneInfo(zone))
        heard.setdefault((one.data["kind"], f"{leaves:%a %d %H:%M}"), set()).add(one.data["letter_id"])
        assert 7 <= leaves.hour < 20 and leaves.utcoffset() == timedelta(hours=offset)
    of = {row.rater: row.id for row in office.ask(sa.select(letter.c.rater, letter.c.id))}
    assert heard == {
        ("invitation", "Tue 24 07:00"): everybody,
        ("reminder", "Thu 26 08:00"): everybody,
        ("reminder", "Sat 28 08:00"): everybody - {of[rater] for rater in done},
    }
    assert office.ask(sa.select(round_.c.state))[0].state == "closed"


def test_a_reminder_asked_for_by_hand_at_night_leaves_in_the_morning(office: Office) -> None:
    round_id = office.open(timezone="Asia/Jayapura", schedule=Schedule(quiet_from=20, quiet_until=7))
    office.now = datetime(2026, 11, 26, 1, 30, tzinfo=ZoneInfo("Asia/Jayapura")).astimezone(UTC)
    office.do(letters.remind, round_id, office.now, date(2026, 11, 26))
    office.dispatch()
    leave = {
        one.data["not_before"] for one in office.events("letter.requested.v1") if one.data["kind"] == "reminder"
    }
    assert {one.astimezone(ZoneInfo("Asia/Jayapura")).isoformat() for one in leave} == {"2026-11-26T07:00:00+09:00"}
