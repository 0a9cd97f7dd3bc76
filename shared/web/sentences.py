"""Refusals in Indonesian: use cases speak English, a page says the same in the language of its reader.

A service lists its sentences as pairs with ``{}`` where a value stands; in the translation ``{0}``, ``{1}`` say
which one. A test reads every refusal out of the source and fails when one has no translation.
"""

import re
from collections.abc import Mapping
from functools import cache

from flask import Flask, current_app

from shared.web.language import language

Sentences = Mapping[str, str]

SENTENCES: Sentences = {
    "Your role does not allow this. Ask the personnel office.": (
        "Peran Anda tidak mencakup langkah ini. Hubungi petugas kepegawaian."
    ),
    "Contains a character that cannot be stored.": "Memuat karakter yang tidak dapat disimpan.",
    "Not a decimal such as 95.424.": "Bukan angka seperti 95.424.",
}


def install(app: Flask, sentences: Sentences) -> None:
    """Add ``sentences`` to what this app can translate."""
    app.extensions.setdefault("cermin_sentences", {}).update(sentences)


def say(sentence: str) -> str:
    """``sentence`` in the language of this request; as it is when nobody translated it."""
    return sentence if language() == "en" else in_indonesian(sentence, current_app.extensions["cermin_sentences"])


def in_indonesian(sentence: str, known: Sentences) -> str:
    """The Indonesian for an English sentence; values inside it are translated too where they are known."""
    if sentence in known:
        return known[sentence]
    for pattern, translation in known.items():
        found = _matcher(pattern).fullmatch(sentence) if "{}" in pattern else None
        if found:
            return translation.format(*(known.get(value, value) for value in found.groups()))
    return sentence


@cache
def _matcher(pattern: str) -> re.Pattern[str]:
    return re.compile("(.*)".join(re.escape(part) for part in pattern.split("{}")), re.DOTALL)
