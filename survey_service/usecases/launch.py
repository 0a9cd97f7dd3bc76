"""Launch: freeze the ratees, choose the raters, mint the links, tell scoring.

Everything is written in the caller's one transaction, in chunks, so that a launch is there wholly or not at all.
Letters wait for the round's key: no mail leaves before ballots can be sealed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.bulk import behind, fill
from shared.errors import Problem, conflict, invalid
from shared.events import Event, RoundLaunched, RoundRoster, event_id
from shared.messaging import outbox
from survey_service.domain.raters import RELATIONS, Plan, Ratee, Shortfall
from survey_service.tables import box, invitation, letter, questionnaire, ratee
from survey_service.usecases import drafts, planning, questionnaires, rounds, writing
from survey_service.usecases.people import Report, silent
from survey_service.usecases.writing import Post

ROSTER_PART = 500
MOST_LINKS = 2000
"""Links in one letter: nobody answers so many, and a sealed letter has to fit into an event."""
CHUNK = 500
"""Raters (or ratees) written at a time: what is held in memory beyond the plan."""


@dataclass(frozen=True, slots=True)
class Launched:
    """What a launch made."""

    ratees: int
    invitations: int
    letters: int
    without_address: int
    shortfalls: tuple[Shortfall, ...]


def launch(
    session: Session,
    round_id: UUID,
    now: datetime,
    *,
    public_url: str,
    service_secrets: Sequence[str],
    actor: str,
    report: Report = silent,
) -> Launched:
    """Take a draft to ``preparing``. Of two launches at once one wins, the other is refused.

    Raises ``Refused``: not a draft, already past its end, no notifier key yet, nobody to assess, or one rater
    with too many ratees.
    """
    row = rounds.step(session, round_id, "preparing", launched_at=now)
    if row.closes_at <= now:
        raise conflict("round_over", "The answering window is over: choose a later one before you launch.")
    if not row.authority.strip() or not row.contact.strip():
        raise conflict("letter_incomplete", "Say by whose letter people are asked and whom they may ask back.")
    people = planning.all_people(session)
    plan = planning.plan_round(people, planning.all_units(session), row)
    if not any(one.raters for one in plan.ratees):
        raise conflict("nobody_to_ask", "There is nobody to assess or nobody to ask: import the people first.")
    _freeze_and_tell(session, row, plan, {one.number: one.name for one in people}, now)
    post = writing.post_of(session, round_id, people, public_url, service_secrets)
    digests, letters, slips = _write_letters(session, post, plan, report)
    drafts.prepare(session, round_id, digests, plain_length(session, row))
    facts = {"ratees": len(plan.ratees), "invitations": len(digests)}
    audit.record(session, now, actor, "round.launched", str(round_id), facts)
    return Launched(len(plan.ratees), len(digests), letters, slips, plan.shortfalls)


def preview(session: Session, round_id: UUID) -> Plan:
    """Who would be asked if the round were launched now; nothing is written."""
    row = rounds.find(session, round_id)
    return planning.plan_round(planning.all_people(session), planning.all_units(session), row)


def _ratee_row(round_id: UUID, one: Ratee) -> dict[str, Any]:
    person = one.person
    return {
        "round_id": round_id,
        "number": person.number,
        "name": person.name,
        "post": person.post,
        "unit": person.unit,
        "tier": person.tier,
        "leadership": person.leads,
        "superior": one.superior,
    }


def _box_row(round_id: UUID, one: Ratee, relation: str) -> dict[str, Any]:
    return {"round_id": round_id, "ratee": one.person.number, "relation": relation, "ballots": b""}


def _write_letters(session: Session, post: Post, plan: Plan, report: Report) -> tuple[list[bytes], int, int]:
    """One letter per rater with all links; the links' digests, and how many letters there are and need paper."""
    asked = _by_rater(plan)
    paper = 0
    digests: list[bytes] = []
    with behind() as soon:
        for number, part in enumerate(_chunks(sorted(asked), CHUNK)):
            report(number * CHUNK, len(asked))
            letters: list[dict[str, Any]] = []
            invitations: list[dict[str, Any]] = []
            for rater in part:
                row, links = writing.write_letter(post, post.people[rater], asked[rater])
                letters.append(row)
                invitations += links
            soon(fill, session, letter, letters)
            soon(fill, session, invitation, invitations)
            digests += [row["token_digest"] for row in invitations]
            paper += sum(row["state"] == "no_address" for row in letters)
    return digests, len(asked), paper


