"""Work results: SKP values and recognised ideas per ratee of a round; they make totals and predicates possible."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.tables import ratee, round_, work_result
from scoring_service.usecases.rules import WorkResultRule
from scoring_service.usecases.shelf import Shelf
from shared import audit
from shared.database import insert
from shared.errors import Problem, conflict, invalid, missing

BEFORE_RELEASE = ("open", "sealing", "reconciled", "counted", "scored")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line as it was given; ``ratee_at`` and ``value_at`` lead a person to it (``row 12, column NIP``)."""

    ratee: str
    value: str
    new_idea: bool
    ratee_at: str
    value_at: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. ``capped`` counts values above the policy's ceiling: they are kept and count as it."""

    new: int
    changed: int
    unchanged: int
    capped: int


def take(
    session: Session, round_id: UUID, entries: Sequence[Entry], shelf: Shelf, actor: str, now: datetime
) -> Imported:
    """Keep work results and mark the provisional scores they touch for computing again; all lines or none.

    The same lines again change nothing. Raises ``Refused`` with every faulty line, and for a round that is
    released: after that only an objection makes another version.
    """
    row = _unreleased(session, round_id)
    policy = shelf.thaw(row)
    if policy.combination.method == "none":
        raise conflict("work_results_unused", f"The policy {policy.id} of this round makes no use of work results.")
    rows = _checked(session, row, entries, WorkResultRule(policy))
    before = _before(session, round_id)
    fresh = [one for one in rows if before.get(one["ratee"]) != (one["value"], one["new_idea"])]
    _keep(session, round_id, fresh, actor, now)
    new = sum(one["ratee"] not in before for one in fresh)
    return Imported(new, len(fresh) - new, len(rows) - len(fresh), sum(one["capped"] for one in rows))


def _unreleased(session: Session, round_id: UUID) -> Any:
    """The round, held against a release until this transaction ends."""
    row = session.execute(sa.select(round_).where(round_.c.id == round_id).with_for_update()).first()
    if row is None:
        raise missing("round_unknown", "There is no round under this id.")
    if row.state not in BEFORE_RELEASE:
        raise conflict(
            "round_not_open_for_work_results",
            f"This round is {row.state}: work results count until its release, later changes need an objection.",
        )
    return row


def _checked(session: Session, row: Any, entries: Sequence[Entry], rule: WorkResultRule) -> list[dict[str, Any]]:
    known = set(session.scalars(sa.select(ratee.c.number).where(ratee.c.round_id == row.id)))
    times = Counter(entry.ratee for entry in entries)
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for entry in entries:
        if entry.ratee not in known:
            problems.append(Problem(entry.ratee_at, "Nobody with this number is assessed in this round."))
        elif times[entry.ratee] > 1:
            problems.append(Problem(entry.ratee_at, "This person is listed more than once; keep one line."))
        try:
            value, capped = rule.read(entry.value)
        except ValueError as fault:
            problems.append(Problem(entry.value_at, str(fault)))
            continue
        facts = {"value": value, "new_idea": entry.new_idea, "capped": capped}
        rows.append({"round_id": row.id, "ratee": entry.ratee} | facts)
    if problems:
        raise invalid("work_results_faulty", f"{len(problems)} fault(s); nothing was imported.", problems)
    return rows


def _before(session: Session, round_id: UUID) -> dict[str, tuple[str, bool]]:
    columns = (work_result.c.ratee, work_result.c.value, work_result.c.new_idea)
    rows = session.execute(sa.select(*columns).where(work_result.c.round_id == round_id))
    return {row.ratee: (row.value, row.new_idea) for row in rows}


def _keep(session: Session, round_id: UUID, rows: Sequence[dict[str, Any]], actor: str, now: datetime) -> None:
    """Write what is new, and take the round back to ``counted`` until its scores are computed again."""
    if not rows:
        return
    statement = insert(session, work_result)
    written = {name: statement.excluded[name] for name in ("value", "new_idea", "capped")}
    connection = session.connection()
    connection.execute(statement.on_conflict_do_update(index_elements=["round_id", "ratee"], set_=written), rows)
    touched = ratee.c.round_id == round_id, ratee.c.number == sa.bindparam("who")
    connection.execute(sa.update(ratee).where(*touched).values(stale=True), [{"who": one["ratee"]} for one in rows])
    session.execute(
        sa.update(round_).where(round_.c.id == round_id, round_.c.state == "scored").values(state="counted")
    )
    audit.record(session, now, actor, "work_results.imported", str(round_id), {"changed": len(rows)})
