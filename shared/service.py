"""The shape of a service: what the composition root needs to know of one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from click import Command
from flask import Flask
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from shared.config import SERVICES, Settings
from shared.events import Event

PACKAGES: Mapping[str, str] = dict(zip(SERVICES, ("survey_service", "scoring_service", "notifier"), strict=True))
"""Where each service lives, as a name: nothing in ``shared`` imports one."""
Clock = Callable[[], datetime]
Handler = Callable[[Session, Sequence[Event]], None]
"""Applies events of one type, in order, inside the consumer's transaction; never commits, never waits on a
network. Raises ``Refused`` or ``BadEvent`` for an event that will never work (it is buried alone), anything else
for a passing fault (it is tried again)."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a service is built from."""

    settings: Settings
    engine: Engine
    clock: Clock


@dataclass(frozen=True, slots=True)
class Job:
    """Work driven by the clock. ``run`` does one bounded piece and returns how much it did.

    It runs again at once while it did something, else after ``every``. Two replicas may run it at the same
    time, so it claims by condition.
    """

    name: str
    every: timedelta
    run: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Service:
    """One service, ready to be hosted."""

    name: str
    """``survey``, ``scoring`` or ``notifier``."""
    metadata: sa.MetaData
    migrations: str
    """The package with the alembic tree, such as ``survey_service.migrations``."""
    engine: Engine
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    """By event type; exactly the contracts that ``events.heard_by(name)`` lists."""
    jobs: Sequence[Job] = ()
    register: Callable[[Flask], None] | None = None
    """Adds blueprints to this service's own Flask app."""
    prefixes: tuple[str, ...] = ()
    """URL prefixes that lead to this service when several share one address; ``("",)`` takes what is left."""
    commands: Sequence[Command] = ()
    """Added to the ``cermin`` command."""
    checks: Mapping[str, Callable[[], str | None]] = field(default_factory=dict)
    """Readiness: each returns None when all is well, else one sentence without personal data."""
    diagnosis: Callable[[], Sequence[str]] = tuple
    """For ``cermin doctor``: slower looks than readiness; every finding is a sentence that says what to do."""
    welcome: Callable[[], Sequence[str]] = tuple
    """What ``cermin up`` tells the person who started it: where the pages are, what is still to do."""
