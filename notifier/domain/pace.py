"""How fast mails may go: per minute in all, and per minute to one domain."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

MANY_DOMAINS = 10_000


@dataclass(slots=True)
class _Bucket:
    """Allowances that come back at a steady rate; ``full`` is as many as may go at once."""

    per_second: float
    full: float
    left: float
    as_of: datetime
    tail: datetime
    """When the last mail that was put off may go."""

    def fill(self, now: datetime) -> None:
        passed = max(0.0, (now - self.as_of).total_seconds())
        self.left = min(self.full, self.left + passed * self.per_second)
        self.as_of = now


@dataclass(slots=True)
class Pace:
    """Counts for one process, all its connections together; forgets when the process ends.

    At most two seconds' worth may go at once, so that a short pause loses nothing. Safe to use from threads.
    """

    per_minute: int
    per_minute_per_domain: int
    _all: _Bucket | None = None
    _domains: dict[str, _Bucket] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def allowance(self, now: datetime) -> int:
        """How many mails may go right now, whatever their domains."""
        with self._lock:
            return int(self._whole(now).left)

    def take(self, domain: str, now: datetime) -> datetime | None:
        """Use one allowance and return None; or, when there is none, the moment to try this mail again.

        Mails to a busy domain are put off one behind the other, so they hold up no other domain.
        """
        with self._lock:
            whole, own = self._whole(now), self._of(domain, now)
            for bucket in (whole, own):
                if bucket.left < 1:
                    step = timedelta(seconds=1 / bucket.per_second)
                    bucket.tail = max(bucket.tail, now) + step
                    return bucket.tail
            whole.left -= 1
            own.left -= 1
            return None

    def _whole(self, now: datetime) -> _Bucket:
        if self._all is None:
            self._all = _bucket(self.per_minute, now)
        self._all.fill(now)
        return self._all

    def _of(self, domain: str, now: datetime) -> _Bucket:
        if len(self._domains) > MANY_DOMAINS:
            self._domains.clear()
        bucket = self._domains.setdefault(domain, _bucket(self.per_minute_per_domain, now))
        bucket.fill(now)
        return bucket


def _bucket(per_minute: int, now: datetime) -> _Bucket:
    full = max(1.0, per_minute / 30)
    return _Bucket(per_minute / 60, full, full, now, now)
