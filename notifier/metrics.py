"""What the notifier counts, for ``/metrics``: never whom a mail was for, and what was accepted in steps only.

How many reminders leave is how many have not answered yet; with exact counts of accepted mails, whoever sees the
metrics could watch an open round.
"""

from collections import Counter
from collections.abc import Iterable
from threading import Lock

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

STEP = 5


class SteppedCounter(Collector):
    """Counts by one label; ``accepted`` is rounded down to a multiple of ``STEP``, what needs care is exact."""

    def __init__(self, name: str, meaning: str, label: str) -> None:
        self._facts = (name, meaning, label)
        self._counts: Counter[str] = Counter()
        self._lock = Lock()
        REGISTRY.register(self)

    def count(self, value: str) -> None:
        """One more."""
        with self._lock:
            self._counts[value] += 1

    def collect(self) -> Iterable[CounterMetricFamily]:
        """What Prometheus sees."""
        name, meaning, label = self._facts
        family = CounterMetricFamily(name, meaning, labels=[label])
        with self._lock:
            counts = dict(self._counts)
        for value, count in sorted(counts.items()):
            family.add_metric([value], count // STEP * STEP if value == "accepted" else count)
        yield family


OUTCOMES = SteppedCounter("cermin_mails", "Mails by how they ended.", "outcome")
"""``accepted``, ``permanent``, ``temporary`` or ``technical``; counted once a mail is done with."""

TRIES = SteppedCounter("cermin_mail_tries", "Talks with the mail server by how they ended.", "result")
"""``accepted``, ``refused``, ``deferred``, ``lost``, ``unreachable`` or ``misconfigured``."""
