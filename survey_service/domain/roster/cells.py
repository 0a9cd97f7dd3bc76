"""One cell at a time: text as it was meant, or the fault in it."""

import re
from collections.abc import Mapping
from typing import TypeVar

from survey_service.domain.roster.words import Fault

T = TypeVar("T")
_MANGLED = re.compile(r"^[+-]?\d+(?:[.,]\d*)?[eE][+-]?\d+$|^\d{15,}[.,]0+$")
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]")
_KEY = re.compile(r"^[A-Za-z0-9._-]+$")
_ADDRESS = re.compile(
    r"^[^\s@<>()\[\],;:\\\"]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
)
NIP_LENGTH = 18


class Bad(Exception):
    """The cell has this fault."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def at(self, row: int, column: str) -> Fault:
        """The fault with its place."""
        return Fault(self.code, row, column, self.facts)


def text(value: str, longest: int) -> str:
    """The cell without blanks around it; raises ``Bad`` when too long or with invisible characters."""
    plain = value.strip()
    if len(plain) > longest:
        raise Bad("too_long", most=longest)
    if _INVISIBLE.search(plain):
        raise Bad("control_character")
    return plain


def bare(value: str) -> str:
    """An employee number without the blanks and the apostrophe that spreadsheets add."""
    return value.strip().removeprefix("'").replace(" ", "").replace("\u00a0", "")


def number(value: str) -> str:
    """An employee number; raises ``Bad`` when a spreadsheet has mangled it or it has other signs."""
    if value.isascii() and value.isdigit():
        return value
    plain = bare(value)
    if _MANGLED.match(plain):
        raise Bad("mangled_number", value=plain[:40])
    if plain and not _KEY.match(plain):
        raise Bad("key_form")
    return plain


def civil_servant(value: str) -> None:
    """Raises ``Bad`` unless this is the NIP of a civil servant: 18 digits (PP 11/2017 practice of BKN)."""
    if not (value.isascii() and value.isdigit()):
        raise Bad("nip_digits")
    if len(value) != NIP_LENGTH:
        raise Bad("nip_length", found=len(value))


def email(value: str) -> str | None:
    """A plain address, None for an empty cell."""
    if not value:
        return None
    if not _ADDRESS.match(value) or ".." in value or len(value.partition("@")[0]) > 64:
        raise Bad("email_form")
    return value


def choice(value: str, words: Mapping[str, T]) -> T:
    """What a word means; raises ``Bad`` naming the words that are known."""
    try:
        return words[value.lower()]
    except KeyError:
        raise Bad("choice", value=value[:40], choices=", ".join(words)) from None
