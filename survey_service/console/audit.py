"""The audit trail."""

from flask import Blueprint

from shared.web import trail
from shared.web.access import staff
from survey_service.console.forms import here
from survey_service.usecases.trail import names


def add_to(blueprint: Blueprint) -> None:
    """Add the page to the console."""
    blueprint.add_url_rule("/audit", view_func=page)


@staff("hr", "auditor")
def page() -> str:
    """Entries, newest first, all or those that are asked for, and whether the chain is whole."""
    return trail.page(here(), names)
