"""What the agency says in its own words at the top of the mails of a round."""

import re
from collections.abc import Iterator, Mapping

KINDS = ("invitation", "reminder")
LANGUAGES = ("id", "en")
LONGEST = 800
_ADDRESS = re.compile(r"https?:|www\.|\w@\w", re.IGNORECASE)

Messages = Mapping[str, Mapping[str, str]]
"""Words by kind of mail and language; what is missing or empty adds nothing to the mail."""


def faults(messages: Messages) -> Iterator[tuple[str, str]]:
    """Everything wrong with the words: where, and what to do about it.

    No addresses: the only links of a mail are the personal ones, so that people learn to trust no other.
    """
    for kind, words in messages.items():
        for language, text in words.items():
            where = f"messages.{kind}.{language}"
            if kind not in KINDS or language not in LANGUAGES:
                yield where, "There is no such mail or language."
            if len(text) > LONGEST:
                yield where, f"Use at most {LONGEST} characters."
            if _ADDRESS.search(text):
                yield where, "Leave addresses out: the only links of this mail are the personal ones."
    for kind, words in messages.items():
        given = {language for language in LANGUAGES if words.get(language, "").strip()}
        if len(given) == 1:
            [missing] = set(LANGUAGES) - given
            yield f"messages.{kind}.{missing}", "Say it in both languages, or in none."


def words_of(messages: Messages, kind: str) -> dict[str, str]:
    """The words of one kind of mail by language; a repeated mail says what the invitation said."""
    words = messages.get("reminder" if kind == "reminder" else "invitation", {})
    return {language: text for language, text in words.items() if text.strip()}
