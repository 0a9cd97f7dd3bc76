"""Round keys: one pair per round; the private one lives in the key store and nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from sqlalchemy.orm import Session

from scoring_service.tables import round_
from shared import audit, sealing
from shared.errors import conflict, invalid, missing
from shared.events import Event, RoundKey, event_id
from shared.keystore import KeyStore

SHORTEST_PASSPHRASE = 12
NEEDS_KEY = ("open", "sealing")
"""States in which a round cannot go on without its private key."""


class KeyLost(Exception):
    """The private key of a round is not in the key store, and its ballots are not counted yet."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """One line of ``cermin keys list``; ``state`` is present, destroyed, lost or never made."""

    round_id: UUID
    name: str
    fingerprint: str | None
    state: str


def name_of(round_id: UUID) -> str:
    """The name of a round's key in the key store."""
    return f"round-{round_id}"


def make(keys: KeyStore, round_id: UUID) -> bytes:
    """The public key (65 bytes) of a round; whoever comes first makes the pair, everybody gets the same."""
    return sealing.public_part(keys.put_new(name_of(round_id), sealing.make_key()))


def opener(keys: KeyStore, round_id: UUID, fingerprint: str) -> sealing.Opener:
    """Opens the ballots of a round. Raises ``KeyLost`` when the key store does not have this very key."""
    return sealing.Opener(_private(keys, round_id, fingerprint))


def announce(round_id: UUID, public: bytes, now: datetime) -> Event:
    """The event that tells the survey service where to seal to."""
    data = {"round_id": round_id, "public_key": sealing.b64(public), "fingerprint": sealing.fingerprint(public)}
    return Event.make(RoundKey, id=event_id(RoundKey.type, round_id), subject=str(round_id), time=now, data=data)


def states(session: Session, keys: KeyStore) -> Sequence[KeyState]:
    """Where the key of every round is, by round name. A file that holds no key or another is as good as lost."""
    columns = (round_.c.id, round_.c.name, round_.c.fingerprint, round_.c.state, round_.c.key_destroyed_at)
    present = set(keys.names())

    def is_there(row: Any) -> bool:
        if row.state not in NEEDS_KEY or name_of(row.id) not in present:
            return name_of(row.id) in present
        return _fits(keys.get(name_of(row.id)) or b"", row.fingerprint)

    return [
        KeyState(row.id, row.name, row.fingerprint, _state(row, is_there(row)))
        for row in session.execute(sa.select(*columns).order_by(round_.c.name, round_.c.id))
    ]


def note_lost(session: Session, keys: KeyStore) -> int:
    """Write on each round that waits for ballots whether its key is gone; returns how many rounds changed."""
    found = states(session, keys)
    lost = [key.round_id for key in found if key.state == "lost"]
    newly = session.scalars(
        sa.update(round_)
        .where(round_.c.id.in_(lost), sa.or_(round_.c.problem.is_(None), round_.c.problem == "boxes_missing"))
        .values(problem="key_lost", problem_detail=LOST)
        .returning(round_.c.id)
    ).all()
    again = session.scalars(
        sa.update(round_)
        .where(round_.c.id.not_in(lost), round_.c.problem == "key_lost")
        .values(problem=None, problem_detail=None)
        .returning(round_.c.id)
    ).all()
    return len(newly) + len(again)


LOST = (
    "The private key of this round is not in the key store, so its ballots cannot be opened. Put the key store "
    "back, or restore an exported copy with `cermin keys restore`; without either this round is lost."
)


def export(session: Session, keys: KeyStore, round_id: UUID, passphrase: str, actor: str, now: datetime) -> bytes:
    """The private key of a round as encrypted PEM; the audit trail tells that a copy exists.

    Raises ``Refused`` for an unknown round, a short passphrase, or a key that is destroyed or lost.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise invalid("passphrase_short", f"The passphrase needs at least {SHORTEST_PASSPHRASE} characters.")
    row = _row(session, round_id)
    if row.key_destroyed_at is not None:
        raise conflict("key_destroyed", f"The key of this round was destroyed on {row.key_destroyed_at:%Y-%m-%d}.")
    try:
        private = _private(keys, round_id, row.fingerprint)
    except KeyLost:
        raise conflict("key_lost", LOST) from None
    audit.record(session, now, actor, "round_key.exported", str(round_id), {"fingerprint": row.fingerprint})
    key = serialization.load_der_private_key(private, None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )


def restore(
    session: Session, keys: KeyStore, round_id: UUID, pem: bytes, passphrase: str, actor: str, now: datetime
) -> None:
    """Put an exported copy back into the key store. Raises ``Refused`` when it is not the key of this round."""
    row = _row(session, round_id)
    if row.state not in NEEDS_KEY:
        raise conflict("key_not_needed", f"This round is {row.state}: it waits for no ballots.")
    try:
        loaded = serialization.load_pem_private_key(pem, passphrase.encode())
    except (ValueError, TypeError):
        raise invalid("key_unreadable", "This file does not open with this passphrase.") from None
    private = loaded.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    if not _fits(private, row.fingerprint):
        raise invalid("other_key", "This is not the key of this round; its fingerprint differs.")
    kept = keys.put_new(name_of(round_id), private)
    if not _fits(kept, row.fingerprint):
        raise conflict("other_key_kept", "The key store holds another key under this name; move it away first.")
    audit.record(session, now, actor, "round_key.restored", str(round_id), {"fingerprint": row.fingerprint})


def _private(keys: KeyStore, round_id: UUID, fingerprint: str | None) -> bytes:
    private = keys.get(name_of(round_id))
    if private is None or not _fits(private, fingerprint):
        raise KeyLost(f"round {round_id} is lost: {LOST}")
    return private


def _fits(private: bytes, fingerprint: str | None) -> bool:
    try:
        return sealing.fingerprint(sealing.public_part(private)) == fingerprint
    except ValueError:
        return False


def _row(session: Session, round_id: UUID) -> Any:
    row = session.execute(sa.select(round_).where(round_.c.id == round_id)).first()
    if row is None or row.public_key is None:
        raise missing("round_unknown", "There is no round with a key under this id; `cermin keys list` names them.")
    return row


def _state(row: Any, present: bool) -> str:
    if row.fingerprint is None:
        return "never made"
    if row.key_destroyed_at is not None:
        return "destroyed"
    return "present" if present else "lost" if row.state in NEEDS_KEY else "being destroyed"