def plain_length(session: Session, row: sa.Row[Any]) -> int:
    """Bytes of a ballot of this round before sealing."""
    return questionnaires.answers_length(questionnaires.find(session, row.questionnaire_id).body)


def _by_rater(plan: Plan) -> dict[str, list[tuple[str, str]]]:
    """About whom each rater is asked, and in which relation. Raises ``Refused`` when a letter cannot hold it."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for one in plan.ratees:
        for relation, raters in one.raters.items():
            for rater in raters:
                asked.setdefault(rater, []).append((one.person.number, relation))
    over = sorted(rater for rater, ratees in asked.items() if len(ratees) > MOST_LINKS)
    if over:
        detail = f"More than {MOST_LINKS} people would be assessed by each of these; mend their supervisors first."
        raise invalid("too_many_ratees", detail, [Problem(rater, f"{len(asked[rater])} people") for rater in over])
    return asked


def _freeze_and_tell(
    session: Session, row: sa.Row[Any], plan: Plan, names: Mapping[str, str], now: datetime
) -> None:
    """Keep the ratees and their empty boxes; tell scoring of the round and, in parts, who is assessed."""
    _lock(session, row.questionnaire_id)
    body = questionnaires.find(session, row.questionnaire_id).body  # nobody changes it any more
    parts = -(-len(plan.ratees) // ROSTER_PART)
    outbox.publish(session, [_launched(row, body, len(plan.ratees), parts, now)])
    with behind() as soon:
        for number, part in enumerate(_chunks(plan.ratees, ROSTER_PART), start=1):
            soon(fill, session, ratee, [_ratee_row(row.id, one) for one in part])
            soon(fill, session, box, [_box_row(row.id, one, relation) for one in part for relation in RELATIONS])
            data = {"round_id": row.id, "part": number, "parts": parts}
            data["ratees"] = [_entry(one, names) for one in part]
            name = event_id(RoundRoster.type, row.id, number)
            event = Event.make(RoundRoster, id=name, subject=str(row.id), time=now, data=data)
            soon(outbox.publish, session, [event])


def _lock(session: Session, questionnaire_id: UUID) -> None:
    """Nobody changes it any more. Raises ``Refused`` when it was never finished."""
    may = sa.and_(questionnaire.c.id == questionnaire_id, questionnaire.c.finished)
    locked = sa.update(questionnaire).where(may).values(locked=True).returning(questionnaire.c.id)
    if session.execute(locked).first() is None:
        raise conflict("questionnaire_unfinished", rounds.UNFINISHED)


def _launched(row: sa.Row[Any], body: Any, ratees: int, parts: int, now: datetime) -> Event:
    data = {
        "round_id": row.id,
        "name": row.name,
        "period": {"start": row.period_start, "end": row.period_end},
        "questionnaire": questionnaires.summary(body),
        "policy": row.policy,
        "threshold": row.threshold,
        "ratees": ratees,
        "roster_parts": parts,
    }
    name = event_id(RoundLaunched.type, row.id)
    return Event.make(RoundLaunched, id=name, subject=str(row.id), time=now, data=data)


def _entry(one: Ratee, names: Mapping[str, str]) -> dict[str, Any]:
    facts = {name: getattr(one.person, name) for name in ("name", "unit", "tier")}
    invited = {relation: len(raters) for relation, raters in one.raters.items()}
    offices = {"assessor": one.person.supervisor, "superior": one.superior}
    officials = {
        office: {"number": number, "name": names[number]} if number is not None and number in names else None
        for office, number in offices.items()
    }
    more = {"leadership": one.person.leads, "invited": invited}
    return {"ratee": one.person.number, **facts, **more, **officials}


def _chunks(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
