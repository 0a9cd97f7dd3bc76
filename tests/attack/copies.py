"""Copies that an insider could take: every table with what the database adds to its rows, every file, old rows.

Nothing here names a table that the services have; what is added to them later is copied too.
"""

import sqlite3
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

Row = dict[str, Any]
"""Columns by name; ``@place`` is the rowid or ctid, ``@xmin`` the transaction (PostgreSQL)."""
Tables = dict[str, list[Row]]
KEYS = "keys"
"""The folder of the key store: outside every database and every backup of one."""


@dataclass(frozen=True, slots=True)
class Version:
    """An old state of the survey database: which invitations are answered, and bytes that hold the boxes."""

    answered: frozenset[bytes]
    boxes: bytes


class Sqlite:
    """The embedded product: four files, their logs, and whatever else lies in the data folder."""

    name = "embedded"

    def __init__(self, data: Path, log: Path) -> None:
        self.data, self.log = data, log

    def tables(self, service: str) -> Tables:
        """Every table of a service."""
        return sqlite_tables(self.data / f"{service}.db")

    def files(self) -> dict[str, list[Path]]:
        """Every file by what it is; the key store is no part of a copy."""
        every = [path for path in self.data.rglob("*") if path.is_file() and KEYS not in path.parts]
        logs = [path for path in every if path.name.endswith("-wal")]
        survey = self.data / "survey.db"
        return {
            "boxes": [survey],
            "journal": [path for path in logs if path.name.startswith("survey")],
            "broker": [path for path in every if path.name.startswith("broker")],
            "logs": [self.log],
            "rest": [path for path in every if path != survey],
        }

    def old_rows(self) -> dict[bytes, int]:
        """Nothing: SQLite overwrites what it frees (``secure_delete``)."""
        return {}

    def state(self) -> Version:
        """What a copy taken now shows."""
        connection = sqlite3.connect(self.data / "survey.db")
        try:
            return _version(connection)
        finally:
            connection.close()

    def journal(self) -> Iterator[Version]:
        """The states that SQLite's log keeps, oldest first."""
        return wal_versions(self.data / "survey.db", _ANSWERED, _BOXES)


_ANSWERED = "SELECT token_digest FROM invitation WHERE state = 'answered'"
_BOXES = "SELECT ballots FROM box"


class Servers:
    """Three databases of one PostgreSQL server and a RabbitMQ node; both on this machine, so files are in reach."""

    name = "separate"

    def __init__(
        self, urls: Mapping[str, str], spare: str, rabbit: Path | None, data: Path, log: Path, since: float
    ) -> None:
        self.urls, self.spare, self.rabbit = urls, spare, rabbit
        self.data, self.log, self.since = data, log, since
        with self._connect("survey") as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pageinspect")
            connection.execute("ALTER TABLE box SET (autovacuum_enabled = false)")

    def _connect(self, service: str) -> psycopg.Connection[Row]:
        return psycopg.connect(self.urls[service], autocommit=True, row_factory=dict_row)

    def tables(self, service: str) -> Tables:
        """Every table of a service, with ctid and xmin."""
        with self._connect(service) as connection:
            names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            query = 'SELECT ctid::text AS "@place", xmin::text::bigint AS "@xmin", * FROM {}'
            return {
                row["tablename"]: [
                    _plain(one)
                    for one in connection.execute(sql.SQL(query).format(sql.Identifier(row["tablename"])))  # type: ignore[arg-type]
                ]
                for row in names
            }

    def files(self) -> dict[str, list[Path]]:
        """Every file by what it is, as far as this process may read them; written out first."""
        with self._connect("survey") as connection:
            connection.execute("CHECKPOINT")
            home = Path(self._one(connection, "SELECT current_setting('data_directory')"))
            box = home / self._one(connection, "SELECT pg_relation_filepath('box')")
        folders = [home / "base" / oid for oid in self._oids()]
        journal = self._fresh(home / "pg_wal")
        logs = [path for path in (home.parent / "log",) if path.is_file()]
        broker = self._fresh(self.rabbit) if self.rabbit else []
        return {
            "boxes": [path for path in (box,) if path.exists()],
            "journal": sorted(journal, key=lambda path: path.name),
            "broker": broker,
            "logs": [self.log, *logs, *[path for path in broker if "log" in path.name or path.name == "output"]],
            "rest": [path for folder in folders for path in folder.glob("*") if path.is_file()]
            + [path for path in self.data.rglob("*") if path.is_file() and KEYS not in path.parts],
        }

    def old_rows(self) -> dict[bytes, int]:
        """Every row of ``box`` that still lies in its pages, dead ones too, with the transaction that wrote it."""
        query = (
            "SELECT t_xmin::text::bigint AS xmin, t_data AS content "
            "FROM generate_series(0, pg_relation_size('box') / 8192 - 1) AS page, "
            "heap_page_items(get_raw_page('box', page::int)) WHERE t_data IS NOT NULL"
        )
        with self._connect("survey") as connection:
            return {bytes(row["content"]): row["xmin"] for row in connection.execute(query)}

    def state(self) -> Version:
        """What a copy taken now shows."""
        with psycopg.connect(self.urls["survey"]) as connection:
            return _version(connection)

    def journal(self) -> Iterator[Version]:
        """Not read as states: the order of bytes in PostgreSQL's log is enough."""
        return iter(())

    def _oids(self) -> Iterator[str]:
        for service in self.urls:
            with self._connect(service) as connection:
                query = "SELECT oid::text FROM pg_database WHERE datname = current_database()"
                yield self._one(connection, query)

    def _fresh(self, folder: Path) -> list[Path]:
        """What was written since the round began."""
        return [path for path in folder.rglob("*") if path.is_file() and path.stat().st_mtime >= self.since]

    @staticmethod
    def _one(connection: psycopg.Connection[Row], query: str) -> Any:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return next(iter(row.values()))


