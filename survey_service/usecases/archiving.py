"""Archiving: an ended round forgets who was asked about whom; results, receipts and counts stay.

What goes is everything that names a rater: invitations and letters. Boxes, drafts and sealed letters are gone since
the count. The files are swept afterwards, so that the deleted rows leave them too.
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.errors import conflict
from survey_service.tables import invitation, letter
from survey_service.usecases import rounds


def archive(session: Session, round_id: UUID, name: str, now: datetime, actor: str) -> None:
    """Delete what names the raters of a final or cancelled round; for good.

    ``name`` is the round's name, typed by whoever does this. Raises ``Refused`` when it differs or the round has
    not ended.
    """
    if rounds.find(session, round_id).name != name:
        raise conflict("round_name_differs", "This is not the round's name: type it exactly to archive the round.")
    rounds.step(session, round_id, "archived", swept=False)
    session.execute(sa.delete(invitation).where(invitation.c.round_id == round_id))
    session.execute(sa.delete(letter).where(letter.c.round_id == round_id))
    audit.record(session, now, actor, "round.archived", str(round_id))
