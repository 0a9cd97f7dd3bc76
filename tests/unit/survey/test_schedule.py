"""When mails leave: reminders inside the window, never on a weekend unless wanted, never at night."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_service.domain.messages import faults as message_faults
from survey_service.domain.messages import words_of
from survey_service.domain.schedule import (
    Schedule,
    audible,
    days_from,
    faults,
    moments,
    schedule_from,
    schedule_to,
)

OPENS = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # Monday, 08.00 WIB
CLOSES = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)  # Monday, 16.00 WIB
WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"


def local(plan: Schedule, zone: str = WIB) -> list[str]:
    return [f"{one:%a %d %H:%M %z}" for one in moments(plan, OPENS, CLOSES, zone)]


def test_reminders_leave_so_many_days_before_the_end_at_the_hour_of_the_zone() -> None:
    plan = Schedule(days=(7, 3, 1), hour=9, weekends=True)
    assert local(plan) == ["Mon 09 09:00 +0700", "Fri 13 09:00 +0700", "Sun 15 09:00 +0700"]
    assert local(plan, WITA)[0] == "Mon 09 09:00 +0800"
    assert local(plan, WIT)[0] == "Mon 09 09:00 +0900"


def test_what_would_fall_on_a_weekend_leaves_on_the_friday_before_and_only_once() -> None:
    assert local(Schedule(days=(3, 2, 1))) == ["Fri 13 09:00 +0700"]


def test_none_leaves_before_the_second_day_or_after_the_end() -> None:
    assert local(Schedule(days=(60, 14, 13), hour=7)) == ["Tue 03 07:00 +0700"][:0]
    assert local(Schedule(days=(13,), hour=9)) == ["Tue 03 09:00 +0700"]


@pytest.mark.parametrize(
    ("hour", "waits_until"),
    [(6, 7), (7, 7), (12, 12), (19, 19), (20, 31), (23, 31)],
)
def test_in_the_quiet_hours_a_mail_waits_until_they_end(hour: int, waits_until: int) -> None:
    plan = Schedule(quiet_from=20, quiet_until=7)
    midnight = datetime(2026, 11, 3, tzinfo=UTC) - timedelta(hours=7)
    found = audible(plan, midnight + timedelta(hours=hour), CLOSES, WIB)
    assert found == midnight + timedelta(hours=waits_until)


def test_a_quiet_time_within_one_day_ends_on_that_day() -> None:
    plan = Schedule(quiet_from=12, quiet_until=13)
    noon = datetime(2026, 11, 3, 5, 30, tzinfo=UTC)
    assert audible(plan, noon, CLOSES, WIB) == datetime(2026, 11, 3, 6, 0, tzinfo=UTC)


def test_the_quiet_hours_never_hold_a_mail_until_answering_is_over() -> None:
    plan = Schedule(quiet_from=20, quiet_until=7)
    closes = datetime(2026, 11, 3, 23, 0, tzinfo=UTC)
    asked = datetime(2026, 11, 3, 16, 0, tzinfo=UTC)
    assert audible(plan, asked, closes, WIB) == closes - timedelta(hours=1)
    assert audible(plan, closes - timedelta(minutes=5), closes, WIB) == closes - timedelta(minutes=5)


@given(
    st.integers(0, 23),
    st.integers(0, 23),
    st.integers(0, 13 * 24 * 60),
    st.sampled_from([WIB, WITA, WIT]),
)
def test_what_is_audible_is_never_earlier_and_never_quiet(low: int, high: int, minutes: int, zone: str) -> None:
    plan = Schedule(quiet_from=low, quiet_until=high)
    asked = OPENS + timedelta(minutes=minutes)
    found = audible(plan, asked, CLOSES, zone)
    assert asked <= found <= asked + timedelta(days=1)
    assert audible(plan, found, CLOSES, zone) == found or found == CLOSES - timedelta(hours=1)


def test_days_are_read_as_people_type_them() -> None:
    assert days_from("7, 3,1") == days_from("1;3 7") == [7, 3, 1]
    assert days_from(" ") == []
    with pytest.raises(ValueError, match="besok"):
        days_from("besok")


def test_every_fault_of_a_schedule_is_named() -> None:
    bad = Schedule(days=(0, 61), hour=99, quiet_from=-1, quiet_until=24, most=11)
    assert {where for where, _ in faults(bad)} >= {
        "schedule.days",
        "schedule.hour",
        "schedule.quiet_from",
        "schedule.quiet_until",
        "schedule.most",
    }
    assert [where for where, _ in faults(Schedule(hour=22, quiet_from=20, quiet_until=7))] == ["schedule.hour"]
    assert not list(faults(Schedule()))


def test_a_schedule_is_kept_whole() -> None:
    plan = Schedule(days=(7, 1), hour=8, quiet_from=21, quiet_until=6, weekends=True, most=2)
    assert schedule_from(schedule_to(plan)) == plan
    assert schedule_from({}) == Schedule()


def test_own_words_come_in_both_languages_and_without_addresses() -> None:
    good = {"invitation": {"id": "Mohon bantuannya.", "en": "Please help."}}
    assert not list(message_faults(good))
    for text in ("lihat https://x.id", "WWW.x.id", "tulis ke a@b.id", "x" * 801):
        assert list(message_faults({"reminder": {"id": text, "en": "x"}})), text
    assert [where for where, _ in message_faults({"reminder": {"id": "a", "en": " "}})] == ["messages.reminder.en"]
    assert words_of(good, "resend") == good["invitation"] and words_of(good, "reminder") == {}
