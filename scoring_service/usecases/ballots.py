"""Opening ballots, in memory only: what opens and fits is counted, everything else is refused by name."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.sealing import CannotOpen, Opener, ballot_info, ballot_length, unb64

FORMAT = 1
NOT_SEEN = 0
NOT_ASKED = 255
REASONS = ("malformed", "duplicate", "cannot_open", "wrong_length", "wrong_format", "wrong_answers")
"""Why a ballot is refused; each is counted, none holds up another ballot."""

Answers = bytes
"""One answer a byte, in the order of the items."""
_ASKED, _NOT_ASKED = 1, 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a ballot of one ratee looks like: the highest answer and, per item, whether it was asked."""

    points: int
    asked: tuple[bool, ...]
    kinds: bytes = field(init=False)
    """By answer: whether it belongs to an item that was asked, to one that was not, or to none."""
    pattern: bytes = field(init=False)
    """The kinds of a ballot that fits."""

    def __post_init__(self) -> None:
        kinds = bytearray(256)
        kinds[NOT_ASKED] = _NOT_ASKED
        kinds[: self.points + 1] = bytes([_ASKED]) * (self.points + 1)
        object.__setattr__(self, "kinds", bytes(kinds))
        object.__setattr__(self, "pattern", bytes(_ASKED if asked else _NOT_ASKED for asked in self.asked))

    @classmethod
    def of(cls, questionnaire: Mapping[str, Any], leadership: bool) -> "Sheet":
        """The sheet of a ratee: sections for leaders only are asked when ``leadership`` applies."""
        asked = [
            leadership or not section["leadership_only"]
            for section in questionnaire["sections"]
            for _ in section["items"]
        ]
        return cls(questionnaire["points"], tuple(asked))

    def read(self, plain: bytes) -> Answers:
        """The answers in item order; raises ``Misfit``."""
        items = len(self.asked)
        if len(plain) != ballot_length(items):
            raise Misfit("wrong_length")
        answers, padding = plain[1 : items + 1], plain[items + 1 :]
        if plain[0] != FORMAT or padding.strip(b"\xff"):
            raise Misfit("wrong_format")
        if answers.translate(self.kinds) != self.pattern:
            raise Misfit("wrong_answers")
        return answers


class Misfit(Exception):
    """A ballot that is not counted; its reason is one of ``REASONS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Opened:
    """The boxes of one ratee. ``answers`` never leaves memory."""

    answers: Mapping[str, Sequence[Answers]]
    leaves: tuple[bytes, ...]
    """SHA-256 of every ballot that came, refused ones included, sorted."""
    refused: Mapping[str, int]


def open_boxes(
    opener: Opener, round_id: object, ratee: str, boxes: Mapping[str, Sequence[str]], sheet: Sheet
) -> Opened:
    """Open every ballot of one ratee; ``boxes`` holds sealed ballots (base64url) by relation."""
    answers: dict[str, list[Answers]] = {}
    leaves: list[bytes] = []
    known: set[bytes] = set()
    refused: Counter[str] = Counter()
    for relation, sealed in sorted(boxes.items()):
        info = ballot_info(round_id, ratee, relation)
        answers[relation] = []
        for text in sealed:
            ballot = _decoded(text)
            leaf = hashlib.sha256(text.encode() if ballot is None else ballot).digest()
            leaves.append(leaf)
            try:
                if leaf in known:
                    raise Misfit("duplicate")
                answers[relation].append(_open(opener, ballot, info, sheet))
            except Misfit as misfit:
                refused[misfit.reason] += 1
            known.add(leaf)
    return Opened(answers, tuple(sorted(leaves)), refused)


def _decoded(text: str) -> bytes | None:
    try:
        return unb64(text)
    except ValueError:
        return None


def _open(opener: Opener, ballot: bytes | None, info: bytes, sheet: Sheet) -> Answers:
    if ballot is None:
        raise Misfit("malformed")
    try:
        return sheet.read(opener.open(ballot, info))
    except CannotOpen:
        raise Misfit("cannot_open") from None
