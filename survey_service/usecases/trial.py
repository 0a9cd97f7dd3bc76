"""A sample of a round's mail, sent to whoever prepares the round: it names nobody and its link opens nothing."""

import json
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from shared import audit
from shared.errors import Problem, invalid
from shared.events import Event, LetterRequested, event_id
from shared.messaging import outbox
from shared.sealing import Sealer, b64, letter_info
from survey_service.domain.messages import LANGUAGES, words_of
from survey_service.usecases import opening, rounds
from survey_service.usecases.resending import looks_like_an_address

_SAMPLE = {
    "id": ("Nama Contoh", "Pegawai Contoh", "Analis Kebijakan", "Ini hanya contoh"),
    "en": ("Sample Name", "Sample Person", "Policy Analyst", "This is only a sample"),
}


def send(
    session: Session,
    round_id: UUID,
    to: str,
    kind: str,
    language: str,
    now: datetime,
    actor: str,
    *,
    public_url: str,
) -> None:
    """Ask for a sample of the ``kind`` of mail (invitation, reminder). The audit does not name the address.

    Raises ``Refused``: no address, an unknown round, or no notifier key yet.
    """
    row = rounds.find(session, round_id)
    if not looks_like_an_address(to) or language not in LANGUAGES:
        raise invalid("bad_address", "The sample cannot be sent.", [Problem("to", "Give one mail address.")])
    key = opening.current_notifier_key(session)
    letter_id, invitation = uuid4(), uuid4()
    sealed = Sealer(key.public_key).seal(_letter(to, language, invitation, public_url), letter_info(letter_id))
    data = {
        "letter_id": letter_id,
        "round_id": round_id,
        "kind": "trial",
        "sealed": b64(sealed),
        "fingerprint": key.fingerprint,
        "pending": [invitation],
        "not_before": now,
        "round_name": row.name,
        "authority": row.authority or _SAMPLE[language][3],
        "contact": row.contact,
        "closes_at": max(row.closes_at, now + timedelta(hours=1)),
        "timezone": row.timezone,
        "threshold": row.threshold,
        "message": words_of(row.messages, kind),
    }
    name = event_id(LetterRequested.type, letter_id, 1)
    outbox.publish(session, [Event.make(LetterRequested, id=name, subject=str(letter_id), time=now, data=data)])
    audit.record(session, now, actor, "round.trial_sent", str(round_id))


def _letter(to: str, language: str, invitation: UUID, public_url: str) -> bytes:
    name, ratee, post, note = _SAMPLE[language]
    link = {
        "invitation": str(invitation),
        "ratee": ratee,
        "post": f"{post} ({note})",
        "relation": "peer",
        "sole": False,
        "link": f"{public_url}/s#CONTOH",
        "code": "CONTOH",
    }
    return json.dumps({"to": to, "name": name, "language": language, "links": [link]}, ensure_ascii=False).encode()
