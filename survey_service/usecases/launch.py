"""Launch: freeze the ratees, choose the raters, mint the links, tell scoring.

Everything is written in the caller's one transaction, in chunks, so that a launch is there wholly or not at all.
Letters wait for the round's key: no mail leaves before ballots can be sealed.
"""

import json
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.bulk import behind
from shared.errors import Problem, conflict, invalid
from shared.events import Event, RoundLaunched, RoundRoster, event_id
from shared.messaging import outbox
from shared.sealing import Sealer, letter_info
from survey_service import tokens
from survey_service.domain.people import Person
from survey_service.domain.raters import RELATIONS, Plan, Ratee, Shortfall
from survey_service.tables import box, invitation, letter, questionnaire, ratee, round_
from survey_service.usecases import drafts, opening, planning, questionnaires, rounds
from survey_service.usecases.people import Report, silent

ROSTER_PART = 500
MOST_LINKS = 2000
"""Links in one letter: nobody answers so many, and a sealed letter has to fit into an event."""
_WRITER = json.JSONEncoder(ensure_ascii=False, check_circular=False)
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


@dataclass(frozen=True, slots=True)
class Post:
    """What every letter of a round needs."""

    round_id: UUID
    sealer: Sealer
    fingerprint: str
    public_url: str
    secrets: Sequence[str]
    shared_addresses: frozenset[str]
    people: Mapping[str, Person]


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
    _freeze(session, round_id, plan)
    post = post_of(session, round_id, people, public_url, service_secrets)
    digests, letters, slips = _write_letters(session, post, plan, report)
    drafts.prepare(session, round_id, digests, plain_length(session, row))
    _tell(session, row, plan, {one.number: one.name for one in people}, now)
    facts = {"ratees": len(plan.ratees), "invitations": len(digests)}
    audit.record(session, now, actor, "round.launched", str(round_id), facts)
    return Launched(len(plan.ratees), len(digests), letters, slips, plan.shortfalls)


def post_of(
    session: Session, round_id: UUID, people: Sequence[Person], public_url: str, service_secrets: Sequence[str]
) -> Post:
    """What letters of a round are written with now. Raises ``Refused`` without a key of the notifier."""
    key = opening.current_notifier_key(session)
    return Post(
        round_id,
        Sealer(key.public_key),
        key.fingerprint,
        public_url,
        service_secrets,
        shared_addresses(people),
        {one.number: one for one in people},
    )


def preview(session: Session, round_id: UUID) -> Plan:
    """Who would be asked if the round were launched now; nothing is written."""
    row = rounds.find(session, round_id)
    return planning.plan_round(planning.all_people(session), planning.all_units(session), row)


def shared_addresses(people: Sequence[Person]) -> frozenset[str]:
    """Addresses that more than one person has, in small letters: nobody gets personal links there."""
    counts = Counter(one.email.lower() for one in people if one.email)
    return frozenset(address for address, count in counts.items() if count > 1)


def _freeze(session: Session, round_id: UUID, plan: Plan) -> None:
    with behind(session) as write:
        for part in _chunks(plan.ratees, CHUNK):
            write(ratee, [_ratee_row(round_id, one) for one in part])
            write(box, [_box_row(round_id, one, relation) for one in part for relation in RELATIONS])
    used = sa.select(round_.c.questionnaire_id).where(round_.c.id == round_id).scalar_subquery()
    session.execute(sa.update(questionnaire).where(questionnaire.c.id == used).values(locked=True))


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
    with behind(session) as write:
        for number, part in enumerate(_chunks(sorted(asked), CHUNK)):
            report(number * CHUNK, len(asked))
            letters: list[dict[str, Any]] = []
            invitations: list[dict[str, Any]] = []
            for rater in part:
                row, links = write_letter(post, post.people[rater], asked[rater])
                letters.append(row)
                invitations += links
            write(letter, letters)
            write(invitation, invitations)
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


