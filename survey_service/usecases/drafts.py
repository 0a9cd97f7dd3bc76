"""Drafts: what a rater chose so far, encrypted in the browser. Here are only bytes that look like any others.

Every link has its place from launch on, filled with noise; a draft replaces noise, and noise replaces a draft.
``over`` names what a device has seen last (SHA-256 of it), so that two devices do not overwrite each other, and
nothing has to be counted.
"""

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from shared.database import fill
from shared.errors import conflict, invalid
from survey_service.domain import drafts
from survey_service.tables import draft


def prepare(session: Session, round_id: UUID, digests: Iterable[bytes], plain: int) -> None:
    """Give every link (by the digest of its token) a place, before anybody begins; ``plain`` as for ``look``."""
    places = drafts.rows((digest, _noise(plain)) for digest in digests)
    fill(session, draft, [{"round_id": round_id, "upto": upto, "held": held} for upto, held in places])


def look(session: Session, round_id: UUID, digest: bytes, plain: int) -> bytes:
    """What is kept for a link: a draft or noise. ``plain`` is the length of a ballot before sealing, in bytes."""
    row = session.connection().execute(_ROW, {"round": round_id, "digest": digest}).first()
    found = drafts.find(row.held, digest, drafts.length(plain)) if row else None
    return found or _noise(plain)


def keep(session: Session, round_id: UUID, digest: bytes, content: bytes, over: bytes, plain: int) -> bytes | None:
    """Keep a draft over the one with the hash ``over``; returns None, or what is kept when that is another one.

    Raises ``Refused``: bad_draft for a wrong length, closed when the places of the round are gone.
    """
    if len(content) != drafts.length(plain):
        raise invalid("bad_draft", "The draft does not have the length of this questionnaire's.")
    row = session.connection().execute(_HELD_ROW, {"round": round_id, "digest": digest}).first()
    if row is None:
        raise conflict("closed", "Answering has ended.")
    present = drafts.find(row.held, digest, len(content))
    if present not in (None, content) and hashlib.sha256(present or b"").digest() != over:
        return present
    _write(session.connection(), row, digest, content)
    return None


def forget(session: Session, round_id: UUID, digest: bytes, plain: int) -> None:
    """Put noise in the place of a draft."""
    connection = session.connection()
    row = connection.execute(_HELD_ROW, {"round": round_id, "digest": digest}).first()
    if row is not None:
        _write(connection, row, digest, _noise(plain))


def forget_round(session: Session, round_id: UUID) -> None:
    """Delete all drafts of a round."""
    session.execute(sa.delete(draft).where(draft.c.round_id == round_id))


_ROW = (
    sa.select(draft)
    .where(draft.c.round_id == sa.bindparam("round"), draft.c.upto >= sa.bindparam("digest"))
    .order_by(draft.c.upto)
    .limit(1)
)
_HELD_ROW = _ROW.with_for_update()
_WRITE = (
    sa.update(draft)
    .where(draft.c.round_id == sa.bindparam("round"), draft.c.upto == sa.bindparam("place"))
    .values(held=sa.bindparam("drafts"))
)


def _write(connection: Connection, row: sa.Row[Any], digest: bytes, content: bytes) -> None:
    facts = {"round": row.round_id, "place": row.upto, "drafts": drafts.put(row.held, digest, content)}
    connection.execute(_WRITE, facts)


def _noise(plain: int) -> bytes:
    return secrets.token_bytes(drafts.length(plain))
