"""The page with the list of a rater's forms: what waits, what was received, where to go on."""

from collections.abc import Mapping

from flask import render_template

from survey_service import tokens
from survey_service.domain.answers import Standing
from survey_service.respond.credentials import ListKey
from survey_service.respond.texts import moment
from survey_service.respond.tickets import Tickets
from survey_service.usecases.listing import Listed, RaterList

GROUPS: Mapping[str, tuple[Standing, ...]] = {
    "waiting": ("open", "not_open"),
    "aside": ("declined", "wrong_relation"),
    "received": ("already_received",),
    "over": ("replaced", "closed", "cancelled"),
}
"""The parts of the list, in this order."""


def page(found: RaterList, key: ListKey, tickets: Tickets) -> str:
    """The list; where the browser cannot derive the links, each form carries a ticket of its own."""
    groups = {name: [one for one in found.lines if one.standing in kinds] for name, kinds in GROUPS.items()}
    return render_template(
        "respond/list.html",
        invited=found,
        groups=groups,
        counted=len(found.lines) - len(groups["over"]),
        until=moment(found.until, found.timezone),
        ticket=tickets.issue(key.held),
        switch_to="/s/list",
        tickets={one.invitation: _ticket(one, key, tickets) for one in found.lines},
    )


def _ticket(one: Listed, key: ListKey, tickets: Tickets) -> str:
    if key.secret is None or not one.own:
        return ""
    return tickets.issue(tokens.token_of(tokens.secret_of(key.secret, one.invitation)))
