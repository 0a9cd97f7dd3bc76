"""Has everything arrived that was sent? What is missing, or there twice, by round and ratee."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.tables import box, feed, manifest, ratee, round_, score
from scoring_service.usecases.release import digest_of
from shared.events import BehaviourHeld, BehaviourScored, event_id

NAMED = 20
"""So many ratees are named; the others are counted."""
_KINDS = {"scored": BehaviourScored.type, "held": BehaviourHeld.type}


def findings(session: Session) -> Iterator[str]:
    """Every disagreement, as a sentence."""
    for row in session.execute(sa.select(round_).order_by(round_.c.name)).all():
        yield from _boxes(session, row)
        if row.state == "released":
            yield from _release(session, row)


def _boxes(session: Session, row: Any) -> Iterator[str]:
    """Boxes against the manifest of the close."""
    if row.state not in {"open", "sealing"}:
        return
    if session.scalar(sa.select(manifest.c.messages).where(manifest.c.round_id == row.id)) is None:
        return
    arrived = sa.exists().where(box.c.round_id == ratee.c.round_id, box.c.ratee == ratee.c.number)
    lost = session.scalars(
        sa.select(ratee.c.number).where(ratee.c.round_id == row.id, ~arrived).order_by(ratee.c.number)
    ).all()
    if lost:
        yield (
            f"round {row.name}: the boxes of {_named(lost)} were sent and are not here. If they are among the dead "
            "letters of scoring, retry those; else look at the queue cermin.scoring."
        )
    strangers = sa.exists().where(ratee.c.round_id == box.c.round_id, ratee.c.number == box.c.ratee)
    doubled = session.scalars(sa.select(box.c.ratee).where(box.c.round_id == row.id, ~strangers)).all()
    if doubled:
        yield f"round {row.name}: boxes came for {_named(doubled)}, who are not on the roster. Do not release it."


def _release(session: Session, row: Any) -> Iterator[str]:
    """The feed against the scores, and against the digest that the release announced."""
    scores = session.execute(sa.select(score).where(score.c.round_id == row.id).order_by(score.c.ratee)).all()
    expected = {event_id(_KINDS[one.status], row.id, one.ratee, one.version): one for one in scores}
    query = sa.select(feed.c.event_id, feed.c.subject).where(
        feed.c.round_id == row.id, feed.c.type.in_(_KINDS.values())
    )
    here = {one.event_id: one.subject for one in session.execute(query)}
    advice = "Restore the scoring database or ask the makers; do not replay before."
    if lost := [one.ratee for id, one in expected.items() if id not in here]:
        yield f"round {row.name}: the published score of {_named(lost)} is missing from the feed. {advice}"
    if extra := sorted(subject.rpartition("/")[2] for id, subject in here.items() if id not in expected):
        yield f"round {row.name}: the feed has more than one score of a version for {_named(extra)}. {advice}"
    first = [id for id, one in expected.items() if one.version == 1]
    if row.ids_digest != digest_of(first):
        yield f"round {row.name}: the digest of the release does not fit the scores that are kept. {advice}"


def _named(numbers: Sequence[str]) -> str:
    more = len(numbers) - NAMED
    return ", ".join(numbers[:NAMED]) + (f" and {more} more" if more > 0 else "")
