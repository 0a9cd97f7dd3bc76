"""Questionnaires: the list, and one as a rater would read it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request

from shared.database import reading
from shared.web.access import staff
from shared.web.app import CSP
from survey_service.console.forms import here
from survey_service.domain.raters import PEER, RELATIONS
from survey_service.usecases import questionnaires
from survey_service.usecases.questionnaire_versions import lacking, may_edit


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/questionnaires", view_func=listing, endpoint="questionnaires")
    blueprint.add_url_rule("/questionnaires/<uuid:questionnaire_id>", view_func=questionnaire)
    blueprint.add_url_rule("/questionnaires/<uuid:questionnaire_id>/preview", view_func=preview)


@staff("hr", "viewer")
def listing() -> Any:
    """All versions, the newest of each first."""
    with reading(here().engine) as session:
        found = questionnaires.listing(session)
    return render_template("console/questionnaires.html", forms=found)


@staff("hr", "viewer")
def questionnaire(questionnaire_id: UUID) -> Any:
    """One questionnaire with its scale, behaviours and statements."""
    with reading(here().engine) as session:
        found = questionnaires.find(session, questionnaire_id)
    return render_template(
        "console/questionnaire.html", form=found, may_edit=may_edit(found), lacking=lacking(found.body)
    )


@staff("hr", "viewer")
def preview(questionnaire_id: UUID) -> Response:
    """The rater's screens on two phones, one for each language: the only page that frames another."""
    with reading(here().engine) as session:
        found = questionnaires.find(session, questionnaire_id)
    relation = request.args.get("relation", "")
    page = render_template(
        "console/questionnaire_preview.html",
        form=found,
        relations=RELATIONS,
        relation=relation if relation in RELATIONS else PEER,
        leads="leads" in request.args,
        for_leaders=any(section["leadership_only"] for section in found.body["sections"]),
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = f"{CSP}; frame-src 'self'"
    return answer
