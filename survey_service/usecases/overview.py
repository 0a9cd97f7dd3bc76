"""What HR sees at a glance: all rounds, the mails of one, and what stands in the way of a launch."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_service.domain.fitting import fits
from survey_service.domain.forecast import forecast
from survey_service.domain.raters import RELATIONS, Plan
from survey_service.domain.schedule import moments, schedule_from
from survey_service.domain.steps import stepped
from survey_service.tables import letter, notifier_key, person, progress, questionnaire, round_, unit
from survey_service.usecases import planning, questionnaires, rounds, writing


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at before a launch: ``good``, ``warn`` or ``bad`` (no launch), with its number."""

    name: str
    verdict: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those invited have answered, as a step."""

    invited: int
    answered: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan as HR reads it."""

    plan: Plan
    names: dict[str, str]
    invitations: Counter[str]
    raters: int
    most: int
    """How many people the busiest rater would be asked about, supervisors aside."""
    forecast: dict[int, Counter[str]]


def all_rounds(session: Session, units: Collection[str] | None = None) -> Sequence[sa.Row[Any]]:
    """Every round, the latest window first, with what was counted last of all units or of these."""
    counted = (
        sa.select(
            progress.c.round_id,
            sa.func.sum(progress.c.invited).label("invited"),
            sa.func.sum(progress.c.answered).label("answered"),
        )
        .where(sa.true() if units is None else progress.c.unit.in_(units))
        .group_by(progress.c.round_id)
        .subquery()
    )
    return session.execute(
        sa.select(round_, counted.c.invited, counted.c.answered)
        .outerjoin(counted, counted.c.round_id == round_.c.id)
        .order_by(round_.c.opens_at.desc(), round_.c.name)
    ).all()


def mails(session: Session, round_id: UUID) -> dict[tuple[str, str | None], int]:
    """How many letters stand where: by state and reason."""
    rows = session.execute(
        sa.select(letter.c.state, letter.c.reason, sa.func.count())
        .where(letter.c.round_id == round_id)
        .group_by(letter.c.state, letter.c.reason)
        .order_by(letter.c.state, letter.c.reason)
    )
    return {(state, reason): count for state, reason, count in rows}


def totals(session: Session, round_id: UUID, units: Collection[str] | None = None) -> dict[str, Share]:
    """The last count of a round by relation, of all units or of these."""
    wanted = progress.c.round_id == round_id
    if units is not None:
        wanted = sa.and_(wanted, progress.c.unit.in_(units))
    rows = session.execute(
        sa.select(progress.c.relation, sa.func.sum(progress.c.invited), sa.func.sum(progress.c.answered))
        .where(wanted)
        .group_by(progress.c.relation)
    )
    found = {relation: Share(int(invited), stepped(int(answered))) for relation, invited, answered in rows}
    return {relation: found[relation] for relation in RELATIONS if relation in found}


def preview(session: Session, round_id: UUID) -> Preview:
    """Who would be asked, how much that is, and what could be shown afterwards. Nothing is written."""
    row = rounds.find(session, round_id)
    people = planning.all_people(session)
    plan = planning.plan_round(people, planning.all_units(session), row)
    invitations: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    everybody: set[str] = set()
    for one in plan.ratees:
        for relation, raters in one.raters.items():
            invitations[relation] += len(raters)
            everybody.update(raters)
            if relation in ("peer", "subordinate"):
                asked.update(raters)
    return Preview(
        plan,
        {one.number: one.name for one in people},
        invitations,
        len(everybody),
        max(asked.values(), default=0),
        forecast((one.raters for one in plan.ratees), row.threshold),
    )


def checks(session: Session, round_id: UUID, now: datetime, public_url: str) -> list[Check]:
    """What to look at before this draft is launched."""
    row = rounds.find(session, round_id)
    people = planning.all_people(session)
    plan = planning.plan_round(people, planning.all_units(session), row)
    raters = {rater for one in plan.ratees for group in one.raters.values() for rater in group}
    shared = writing.shared_addresses(people)
    paper = sum(1 for one in people if one.number in raters and (not one.email or one.email.lower() in shared))
    lacking = len({one.ratee for one in plan.shortfalls})
    key = session.scalar(sa.select(notifier_key.c.fingerprint).where(notifier_key.c.current))
    reminders = len(moments(schedule_from(row.schedule), row.opens_at, row.closes_at, row.timezone))
    safe = public_url.startswith("https:") or "//localhost" in public_url or "//127.0.0.1" in public_url
    return [
        Check("people", "good" if raters else "bad", len(plan.ratees)),
        Check("window", "good" if row.closes_at > now else "bad"),
        Check("finished", "good" if _form(session, row).finished else "bad"),
        Check("fits", "good" if fits(row.policy, _aspects(session, row)) else "bad"),
        Check("letter", "good" if row.authority.strip() and row.contact.strip() else "bad"),
        Check("notifier", "good" if key else "bad"),
        Check("lacking", "warn" if lacking else "good", lacking),
        Check("paper", "warn" if paper else "good", paper),
        Check("reminders", "good" if reminders else "warn", reminders),
        Check("secure", "good" if safe else "warn"),
    ]


def _aspects(session: Session, row: Any) -> list[str]:
    return [section["aspect"] for section in _form(session, row).body["sections"]]


def _form(session: Session, row: Any) -> sa.Row[Any]:
    return questionnaires.find(session, row.questionnaire_id)


def people_counted(session: Session) -> tuple[int, int]:
    """How many people and how many questionnaires there are: what a first round needs."""
    people = session.scalar(sa.select(sa.func.count()).select_from(person)) or 0
    forms = session.scalar(sa.select(sa.func.count()).select_from(questionnaire)) or 0
    return people, forms


def units(session: Session) -> Sequence[str]:
    """Names of all units."""
    return session.scalars(sa.select(unit.c.name).order_by(unit.c.name)).all()
