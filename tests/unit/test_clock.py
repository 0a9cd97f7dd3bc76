"""A clock that follows the wall clock, but no jump of it before it has stood for an hour."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.clock import JUMP, SETTLE, SteadyClock, counted, wall

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    """A wall clock that can be set, and a count that cannot."""

    def __init__(self) -> None:
        self.wall, self.count = NOON, 100.0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.count)

    def pass_by(self, span: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        """Time passes and somebody looks every ``step``."""
        while span > timedelta():
            self.wall += min(step, span)
            self.count += min(step, span).total_seconds()
            span -= step
            self.clock()

    def set(self, by: timedelta) -> None:
        self.wall += by


@pytest.mark.parametrize(
    "jump", [timedelta(days=1), -timedelta(days=1), timedelta(minutes=4), -timedelta(days=9000)]
)
def test_a_jump_is_not_followed_until_it_has_stood_for_an_hour(jump: timedelta) -> None:
    it = Machine()
    it.pass_by(HOUR)
    it.set(jump)
    assert it.clock() == NOON + HOUR
    it.pass_by(SETTLE - timedelta(minutes=1))
    assert it.clock() == NOON + HOUR + SETTLE - timedelta(minutes=1)
    it.pass_by(timedelta(minutes=1))
    assert it.clock() == it.wall


def test_a_jump_that_is_mended_in_time_was_never_seen() -> None:
    it = Machine()
    for jump in (timedelta(days=30), timedelta(hours=-5)):
        it.set(jump)
        it.pass_by(timedelta(minutes=50))
        it.set(-jump)
        it.pass_by(timedelta(minutes=50))
    assert it.clock() == it.wall == NOON + timedelta(minutes=200)


def test_every_new_jump_has_to_stand_for_an_hour_of_its_own() -> None:
    it = Machine()
    for _ in range(5):
        it.set(timedelta(hours=3))
        it.pass_by(timedelta(minutes=59))
    assert it.clock() == NOON + timedelta(minutes=5 * 59)


def test_a_clock_that_drifts_is_followed_however_far() -> None:
    it = Machine()
    for _ in range(100):
        it.set(JUMP - timedelta(seconds=1))
        it.pass_by(timedelta(minutes=1))
        assert it.clock() == it.wall


def test_a_machine_that_slept_is_believed_at_once() -> None:
    it = Machine()
    it.pass_by(timedelta(days=2), step=timedelta(days=2))
    assert it.clock() == it.wall


def test_the_real_ones() -> None:
    begun = counted()
    assert abs(SteadyClock()() - wall()) < timedelta(seconds=1)
    assert 0 <= counted() - begun < 5
