"""How far scoring has come with a round: only forward, in whatever order and however often it is said."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.events import ADVANCED
from survey_service.tables import round_

_SHOWN = ("counted", *ADVANCED)


def advance(session: Session, round_id: UUID, state: str) -> bool:
    """Take a round to ``state`` (scored, released or final); False when it is there, further, or not ready.

    Before the count has arrived it is only noted, because boxes are deleted with the count; ``catch_up`` follows.
    """
    earlier = _SHOWN[: _SHOWN.index(state)]
    noted = sa.or_(round_.c.ahead.is_(None), round_.c.ahead.in_(earlier))
    session.execute(sa.update(round_).where(round_.c.id == round_id, noted).values(ahead=state))
    return catch_up(session, round_id)


def catch_up(session: Session, round_id: UUID) -> bool:
    """Take a counted round as far as scoring has said; whether it moved."""
    behind = sa.or_(*(_behind(state) for state in ADVANCED))
    moved = sa.update(round_).where(round_.c.id == round_id, behind).values(state=round_.c.ahead)
    return session.execute(moved.returning(round_.c.id)).first() is not None


def _behind(state: str) -> sa.ColumnElement[bool]:
    earlier = _SHOWN[: _SHOWN.index(state)]
    return sa.and_(round_.c.ahead == state, round_.c.state.in_(earlier))
