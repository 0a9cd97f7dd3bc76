"""What a letter says: to whom, about whom, and which of its links are still wanted."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")
RELATIONS = ("supervisor", "peer", "subordinate", "self")
MINUTES_EACH = (3, 5)
"""How long one form takes, in minutes: said in the mail."""

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_LINK = re.compile(r"https?://[\x21\x23-\x3b\x3d\x3f-\x7e]+")


class BrokenLetter(ValueError):
    """The letter cannot become a mail; the message never repeats what is in it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One invitation of a letter. ``sole``: the rater is this ratee's only supervisor."""

    invitation: str
    ratee: str
    post: str
    relation: str
    sole: bool
    link: str
    code: str


@dataclass(frozen=True, slots=True)
class Entrance:
    """A link and the code that may be typed instead."""

    link: str
    code: str


@dataclass(frozen=True, slots=True)
class Letter:
    """An opened letter; lives in memory only, while its mail is written and handed over."""

    to: str
    name: str
    language: Language
    links: tuple[Link, ...]
    whole: Entrance | None = None
    """To the list of all forms, where there are several."""
    unit: str = ""
    """Where a slip is handed over."""


@dataclass(frozen=True, slots=True)
class Request:
    """Why a mail is sent and until when answers count; moments are aware."""

    kind: str
    round_name: str
    authority: str
    contact: str
    asked_at: datetime
    """When it was looked up who had not answered: said in a reminder, to the minute."""
    closes_at: datetime
    timezone: str
    message: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What the agency adds in its own words, by language."""


def read(plain: object, pending: Collection[str]) -> Letter:
    """The letter in parsed JSON, with only the ``pending`` invitations. Raises ``BrokenLetter``."""
    if not isinstance(plain, dict):
        raise BrokenLetter("not an object")
    links = [_link(one) for one in _list(plain, "links")]
    wanted = tuple(link for link in links if link.invitation in pending)
    if not wanted:
        raise BrokenLetter("no link is pending")
    language = _text(plain, "language")
    if language not in LANGUAGES:
        raise BrokenLetter("language")
    whole = _entrance(plain["list"]) if len(wanted) > 1 and "list" in plain else None
    unit = _text(plain, "unit") if "unit" in plain else ""
    return Letter(_text(plain, "to"), _text(plain, "name"), language, wanted, whole, unit)


def deliverable(address: str) -> bool:
    """Whether this is one plain address that SMTP can carry (RFC 5321, without quoting): nothing a header could
    misunderstand, so no line break, blank, comma or angle bracket."""
    local, at, domain = address.rpartition("@")
    if not at or len(address) > 254 or ".." in address:
        return False
    if local.startswith(".") or local.endswith("."):
        return False
    return bool(_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain))


def domain_of(address: str) -> str:
    """The domain of an address, for the pace."""
    return address.rpartition("@")[2].lower()


def entrance(links: Sequence[Link]) -> str:
    """Where a code is typed: the address of the links without their secret part."""
    return links[0].link.partition("#")[0]


def _link(plain: object) -> Link:
    if not isinstance(plain, dict):
        raise BrokenLetter("link")
    relation, link = _text(plain, "relation"), _text(plain, "link")
    if relation not in RELATIONS or not _LINK.fullmatch(link):
        raise BrokenLetter("relation or link")
    return Link(
        invitation=_text(plain, "invitation").lower(),
        ratee=_text(plain, "ratee"),
        post=_text(plain, "post"),
        relation=relation,
        sole=relation == "supervisor" and plain.get("sole") is True,
        link=link,
        code=_text(plain, "code"),
    )


def _entrance(plain: object) -> Entrance:
    if not isinstance(plain, dict):
        raise BrokenLetter("list")
    found = Entrance(_text(plain, "link"), _text(plain, "code"))
    if not _LINK.fullmatch(found.link):
        raise BrokenLetter("list")
    return found


def _text(plain: dict[str, object], name: str) -> str:
    value = plain.get(name)
    if not isinstance(value, str) or (not value and name not in ("post", "to", "unit")):
        raise BrokenLetter(name)
    return value


def _list(plain: dict[str, object], name: str) -> list[object]:
    value = plain.get(name)
    if not isinstance(value, list):
        raise BrokenLetter(name)
    return value
