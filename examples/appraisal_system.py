"""A subscriber that stands in for an appraisal system (e-Kinerja, an HRIS). It uses nothing of Cermin's code.

    python appraisal_system.py amqp amqps://kinerja:password@broker/vhost
    CERMIN_API_KEY=... python appraisal_system.py feed https://cermin.example.go.id

Both ways give the same events. Copy this file and replace `Ledger` by your tables; what has to stay:
ids repeat, so remember them in the same transaction as the effect; order holds per ratee only, so keep the highest
version; acknowledge (or move the cursor) after the commit; ignore types and fields that you do not know; and
compare with the digest in `round.released.v1` before anybody looks at these numbers, and with that in
`round.final.v1` before anybody is paid by them.
"""

import argparse
import csv
import hashlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pika
import pika.exceptions

COLUMNS = ("ratee", "status", "reason", "behaviour", "total", "predicate", "n_band", "policy")
BINDINGS = ("behaviour.*.*", "round.released.v1", "round.final.v1")
PROMISES = {"round.released.v1": "released", "round.final.v1": "final"}
"""Events with a digest: over the first version of every ratee; at the end of a round, over the newest."""
TABLES = """
CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, round TEXT, ratee TEXT, version INTEGER, digest TEXT);
CREATE TABLE IF NOT EXISTS score (round TEXT, ratee TEXT, status TEXT, reason TEXT, behaviour TEXT, total TEXT,
  predicate TEXT, n_band TEXT, policy TEXT, version INTEGER, PRIMARY KEY (round, ratee));
CREATE TABLE IF NOT EXISTS promise (round TEXT, state TEXT, events INTEGER, digest TEXT,
  PRIMARY KEY (round, state));
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), cursor TEXT);
"""


