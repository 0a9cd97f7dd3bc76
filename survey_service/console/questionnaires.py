"""Questionnaires: the list, and one as a rater would read it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template

from shared.database import reading
from shared.web.access import staff
from survey_service.console.forms import here
from survey_service.usecases import questionnaires
from survey_service.usecases.questionnaire_versions import may_edit


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/questionnaires", view_func=listing, endpoint="questionnaires")
    blueprint.add_url_rule("/questionnaires/<uuid:questionnaire_id>", view_func=questionnaire)


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
    return render_template("console/questionnaire.html", form=found, may_edit=may_edit(found))
