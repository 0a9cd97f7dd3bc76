"""The radar of a report as an SVG image: shapes and colours tell the lines apart, a missing value is a gap."""

import textwrap
from typing import Any

from flask import Response, make_response, render_template

from scoring_service.domain.radar import radar
from scoring_service.usecases.reports import Report
from shared.errors import missing
from shared.web.language import language

CENTRE, RADIUS = (260.0, 205.0), 132.0
WIDEST = 13
"""Characters of a line of a label."""
LINE = 18
"""Height of a line of a label."""


def draw(report: Report) -> Response:
    """The image as a response; raises ``Refused`` where there is nothing to draw."""
    response = make_response(svg(report))
    response.mimetype = "image/svg+xml"
    return response


def drawn(report: Report) -> bool:
    """Whether a report has a radar: three behaviours and a group that may be shown."""
    return report.table is not None and len(report.compared) > 2 and bool(report.table.groups)


def svg(report: Report) -> str:
    """The image; raises ``Refused`` where there is nothing to draw."""
    scale = report.policy.scale
    lines = {
        name: [getattr(one, name) for one in report.compared]
        for name in ("others", "supervisor", "own")
        if any(getattr(one, name) is not None for one in report.compared)
    }
    found = radar(lines, scale.low, scale.high, CENTRE, RADIUS)
    if found is None:
        raise missing("score_unknown", "There is no score of this person in this round that may be seen.")
    labels = [_label(report, one.aspect, at) for one, at in zip(report.compared, found.labels, strict=True)]
    return render_template("reports/radar.svg", chart=found, labels=labels, centre=CENTRE)


def _label(report: Report, aspect: str, at: tuple[float, float]) -> dict[str, Any]:
    words = report.titles.get(aspect, {}).get(language(), aspect)
    side = "middle" if abs(at[0] - CENTRE[0]) < RADIUS / 4 else "start" if at[0] > CENTRE[0] else "end"
    lines = textwrap.wrap(words, WIDEST)[:3]
    above = at[1] < CENTRE[1] - RADIUS * 0.8
    below = at[1] > CENTRE[1] + RADIUS * 0.8
    lift = LINE * (len(lines) - 1)
    return {
        "lines": lines,
        "x": at[0],
        "y": at[1] + 5 - (lift if above else 0 if below else lift / 2),
        "side": side,
    }
