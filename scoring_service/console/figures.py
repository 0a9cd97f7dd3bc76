"""Figures over a whole round: quality of the instrument, and units. Information, never applied to a score."""

from typing import Any
from uuid import UUID

from flask import current_app, render_template

from scoring_service.domain.moments import FORECAST, LEAST, TOP
from scoring_service.domain.numbers import decimal
from scoring_service.usecases import results
from scoring_service.usecases.shelf import Shelf
from shared.database import reading
from shared.service import Context
from shared.web.access import staff

MEASURES = ("rwg", "icc_1", "icc_1_k", "cronbach_alpha")
FLAGS = ("straight_lines", "ceilings", "lenient")


@staff("hr", "viewer", "auditor")
def show(round_id: UUID) -> Any:
    """Units once their scores are released, statistics once the round is counted; never of a person."""
    context: Context = current_app.extensions["cermin"]
    shelf: Shelf = current_app.extensions["cermin_policies"]
    with reading(context.engine) as session:
        row = results.round_of(session, round_id)
        stored = results.found(session, round_id)
        counted, released = row["key_destroyed_at"] is not None, row["released_at"] is not None
        figures = results.statistics(session, round_id) if counted else None
        units = results.unit_figures(session, round_id, shelf.thaw(stored)) if released else None
        titles = results.titles(session, round_id)
    return render_template(
        "results/figures.html",
        round=row,
        figures=figures,
        units=units,
        titles=titles,
        measures=MEASURES,
        forecast=FORECAST,
        flags=FLAGS,
        least=LEAST,
        top=decimal(TOP),
    )
