"""What the rater reads: ``texts.json`` holds every text once, Indonesian and English side by side."""

import json
from datetime import datetime
from importlib import resources
from zoneinfo import ZoneInfo

from babel.dates import format_date

from shared.web.language import language
from shared.web.texts import Texts, t

_ZONES = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def read() -> Texts:
    """Every text of the rater's pages; keys begin with ``rater.``."""
    file = resources.files("survey_service.respond") / "texts.json"
    return {key: (pair[0], pair[1]) for key, pair in json.loads(file.read_text("utf-8")).items()}


def moment(at: datetime, timezone: str) -> str:
    """A date and time with weekday and zone: ``Senin, 30 November 2026, pukul 16.00 WIB``."""
    local = at.astimezone(ZoneInfo(timezone))
    day = format_date(local, "EEEE, d MMMM y", locale=language())
    hour = f"{local:%H.%M}" if language() == "id" else f"{local:%H:%M}"
    zone = _ZONES.get(timezone) or local.tzname() or timezone
    return t("rater.moment", day=day, hour=hour, zone=zone)