class Ledger:
    """What an appraisal system keeps; it survives a restart."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.executescript("PRAGMA journal_mode = WAL;" + TABLES)

    def apply(self, events: Iterable[dict[str, Any]], cursor: str | None = None) -> int:
        """Take in events once and move the cursor, in one transaction; returns how many were new."""
        with self._db:
            new = sum(self._take(event) for event in events)
            if cursor is not None:
                self._db.execute("INSERT OR REPLACE INTO place VALUES (1, ?)", (cursor,))
        return new

    def cursor(self) -> str | None:
        """Where reading the feed goes on."""
        found = self._db.execute("SELECT cursor FROM place").fetchone()
        return found[0] if found else None

    def _take(self, event: dict[str, Any]) -> bool:
        kind, data = str(event["type"]), event["data"]
        digest = hashlib.sha256(json.dumps([kind, data], sort_keys=True).encode()).hexdigest()
        known = self._db.execute("SELECT digest FROM event WHERE id = ?", (event["id"],)).fetchone()
        if known:
            if known[0] != digest:
                print(f"event {event['id']} came again with other content: not applied", file=sys.stderr)
            return False
        if kind in PROMISES:
            row = (data["round_id"], PROMISES[kind], data["scored"] + data["held"], data["ids_digest"])
            self._db.execute("INSERT OR REPLACE INTO promise VALUES (?, ?, ?, ?)", row)
        elif kind in {"behaviour.scored.v1", "behaviour.corrected.v1", "behaviour.held.v1"}:
            self._score(kind, data)
        else:
            return False
        row = (event["id"], data["round_id"], data.get("ratee"), data.get("version"), digest)
        self._db.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?)", row)
        return True

    def _score(self, kind: str, data: dict[str, Any]) -> None:
        held = kind == "behaviour.held.v1"
        bands = " ".join(f"{group}:{band}" for group, band in sorted(data.get("n", {}).items()))
        row = (
            data["round_id"],
            data["ratee"],
            "held" if held else data["status"],
            data.get("reason"),
            data.get("behaviour"),
            data.get("total"),
            data.get("predicate"),
            bands,
            f"{data['policy']['id']} v{data['policy']['version']}",
            data["version"],
        )
        self._db.execute("DELETE FROM score WHERE round = ? AND ratee = ? AND version < ?", (*row[:2], row[-1]))
        self._db.execute("INSERT OR IGNORE INTO score VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def write(self, path: Path) -> int:
        """The table of scores as CSV; returns the number of rows."""
        rows = self._db.execute(
            "SELECT ratee, status, reason, behaviour, total, predicate, n_band, policy"
            " FROM score ORDER BY ratee, round"
        ).fetchall()
        draft = path.with_suffix(".part")
        with draft.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
        draft.replace(path)
        return len(rows)

    def reconciled(self) -> bool:
        """Whether a round was released, and all that was sent for each release and each end has arrived."""
        promises = self._db.execute("SELECT round, state, events, digest FROM promise").fetchall()
        complete = bool(promises)
        for name, state, expected, digest in promises:
            ids = self._first(name) if state == "released" else self._newest(name)
            if digest != digest_of(ids):
                said = f"{len(ids)} of {expected} events, the digest differs"
                print(f"round {name}, {state}: {said}", file=sys.stderr)
                complete = False
        return complete

    def _first(self, round_id: str) -> list[str]:
        query = "SELECT id FROM event WHERE round = ? AND version = 1"
        return [row[0] for row in self._db.execute(query, (round_id,))]

    def _newest(self, round_id: str) -> list[str]:
        newer = "SELECT 1 FROM event n WHERE n.round = e.round AND n.ratee = e.ratee AND n.version > e.version"
        query = f"SELECT id FROM event e WHERE round = ? AND ratee IS NOT NULL AND NOT EXISTS ({newer})"  # noqa: S608
        return [row[0] for row in self._db.execute(query, (round_id,))]


def digest_of(ids: Iterable[str]) -> str:
    """The digest by which a release is reconciled: SHA-256 over the sorted ids, each followed by a line feed."""
    return hashlib.sha256("".join(f"{one}\n" for one in sorted(ids)).encode()).hexdigest()


def read_feed(ledger: Ledger, url: str, key: str) -> int:
    """Everything that is new in the score feed; returns how many events that was."""
    total = 0
    while True:
        query = {"after": place} if (place := ledger.cursor()) else {}
        request = Request(
            f"{url.rstrip('/')}/api/v1/scores/feed?{urlencode(query)}", headers={"Authorization": f"Bearer {key}"}
        )
        with urlopen(request, timeout=30) as answer:
            page = json.load(answer)
        total += ledger.apply(page["events"], page["cursor"])
        if not page["more"]:
            return total


def consume(ledger: Ledger, url: str, queue: str, csv_file: Path, once: bool) -> None:
    """Read our own durable queue; whenever it is empty the table is written, with ``once`` that is the end.

    Raises ``ConnectionError`` when the broker goes away; what was not acknowledged comes again.
    """
    try:
        with pika.BlockingConnection(pika.URLParameters(url)) as connection:
            channel = connection.channel()
            channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
            for topic in BINDINGS:
                channel.queue_bind(queue, "cermin.public", topic)
            channel.basic_qos(prefetch_count=200)
            for method, _properties, body in channel.consume(queue, inactivity_timeout=2):
                if method is not None:
                    _settle(ledger, channel, method.delivery_tag, body)
                    continue
                ledger.write(csv_file)
                if once:
                    return
    except pika.exceptions.AMQPError as error:
        raise ConnectionError(f"broker: {error!r}") from error


def _settle(ledger: Ledger, channel: Any, tag: int, body: bytes) -> None:
    try:
        ledger.apply([json.loads(body)])
    except (ValueError, KeyError, TypeError) as error:  # an operator looks at it; the others go on
        print(f"unreadable message set aside: {error!r}", file=sys.stderr)
        channel.basic_reject(tag, requeue=False)
    else:
        channel.basic_ack(tag)


def main() -> int:
    """0 when every release and every end is complete, 1 when not; without ``--once`` it runs until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", choices=("amqp", "feed"))
    parser.add_argument("url")
    parser.add_argument("--queue", default="kinerja.behaviour", help="our own queue")
    parser.add_argument("--db", type=Path, default=Path("appraisal.db"))
    parser.add_argument("--csv", type=Path, default=Path("scores.csv"))
    parser.add_argument("--once", action="store_true", help="stop when nothing more waits")
    chosen = parser.parse_args()
    ledger = Ledger(chosen.db)
    while True:
        try:
            if chosen.way == "feed":
                read_feed(ledger, chosen.url, os.environ["CERMIN_API_KEY"])
            else:
                consume(ledger, chosen.url, chosen.queue, chosen.csv, chosen.once)
        except OSError as error:
            if chosen.once:
                raise
            print(f"will try again: {error!r}", file=sys.stderr)
        ledger.write(chosen.csv)
        if chosen.once:
            return 0 if ledger.reconciled() else 1
        time.sleep(10)


if __name__ == "__main__":
    sys.exit(main())
