"""Faults that pass by themselves or with room on the disk: nobody did anything wrong, and trying again later helps.

A database that restarts, has no connection or no room left, a lock that is not let go, a full disk. A missing table
or a wrong statement is none of them: it stays wrong however often it is tried.
"""

import errno
import sqlite3

import psycopg
import sqlalchemy as sa

_CLASSES = ("08", "53", "57", "58")
"""PostgreSQL's SQLSTATE classes: connection, resources (disk, memory, connections), operator (restart), system."""
_STATES = {"25006", "40001", "40P01", "55P03"}
"""A server that takes no writes now (it has just become, or is not yet, the one in charge); two who were in each
other's way; a lock that was not let go in time."""
_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
_SYSTEM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE}


def unavailable(error: BaseException | None) -> bool:
    """Whether ``error`` says that a database or the disk cannot do its work now."""
    if isinstance(error, sa.exc.TimeoutError):  # no connection of the pool became free
        return True
    if isinstance(error, sa.exc.DBAPIError):
        return error.connection_invalidated or _of_driver(error.orig)
    if isinstance(error, sqlite3.Error | psycopg.Error):
        return _of_driver(error)
    return isinstance(error, OSError) and error.errno in _SYSTEM


def trace(error: BaseException) -> BaseException | None:
    """What a log entry shows of the program: nothing for a fault that passes, which is no mistake of its."""
    return None if unavailable(error) else error


def _of_driver(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE
    state = getattr(error, "sqlstate", None)
    if state is None:  # libpq itself says it: there is no server, or it hung up
        return type(error).__name__ in ("OperationalError", "ConnectionTimeout")
    return state[:2] in _CLASSES or state in _STATES
