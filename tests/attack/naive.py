"""The control: the same round kept the way it is usually kept. Every strategy must break it, or it proves nothing.

No table names a rater beside a ballot; a row per ballot with a number and a time, a log line per answer, a draft
that stays, an event per answer are enough.
"""

import base64
import hashlib
import json
import os
import sqlite3
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from tests.attack.copies import Tables, _plain, sqlite_tables, wal_versions
from tests.attack.evidence import Ballots, Raters, in_files, of_ballots, of_places, of_raters
from tests.attack.matching import Truth
from tests.attack.strategies import Evidence, by_content

_TABLES = """
CREATE TABLE invitation (id TEXT, token_digest {bytes}, letter_id TEXT, rater TEXT, ratee TEXT, state TEXT);
CREATE TABLE letter (id TEXT, opened {big});
CREATE TABLE ballot (number {serial}, id TEXT, at {big}, reference TEXT, kept {bytes});
CREATE TABLE draft (token_digest {bytes}, content {bytes});
CREATE TABLE audit (position {serial}, about TEXT);
CREATE TABLE outbox (position {serial}, data TEXT);
CREATE TABLE receipt (position {serial}, hash {bytes})
"""
_SQLITE = {"serial": "INTEGER PRIMARY KEY", "bytes": "BLOB", "big": "INTEGER"}
_POSTGRESQL = {"serial": "BIGSERIAL PRIMARY KEY", "bytes": "BYTEA", "big": "BIGINT"}


