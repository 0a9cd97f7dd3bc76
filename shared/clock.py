"""The clock of a process that runs for long: the wall clock, unless it jumps.

A wall clock that is set a day ahead by mistake would close rounds, and nothing could open them again. So a jump is
not believed at once: until the wall clock has stood by it for ``SETTLE``, time goes on as the machine itself counts
it (``CLOCK_BOOTTIME``, which also counts while a machine sleeps). A clock that is set right slowly, as time servers
do, is followed at every step.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

log = structlog.get_logger(__name__)

JUMP = timedelta(minutes=3)
"""The most that the wall clock may differ from what the machine counted since the last look."""
SETTLE = timedelta(hours=1)
"""How long the wall clock must stand by a jump until it is believed."""

JUMPED = "the system's clock jumped, which is not believed for an hour: set it right, unless it is right only now"


def wall() -> datetime:
    """The present moment in UTC, as the system says it."""
    return datetime.now(UTC)


def counted() -> float:
    """Seconds since the machine started; nobody sets this clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """A ``Clock``: call it for the present moment in UTC. Safe to share between threads."""

    def __init__(self, wall: Callable[[], datetime] = wall, counted: Callable[[], float] = counted) -> None:
        self._wall, self._counted = wall, counted
        self._turn = threading.Lock()
        self._at, self._count = wall(), counted()
        """The last moment that was believed, and what the machine had counted then."""
        self._jump: tuple[timedelta, float] | None = None
        """How far the wall clock is off, and the count at which that was first seen."""

    def __call__(self) -> datetime:
        """Now."""
        with self._turn:
            said, count = self._wall(), self._counted()
            steady = self._at + timedelta(seconds=count - self._count)
            off = said - steady
            if abs(off) <= JUMP:
                if self._jump:
                    log.info("the system's clock is right again")
                return self._believe(said, count)
            if self._jump is None or abs(off - self._jump[0]) > JUMP:
                self._jump = (off, count)
                log.error(JUMPED, seconds=round(off.total_seconds()))
            if count - self._jump[1] >= SETTLE.total_seconds():
                log.warning(
                    "the system's clock stood by its jump and is believed", seconds=round(off.total_seconds())
                )
                return self._believe(said, count)
            return steady

    def _believe(self, moment: datetime, count: float) -> datetime:
        self._at, self._count, self._jump = moment, count, None
        return moment
