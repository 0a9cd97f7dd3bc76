"""The assessor's choice, under policies where the raters' mean is a recommendation.

Before the release a choice may be changed: scores are provisional. A score that was released as waiting takes one
choice, which publishes its next version; from then on only an objection changes it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.domain.policy import Policy
from scoring_service.tables import assessment, notice, ratee, round_, score
from scoring_service.usecases import notices, receipts, versions
from scoring_service.usecases.notices import Recipient
from scoring_service.usecases.rules import Choice, appraised
from scoring_service.usecases.scores import superseded
from scoring_service.usecases.shelf import Shelf
from shared import audit
from shared.database import insert, insert_new
from shared.errors import Problem, Refused, conflict, invalid, missing

WAITING = "awaiting_assessor"
OPEN = ("counted", "scored")
"""States of a round in which a choice may be made and changed."""


def ask(session: Session, round_id: UUID, now: datetime) -> int:
    """Have every assessor of a scored round that waits for categories asked once; returns how many were."""
    asked = sa.exists().where(
        notice.c.round_id == ratee.c.round_id,
        notice.c.person == ratee.c.assessor,
        notice.c.purpose == "assessment",
    )
    waiting = (
        sa.select(ratee.c.assessor)
        .join(score, sa.and_(score.c.round_id == ratee.c.round_id, score.c.ratee == ratee.c.number))
        .where(ratee.c.round_id == round_id, score.c.reason == WAITING, ratee.c.assessor.is_not(None), ~asked)
        .distinct()
    )
    people = [Recipient(person) for person in session.scalars(waiting)]
    return len(notices.want(session, round_id, "assessment_wanted", "assessment", people, now))


def take(
    session: Session,
    round_id: UUID,
    number: str,
    choice: Choice,
    shelf: Shelf,
    actor: str,
    now: datetime,
    *,
    on_paper: bool = False,
) -> None:
    """Keep what the assessor of a ratee chose.

    Raises ``Refused``: categories that the policy does not know or that are missing, a policy that wants none, a
    score that is settled, a round that is not counted yet, is being released, or is final.
    """
    row = versions.held_round(session, round_id)
    policy = shelf.thaw(row)
    if policy.behaviour_by != "assessor":
        raise conflict(
            "assessment_unused", f"The policy {policy.id} of this round asks no assessor for a category."
        )
    person = person_of(session, round_id, number)
    check(policy, person.leadership, choice)
    if row.state in OPEN:
        _change(session, _kept(round_id, number, choice, on_paper))
    elif row.state == "released":
        _settle(session, row, _kept(round_id, number, choice, on_paper), choice, policy, now)
    else:
        raise conflict("assessment_not_now", not_now(row.state))
    audit.record(
        session,
        now,
        actor,
        "assessment.given",
        f"{round_id}/{number}",
        {"overall": choice.overall, "on_paper": on_paper},
    )


def require_assessor(session: Session, round_id: UUID, number: str, assessor: str) -> None:
    """Raise ``Refused`` unless ``assessor`` is who assesses this ratee."""
    if person_of(session, round_id, number).assessor != assessor:
        raise Refused("forbidden", "not_the_assessor", "This person is assessed by somebody else.")


def check(policy: Policy, leadership: bool, choice: Choice) -> None:
    """Raise ``Refused`` (invalid) unless there is one known category for every aspect and one overall."""
    names = policy.category_names
    wanted = {aspect.code for aspect in policy.applicable(leadership)}
    problems = [
        Problem(f"ratings.{code}", f"Choose one of: {', '.join(names)}.")
        for code in sorted(wanted)
        if choice.ratings.get(code) not in names
    ]
    problems += [
        Problem(f"ratings.{code}", "The policy has no such behaviour.")
        for code in sorted(set(choice.ratings) - wanted)
    ]
    if choice.overall not in names:
        problems.append(Problem("overall", f"Choose one of: {', '.join(names)}."))
    if problems:
        raise invalid("assessment_incomplete", "The assessment is not complete.", problems)


def choice_of(session: Session, round_id: UUID, number: str) -> Choice | None:
    """What was chosen for a ratee so far."""
    mine = assessment.c.round_id == round_id, assessment.c.ratee == number
    found = session.execute(sa.select(assessment).where(*mine)).first()
    return Choice(found.overall, found.ratings) if found else None


def awaited(session: Session, round_id: UUID) -> Sequence[Mapping[str, Any]]:
    """Whose assessors are awaited: assessor with the number of ratees still to be assessed, by name.

    ``assessor`` is None where the organisation chart names none; then the personnel office has to name one.
    """
    query = (
        sa.select(ratee.c.assessor, ratee.c.assessor_name.label("name"), sa.func.count().label("ratees"))
        .join(score, sa.and_(score.c.round_id == ratee.c.round_id, score.c.ratee == ratee.c.number))
        .where(ratee.c.round_id == round_id, score.c.reason == WAITING, ~superseded())
        .group_by(ratee.c.assessor, ratee.c.assessor_name)
        .order_by(ratee.c.assessor_name)
    )
    return [dict(row._mapping) for row in session.execute(query)]


def person_of(session: Session, round_id: UUID, number: str) -> Any:
    """The row of a ratee. Raises ``Refused`` for somebody who is not assessed in this round."""
    who = session.execute(sa.select(ratee).where(ratee.c.round_id == round_id, ratee.c.number == number)).first()
    if who is None:
        raise missing("ratee_unknown", "Nobody with this number is assessed in this round.")
    return who


def _kept(round_id: UUID, number: str, choice: Choice, on_paper: bool) -> dict[str, Any]:
    chosen = {"overall": choice.overall, "ratings": dict(choice.ratings), "on_paper": on_paper}
    return {"round_id": round_id, "ratee": number} | chosen


def _change(session: Session, kept: Mapping[str, Any]) -> None:
    """Keep a choice and have the provisional score computed again."""
    statement = insert(session, assessment)
    written = {name: statement.excluded[name] for name in ("overall", "ratings", "on_paper")}
    again = statement.values(kept).on_conflict_do_update(index_elements=["round_id", "ratee"], set_=written)
    session.execute(again)
    touched = sa.update(ratee).where(ratee.c.round_id == kept["round_id"], ratee.c.number == kept["ratee"])
    session.execute(touched.values(stale=True))
    back = sa.update(round_).where(round_.c.id == kept["round_id"], round_.c.state == "scored")
    session.execute(back.values(state="counted"))


def _settle(
    session: Session, row: Any, kept: Mapping[str, Any], choice: Choice, policy: Policy, now: datetime
) -> None:
    """The one late choice for a score that was released as waiting."""
    number = kept["ratee"]
    before = versions.newest(session, row.id, number)
    if before.reason != WAITING or not insert_new(session, assessment, [kept], "round_id", "ratee"):
        raise conflict("assessment_settled", "This score is released: only an objection changes it now.")
    columns = appraised(policy, versions.given(session, row.id, number), choice)
    version = versions.supersede(session, row, before, columns, "assessed", policy, now)
    if columns["status"] == "scored":
        receipts.expect(session, row.id, [number], version)
    notices.want(session, row.id, "report_ready", "report", [Recipient(number, number, version)], now)


def not_now(state: str) -> str:
    """Why no choice can be made in a round of this state."""
    if state == "final":
        return "This round is final: nothing changes any more."
    if state == "releasing":
        return "The scores are being released at this moment: try again in a minute."
    return f"This round is {state}: the assessor chooses when all answers are counted."
