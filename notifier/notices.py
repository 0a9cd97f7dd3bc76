"""Writing a notice: one link, why it comes and what to do, as text and HTML in the reader's language."""

from datetime import datetime
from importlib import resources
from typing import Any

from notifier.domain.letter import Request
from notifier.domain.notice import Notice
from notifier.writing import Writer, flat, moment, texts
from shared.config import contact_in


class NoticeWriter:
    """Writes notices with the sender and the message form of letters."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._texts = texts(resources.files("notifier") / "templates" / "notices.json")
        self._plain = writer.template("notice.txt")
        self._html = writer.template("notice.html")

    def write(self, request_id: str, notice: Notice, request: Request, now: datetime) -> bytes:
        """The whole message. The address must have passed ``letter.deliverable``."""
        words = self._say(notice, request)
        plain, html = self._plain.render(words), self._html.render(words)
        return self._writer.message(request_id, notice.to, notice.language, words["subject"], plain, html, now)

    def _say(self, notice: Notice, request: Request) -> dict[str, Any]:
        text, sender = self._texts[notice.language], self._writer.sender
        date, hour, zone = moment(request.closes_at, request.timezone, notice.language)
        facts = {
            "agency": flat(sender.agency),
            "contact": contact_in(notice.language, flat(request.contact)),
            "name": flat(notice.name),
            "about": flat(notice.about),
            "round": flat(request.round_name),
            "date": date,
            "hour": hour,
            "zone": zone,
            "host": notice.link.partition("/reports/")[0],
        }
        kind = request.kind if notice.about or request.kind != "report_ready" else "reports_ready"
        return {
            "language": notice.language,
            "agency": facts["agency"],
            "subject": text[f"{kind}.subject"].format(**facts),
            "title": text[f"{kind}.title"].format(**facts),
            "greeting": text["greeting"].format(**facts),
            "lead": text[f"{kind}.lead"].format(**facts),
            "facts": [(text["round"], facts["round"]), (text["until"], text["until.value"].format(**facts))],
            "open": text[f"{kind}.open"],
            "address": text["address"],
            "link": notice.link,
            "notes": [
                (text[f"{topic}.title"], text[topic].format(**facts)) for topic in ("personal", "genuine", "ask")
            ],
        }
