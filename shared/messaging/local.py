"""The local broker: topics and queues in one SQLite file, for the product that runs without a server.

Every change is one short ``BEGIN IMMEDIATE`` transaction with ``synchronous=FULL``. A consumer takes a batch under
a lease; the lease of a process that died is given back within a second, any other when it expires. Consumers of
this process are woken at once, those of other processes look every 100 ms.
"""

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Flag

import structlog

from shared.messaging.broker import (
    MAX_ATTEMPTS,
    Bury,
    Consumer,
    DeadLetter,
    Delivery,
    Done,
    Message,
    Outcome,
    PublishFailed,
    Queue,
    Retry,
    Unroutable,
    delay_before,
)
from shared.messaging.local_file import BrokerFile, died, holder
from shared.messaging.topics import matches
from shared.unavailable import trace

log = structlog.get_logger(__name__)

LEASE = 60.0
"""Seconds a consumer may take for a batch before others get it too (harmless: events are applied once)."""
FARTHEST = 2 * LEASE
"""Seconds that a message waits at most; one that is due later was put off before the clock was set back."""
POLL = 0.1
"""Seconds between looks for what other processes published."""
SUSPECT = 3
"""From this attempt on a message is handed over alone: if it kills its consumer, it takes no other along."""

_DUE = """
SELECT position, attempts FROM message WHERE queue = ? AND NOT (due > ? AND due < ?) ORDER BY position LIMIT ?
"""
_CLAIM = """
UPDATE message SET attempts = attempts + 1, due = :until, holder = :holder, lease = :lease
WHERE position IN (SELECT value FROM json_each(:positions)) RETURNING position, topic, id, body, attempts
"""
_BURY = """
INSERT INTO dead (queue, topic, id, body, attempts, reason, at)
SELECT queue, topic, id, body, attempts, :reason, :now FROM message WHERE position = :position AND lease = :lease
"""


