"""Answers to a questionnaire: who is asked what, what counts as complete, when a link may be used."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args

NOT_SEEN = 0
NOT_ASKED = 255

Standing = Literal[
    "open", "not_open", "already_received", "declined", "wrong_relation", "replaced", "closed", "cancelled"
]
STANDINGS: tuple[Standing, ...] = get_args(Standing)
_OF_STATE: Mapping[str, Standing] = {
    "pending": "open",
    "answered": "already_received",
    "declined": "declined",
    "wrong_relation": "wrong_relation",
    "revoked": "replaced",
}


def asked(body: Mapping[str, Any], leadership: bool) -> list[bool]:
    """Per item of a questionnaire, in order, whether it is asked about a ratee with or without ``leadership``."""
    return [
        leadership or not section["leadership_only"] for section in body["sections"] for _item in section["items"]
    ]


def read(given: Sequence[str | None], questions: Sequence[bool], points: int) -> tuple[list[int], list[int]]:
    """Answers as typed into a form to numbers; returns them with the positions of those missing or wrong.

    Valid are 1 to ``points`` and 0 for "not seen". What is not asked becomes 255, whatever was sent.
    """
    allowed = {str(value): value for value in range(points + 1)}
    answers = [
        allowed.get(value or "", NOT_ASKED) if ask else NOT_ASKED
        for value, ask in zip(given, questions, strict=True)
    ]
    faults = [at for at, ask in enumerate(questions) if ask and answers[at] == NOT_ASKED]
    return answers, faults


def deadline(closes_at: datetime, extended_to: datetime | None) -> datetime:
    """Until when one person may answer: a personal extension counts where it is later."""
    return max(closes_at, extended_to) if extended_to else closes_at


def standing(round_state: str, state: str, opens_at: datetime, until: datetime, now: datetime) -> Standing:
    """What a link is good for at ``now``; a link is open from ``opens_at`` until just before ``until``."""
    if round_state == "cancelled":
        return "cancelled"
    if state in {"answered", "revoked"}:
        return _OF_STATE[state]
    if round_state in {"draft", "preparing"} or (round_state == "open" and now < opens_at):
        return "not_open"
    if round_state != "open" or now >= until:
        return "closed"
    return _OF_STATE[state]


def minutes(questions: Sequence[bool]) -> int:
    """How long answering takes, at a quarter of a minute for each question and two for reading."""
    return 2 + -(-sum(questions) // 4)
