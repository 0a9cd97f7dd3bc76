"""Files between the dry run and the confirmation: what was looked at is what is imported."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.errors import Refused
from survey_service.tables import upload

KEPT = timedelta(hours=1)
SHOWN = 100
"""Changes of each kind that are kept one by one; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits for its confirmation."""

    name: str
    content: bytes
    difference: dict[str, Any] | None
    """What the dry run found: the changes one by one, or ``detail`` and ``faults``."""


def keep(session: Session, account_id: str, name: str, content: bytes, now: datetime) -> UUID:
    """Keep a file for ``KEPT``; every file of this account from before goes, and what others forgot."""
    account = UUID(account_id)
    session.execute(sa.delete(upload).where(sa.or_(upload.c.kept_until <= now, upload.c.account_id == account)))
    upload_id = uuid4()
    session.execute(
        upload.insert().values(
            id=upload_id, account_id=account, name=name[:200], content=content, kept_until=now + KEPT
        )
    )
    return upload_id


def find(session: Session, upload_id: UUID, account_id: str, now: datetime) -> Upload:
    """A file of this account. Raises ``Refused`` when it is gone."""
    row = session.execute(
        sa.select(upload.c.name, upload.c.content, upload.c.difference).where(_own(upload_id, account_id, now))
    ).first()
    if row is None:
        raise _gone()
    return Upload(row.name, row.content, row.difference)


def note(session: Session, upload_id: UUID, difference: Mapping[str, Any]) -> None:
    """Keep what the dry run found with the file: it names people, and goes with it."""
    session.execute(sa.update(upload).where(upload.c.id == upload_id).values(difference=dict(difference)))


def take(session: Session, upload_id: UUID, account_id: str, now: datetime) -> Upload:
    """A file of this account, which is forgotten with it; of two who take it one gets it.

    Raises ``Refused`` when it is gone.
    """
    row = session.execute(
        sa.delete(upload).where(_own(upload_id, account_id, now)).returning(upload.c.name, upload.c.content)
    ).first()
    if row is None:
        raise _gone()
    return Upload(row.name, row.content, None)


def forget_old(session: Session, now: datetime) -> int:
    """Delete files that nobody confirmed; how many."""
    return len(session.scalars(sa.delete(upload).where(upload.c.kept_until <= now).returning(upload.c.id)).all())


def _own(upload_id: UUID, account_id: str, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(upload.c.id == upload_id, upload.c.account_id == UUID(account_id), upload.c.kept_until > now)


def _gone() -> Refused:
    return Refused("gone", "upload_gone", "The uploaded file is not kept any more. Upload it again.")