def write_letter(
    post: Post, rater: Person, asked: Sequence[tuple[str, str]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The rows of a letter and its invitations. The links exist only inside what is sealed."""
    root = tokens.mint()
    letter_id, *identities = _new_ids(1 + len(asked))
    links, rows = [], []
    for identity, (number, relation) in zip(identities, asked, strict=True):
        secret = tokens.secret_of(root, identity)
        rows.append(_invitation(post, letter_id, identity, rater.number, number, relation, secret))
        links.append(_link(post, identity, post.people[number], relation, secret))
    text: dict[str, Any] = {"to": rater.email or "", "name": rater.name, "unit": rater.unit}
    text |= {"language": rater.language, "links": links}
    several = len(links) > 1
    if several:
        link = tokens.list_link(post.public_url, root, post.secrets)
        text["list"] = {"link": link, "code": tokens.list_code(root)}
    reason = _paper_reason(post, rater)
    return {
        "id": letter_id,
        "round_id": post.round_id,
        "rater": rater.number,
        "unit": rater.unit,
        "state": "no_address" if reason else "waiting",
        "reason": reason,
        "sealed": post.sealer.seal(_WRITER.encode(text).encode(), letter_info(letter_id)),
        "fingerprint": post.fingerprint,
        "wanted": None if reason else "invitation",
        "token_digest": tokens.digest_of(tokens.list_token_of(root)) if several else None,
    }, rows


def _new_ids(count: int) -> Iterator[UUID]:
    """Random ids (version 4), all from one draw: nothing in them tells an order."""
    drawn = secrets.token_bytes(16 * count)
    return (UUID(bytes=drawn[at : at + 16], version=4) for at in range(0, len(drawn), 16))


def _invitation(
    post: Post, letter_id: UUID, identity: UUID, rater: str, ratee: str, relation: str, secret: bytes
) -> dict[str, Any]:
    return {
        "id": identity,
        "round_id": post.round_id,
        "ratee": ratee,
        "rater": rater,
        "relation": relation,
        "letter_id": letter_id,
        "token_digest": tokens.digest_of(tokens.token_of(secret)),
        "state": "pending",
    }


def _link(post: Post, identity: UUID, ratee: Person, relation: str, secret: bytes) -> dict[str, Any]:
    """What a letter says of one ratee."""
    return {
        "invitation": str(identity),
        "ratee": ratee.name,
        "post": ratee.post,
        "relation": relation,
        "sole": relation == "supervisor",
        "link": tokens.link(post.public_url, secret, post.secrets),
        "code": tokens.code(secret),
    }


def _paper_reason(post: Post, rater: Person) -> str | None:
    if not rater.email:
        return "no_address"
    return "shared_address" if rater.email.lower() in post.shared_addresses else None


def _tell(session: Session, row: sa.Row[Any], plan: Plan, names: Mapping[str, str], now: datetime) -> None:
    parts = -(-len(plan.ratees) // ROSTER_PART)
    body = questionnaires.find(session, row.questionnaire_id).body
    data = {
        "round_id": row.id,
        "name": row.name,
        "period": {"start": row.period_start, "end": row.period_end},
        "questionnaire": questionnaires.summary(body),
        "policy": row.policy,
        "threshold": row.threshold,
        "ratees": len(plan.ratees),
        "roster_parts": parts,
    }
    launched = event_id(RoundLaunched.type, row.id)
    outbox.publish(session, [Event.make(RoundLaunched, id=launched, subject=str(row.id), time=now, data=data)])
    for number, part in enumerate(_chunks(plan.ratees, ROSTER_PART), start=1):
        roster = {
            "round_id": row.id,
            "part": number,
            "parts": parts,
            "ratees": [_entry(one, names) for one in part],
        }
        name = event_id(RoundRoster.type, row.id, number)
        outbox.publish(session, [Event.make(RoundRoster, id=name, subject=str(row.id), time=now, data=roster)])


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
