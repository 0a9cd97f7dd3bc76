"""What the routes show: the survey with everything its page needs, and dead ends with their facts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import render_template

from shared import sealing
from shared.errors import Refused
from shared.web.texts import whom
from survey_service.domain.answers import minutes
from survey_service.respond.filling import filled
from survey_service.respond.texts import moment
from survey_service.usecases.answering import Invited
from survey_service.usecases.listing import RaterList


def survey(
    invited: Invited, ticket: str, draft: bytes, given: Mapping[int, str], faults: Sequence[int] = ()
) -> str:
    """The landing, the questions and the review in one page; ``faults`` are positions without an answer.

    Raises ``Refused`` unless the round has its key.
    """
    if invited.public_key is None:
        raise Refused("busy", "key_missing", "The round has no key yet.")
    values = {
        "name": invited.ratee_name,
        "post": invited.ratee_post,
        "until": moment(invited.until, invited.timezone),
        "ticket": ticket,
        "bound": sealing.b64(sealing.info_hash(invited.info)),
        "draft": sealing.b64(draft),
    }
    if given or faults:
        return page(invited, values, given, faults)
    facts = (invited.round_id, invited.round_name, invited.authority, invited.contact, invited.threshold)
    kind = ("survey", *facts, invited.public_key, invited.relation, invited.sole, invited.leadership)
    return filled(kind, values, lambda marks: page(invited, marks))


def page(
    invited: Invited,
    values: Mapping[str, str],
    given: Mapping[int, str] | None = None,
    faults: Sequence[int] = (),
    template: str = "respond/survey.html",
) -> str:
    """The document itself; ``values`` are those that differ from one rater to the next."""
    return render_template(
        template,
        invited=replace(invited, ratee_name=values["name"], ratee_post=values["post"]),
        ticket=values["ticket"],
        sections=_sections(invited),
        given=given or {},
        faults=faults,
        minutes=minutes(invited.questions),
        asked=sum(invited.questions),
        until=values["until"],
        seal={
            "key": sealing.b64(invited.public_key or b""),
            "bound": values["bound"],
            "length": invited.ballot_length,
            "questions": len(invited.questions),
            "draft": values["draft"],
        },
    )


def _sections(invited: Invited) -> list[dict[str, Any]]:
    """The sections that are asked; every item with its position in the whole questionnaire."""
    found, at = [], 0
    for section in invited.body["sections"]:
        items = [(at + place, item["text"]) for place, item in enumerate(section["items"])]
        at += len(items)
        if invited.leadership or not section["leadership_only"]:
            found.append({"title": section["title"], "definition": section["definition"], "questions": items})
    return found


def done(ballot: bytes, round_id: UUID, public_url: str, left: int) -> str:
    """Thanks, the receipt and where to look for it after the close; how many forms are ``left``, never whose."""
    receipt = hashlib.sha256(ballot).hexdigest()
    values = {
        "receipt": receipt,
        "short": " ".join(receipt[at : at + 4] for at in range(0, 16, 4)),
        "begin": receipt[:8],
        "place": f"/s/receipts/{round_id}",
        "file": quote(f"{receipt}\n{public_url}/s/receipts/{round_id}\n"),
        "left": str(left),
    }
    more = "none" if not left else "one" if left == 1 else "many"
    return filled(("done", more), values, lambda marks: render_template("respond/done.html", more=more, **marks))


def dead_end(
    code: str,
    contact: str,
    invited: Invited | RaterList | None = None,
    ticket: str = "",
    given: Mapping[int, str] | None = None,
    switch_to: str = "",
) -> str:
    """What happened to a link and what to do next; ``contact`` is whom to ask when the round names nobody.

    Answers ``given`` on a page that is too old go along with the code that is asked for again. ``switch_to`` is
    where the page is asked for in the other language, when that is not where it came from.
    """
    return render_template(
        "respond/dead_end.html",
        code=code,
        facts=_facts(invited, contact),
        ticket=ticket,
        invited=invited,
        given=given or {},
        switch_to=switch_to,
    )


def _facts(invited: Invited | RaterList | None, contact: str) -> dict[str, str]:
    if invited is None:
        return {"contact": whom(contact)}
    return {
        "contact": whom(invited.contact or contact),
        "opens": moment(invited.opens_at, invited.timezone),
        "until": moment(invited.until, invited.timezone),
    }