class Naive:
    """Answers of the riddle's raters, one transaction each, in a random order."""

    def __init__(self, riddle: Truth, folder: Path) -> None:
        self.folder, self.random = folder, Random(5)
        self.order = [name for names in riddle.boxes.values() for name in names]
        self.random.shuffle(self.order)
        ballots = {name: self._ballot() for name in self.order}
        self.riddle = Truth(riddle.boxes, ballots)
        self.box_of = {name: box for box, names in riddle.boxes.items() for name in names}
        self.moments = {name: 1_780_000_000_000 + at * 7001 for at, name in enumerate(self.order)}
        folder.mkdir(parents=True, exist_ok=True)

    def _ballot(self) -> bytes:
        """Not padded: a remark makes it longer."""
        return b"\x04" + os.urandom(60 + self.random.randrange(2000))

    def sqlite(self) -> Evidence:
        path = self.folder / "naive.db"
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.executescript(_TABLES.format(**_SQLITE))
        self._fill(connection, "?")
        tables = sqlite_tables(path)
        versions = wal_versions(
            path, "SELECT token_digest FROM invitation WHERE state = 'answered'", "SELECT kept FROM ballot"
        )
        evidence = self._evidence(tables)
        known = Ballots(self.riddle.ballot_of.values())
        evidence.links["journal"] = links_of(
            [(version.answered, frozenset(b for b, _ in known.places(version.boxes))) for version in versions]
        )
        connection.close()
        return evidence

    def postgresql(self, url: str) -> Evidence:
        with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
            connection.execute(_TABLES.format(**_POSTGRESQL))  # type: ignore[arg-type]
            self._fill(connection, "%s")
            names = connection.execute("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
            query = 'SELECT ctid::text AS "@place", xmin::text::bigint AS "@xmin", * FROM '
            tables: Tables = {
                row["name"]: [_plain(one) for one in connection.execute(query + row["name"])]  # type: ignore[operator]
                for row in names.fetchall()
            }
        evidence = self._evidence(tables)
        of_commit = {row["@xmin"]: row["token_digest"] for row in tables["invitation"]}
        evidence.links["old rows"] = {row["kept"]: of_commit[row["@xmin"]] for row in tables["ballot"]}
        return evidence

    def _fill(self, connection: Any, mark: str) -> None:
        for name in self.order:
            stamp = f"{self.moments[name]:012x}7{os.urandom(2).hex()[:3]}8{os.urandom(8).hex()[:15]}"
            row = [UUID(stamp).hex, name, f"letter-{name.hex()[:12]}", name.hex()[:12], "pending"]
            names = "id, token_digest, letter_id, rater, state"
            connection.execute(f"INSERT INTO invitation ({names}) VALUES ({_marks(mark, 5)})", row)
            connection.execute(f"INSERT INTO letter (id, opened) VALUES ({_marks(mark, 2)})", [row[2], 0])
        for name in self.order:
            self._answer(connection, mark, name, self.riddle.ballot_of[name], self.moments[name])

    def _answer(self, connection: Any, mark: str, name: bytes, ballot: bytes, at: int) -> None:
        statements: Sequence[tuple[str, list[Any]]] = [
            (
                f"INSERT INTO ballot (id, at, reference, kept) VALUES ({_marks(mark, 4)})",
                [f"{at:012x}", at, name.hex()[:16], ballot],
            ),
            (f"UPDATE invitation SET state = 'answered' WHERE token_digest = {mark}", [name]),
            (f"UPDATE letter SET opened = {mark} WHERE id = {mark}", [at, f"letter-{name.hex()[:12]}"]),
            (f"INSERT INTO draft VALUES ({_marks(mark, 2)})", [name, os.urandom(len(ballot))]),
            (f"INSERT INTO audit (about) VALUES ({mark})", [name.hex()]),
            (f"INSERT INTO outbox (data) VALUES ({mark})", [json.dumps(base64.b64encode(ballot).decode())]),
            (f"INSERT INTO receipt (hash) VALUES ({mark})", [hashlib.sha256(ballot).digest()]),
        ]
        connection.execute("BEGIN")
        for statement, values in statements:
            connection.execute(statement, values)
        connection.execute("COMMIT")
        with (self.folder / "log").open("a") as log:
            log.write(f"answered {name.hex()}\nstored {hashlib.sha256(ballot).hexdigest()}\n")
        with (self.folder / "store").open("ab") as store:
            store.write(ballot)

    def _evidence(self, tables: Tables) -> Evidence:
        """As of every copy: a naive product forgets nothing."""
        ballots, raters = Ballots(self.riddle.ballot_of.values()), Raters(tables["invitation"])
        log = (self.folder / "log").read_bytes()
        order = {name: at for at, name in enumerate(self.order)}
        places = in_files([self.folder / "store"], ballots)
        remnants = {ballot: [at] * (len(self.order) - n) for n, (ballot, (at,)) in enumerate(places.items())}
        found = of_ballots(tables, ballots)
        evidence = Evidence(self.riddle)
        evidence.raters = {f"survey:{name}": one for name, one in of_raters(tables, raters).items()}
        evidence.raters |= {"watched order": order, "progress": order, "metrics": order}
        evidence.raters["logs"] = first(raters.mentioned(log))
        evidence.ballots = {f"{of}:{name}": one for name, one in found.items() for of in ("survey", "scoring")}
        for kind in ("boxes", "journal", "broker", "rest"):
            evidence.ballots |= {f"{kind} {what}": one for what, one in of_places(places).items()}
        evidence.ballots["boxes copies"] = {ballot: len(copies) for ballot, copies in remnants.items()}
        evidence.ballots["logs first"] = first(ballots.receipts(log.decode()))
        evidence.ballots |= by_content(self.riddle)
        return evidence


def links_of(states: Sequence[tuple[frozenset[bytes], frozenset[bytes]]]) -> dict[bytes, bytes]:
    """Ballot to rater, from states one after another: who is new among the answered, what is new in the boxes.

    Where several are new at once nothing is linked.
    """
    links: dict[bytes, bytes] = {}
    for (answered, ballots), (later, more) in pairwise(states):
        new_raters, new_ballots = later - answered, more - ballots
        if len(new_raters) == len(new_ballots) == 1:
            links[next(iter(new_ballots))] = next(iter(new_raters))
    return links


def first(found: Any) -> dict[bytes, int]:
    first: dict[bytes, int] = {}
    for name, at in found:
        first.setdefault(name, at)
    return first


def _marks(mark: str, count: int) -> str:
    return ", ".join([mark] * count)
