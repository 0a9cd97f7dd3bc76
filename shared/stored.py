"""The statement of what is stored: every table and column of the three services, in words for those it is about.

Each service writes its part beside its tables (``stored.toml``); a test compares it with the live schema. It is
read as a file, so that the survey service can tell about all three without importing the other two.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from shared.service import PACKAGES

ABOUT = ("raters", "ratees", "staff", "nobody")


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages."""

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class Column:
    """Columns that belong together, and what they hold."""

    names: tuple[str, ...]
    holds: Words


@dataclass(frozen=True, slots=True)
class Stored:
    """One table of one service. ``about`` is whom it tells something of (one of ``ABOUT``)."""

    service: str
    table: str
    about: str
    what: Words
    until: Words
    columns: tuple[Column, ...]


@cache
def statement() -> tuple[Stored, ...]:
    """Every table of every service, by service, those about raters first."""
    found = [*(_entry(service, *one) for service in PACKAGES for one in _read(PACKAGES[service])), *_common()]
    order = list(PACKAGES)
    return tuple(sorted(found, key=lambda one: (order.index(one.service), ABOUT.index(one.about))))


def _common() -> Iterator[Stored]:
    for table, facts in _read("shared"):
        for service, about in facts["about"].items():
            yield _entry(service, table, {**facts, "about": about})


def _read(package: str) -> list[tuple[str, dict[str, Any]]]:
    text = (resources.files(package) / "stored.toml").read_text("utf-8")
    return list(tomllib.loads(text).items())


def _entry(service: str, table: str, facts: dict[str, Any]) -> Stored:
    columns = tuple(Column(tuple(names.split()), Words(*words)) for names, words in facts["columns"].items())
    return Stored(service, table, facts["about"], Words(*facts["what"]), Words(*facts["until"]), columns)
