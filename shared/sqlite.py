"""Settings of an SQLite connection that durability and deletion depend on: set, and read back to be sure."""

import sqlite3
import time
from typing import Any

DURABLE = (("journal_mode", "WAL", "wal"), ("synchronous", "FULL", 2), ("secure_delete", "ON", 1))
"""What is accepted survives a power failure, what is deleted leaves no trace in the file."""
PATIENCE = 30.0
"""Seconds to wait for others who use the file."""


def prepare(raw: Any, settings: tuple[tuple[str, str, object], ...]) -> None:
    """Apply ``settings`` (name, value, what it reads back as). Raises ``RuntimeError`` when one is not accepted."""
    for name, value, expected in settings:
        found = _set(raw, name, value)
        if found != expected:
            raise RuntimeError(f"SQLite did not accept {name} = {value}; it says {found!r}")


def _set(raw: Any, name: str, value: str) -> object:
    """SQLite does not wait by itself when two connections turn a new file to write-ahead logging at once."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            raw.execute(f"PRAGMA {name} = {value}")
            return raw.execute(f"PRAGMA {name}").fetchone()[0]
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
