"""Objections: a ratee objects once and in time, the assessor's superior decides, with reasons, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.tables import objection, ratee, receipt
from scoring_service.usecases import assessments, notices, versions
from scoring_service.usecases.notices import Recipient
from scoring_service.usecases.rules import Choice, reappraised
from scoring_service.usecases.shelf import Shelf
from shared import audit
from shared.database import insert_new
from shared.errors import Problem, conflict, invalid, missing

MOST = 5000
"""Characters of a reason."""
LEAST = 10


def raise_(session: Session, round_id: UUID, number: str, reason: str, now: datetime) -> None:
    """Object to the newest score of a ratee, in the ratee's own name.

    Raises ``Refused``: no reason, nothing to object to, too late or report not received, round not released,
    objected already.
    """
    text = _reason(reason)
    row = versions.held_round(session, round_id)
    if row.state != "released":
        raise conflict("objection_not_now", f"This round is {row.state}: there can be no objection now.")
    one = versions.newest(session, round_id, number)
    until = _until(session, round_id, number, one.version)
    if one.status != "scored" or until is None:
        raise conflict("nothing_to_object", "There is no value of this person that can be objected to.")
    if until <= now:
        raise conflict("objection_late", "The time to object is over.")
    who = session.execute(sa.select(ratee).where(ratee.c.round_id == round_id, ratee.c.number == number)).one()
    made = {
        "round_id": round_id,
        "ratee": number,
        "version": one.version,
        "state": "open",
        "reason": text,
        "raised_at": now,
        "decider": who.superior,
        "decider_name": who.superior_name,
    }
    if not insert_new(session, objection, [made], "round_id", "ratee"):
        raise conflict("objection_known", "This person has objected already; there is one objection in a round.")
    audit.record(session, now, number, "objection.raised", f"{round_id}/{number}", {"version": one.version})
    if who.superior:
        _ask(session, round_id, number, who.superior, now)


def name_decider(
    session: Session, round_id: UUID, number: str, decider: str, name: str, actor: str, now: datetime
) -> None:
    """Say who decides an open objection: where the chart names nobody, or the superior cannot. Audited.

    Raises ``Refused``: no open objection, or the ratee or the assessor would decide on themselves.
    """
    row = session.execute(sa.select(ratee).where(ratee.c.round_id == round_id, ratee.c.number == number)).first()
    if row is None:
        raise missing("ratee_unknown", "Nobody with this number is assessed in this round.")
    if not decider or not name:
        raise invalid("decider_missing", "Give number and name of the person who decides.")
    if decider in (number, row.assessor):
        raise invalid("decider_unfit", "Neither the ratee nor the assessor can decide on this objection.")
    change = sa.update(objection).where(
        objection.c.round_id == round_id, objection.c.ratee == number, objection.c.state == "open"
    )
    if (
        session.execute(change.values(decider=decider, decider_name=name).returning(objection.c.ratee)).first()
        is None
    ):
        raise conflict("objection_not_open", "There is no open objection of this person.")
    audit.record(session, now, actor, "objection.decider", f"{round_id}/{number}", {"decider": decider})
    _ask(session, round_id, number, decider, now)


def decide(
    session: Session,
    round_id: UUID,
    number: str,
    decider: str,
    reason: str,
    ruling: Choice | Fraction | None,
    shelf: Shelf,
    now: datetime,
    *,
    on_paper: bool = False,
) -> None:
    """Decide an open objection as ``decider``; without a ``ruling`` the value stands, else it is set and published.

    Raises ``Refused``: no reason, somebody else decides or it is decided, the round is not released, a ruling that
    does not fit the policy or sets what stands already.
    """
    text = _reason(reason)
    row = versions.held_round(session, round_id)
    if row.state != "released":
        raise conflict("objection_not_now", f"This round is {row.state}: there can be no objection now.")
    state = "dismissed" if ruling is None else "upheld"
    mine = (
        objection.c.round_id == round_id,
        objection.c.ratee == number,
        objection.c.state == "open",
        objection.c.decider == decider,
    )
    change = sa.update(objection).where(*mine).values(state=state, decision=text, decided_at=now, on_paper=on_paper)
    if session.execute(change.returning(objection.c.ratee)).first() is None:
        raise conflict("objection_not_open", "There is no open objection of this person.")
    version = None if ruling is None else _correct(session, row, number, ruling, shelf, now)
    facts = {"state": state, "version": version, "on_paper": on_paper}
    audit.record(session, now, decider, "objection.decided", f"{round_id}/{number}", facts)
    notices.want(session, round_id, "objection_decided", "report", [Recipient(number, number)], now)


def find(session: Session, round_id: UUID, number: str) -> Any:
    """The objection of a ratee, None when there is none."""
    mine = objection.c.round_id == round_id, objection.c.ratee == number
    return session.execute(sa.select(objection).where(*mine)).first()


def listed(session: Session, round_id: UUID) -> Sequence[Mapping[str, Any]]:
    """All objections of a round with the ratee's name, the open ones first."""
    same = ratee.c.round_id == objection.c.round_id, ratee.c.number == objection.c.ratee
    query = (
        sa.select(objection, ratee.c.name, ratee.c.unit)
        .join(ratee, sa.and_(*same))
        .where(objection.c.round_id == round_id)
        .order_by(sa.case((objection.c.state == "open", 0), else_=1), objection.c.raised_at, objection.c.ratee)
    )
    return [dict(row._mapping) for row in session.execute(query)]


def _ask(session: Session, round_id: UUID, number: str, decider: str, now: datetime) -> None:
    notices.want(session, round_id, "objection_to_decide", "decision", [Recipient(decider, number)], now)


def _correct(
    session: Session, row: Any, number: str, ruling: Choice | Fraction, shelf: Shelf, now: datetime
) -> int:
    policy = shelf.thaw(row)
    before, one = versions.newest(session, row.id, number), versions.given(session, row.id, number)
    if isinstance(ruling, Choice) != (policy.behaviour_by == "assessor"):
        raise invalid("value_unfit", "This value does not fit the policy.")
    if isinstance(ruling, Choice):
        assessments.check(policy, one.leadership, ruling)
    columns = reappraised(policy, one, before.protected, ruling)
    told = ("behaviour", "category", "ratings")
    if all(columns["protected"][name] == before.protected[name] for name in told):
        problem = Problem("behaviour", "Choose that the value stands, or set another one.")
        raise invalid("value_unchanged", "This is the value that stands already.", [problem])
    return versions.supersede(session, row, before, columns, "corrected", policy, now)


def _reason(reason: str) -> str:
    text = reason.strip()
    if not LEAST <= len(text) <= MOST or "\x00" in text:
        message = f"Write at least {LEAST} and at most {MOST} characters."
        raise invalid(
            "reason_missing", "An objection and its decision need a reason.", [Problem("reason", message)]
        )
    return text


def _until(session: Session, round_id: UUID, number: str, version: int) -> datetime | None:
    mine = receipt.c.round_id == round_id, receipt.c.ratee == number, receipt.c.version == version
    found: datetime | None = session.scalar(sa.select(receipt.c.until).where(*mine))
    return found
