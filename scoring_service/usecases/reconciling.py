"""Has everything arrived that was sent, and is it still what it was? What is lost, doubled or altered, by round.

Ratees are named where that can be told. Nothing is changed.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.tables import box, feed, manifest, ratee, round_, score
from scoring_service.usecases import counting, finals
from scoring_service.usecases.release import contract_of, digest_of
from shared.events import BehaviourCorrected, BehaviourHeld, BehaviourScored, RoundFinal, RoundReleased, event_id

NAMED = 20
"""So many ratees are named; the others are counted."""
KINDS = [contract.type for contract in (BehaviourScored, BehaviourHeld, BehaviourCorrected)]
RESTORE = "Restore the scoring database or ask the makers; do not replay before."
KEEP = "Do not release it, keep its key, and ask the makers."


def findings(session: Session) -> Iterator[str]:
    """Every disagreement, as a sentence."""
    for row in session.execute(sa.select(round_).order_by(round_.c.name)).all():
        found = [*_ballots(session, row)] if row.state not in {"broken", "cancelled"} else []
        if row.state in {"released", "final"}:
            found += [*_scores(session, row), *_announced(session, row)]
        yield from (f"round {row.name}: {one}" for one in found)


def _ballots(session: Session, row: Any) -> Iterator[str]:
    """What came, the manifest of the close, and what was counted."""
    promised = session.execute(sa.select(manifest).where(manifest.c.round_id == row.id)).first()
    advice = KEEP if row.counted is None else RESTORE
    if promised is None:
        if row.counted is not None:
            yield f"the manifest of its close is gone. {advice}"
        return
    if lost := _lacking(session, row):
        yield (
            f"the boxes of {_named(lost)} were sent and are not here. If they are among the dead letters of "
            "scoring, retry those; else look at the queue cermin.scoring."
        )
    elif detail := counting.disagreement(session, row.id):
        twice = _twice(session, row)
        yield f"{detail} {f'Ballots of {_named(twice)} are there twice. ' if twice else ''}{advice}"
    if strangers := _strangers(session, row):
        yield f"boxes came for {_named(strangers)}, who are not on the roster. {advice}"
    if row.counted is not None:
        yield from _altered(row, promised)


def _altered(row: Any, promised: Any) -> Iterator[str]:
    """A manifest that is not the one by which the round was counted."""
    if row.merkle_root != promised.merkle_root:
        yield (
            f"it was counted by a manifest with the Merkle root {row.merkle_root}, the manifest here says "
            f"{promised.merkle_root}: one of them was altered. {RESTORE}"
        )
    if row.counted + row.refused != promised.ballots:
        yield (
            f"{row.counted} ballots were counted and {row.refused} refused, the manifest here says "
            f"{promised.ballots}: one of them was altered. {RESTORE}"
        )


def _lacking(session: Session, row: Any) -> Sequence[str]:
    arrived = sa.exists().where(box.c.round_id == ratee.c.round_id, box.c.ratee == ratee.c.number)
    query = sa.select(ratee.c.number).where(ratee.c.round_id == row.id, ~arrived)
    return session.scalars(query.order_by(ratee.c.number)).all()


def _strangers(session: Session, row: Any) -> Sequence[str]:
    known = sa.exists().where(ratee.c.round_id == box.c.round_id, ratee.c.number == box.c.ratee)
    return session.scalars(sa.select(box.c.ratee).where(box.c.round_id == row.id, ~known)).all()


def _twice(session: Session, row: Any) -> Sequence[str]:
    """Ratees with a ballot that is in another place too: no two sealed ballots are alike by themselves."""
    seen: dict[bytes, str] = {}
    found = set()
    query = sa.select(box.c.ratee, box.c.leaves).where(box.c.round_id == row.id)
    for number, leaves in session.execute(query.execution_options(yield_per=1000)):
        for at in range(0, len(leaves), counting.LEAF):
            first = seen.setdefault(leaves[at : at + counting.LEAF], f"{number} {at}")
            found |= set() if first == f"{number} {at}" else {number, first.partition(" ")[0]}
    return sorted(found)


def _scores(session: Session, row: Any) -> Iterator[str]:
    """The feed against the scores, and against the digest that the release announced."""
    columns = sa.select(score.c.ratee, score.c.version, score.c.status, score.c.cause)
    scores = session.execute(columns.where(score.c.round_id == row.id).order_by(score.c.ratee)).all()
    expected = {event_id(contract_of(one).type, row.id, one.ratee, one.version): one for one in scores}
    query = sa.select(feed.c.event_id, feed.c.subject).where(feed.c.round_id == row.id, feed.c.type.in_(KINDS))
    here = {one.event_id: one.subject for one in session.execute(query)}
    if lost := [one.ratee for id, one in expected.items() if id not in here]:
        yield f"the published score of {_named(lost)} is missing from the feed. {RESTORE}"
    if extra := sorted(subject.rpartition("/")[2] for id, subject in here.items() if id not in expected):
        yield f"the feed has more than one score of a version for {_named(extra)}. {RESTORE}"
    if row.ids_digest != digest_of([id for id, one in expected.items() if one.version == 1]):
        yield f"the digest of the release does not fit the scores that are kept. {RESTORE}"


def _announced(session: Session, row: Any) -> Iterator[str]:
    """That the release, and the end, were said once, with the digest that fits."""
    wanted = [(RoundReleased, "release", row.ids_digest)]
    if row.state == "final":
        wanted.append((RoundFinal, "end", digest_of(finals.standing_events(session, row.id)[1])))
    for contract, what, digest in wanted:
        query = sa.select(feed.c.data).where(feed.c.round_id == row.id, feed.c.type == contract.type)
        said = [json.loads(data)["ids_digest"] for data in session.scalars(query)]
        if not said:
            yield f"the event of its {what} is missing from the feed. {RESTORE}"
        elif said != [digest]:
            yield f"the feed says its {what} {len(said)} time(s), and not with the digest that fits. {RESTORE}"


def _named(numbers: Sequence[str]) -> str:
    more = len(numbers) - NAMED
    return ", ".join(numbers[:NAMED]) + (f" and {more} more" if more > 0 else "")
