"""Own questionnaires: new ones or versions of one that is there, changed until they are published or used.

A version that is being written may lack words, and no round can use it until somebody says that it is finished.

Versions up to 100 are those that come with the product, so that an upgrade never meets one of ours. Behaviours,
their codes and the number of points stay as they are: policies count them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from shared import audit
from shared.database import insert_new
from shared.errors import conflict, invalid
from survey_service.tables import questionnaire
from survey_service.usecases import questionnaires
from survey_service.usecases.questionnaire_form import QuestionnaireForm

SHIPPED_TO = 100


def create(session: Session, body: Mapping[str, Any], now: datetime, actor: str) -> UUID:
    """A questionnaire with a code of its own, as version 101; its id.

    Raises ``Refused``: words that do not fit, or the code exists.
    """
    form = _form({**body, "version": SHIPPED_TO + 1})
    made = _store(session, form, finished=True)
    known = sa.select(sa.func.count()).where(questionnaire.c.code == form["code"])
    if made is None or session.scalar(known) != 1:
        detail = "There is a questionnaire with this code: make a new version of it, or choose another code."
        raise conflict("questionnaire_code_taken", detail)
    audit.record(session, now, actor, "questionnaire.created", _name(form))
    return made


def branch(session: Session, questionnaire_id: UUID, now: datetime, actor: str) -> UUID:
    """A new version with the words of this one; its id. Raises ``Refused`` when another was made at the moment."""
    old = questionnaires.find(session, questionnaire_id)
    last = session.scalar(sa.select(sa.func.max(questionnaire.c.version)).where(questionnaire.c.code == old.code))
    body = {**old.body, "version": max(last or 0, SHIPPED_TO) + 1}
    made = _store(session, body, finished=False)
    if made is None:
        raise conflict("version_taken", "Somebody else made a version at the same moment: look at the list.")
    audit.record(session, now, actor, "questionnaire.versioned", _name(body), {"of": old.version})
    return made


def edit(
    session: Session,
    questionnaire_id: UUID,
    seen: str,
    body: Mapping[str, Any],
    now: datetime,
    actor: str,
    *,
    finished: bool,
) -> str:
    """Replace the words of an own version that still has the digest ``seen``; its new digest.

    Unless it is ``finished``, words may be empty.

    Raises ``Refused``: words that do not fit, published or in use, one of the product's, or changed meanwhile.
    """
    present = _own(session, questionnaire_id)
    form = _checked(present.body, body, finished)
    digest = questionnaires.digest(form)
    _change(session, questionnaire_id, seen, body=form, digest=digest, finished=finished)
    if digest != seen:
        audit.record(session, now, actor, "questionnaire.edited", _name(form))
    if finished and not present.finished:
        audit.record(session, now, actor, "questionnaire.finished", _name(form))
    return digest


def publish(session: Session, questionnaire_id: UUID, seen: str, now: datetime, actor: str) -> None:
    """Lock the words of an own version that still has the digest ``seen``, as a round would that uses it.

    Raises ``Refused``: words are missing, published or in use already, one of the product's, or changed meanwhile.
    """
    _form(_own(session, questionnaire_id).body)
    _change(session, questionnaire_id, seen, locked=True, finished=True)
    audit.record(
        session, now, actor, "questionnaire.published", _name(questionnaires.find(session, questionnaire_id).body)
    )


def may_edit(row: Any) -> bool:
    """Whether the words of a version can be changed."""
    return not row.locked and row.version > SHIPPED_TO


def lacking(body: Any) -> int:
    """How many words of a questionnaire are still empty."""
    if isinstance(body, Mapping):
        return sum(lacking(part) for part in body.values())
    return sum(lacking(part) for part in body) if isinstance(body, list) else int(body == "")


def _checked(present: Mapping[str, Any], body: Mapping[str, Any], finished: bool) -> dict[str, Any]:
    whole = _form(body if finished else _filled(body))
    form = whole if finished else dict(body)
    if any(form[name] != present[name] for name in ("code", "version", "points")):
        raise invalid("questionnaire_fixed", "Code, version and points of a version stay as they are.")
    if _kept(form) != _kept(present):
        raise invalid("behaviours_differ", "Behaviours stay as they are: policies count them.")
    return form


def _filled(body: Any) -> Any:
    """The same with a word where one is missing, so that everything else can be judged."""
    if isinstance(body, Mapping):
        return {name: _filled(part) for name, part in body.items()}
    if isinstance(body, list):
        return [_filled(part) for part in body]
    return "-" if body == "" else body


def _form(body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        form: dict[str, Any] = QuestionnaireForm().load(body)
    except ValidationError as error:
        problems = questionnaires.problems_of(error)
        raise invalid("questionnaire_invalid", "The questionnaire does not fit.", problems) from error
    return form


def _store(session: Session, body: Mapping[str, Any], *, finished: bool) -> UUID | None:
    """The id of a new row, None when the code has this version."""
    row = {"id": uuid4(), "code": body["code"], "version": body["version"], "body": body, "locked": False}
    row |= {"digest": questionnaires.digest(body), "finished": finished}
    return UUID(str(row["id"])) if insert_new(session, questionnaire, [row], "code", "version") else None


def _own(session: Session, questionnaire_id: UUID) -> sa.Row[Any]:
    present = questionnaires.find(session, questionnaire_id)
    if present.version <= SHIPPED_TO:
        raise conflict("questionnaire_shipped", "This one comes with the product: make a new version of it.")
    return present


def _change(session: Session, questionnaire_id: UUID, seen: str, **values: Any) -> None:
    same = sa.and_(questionnaire.c.id == questionnaire_id, ~questionnaire.c.locked, questionnaire.c.digest == seen)
    changed = sa.update(questionnaire).where(same).values(**values)
    if session.execute(changed.returning(questionnaire.c.id)).first() is None:
        raise _why_not(session, questionnaire_id)


def _kept(body: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    return [(section["aspect"], section["leadership_only"]) for section in body["sections"]]


def _why_not(session: Session, questionnaire_id: UUID) -> Exception:
    if questionnaires.find(session, questionnaire_id).locked:
        return conflict(
            "questionnaire_locked", "This version is published or used by a round: make a new version of it."
        )
    return conflict(
        "questionnaire_changed",
        "Somebody else changed this questionnaire meanwhile: load it again, then change it.",
    )


def _name(body: Mapping[str, Any]) -> str:
    return f"{body['code']} {body['version']}"
