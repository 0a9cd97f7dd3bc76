"""The file under the local broker: its tables, its settings, its transactions, and whose lease has died."""

import os
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.sqlite import DURABLE, prepare

_TABLES = """
CREATE TABLE IF NOT EXISTS binding (
    queue TEXT NOT NULL, exchange TEXT NOT NULL, pattern TEXT NOT NULL, PRIMARY KEY (queue, exchange, pattern)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    position INTEGER PRIMARY KEY, queue TEXT NOT NULL, topic TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0, holder TEXT, lease TEXT
);
CREATE INDEX IF NOT EXISTS message_by_queue ON message (queue, position);
CREATE INDEX IF NOT EXISTS message_by_lease ON message (lease, queue, holder) WHERE lease IS NOT NULL;
CREATE TABLE IF NOT EXISTS dead (
    position INTEGER PRIMARY KEY, queue TEXT NOT NULL, topic TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL,
    attempts INTEGER NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS dead_by_queue ON dead (queue, position);
"""


class BrokerFile:
    """One connection, opened on first use, that the threads of this process take in turns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def reading(self, patience: float = -1) -> Iterator[sqlite3.Connection]:
        """A look; another process may write meanwhile. Raises ``TimeoutError`` after ``patience`` seconds."""
        if not self._lock.acquire(timeout=patience):
            raise TimeoutError("the file is in use")
        try:
            yield self._open()
        finally:
            self._lock.release()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: safe on disk when the block has ended, undone when it raises."""
        with self._lock:
            db = self._open()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Fold SQLite's log into the file and let go of it."""
        with self._lock:
            if self._connection is not None:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
            prepare(db, DURABLE)
            db.executescript(f"BEGIN IMMEDIATE;{_TABLES}COMMIT;")
            self._connection = db
        return self._connection


def holder() -> str:
    """This process, so that others on the machine can tell when it is gone."""
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())}"


def died(name: str) -> bool:
    """Whether the process that called itself ``name`` ran on this machine and is gone."""
    host, pid, started = name.split(" ")
    return host == socket.gethostname() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process began, "gone" when there is none; "?" where the system does not tell."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except PermissionError:
        pass
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "?"
    return "gone" if fields[0] == "Z" else fields[19]
