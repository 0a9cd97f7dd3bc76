"""Rounds as scoring knows them: launched with a policy, a roster in parts, a manifest; in any order."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.tables import manifest, ratee, round_
from scoring_service.usecases import keys as round_keys
from scoring_service.usecases.shelf import Shelf
from shared.database import changed, insert_new
from shared.errors import Refused
from shared.keystore import KeyStore
from shared.messaging import outbox
from shared.sealing import fingerprint

Data = Mapping[str, Any]


class NotYet(Exception):
    """An event overtook the launch or the roster that it needs: try again when those are here."""


def launch(session: Session, launched: Sequence[Data], shelf: Shelf, keys: KeyStore, now: datetime) -> None:
    """Keep new rounds with everything that decides a score, and announce a key for each.

    A round whose policy cannot be used is kept as ``broken`` with the reason and gets no key, so that no mail
    leaves; a round that is known already is left as it is.
    """
    ids = [one["round_id"] for one in launched]
    known = set(session.scalars(sa.select(round_.c.id).where(round_.c.id.in_(ids))))
    fresh = {one["round_id"]: one for one in launched if one["round_id"] not in known}
    rows = [_row(one) | _rules(one, shelf, keys) for one in fresh.values()]
    insert_new(session, round_, rows, "id")
    whole = [row for row in rows if row["public_key"]]
    outbox.publish(session, [round_keys.announce(row["id"], row["public_key"], now) for row in whole])


def mend(session: Session, shelf: Shelf, keys: KeyStore, now: datetime) -> int:
    """Try broken rounds again (a policy was installed since); returns how many became usable."""
    mended = 0
    for row in session.execute(sa.select(round_).where(round_.c.state == "broken")).all():
        values = _rules(dict(row._mapping), shelf, keys, row.id)
        if values["public_key"] is None:
            continue
        claim = sa.update(round_).where(round_.c.id == row.id, round_.c.state == "broken").values(values)
        if changed(session.execute(claim)):
            outbox.publish(session, [round_keys.announce(row.id, values["public_key"], now)])
            mended += 1
    return mended


def enrol(session: Session, parts: Sequence[Data]) -> None:
    """Keep ratees of roster parts; one statement for all of them, those known already stay as they are."""
    rows = [
        {
            "round_id": part["round_id"],
            "number": one["ratee"],
            "name": one["name"],
            "unit": one["unit"],
            "tier": one["tier"],
            "leadership": one["leadership"],
            **_official("assessor", one["assessor"]),
            **_official("superior", one["superior"]),
            "invited": one["invited"],
            "stale": True,
            "published": False,
        }
        for part in parts
        for one in part["ratees"]
    ]
    insert_new(session, ratee, rows, "round_id", "number")


def promise(session: Session, manifests: Sequence[Data]) -> None:
    """Keep what the survey service says it sent."""
    columns = ("round_id", "messages", "ballots", "merkle_root")
    insert_new(session, manifest, [{name: one[name] for name in columns} for one in manifests], "round_id")


def abandon(session: Session, abandoned: Sequence[Data]) -> None:
    """Give up rounds that are not closed; their keys are destroyed next. Raises ``NotYet`` before launch."""
    ids = {one["round_id"] for one in abandoned}
    if set(session.scalars(sa.select(round_.c.id).where(round_.c.id.in_(ids)))) != ids:
        raise NotYet("a round was given up that is not known yet")
    given_up = sa.update(round_).where(round_.c.id.in_(ids), round_.c.state.in_(("broken", "open")))
    session.execute(given_up.values(state="cancelled", problem=None, problem_detail=None))


def broken(session: Session) -> Sequence[tuple[str, str]]:
    """Rounds that need a person: name and sentence, by name. Boxes still under way are no such thing."""
    needs_help = sa.and_(round_.c.problem.is_not(None), round_.c.problem != "boxes_missing")
    query = sa.select(round_.c.name, round_.c.problem_detail).where(needs_help)
    return [(row.name, row.problem_detail) for row in session.execute(query.order_by(round_.c.name))]


def _official(office: str, who: Data | None) -> dict[str, str | None]:
    return {office: who["number"] if who else None, f"{office}_name": who["name"] if who else None}


def _row(one: Data) -> dict[str, Any]:
    return {
        "id": one["round_id"],
        "name": one["name"],
        "period_start": one["period"]["start"],
        "period_end": one["period"]["end"],
        "questionnaire": one["questionnaire"],
        "threshold": one["threshold"],
        "ratees": one["ratees"],
        "policy": one["policy"],
        "salt": secrets.token_bytes(32),
    }


def _rules(one: Data, shelf: Shelf, keys: KeyStore, round_id: Any = None) -> dict[str, Any]:
    """State, frozen policy and public key of a round, or what is broken about it."""
    found: dict[str, Any] = dict.fromkeys(
        ("policy_version", "policy_digest", "policy_text", "public_key", "fingerprint", "problem", "problem_detail")
    )
    try:
        frozen = shelf.freeze(one["policy"], one["questionnaire"], one["threshold"])
    except Refused as refusal:
        faults = "; ".join(f"{part.where}: {part.message}" for part in refusal.problems)
        detail = f"{refusal.detail} {faults}".strip()[:500]
        return found | {"state": "broken", "problem": refusal.code, "problem_detail": detail}
    public = round_keys.make(keys, round_id or one["round_id"])
    return found | {
        "state": "open",
        "policy_version": frozen.version,
        "policy_digest": frozen.digest,
        "policy_text": frozen.text,
        "public_key": public,
        "fingerprint": fingerprint(public),
    }