def _version(connection: Any, answered: str = _ANSWERED, boxes: str = _BOXES) -> Version:
    return Version(
        frozenset(bytes(row[0]) for row in connection.execute(answered).fetchall()),
        b"".join(bytes(row[0]) for row in connection.execute(boxes).fetchall()),
    )


def sqlite_tables(path: Path) -> Tables:
    """Every table of a file, with rowids; what is in its log counts."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("BEGIN")
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            row["name"]: [
                _plain(dict(one))
                for one in connection.execute(f'SELECT {_rowid(row["sql"])} * FROM "{row["name"]}"').fetchall()
            ]
            for row in found
        }
    finally:
        connection.close()


def _rowid(statement: str) -> str:
    return "" if "WITHOUT ROWID" in statement.upper() else 'rowid AS "@place",'


def _plain(row: Row) -> Row:
    """The same on both databases: UUIDs as 32 hex digits, places as numbers."""
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, memoryview):
        return bytes(value)
    if name == "@place" and isinstance(value, str):
        page, line = value.strip("()").split(",")
        return int(page) * 65536 + int(line)
    return value


def wal_versions(path: Path, answered: str, boxes: str) -> Iterator[Version]:
    """The states of a database after each transaction in its write-ahead log, as the two queries see them."""
    journal = path.with_name(path.name + "-wal")
    log = journal.read_bytes() if journal.exists() else b""
    if len(log) < 32:
        return
    size, salt = struct.unpack(">I", log[8:12])[0], log[16:24]
    pages, base = {}, path.read_bytes()
    for at in range(32, len(log) - size - 23, size + 24):
        number, commit = struct.unpack(">II", log[at : at + 8])
        if log[at + 8 : at + 16] != salt:
            break
        pages[number] = log[at + 24 : at + 24 + size]
        if commit:
            yield _state(_image(base, pages, size, commit), answered, boxes)


def _image(base: bytes, pages: Mapping[int, bytes], size: int, count: int) -> bytes:
    image = bytearray(base[: count * size].ljust(count * size, b"\0"))
    for number, page in pages.items():
        if number <= count:
            image[(number - 1) * size : number * size] = page
    image[18:20] = b"\x01\x01"  # a database in memory has no log of its own
    return bytes(image)


def _state(image: bytes, answered: str, boxes: str) -> Version:
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(image)
        return _version(connection, answered, boxes)
    except sqlite3.DatabaseError:  # before the tables were made
        return Version(frozenset(), b"")
    finally:
        connection.close()
