"""What all letters of one shape share: rendered once, with marks where the letters differ."""

import binascii
import re
import secrets
from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

from notifier.domain.letter import Entrance, Language, Letter, Link

_MARK = secrets.token_hex(16)
"""Nobody can have written this into a name."""
_MARKED = re.compile(f"{_MARK}([0-9]+)x")
_END = re.compile(rb"(?<!=)\n")
_WIDTH = 76
"""The longest line of quoted-printable, with the ``=`` at its end."""


class Form(NamedTuple):
    """One link of a shape: what it begins with, whether the ratee's post is named, and what the mail says of it."""

    front: str
    titled: bool
    relation: str
    sole: bool


class Shape(NamedTuple):
    """What many letters have in common. ``whole`` is what the link to the list begins with."""

    language: Language
    whole: str | None
    forms: tuple[Form, ...]


class Frame:
    """A rendered text with marks, in quoted-printable pieces between which values are put.

    A line that ends in ``=`` goes on in the next one, so each piece and each value begins a line of its own.
    """

    def __init__(self, marked: str) -> None:
        parts = _MARKED.split(marked)
        self._pieces = [_soft(quoted(part)) for part in parts[:-1:2]]
        self._places = [int(part) for part in parts[1::2]]
        self._last = quoted(parts[-1])

    def filled(self, values: str) -> bytes:
        """The text with ``values``, one a line, at the marks of these numbers."""
        soft = [_soft(line) for line in _END.split(quoted(values))]
        between = zip(self._pieces, self._places, strict=True)
        return b"".join([part for piece, place in between for part in (piece, soft[place])]) + self._last


def parted(letter: Letter) -> tuple[Shape, Sequence[str]]:
    """The shape of a letter, and what it alone says, in the order of the marks of ``bared``."""
    own, whole = [letter.name], None
    if letter.whole:
        whole, secret = _parts(letter.whole.link)
        own += [secret, letter.whole.code]
    forms = []
    for one in letter.links:
        front, secret = _parts(one.link)
        titled = bool(one.post.strip())
        forms.append(Form(front, titled, one.relation, one.sole))
        own += [one.ratee, one.post, secret, one.code] if titled else [one.ratee, secret, one.code]
    return Shape(letter.language, whole, tuple(forms)), own


def bared(shape: Shape) -> Letter:
    """A letter of this shape with a mark in place of everything else."""
    marks = (f"{_MARK}{place}x" for place in count())
    name = next(marks)
    whole = None if shape.whole is None else Entrance(shape.whole + next(marks), next(marks))
    links = tuple(
        Link(
            invitation="",
            ratee=next(marks),
            post=next(marks) if form.titled else "",
            relation=form.relation,
            sole=form.sole,
            link=form.front + next(marks),
            code=next(marks),
        )
        for form in shape.forms
    )
    return Letter("", name, shape.language, links, whole)


def quoted(text: str) -> bytes:
    """Quoted-printable (RFC 2045, section 6.7)."""
    return binascii.b2a_qp(text.encode(), istext=True)


def _soft(lines: bytes) -> bytes:
    """Quoted-printable after which the text goes on in the next line."""
    if len(lines) >= _WIDTH and len(lines) - lines.rfind(b"\n") > _WIDTH:
        lines = lines[:-1] + b"=\n" + lines[-1:]  # binascii ends no line of this width with an escape
    return lines + b"=\n"


def _parts(link: str) -> tuple[str, str]:
    """The part of a link that is the same for everybody, and its secret."""
    front, sign, secret = link.partition("#")
    return front + sign, secret
