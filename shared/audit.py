"""Audit trail: who did what when, each entry hashed over the one before, without any pair of rater and ratee."""

import getpass
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.database import BigId, Json, UTCDateTime, metadata

AUDIT = metadata()

entry = sa.Table(
    "audit",
    AUDIT,
    sa.Column("position", BigId, primary_key=True, autoincrement=False),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("about", sa.String(200), nullable=False),
    sa.Column("facts", Json, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Index("ix_audit_actor_action_at", "actor", "action", "at"),
)
"""One row per act; ``position`` counts from 1 without gaps."""

START = "0" * 64


def record(
    session: Session, at: datetime, actor: str, action: str, about: str, facts: Mapping[str, object] | None = None
) -> None:
    """Append an entry in this transaction. ``facts`` holds JSON values, never a rater-ratee pair or an answer."""
    _one_at_a_time(session)
    last = session.execute(
        sa.select(entry.c.position, entry.c.digest).order_by(entry.c.position.desc()).limit(1)
    ).first()
    position, previous = (last.position + 1, last.digest) if last else (1, START)
    kept = dict(facts or {})
    session.execute(
        entry.insert().values(
            position=position,
            at=at,
            actor=actor,
            action=action,
            about=about,
            facts=kept,
            previous=previous,
            digest=_digest(position, at, actor, action, about, kept, previous),
        )
    )


def record_once(session: Session, at: datetime, since: datetime, actor: str, action: str, about: str) -> bool:
    """Append an entry unless this actor has one like it from ``since`` on; whether it is new.

    For reading, which would flood the trail: one entry a day says as much as a thousand.
    """
    if told(session, since, actor, action, about):
        return False
    _one_at_a_time(session)
    if told(session, since, actor, action, about):
        return False
    record(session, at, actor, action, about)
    return True


def told(session: Session, since: datetime, actor: str, action: str, about: str) -> bool:
    """Whether the trail has such an entry from ``since`` on."""
    same = (entry.c.actor == actor, entry.c.action == action, entry.c.at >= since, entry.c.about == about)
    return bool(session.scalar(sa.select(sa.exists().where(*same))))


def operator() -> str:
    """Who the audit names for a command: the account on this machine."""
    try:
        return f"operator {getpass.getuser()}"
    except (KeyError, OSError):
        return "operator"


def _one_at_a_time(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('cermin.audit'))"))


def broken_at(session: Session) -> int | None:
    """The position of the first entry that does not fit the chain, None when all of them do."""
    previous, expected = START, 1
    in_parts = sa.select(entry).order_by(entry.c.position).execution_options(yield_per=1000)
    with session.execute(in_parts) as rows:
        for row in rows:
            digest = _digest(row.position, row.at, row.actor, row.action, row.about, row.facts, previous)
            if row.position != expected or row.previous != previous or row.digest != digest:
                return expected
            previous, expected = row.digest, expected + 1
    return None


def _digest(
    position: int,
    at: datetime,
    actor: str,
    action: str,
    about: str,
    facts: Mapping[str, object],
    previous: str,
) -> str:
    text = json.dumps(
        [position, at.timestamp(), actor, action, about, facts, previous],
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()
