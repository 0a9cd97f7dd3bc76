"""What came of handing over a mail, and what to do next."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Stage = Literal["server", "recipient", "message"]
"""How far the talk had come: the server itself (greeting, TLS, login, sender), the address, or the message."""
Result = Literal["accepted", "refused", "deferred", "lost", "unreachable", "misconfigured"]
Outcome = Literal["accepted", "permanent", "temporary", "technical"]

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480))
"""Pauses between tries: nine tries in all, over about sixteen hours."""
LONGEST = timedelta(seconds=20)
"""The longest pause for a server that cannot be reached; one that ends later is of a clock set back since."""
SOON = timedelta(seconds=15)

_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Answer:
    """How one attempt ended; ``status`` is a code such as ``550`` or ``5.1.1``, never the server's words."""

    result: Result
    status: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Nothing more will be tried."""

    outcome: Outcome
    status: str


@dataclass(frozen=True, slots=True)
class Again:
    """Try again at ``at``."""

    at: datetime


def answer(stage: Stage, code: int, text: bytes | str = "") -> Answer:
    """What an SMTP reply (RFC 5321) means at this stage of the talk.

    2xx is a yes; 5xx is a final no to this address or message, but from the server itself it is a fault of the
    set-up that concerns nobody's address; everything else passes.
    """
    status = _status(code, text)
    if 200 <= code < 300:
        return Answer("accepted", status)
    if stage == "server":
        return Answer("misconfigured" if code >= 500 else "unreachable", status)
    if code == 421:  # the server closes the connection: RFC 5321, section 3.8
        return Answer("lost", status)
    return Answer("refused" if 500 <= code < 600 else "deferred", status)


def decide(found: Answer, attempt: int, now: datetime, closes_at: datetime) -> Finished | Again:
    """What follows from the answer to try number ``attempt`` (from 1): an outcome, or a later try.

    There is no try after the answering window has closed: a link that opens nothing is not worth a mail.
    """
    if found.result == "accepted":
        return Finished("accepted", found.status)
    if found.result == "refused":
        return Finished("permanent", found.status)
    at = now + _delay(found, attempt) if attempt <= len(DELAYS) else None
    if at is None or at >= closes_at:
        return Finished("technical" if found.result == "misconfigured" else "temporary", found.status)
    return Again(at)


def _delay(found: Answer, attempt: int) -> timedelta:
    """A server that hung up in the middle said nothing about this mail: the first time it is asked again soon."""
    return SOON if found.result == "lost" and attempt == 1 else DELAYS[attempt - 1]


def pause(failures: int) -> timedelta:
    """How long to leave a server alone after so many failures in a row to reach it: 5 to 20 seconds."""
    return min(LONGEST, timedelta(seconds=5 * 2 ** min(failures - 1, 2)))


def _status(code: int, text: bytes | str) -> str:
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    found = _ENHANCED.match(words)
    return found[1] if found and found[1][0] == str(code)[0] else str(code)
