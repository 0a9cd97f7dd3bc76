"""The editor of questionnaires: words in both languages and the statements of each behaviour.

Adding, dropping and moving statements shows the form again with everything that was typed; only *later* and
*finish* keep it, the first of them with words missing.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request

from shared.database import reading, transaction
from shared.errors import Refused
from shared.web.access import staff
from shared.web.texts import t
from survey_service.console.forms import Reader, actor, faults_of, here, tell
from survey_service.usecases import questionnaire_versions as versions
from survey_service.usecases import questionnaires

LANGUAGES = ("id", "en")
LONGEST = 1000
MOST = 50
"""Statements of one behaviour."""


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    one = "/questionnaires/<uuid:questionnaire_id>"
    blueprint.add_url_rule(f"{one}/versions", view_func=new_version, methods=["POST"])
    blueprint.add_url_rule(f"{one}/edit", view_func=edit, methods=["GET", "POST"], endpoint="questionnaire_edit")


@staff("hr")
def new_version(questionnaire_id: UUID) -> Any:
    """Make a version with the words of this one, and open it."""
    try:
        with transaction(here().engine) as session:
            made = versions.branch(session, questionnaire_id, here().clock(), actor())
    except Refused as refusal:
        if refusal.kind == "missing":
            raise
        tell(refusal)
        return redirect("/console/questionnaires", 303)
    return redirect(f"/console/questionnaires/{made}/edit", 303)


@staff("hr")
def edit(questionnaire_id: UUID) -> Any:
    """The form of one version; two people who edit it do not overwrite each other."""
    with reading(here().engine) as session:
        row = questionnaires.find(session, questionnaire_id)
    if request.method == "GET":
        if not versions.may_edit(row):
            return redirect(f"/console/questionnaires/{questionnaire_id}", 303)
        return _page(row, row.body, row.digest, {})
    reader = Reader(request.form)
    body = read(reader, row.body)
    seen, act = request.form.get("seen", ""), request.form.get("act", "finish")
    if act not in ("later", "finish"):
        return _page(row, acted(body, act), seen, {})
    finished = act == "finish"
    wrong, status = _wrong(reader, finished), 422
    if not wrong:
        try:
            with transaction(here().engine) as session:
                versions.edit(session, questionnaire_id, seen, body, here().clock(), actor(), finished=finished)
            flash(t("editor.kept" if finished else "editor.kept.later"), "good")
            return redirect(f"/console/questionnaires/{questionnaire_id}", 303)
        except Refused as refusal:
            wrong, status = faults_of(refusal), 409 if refusal.kind == "conflict" else 422
    return _page(row, body, seen, wrong), status


def _wrong(reader: Reader, finished: bool) -> dict[str, str]:
    """What cannot be kept: a version that is not finished may lack words."""
    typed = (name for name in reader.faults if finished or reader.given.get(name, "").strip())
    return {name: reader.faults[name] for name in typed}


def read(reader: Reader, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it was typed; what is fixed comes from the ``stored`` one."""
    body = deepcopy(dict(stored))
    body["title"] = _words(reader, "title")
    for point in body["scale"]:
        point["label"] = _words(reader, f"scale_{point['value']}")
    body["not_seen"] = {"label": _words(reader, "not_seen")}
    for at, section in enumerate(body["sections"]):
        section["title"] = _words(reader, f"sections_{at}_title")
        section["definition"] = _words(reader, f"sections_{at}_definition")
        section["items"] = _items(reader, at)
    return body


def acted(body: dict[str, Any], act: str) -> dict[str, Any]:
    """The typed body after a button: ``add-1``, ``drop-1-3`` or ``up-1-3``; nonsense changes nothing."""
    name, *numbers = act.split("-")
    if not numbers or not all(one.isascii() and one.isdigit() for one in numbers):
        return body
    at, place = int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 0
    if at >= len(body["sections"]):
        return body
    items = body["sections"][at]["items"]
    if name == "add" and len(items) < MOST:
        items.append({"code": _fresh(body, at), "text": dict.fromkeys(LANGUAGES, "")})
    elif name == "drop" and 1 < len(items) > place:
        del items[place]
    elif name == "up" and 0 < place < len(items):
        items[place - 1], items[place] = items[place], items[place - 1]
    return body


def _words(reader: Reader, name: str) -> dict[str, str]:
    return {language: reader.text(f"{name}_{language}", LONGEST) for language in LANGUAGES}


def _items(reader: Reader, at: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < MOST and (code := reader.given.get(f"sections_{at}_items_{len(found)}_code")):
        found.append({"code": code, "text": _words(reader, f"sections_{at}_items_{len(found)}_text")})
    return found


def _fresh(body: Mapping[str, Any], at: int) -> str:
    """A code that no statement of the questionnaire has."""
    taken = {item["code"] for section in body["sections"] for item in section["items"]}
    aspect = body["sections"][at]["aspect"][:50]
    return next(code for number in range(1, 1000) if (code := f"{aspect}_{number}") not in taken)


def _page(row: Any, body: Mapping[str, Any], seen: str, wrong: Mapping[str, str]) -> str:
    return render_template(
        "console/questionnaire_edit.html", form=row, body=body, seen=seen, errors=wrong, most=MOST
    )
