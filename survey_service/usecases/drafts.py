"""Drafts: what a rater chose so far, encrypted in the browser. Here are only bytes that look like any others.

Every link has its place from launch on, filled with noise; a draft replaces noise, and noise replaces a draft.
``over`` names what a device has seen last (SHA-256 of it), so that two devices do not overwrite each other, and
nothing has to be counted.
"""

import hashlib
import secrets
from collections.abc import Iterable
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from shared.bulk import behind, fill
from shared.errors import conflict, invalid
from shared.prepared import Prepared
from survey_service.domain import drafts
from survey_service.tables import draft

CHUNK = 100
"""Rows written at a time."""


def prepare(session: Session, round_id: UUID, digests: Iterable[bytes], plain: int) -> None:
    """Give every link (by the digest of its token) a place, before anybody begins; ``plain`` as for ``look``."""
    places = drafts.rows(digests, drafts.length(plain), secrets.token_bytes)
    with behind() as soon:
        while part := list(islice(places, CHUNK)):
            soon(fill, session, draft, [{"round_id": round_id, "upto": upto, "held": held} for upto, held in part])


def look(session: Session, round_id: UUID, digest: bytes, plain: int) -> bytes:
    """What is kept for a link: a draft or noise. ``plain`` is the length of a ballot before sealing, in bytes."""
    row = _ROW.first(session.connection(), round=round_id, digest=digest)
    found = drafts.find(row[1], digest, drafts.length(plain)) if row else None
    return found or _noise(plain)


def keep(session: Session, round_id: UUID, digest: bytes, content: bytes, over: bytes, plain: int) -> bytes | None:
    """Keep a draft over the one with the hash ``over``; returns None, or what is kept when that is another one.

    Raises ``Refused``: bad_draft for a wrong length, closed when the places of the round are gone.
    """
    if len(content) != drafts.length(plain):
        raise invalid("bad_draft", "The draft does not have the length of this questionnaire's.")
    row = _HELD_ROW.first(session.connection(), round=round_id, digest=digest)
    if row is None:
        raise conflict("closed", "Answering has ended.")
    present = drafts.find(row[1], digest, len(content))
    if present not in (None, content) and hashlib.sha256(present or b"").digest() != over:
        return present
    _write(session.connection(), round_id, row, digest, content)
    return None


def forget(session: Session, round_id: UUID, digest: bytes, plain: int) -> None:
    """Put noise in the place of a draft."""
    connection = session.connection()
    row = _HELD_ROW.first(connection, round=round_id, digest=digest)
    if row is not None:
        _write(connection, round_id, row, digest, _noise(plain))


def forget_round(session: Session, round_id: UUID) -> None:
    """Delete all drafts of a round."""
    session.execute(sa.delete(draft).where(draft.c.round_id == round_id))


_FOUND = (
    sa.select(draft.c.upto, draft.c.held)
    .where(draft.c.round_id == sa.bindparam("round"), draft.c.upto >= sa.bindparam("digest"))
    .order_by(draft.c.upto)
    .limit(1)
)
_ROW, _HELD_ROW = Prepared(_FOUND), Prepared(_FOUND.with_for_update())
_WRITE = Prepared(
    sa.update(draft)
    .where(draft.c.round_id == sa.bindparam("round"), draft.c.upto == sa.bindparam("place"))
    .values(held=sa.bindparam("drafts"))
)


def _write(connection: Connection, round_id: UUID, row: tuple[Any, ...], digest: bytes, content: bytes) -> None:
    upto, held = row
    _WRITE.first(connection, round=round_id, place=upto, drafts=drafts.put(held, digest, content))


def _noise(plain: int) -> bytes:
    return secrets.token_bytes(drafts.length(plain))
