"""Topic patterns as AMQP has them: ``*`` is one word, ``#`` any number of words, also none."""

import re
from functools import lru_cache


def matches(pattern: str, topic: str) -> bool:
    """Whether a queue bound with ``pattern`` receives ``topic``."""
    return _compiled(pattern).fullmatch("." + topic) is not None


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> re.Pattern[str]:
    words = {"*": r"\.[^.]*", "#": r"(?:\.[^.]*)*"}
    return re.compile("".join(words.get(word, r"\." + re.escape(word)) for word in pattern.split(".")))
