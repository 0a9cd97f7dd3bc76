"""Refusals: the one exception that use cases raise and every outer layer understands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["invalid", "unauthorised", "forbidden", "missing", "conflict", "gone", "busy"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input.

    ``where`` is a path a person can find (``row 12, column supervisor`` or ``policy.threshold``);
    ``message`` says what is wrong and what to do about it.
    """

    where: str
    message: str


class Refused(Exception):
    """A "no" with a reason.

    ``kind`` decides the HTTP status, ``code`` is stable and for programs, ``detail`` is for people and says
    what to do next. ``problems`` lists every single fault of a bad input, never only the first.
    """

    def __init__(self, kind: Kind, code: str, detail: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(f"{code}: {detail}")
        self.kind: Kind = kind
        self.code = code
        self.detail = detail
        self.problems = tuple(problems)


def invalid(code: str, detail: str, problems: Sequence[Problem] = ()) -> Refused:
    """The input does not fit; nothing was written."""
    return Refused("invalid", code, detail, problems)


def conflict(code: str, detail: str) -> Refused:
    """The input fits, the present state does not allow it."""
    return Refused("conflict", code, detail)


def missing(code: str, detail: str) -> Refused:
    """There is no such thing, or none that the caller may see."""
    return Refused("missing", code, detail)
