"""Outbox and inbox: two tables that every service's database has."""

import sqlalchemy as sa

from shared.database import BigId, UTCDateTime, metadata

MESSAGING = metadata()

outbox = sa.Table(
    "outbox",
    MESSAGING,
    sa.Column("position", BigId, primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.String(64), nullable=False),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("time", UTCDateTime, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("leased_until", UTCDateTime, nullable=True),
    sa.Column("problem", sa.String(200), nullable=True),
)
"""Facts to publish; a row goes when the broker has confirmed it."""

inbox = sa.Table(
    "inbox",
    MESSAGING,
    sa.Column("event_id", sa.String(64), primary_key=True),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("day", sa.Date, nullable=False, index=True),
)
"""Events already applied: an id comes in once; the same id with other content is refused."""
