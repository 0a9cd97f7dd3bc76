"""Questionnaires: versioned, bilingual, locked once a round uses them."""

import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from shared.database import insert_new
from shared.errors import Problem, invalid, missing
from shared.sealing import ballot_length, sealed_length
from survey_service.tables import questionnaire
from survey_service.usecases.questionnaire_form import QuestionnaireForm

SHIPPED = ("berakhlak", "pp30")
MOST_KEPT = 64
_bodies: dict[UUID, dict[str, Any]] = {}


def load_shipped(session: Session) -> int:
    """Store the questionnaires that come with the product; returns how many were new."""
    folder = resources.files("survey_service") / "questionnaires"
    return sum(
        add(session, json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))[1] for name in SHIPPED
    )


def add(session: Session, body: Mapping[str, Any]) -> tuple[UUID, bool]:
    """Store a version of a questionnaire: its id, and whether it is new.

    The same body again changes nothing. Raises ``Refused`` for a body that does not fit, or when this version
    exists with other content: give the changed one the next version.
    """
    try:
        form: dict[str, Any] = QuestionnaireForm().load(body)
    except ValidationError as error:
        raise invalid("questionnaire_invalid", "The questionnaire does not fit.", problems_of(error)) from error
    row = {"id": uuid4(), "code": form["code"], "version": form["version"], "body": form, "digest": digest(form)}
    new = insert_new(session, questionnaire, [row | {"locked": False, "finished": True}], "code", "version")
    stored = session.execute(
        sa.select(questionnaire.c.id, questionnaire.c.digest).where(
            questionnaire.c.code == form["code"], questionnaire.c.version == form["version"]
        )
    ).one()
    if stored.digest != row["digest"]:
        detail = (
            f"Version {form['version']} of {form['code']} has other content: store the change as a new version."
        )
        raise invalid("questionnaire_differs", detail)
    return stored.id, bool(new)


def problems_of(error: ValidationError) -> list[Problem]:
    """Every fault of a body with its path, such as ``sections.0.title.id``."""
    return [Problem(where, message) for where, message in _faults(error.messages_dict)]


def find(session: Session, questionnaire_id: UUID) -> sa.Row[Any]:
    """One questionnaire with its body. Raises ``Refused`` when there is none."""
    row = session.execute(sa.select(questionnaire).where(questionnaire.c.id == questionnaire_id)).first()
    if row is None:
        raise missing("questionnaire_unknown", "There is no such questionnaire.")
    return row


def body_of(session: Session, questionnaire_id: UUID) -> dict[str, Any]:
    """The body of a questionnaire that a round uses: it is locked, so it is read once by each process."""
    body = _bodies.get(questionnaire_id)
    if body is None:
        body = dict(find(session, questionnaire_id).body)
        if len(_bodies) >= MOST_KEPT:
            _bodies.clear()
        _bodies[questionnaire_id] = body
    return body


def listing(session: Session) -> list[sa.Row[Any]]:
    """All questionnaires, newest version of each code first."""
    return list(
        session.execute(sa.select(questionnaire).order_by(questionnaire.c.code, questionnaire.c.version.desc()))
    )


def digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of a questionnaire, 64 hex digits: what a score says it was asked with."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def summary(body: Mapping[str, Any]) -> dict[str, Any]:
    """What scoring is told of a questionnaire: aspects and item codes, no item texts."""
    sections = [
        {
            "aspect": section["aspect"],
            "title": section["title"],
            "leadership_only": section["leadership_only"],
            "items": [item["code"] for item in section["items"]],
        }
        for section in body["sections"]
    ]
    facts = {name: body[name] for name in ("code", "version", "points")}
    return facts | {"digest": digest(body), "sections": sections}


def ballot_size(body: Mapping[str, Any]) -> int:
    """Bytes of every sealed ballot of a questionnaire."""
    return sealed_length(answers_length(body))


def answers_length(body: Mapping[str, Any]) -> int:
    """Bytes of every ballot of a questionnaire before it is sealed."""
    return ballot_length(sum(len(section["items"]) for section in body["sections"]))


def _faults(messages: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, dict):
        return [
            fault
            for key, inner in messages.items()
            for fault in _faults(inner, f"{path}.{key}" if path else str(key))
        ]
    if isinstance(messages, list):
        return [fault for inner in messages for fault in _faults(inner, path)]
    return [(path, str(messages))]
