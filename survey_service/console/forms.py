"""What views share: this service, the acting person, and how a refusal becomes words beside the fields."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, g

from shared.errors import Problem, Refused
from shared.service import Context
from shared.web.sentences import say


def here() -> Context:
    """The service that serves this request."""
    context: Context = current_app.extensions["cermin"]
    return context


def actor() -> str:
    """The account that acts, for the audit trail."""
    return str(g.staff.id)


def faults_of(refusal: Refused, rename: Mapping[str, str] | None = None) -> dict[str, str]:
    """Faults by field of the form; a refusal without parts stands under ``form``."""
    names = rename or {}
    parts = refusal.problems or (Problem("form", refusal.detail),)
    return {names.get(part.where, part.where.replace(".", "_")): say(part.message) for part in parts}


def tell(refusal: Refused) -> None:
    """Say on the next page why something was not done."""
    flash(" ".join([say(refusal.detail), *(say(part.message) for part in refusal.problems)]), "bad")


class Reader:
    """Reads a form field by field and collects what cannot be read; ``given`` stays as it was typed."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given
        self.faults: dict[str, str] = {}

    def text(self, name: str, longest: int) -> str:
        """Required text of at most ``longest`` characters."""
        value = self.given.get(name, "").strip()
        if not value:
            self.faults[name] = say("Fill this in.")
        elif len(value) > longest or "\x00" in value:
            self.faults[name] = say(f"Use at most {longest} characters.")
        return value

    def number(self, name: str, *, empty: int | None = None, most: int = 999_999) -> int | None:
        """A whole number up to ``most``; ``empty`` when nothing was typed."""
        value = self.given.get(name, "").strip()
        if not value:
            return empty
        if not (value.isascii() and value.isdigit() and len(value) < 12 and int(value) <= most):
            self.faults[name] = say("Use a whole number.")
            return empty
        return int(value)

    def day(self, name: str) -> date:
        """A date as browsers send it (2026-12-31)."""
        try:
            return date.fromisoformat(self.given.get(name, ""))
        except ValueError:
            self.faults[name] = say("Give a date.")
            return date.min

    def moment(self, name: str, zone: str) -> datetime:
        """A local date and time in ``zone`` as browsers send it (2026-12-31T08:00)."""
        try:
            return datetime.fromisoformat(self.given.get(name, "")).replace(tzinfo=ZoneInfo(zone))
        except ValueError:
            self.faults[name] = say("Give a date and a time.")
            return datetime.min.replace(tzinfo=ZoneInfo("UTC"))

    def one_of(self, name: str, choices: Any) -> str:
        """One of the offered values."""
        value = self.given.get(name, "")
        if value not in choices:
            self.faults[name] = say("Choose one of the list.")
        return value