class LocalBroker:
    """The promise of ``broker.Broker``, kept in the SQLite file at ``path``; opened on first use."""

    def __init__(self, path: str | Path) -> None:
        self._file = BrokerFile(Path(path))
        self._arrived = threading.Condition()
        self._arrivals = 0

    def declare(self, queues: Sequence[Queue]) -> None:
        """See ``Broker.declare``."""
        with self._file.writing() as db:
            for queue in queues:
                db.execute("DELETE FROM binding WHERE queue = ?", (queue.name,))
                rows = [(queue.name, exchange, pattern) for exchange, pattern in set(queue.bindings)]
                db.executemany("INSERT INTO binding VALUES (?, ?, ?)", rows)

    def publish(self, messages: Sequence[Message]) -> None:
        """See ``Broker.publish``: returns after the commit."""
        lost: list[str] = []
        try:
            with self._file.writing() as db:
                bindings = db.execute("SELECT queue, exchange, pattern FROM binding").fetchall()
                rows = []
                for message in messages:
                    queues = _listening(bindings, message)
                    rows += [(queue, message.topic, message.id, message.body) for queue in queues]
                    if not queues:
                        lost.append(message.id)
                db.executemany("INSERT INTO message (queue, topic, id, body) VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise PublishFailed(f"the local broker did not store the messages: {error}") from error
        self._wake()
        if lost:
            raise Unroutable(lost)

    def consume(
        self,
        queue: str,
        consumer: Consumer,
        stop: Flag,
        *,
        batch: int = 200,
        backoff: timedelta = timedelta(seconds=5),
    ) -> None:
        """See ``Broker.consume``. A fault of the file itself is logged and tried again."""
        looked = 0.0
        while not stop.is_set():
            try:
                if time.monotonic() - looked > 1:
                    self._free_the_dead(queue)
                    looked = time.monotonic()
                lease, seen = uuid.uuid4().hex, self._arrivals
                if taken := self._claim(queue, lease, batch):
                    self._hand_over(queue, taken, lease, consumer, stop, backoff)
                else:
                    with self._arrived:
                        self._arrived.wait_for(lambda seen=seen: self._arrivals != seen, POLL)  # type: ignore[misc]
            except sqlite3.Error as error:
                log.error("the local broker stumbled and will try again", queue=queue, error=str(error))
                stop.wait(1)

    def depth(self, queue: str) -> int:
        """See ``Broker.depth``."""
        with self._file.reading() as db:
            row = db.execute("SELECT count(*) FROM message WHERE queue = ?", (queue,)).fetchone()
        return int(row[0])

    def dead_letters(self, queue: str, limit: int = 100) -> Sequence[DeadLetter]:
        """See ``Broker.dead_letters``."""
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT id, topic, reason, attempts, body, at FROM dead WHERE queue = ? ORDER BY position LIMIT ?",
                (queue, limit),
            )
            return [
                DeadLetter(queue, id, topic, reason, attempts, body, datetime.fromtimestamp(at, UTC))
                for id, topic, reason, attempts, body, at in rows
            ]

    def retry_dead(self, queue: str, ids: Sequence[str] | None = None) -> int:
        """See ``Broker.retry_dead``: one transaction."""
        with self._file.writing() as db:
            positions = _positions(db, queue, ids)
            db.executemany(
                "INSERT INTO message (queue, topic, id, body) SELECT queue, topic, id, body FROM dead "
                "WHERE position = ?",
                positions,
            )
            db.executemany("DELETE FROM dead WHERE position = ?", positions)
        self._wake()
        return len(positions)

    def drop_dead(self, queue: str, ids: Sequence[str] | None = None) -> int:
        """See ``Broker.drop_dead``."""
        with self._file.writing() as db:
            positions = _positions(db, queue, ids)
            db.executemany("DELETE FROM dead WHERE position = ?", positions)
        return len(positions)

    def check(self) -> str | None:
        """See ``Broker.check``."""
        try:
            with self._file.reading(patience=2) as db:
                db.execute("SELECT 1 FROM binding LIMIT 1").fetchone()
        except (sqlite3.Error, OSError, RuntimeError) as error:
            return f"the local broker's file cannot be read: {error}"
        return None

    def close(self) -> None:
        """See ``Broker.close``."""
        self._file.close()

    def _wake(self) -> None:
        with self._arrived:
            self._arrivals += 1
            self._arrived.notify_all()

    def _claim(self, queue: str, lease: str, batch: int) -> list[tuple[int, Delivery]]:
        with self._file.reading() as db:
            if not db.execute(_DUE, (queue, time.time(), time.time() + FARTHEST, 1)).fetchone():
                return []
        with self._file.writing() as db:
            found = db.execute(_DUE, (queue, time.time(), time.time() + FARTHEST, batch)).fetchall()
            alone = next((at for at, row in enumerate(found) if row[1] >= SUSPECT - 1), len(found))
            chosen = [row[0] for row in found[: max(alone, 1)]]
            values = {
                "until": time.time() + LEASE,
                "holder": holder(),
                "lease": lease,
                "positions": str(chosen),
            }
            rows = sorted(db.execute(_CLAIM, values).fetchall())
        return [(row[0], Delivery(*row[1:])) for row in rows]

    def _hand_over(
        self,
        queue: str,
        taken: list[tuple[int, Delivery]],
        lease: str,
        consumer: Consumer,
        stop: Flag,
        backoff: timedelta,
    ) -> None:
        if taken[0][1].attempt > MAX_ATTEMPTS:
            reason = Bury(f"no answer in {MAX_ATTEMPTS} attempts: its consumer died or took too long")
            self._settle(taken, [reason] * len(taken), lease, backoff)
            return
        while True:
            try:
                outcomes = consumer([delivery for _, delivery in taken])
                break
            except Exception as error:
                why = type(error).__name__
                log.error("consumer cannot work now", queue=queue, error=why, exc_info=trace(error))
                if stop.wait(backoff.total_seconds()):
                    self._give_back(lease)
                    return
                self._renew(lease)
        self._insist(lambda: self._settle(taken, outcomes, lease, backoff), queue, stop)

    def _insist(self, work: Callable[[], None], queue: str, stop: Flag) -> None:
        """Try again while the file cannot be written: what was dealt with must not wait for its lease to end."""
        while True:
            try:
                return work()
            except sqlite3.Error as error:
                log.error("the local broker could not note what is done", queue=queue, error=str(error))
                if stop.wait(1):
                    return None

    def _settle(
        self, taken: list[tuple[int, Delivery]], outcomes: Sequence[Outcome], lease: str, backoff: timedelta
    ) -> None:
        gone, later = [], []
        with self._file.writing() as db:
            for (position, delivery), outcome in zip(taken, outcomes, strict=True):
                if isinstance(outcome, Retry) and delivery.attempt < MAX_ATTEMPTS:
                    due = time.time() + delay_before(delivery.attempt + 1, backoff).total_seconds()
                    later.append((due, position, lease))
                    continue
                if not isinstance(outcome, Done):
                    values = {"reason": outcome.reason, "now": time.time(), "position": position, "lease": lease}
                    db.execute(_BURY, values)
                gone.append((position, lease))
            db.executemany("DELETE FROM message WHERE position = ? AND lease = ?", gone)
            db.executemany(
                "UPDATE message SET due = ?, holder = NULL, lease = NULL WHERE position = ? AND lease = ?", later
            )

    def _renew(self, lease: str) -> None:
        """A file that cannot be written now is written later: until then the lease ends, or it does not."""
        with suppress(sqlite3.Error), self._file.writing() as db:
            db.execute("UPDATE message SET due = ? WHERE lease = ?", (time.time() + LEASE, lease))

    def _give_back(self, lease: str) -> None:
        with self._file.writing() as db:
            db.execute(
                "UPDATE message SET due = 0, holder = NULL, lease = NULL, attempts = attempts - 1 WHERE lease = ?",
                (lease,),
            )

    def _free_the_dead(self, queue: str) -> None:
        with self._file.reading() as db:
            rows = db.execute("SELECT DISTINCT holder FROM message WHERE lease IS NOT NULL AND queue = ?", (queue,))
            gone = [name for (name,) in rows if died(name)]
        for name in gone:
            with self._file.writing() as db:
                db.execute("UPDATE message SET due = 0, holder = NULL, lease = NULL WHERE holder = ?", (name,))


def _listening(bindings: Sequence[tuple[str, str, str]], message: Message) -> list[str]:
    return sorted(
        {
            queue
            for queue, exchange, pattern in bindings
            if exchange == message.exchange and matches(pattern, message.topic)
        }
    )


def _positions(db: sqlite3.Connection, queue: str, ids: Sequence[str] | None) -> list[tuple[int]]:
    rows = db.execute("SELECT position, id FROM dead WHERE queue = ? ORDER BY position", (queue,)).fetchall()
    return [(position,) for position, id in rows if ids is None or id in ids]
