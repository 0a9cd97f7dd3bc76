"""What every page behind a link needs: the service around it, the door, and links that lead on."""

from typing import Any

from flask import current_app, url_for
from sqlalchemy.orm import Session

from scoring_service.usecases import doors
from scoring_service.usecases.doors import Door
from scoring_service.usecases.receipts import Calendar
from scoring_service.usecases.shelf import Shelf
from shared.service import Context
from shared.web.language import language
from shared.web.texts import has, t


def here() -> Context:
    """What this service was built from."""
    context: Context = current_app.extensions["cermin"]
    return context


def shelf() -> Shelf:
    """The policies of this service."""
    found: Shelf = current_app.extensions["cermin_policies"]
    return found


def calendar() -> Calendar:
    """How days are counted."""
    return Calendar(shelf(), here().settings.timezone)


def door(session: Session, token: str, purpose: str, page: str = "opened") -> Door:
    """The door behind a token of this page; ``page`` is empty for a mailed link. Raises ``Refused``."""
    return doors.enter(session, token, purpose, here().clock(), here().settings.service_secrets, page)


def onward(found: Door, purpose: str, page: str = "opened") -> str:
    """A token for another page of the same door, under that page's own salt."""
    return doors.onward(found, purpose, page, here().clock(), here().settings.service_secrets)


def address(endpoint: str, **values: Any) -> str:
    """The address of one of these pages, in the language of this request."""
    return url_for(f"reports.{endpoint}", **values, lang=language())


def category(name: str) -> str:
    """A category in words; a policy of one's own may have categories that only it knows."""
    return t(f"category.{name}") if has(f"category.{name}") else name
