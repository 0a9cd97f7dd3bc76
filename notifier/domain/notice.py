"""What a notice says: to whom, about whom, and the link that it brings. It comes in two sealed parts."""

from dataclasses import dataclass

from notifier.domain.letter import LANGUAGES, BrokenLetter, Language

KINDS = ("report_ready", "assessment_wanted", "objection_to_decide", "objection_decided")


@dataclass(frozen=True, slots=True)
class Notice:
    """An opened notice; lives in memory only. ``about`` names a ratee, or is empty."""

    to: str
    name: str
    language: Language
    link: str
    about: str


def read(address: object, enclosed: object) -> Notice:
    """The notice in its two parts of parsed JSON; without an address ``to`` is empty. Raises ``BrokenLetter``."""
    if not isinstance(address, dict) or not isinstance(enclosed, dict):
        raise BrokenLetter("not an object")
    texts = [address.get("to"), address.get("name"), enclosed.get("link"), enclosed.get("about")]
    language = address.get("language")
    if not all(isinstance(text, str) for text in texts) or language not in LANGUAGES:
        raise BrokenLetter("notice")
    to, name, link, about = (str(text) for text in texts)
    if not link.startswith(("http://", "https://")) or any(sign.isspace() for sign in link):
        raise BrokenLetter("link")
    return Notice(to, name, language, link, about)
