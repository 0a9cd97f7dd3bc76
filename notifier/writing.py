"""Writing a mail: the words in the rater's language, as text and HTML, in one message of plain bytes.

The message is put together by hand because it is short and always the same shape: every header is ASCII in one
known form and every part is quoted-printable, so nothing from a letter can become a header or markup. What all
letters of one shape share is rendered once, with a mark where the letters differ; see ``Frame``.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from markupsafe import escape

from notifier.domain.letter import LANGUAGES, MINUTES_EACH, Language, Letter, Link, Request, entrance
from notifier.frames import Frame, Shape, bared, parted, quoted
from shared.config import contact_in

Texts = dict[str, str]
_TOPICS = ("personal", "genuine", "decline", "ask")
_FRAMES = 256
"""Shapes of letters kept at a time: raters of one round differ in how many they assess and in which relations."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose name a mail carries: of the deployment, the same in every mail."""

    mail_from: str
    """``Cermin <cermin@example.go.id>``"""
    agency: str

    @property
    def address(self) -> str:
        """The bare address, for the envelope."""
        return parseaddr(self.mail_from)[1]


class Writer:
    """Writes mails; templates and texts are read once, when it is made."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self._texts = texts(resources.files("notifier") / "templates" / "texts.json")
        self._labels = {
            language: {name: flat(value) for name, value in text.items() if "." not in name}
            for language, text in self._texts.items()
        }
        self._environment = Environment(
            loader=PackageLoader("notifier"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._plain = self.template("mail.txt")
        self._html = self.template("mail.html")
        name, address = parseaddr(sender.mail_from)
        self._frame = lru_cache(_FRAMES)(self._frame_of)
        self._from = formataddr((flat(name), address))
        self._domain = address.rpartition("@")[2]

    def write(self, request_id: str, letter: Letter, request: Request, now: datetime) -> bytes:
        """The whole message, lines ending in LF. The same request always has the same Message-ID.

        The letter's address must have passed ``letter.deliverable``.
        """
        shape, own = parted(letter)
        subject, plain, html = self._frame(shape, request)
        values = "\n".join([flat(value) for value in own])
        bodies = plain.filled(values), html.filled(str(escape(values)))
        return self._message(request_id, letter.to, letter.language, subject, bodies, now)

    def template(self, name: str) -> Template:
        """A template of ours; a value that is not given is an error."""
        return self._environment.get_template(name)

    def message(
        self, request_id: str, to: str, language: Language, subject: str, plain: str, html: str, now: datetime
    ) -> bytes:
        """The whole message around two parts, lines ending in LF."""
        return self._message(request_id, to, language, subject, (quoted(plain), quoted(html)), now)

    def _message(
        self, request_id: str, to: str, language: Language, subject: str, bodies: tuple[bytes, bytes], now: datetime
    ) -> bytes:
        mark = hashlib.sha256(request_id.encode()).hexdigest()[:32]
        lines = [
            f"From: {self._from}",
            f"To: {to}",
            f"Subject: {_subject(subject)}",
            f"Date: {format_datetime(now)}",
            f"Message-ID: <{mark}@{self._domain}>",
            "Auto-Submitted: auto-generated",
            f"Content-Language: {language}",
            "MIME-Version: 1.0",
            f'Content-Type: multipart/alternative; boundary="=_{mark}"',
        ]
        body = b"".join(_part(mark, kind, text) for kind, text in zip(("plain", "html"), bodies, strict=True))
        return "\n".join(lines).encode("ascii") + b"\n\n" + body + f"--=_{mark}--\n".encode()

    def _frame_of(self, shape: Shape, request: Request) -> tuple[str, Frame, Frame]:
        """Subject, text and HTML of all letters of a shape that are asked for in the same words."""
        words = self._say(bared(shape), request)
        return words["subject"], Frame(self._plain.render(words)), Frame(self._html.render(words))

    def _say(self, letter: Letter, request: Request) -> dict[str, Any]:
        text = self._texts[letter.language]
        facts = self._facts(letter, request, text)
        opening = "" if request.kind in ("invitation", "trial") else request.kind
        asks = text[_asks(letter)].format(**facts)
        promised = any(link.relation != "self" for link in letter.links)
        topics = ("promise", *_TOPICS) if promised else _TOPICS
        return {
            "text": self._labels[letter.language],
            "language": letter.language,
            "agency": facts["agency"],
            "subject": text[f"subject.{request.kind}"].format(**facts),
            "greeting": text["greeting"].format(**facts),
            "lead": text[opening].format(**facts) if opening else asks,
            "asks": asks if opening else "",
            "message": [
                flat(part) for part in request.message.get(letter.language, "").splitlines() if part.strip()
            ],
            "facts": _table(letter, request, text, facts),
            "list_title": _counted(text, "list", len(letter.links)),
            "links": [_form(link, text) for link in letter.links],
            "whole": letter.whole,
            "code_how": text["code.how"].format(**facts),
            "promised": promised,
            "notes": [(text[f"{topic}.title"], text[topic].format(**facts)) for topic in topics],
        }

    def _facts(self, letter: Letter, request: Request, text: Texts) -> dict[str, Any]:
        """What the sentences of the texts may name."""
        date, hour, zone = moment(request.closes_at, request.timezone, letter.language)
        others = sum(link.relation != "self" for link in letter.links)
        count = len(letter.links)
        asked = moment(request.asked_at, request.timezone, letter.language)
        return {
            "agency": flat(self.sender.agency),
            "contact": contact_in(letter.language, flat(request.contact)),
            "name": flat(letter.name),
            "entrance": entrance(letter.links),
            "date": date,
            "hour": hour,
            "zone": zone,
            "since": text["until.value"].format(date=asked[0], hour=asked[1], zone=asked[2]),
            "n": count,
            "people": _counted(text, "people", count),
            "others": _counted(text, "people", others),
        }


@lru_cache(maxsize=256)
def moment(at: datetime, timezone: str, language: Language) -> tuple[str, str, str]:
    """Day, hour and zone as people write them: ``Senin, 30 November 2026``, ``16.00``, ``WIB``."""
    local = at.astimezone(ZoneInfo(timezone))
    day = format_date(local, "EEEE, d MMMM y", locale=language)
    hour = f"{local:%H.%M}" if language == "id" else f"{local:%H:%M}"
    name = local.tzname() or ""
    return day, hour, name if name.isalpha() else f"UTC{local:%z}"


def texts(file: Traversable) -> dict[Language, Texts]:
    """The texts of a file (key to a pair in the order of ``LANGUAGES``), by language."""
    pairs = json.loads(file.read_text("utf-8"))
    return {one: {name: pair[at] for name, pair in pairs.items()} for at, one in enumerate(LANGUAGES)}


def _asks(letter: Letter) -> str:
    relations = {link.relation == "self" for link in letter.links}
    return "asks.both" if len(relations) == 2 else "asks.self" if True in relations else "asks.others"


def _table(letter: Letter, request: Request, text: Texts, facts: dict[str, Any]) -> list[tuple[str, str]]:
    low, high = MINUTES_EACH
    return [
        (text["until"], text["until.value"].format(**facts)),
        (text["minutes"], _counted(text, "minutes", len(letter.links)).format(low=low, high=high)),
        (text["round"], flat(request.round_name)),
        (text["authority"], flat(request.authority)),
    ]


def _form(link: Link, text: Texts) -> dict[str, Any]:
    ratee = flat(link.ratee)
    notes = [text[name] for name in ("sole", "self") if (link.sole if name == "sole" else link.relation == "self")]
    return {
        "ratee": ratee,
        "post": flat(link.post),
        "role": text["role"].format(role=text[f"role.{link.relation}"]),
        "notes": notes,
        "open": text["open.for"].format(ratee=ratee),
        "link": link.link,
        "code": flat(link.code),
    }


def _counted(text: Texts, name: str, count: int) -> str:
    return text[f"{name}.{'one' if count == 1 else 'many'}"].replace("{n}", str(count))


def flat(words: str) -> str:
    """One line: what a name or title brings along must not look like another paragraph of ours."""
    return " ".join(words.split())


@lru_cache(maxsize=256)
def _subject(words: str) -> str:
    """A subject in ASCII (RFC 2047), folded; it cannot start another header."""
    line = flat(words)
    charset = "us-ascii" if line.isascii() else "utf-8"
    return Header(line, charset, header_name="Subject").encode(linesep="\n")


def _part(mark: str, kind: str, body: bytes) -> bytes:
    head = f"--=_{mark}\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    return head.encode("ascii") + body + b"\n"
