"""The survey service is told how far a round has come, so that one page shows the whole of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared.events import Event, RoundAdvanced, event_id
from shared.messaging import outbox


def tell(session: Session, round_id: UUID, state: str, now: datetime) -> None:
    """Say that a round is ``scored``, ``released`` or ``final``; saying it again is the same event."""
    name = event_id(RoundAdvanced.type, round_id, state)
    data = {"round_id": round_id, "state": state}
    outbox.publish(session, [Event.make(RoundAdvanced, id=name, subject=str(round_id), time=now, data=data)])
