"""From copies to orders: everything that could put raters or ballots into a sequence."""

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.attack.canaries import read
from tests.attack.copies import Row, Tables

Order = dict[bytes, Any]
_NAMES = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|\d{18}")


class Ballots:
    """Finds known ballots, raw, in base64 and by their hash, in any bytes: one pass, however many there are."""

    def __init__(self, ballots: Iterable[bytes]) -> None:
        self._raw = {ballot[:12]: ballot for ballot in ballots}
        self._text = {base64.b64encode(ballot)[:16]: ballot for ballot in self._raw.values()}
        self._text |= {base64.urlsafe_b64encode(ballot)[:16]: ballot for ballot in self._raw.values()}
        self._hash = {hashlib.sha256(ballot).hexdigest(): ballot for ballot in self._raw.values()}
        self._leaf = {bytes.fromhex(digest): ballot for digest, ballot in self._hash.items()}

    def places(self, content: bytes) -> Iterator[tuple[bytes, int]]:
        """Ballots and where they begin."""
        for pattern, known, length in ((b"\x04", self._raw, 12), (b"B", self._text, 16)):
            for found in re.finditer(pattern, content):
                at = found.start()
                ballot = known.get(content[at : at + length])
                if ballot is not None:
                    yield ballot, at

    def receipts(self, value: Any) -> Iterator[tuple[bytes, int]]:
        """Ballots whose hash stands in a value, and where."""
        if isinstance(value, bytes):
            for at in range(0, len(value) - 31, 32):
                if (ballot := self._leaf.get(value[at : at + 32])) is not None:
                    yield ballot, at
        if isinstance(value, str):
            for found in re.finditer("[0-9a-f]{64}", value):
                if (ballot := self._hash.get(found[0])) is not None:
                    yield ballot, found.start()


class Raters:
    """Finds invitations by whatever names them: their id, digest, letter, or the rater's number."""

    def __init__(self, invitations: Sequence[Row]) -> None:
        self._known: dict[Any, set[bytes]] = defaultdict(set)
        for row in invitations:
            digest = row["token_digest"]
            for value in (row["id"], digest, digest.hex(), row["letter_id"], row["rater"]):
                self._known[value].add(digest)

    def named(self, row: Row) -> set[bytes]:
        """The invitations that a row is about: by the value that narrows it down most."""
        found = [self._known[part] for value in row.values() for part in _parts(value) if part in self._known]
        return min(found, key=len, default=set())

    def mentioned(self, content: bytes) -> Iterator[tuple[bytes, int]]:
        """Invitations named in a text, and where."""
        for found in _NAMES.finditer(content.decode("latin-1")):
            for digest in self._known.get(found[0].replace("-", ""), ()):
                yield digest, found.start()


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, bytes):
        yield value
    if isinstance(value, str):
        yield value
        for found in _NAMES.findall(value):
            yield found.replace("-", "")


def of_raters(tables: Tables, raters: Raters) -> dict[str, Order]:
    """Every column of every table that has a row about a rater, as an order of raters; lengths too."""
    orders: dict[str, Order] = defaultdict(dict)
    for name, rows in tables.items():
        for row in rows:
            digests = raters.named(row)
            for column, value in _values(row):
                for digest in digests:
                    orders[f"{name}.{column}"].setdefault(digest, value)
    return {name: order for name, order in orders.items() if _comparable(order)}


def of_ballots(tables: Tables, ballots: Ballots) -> dict[str, Order]:
    """Every column beside a ballot, as an order of ballots; inside a value its place."""
    orders: dict[str, Order] = defaultdict(dict)
    for name, rows in tables.items():
        for row in rows:
            found = [
                (ballot, at)
                for value in row.values()
                for ballot, at in (*_raw(ballots, value), *ballots.receipts(value))
            ]
            for column, value in _values(row):
                for ballot, at in found:
                    orders[f"{name}.{column}"].setdefault(ballot, (value, at))
    return {name: order for name, order in orders.items() if _comparable(order)}


def _raw(ballots: Ballots, value: Any) -> Iterable[tuple[bytes, int]]:
    if isinstance(value, bytes):
        return ballots.places(value)
    return ballots.places(value.encode()) if isinstance(value, str) and len(value) > 100 else ()


def _values(row: Row) -> Iterator[tuple[str, Any]]:
    for column, value in row.items():
        if isinstance(value, bytes | str):
            yield f"{column} length", len(value)
        if value is not None and not isinstance(value, dict | list):
            yield column, value


def _comparable(order: Order) -> bool:
    kinds = {type(value[0]) if isinstance(value, tuple) else type(value) for value in order.values()}
    return len(kinds) == 1


def in_files(files: Iterable[Path], ballots: Ballots) -> dict[bytes, list[int]]:
    """All places of every ballot in files, as if they lay one after another."""
    found: dict[bytes, list[int]] = defaultdict(list)
    begin = 0
    for path in files:
        content = read(path)
        for ballot, at in sorted(ballots.places(content), key=lambda one: one[1]):
            found[ballot].append(begin + at)
        begin += len(content)
    return found


def of_places(places: Mapping[bytes, Sequence[int]]) -> dict[str, Order]:
    """What the places of ballots in files tell."""
    return {
        "first": {ballot: found[0] for ballot, found in places.items()},
        "last": {ballot: found[-1] for ballot, found in places.items()},
        "copies": {ballot: len(found) for ballot, found in places.items()},
    }
