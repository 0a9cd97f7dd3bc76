"""Canaries: answers that begin with a rare pattern, and the search for it in every form that could betray it."""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_der_private_key

MARK = (4, 1, 5, 2, 5, 1, 3, 1, 5, 2)
"""The first answers of every canary. Ten in a row come by chance once in ten million ballots."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A canary in clear: where, and in which form."""

    file: str
    form: str
    at: int


def forms(answers: Sequence[int]) -> dict[str, list[bytes]]:
    """How ``answers`` look: as bytes, as text, as form fields, as JSON, encoded."""
    packed, texts = bytes(answers), [str(value) for value in answers]
    return {
        "packed": [packed],
        "hex": [packed.hex().encode(), packed.hex().upper().encode()],
        "base64": list(_aligned(packed)),
        "digits": ["".join(texts).encode()],
        "list": [mark.join(texts).encode() for mark in (",", ", ", ";", " ", "\t", "\n")],
        "JSON": [json.dumps(texts)[1:-1].encode(), json.dumps(texts, separators=(",", ":"))[1:-1].encode()],
        "form": ["&".join(f"q{at}={value}" for at, value in enumerate(texts)).encode()],
        "object": [
            json.dumps({f"q{at}": value for at, value in enumerate(kind)}, separators=gaps)[1:-1].encode()
            for kind in (texts, list(answers))
            for gaps in ((",", ":"), (", ", ": "))
        ],
        "wide": ["".join(texts).encode("utf-16-le"), ",".join(texts).encode("utf-16-le")],
    }


def _aligned(packed: bytes) -> Iterator[bytes]:
    """Base64 of the pattern wherever it stands in what is encoded, without what its neighbours decide."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + packed)
        start = 0 if before == 0 else 4
        yield text[start : len(text) // 4 * 4 - 4]


def search(files: Iterable[Path], mark: Sequence[int] = MARK) -> list[Hit]:
    """Every place where ``mark`` stands in clear in ``files``."""
    wanted = [(form, pattern) for form, patterns in forms(mark).items() for pattern in patterns]
    found = []
    for path in files:
        content = read(path)
        for form, pattern in wanted:
            if (at := content.find(pattern)) >= 0:
                found.append(Hit(str(path), form, at))
    return found


def secrets(files: Iterable[Path], key: bytes) -> list[Hit]:
    """Every place where a private key (PKCS#8) stands in ``files``: whole, its number, or as text."""
    scalar = load_der_private_key(key, None).private_numbers().private_value.to_bytes(32, "big")  # type: ignore[union-attr]
    patterns = [key, scalar, scalar.hex().encode(), *_aligned(scalar), base64.b64encode(key)[:60]]
    return [
        Hit(str(path), "private key", at)
        for path in files
        if (content := read(path))
        for pattern in patterns
        if (at := content.find(pattern)) >= 0
    ]


def read(path: Path) -> bytes:
    """A file of a running server; one that went meanwhile is empty."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
