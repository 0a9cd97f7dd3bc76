"""Drafts as they are kept: many in one row, all equally long, sorted by the digest of their link.

A draft that was never written is noise of the same length, so a row tells neither who has begun nor how far; and
because a row holds dozens, not even the fact that it was rewritten tells whose draft changed.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

DIGEST = 32
SEALING = 12 + 16
"""Bytes that AES-GCM adds in the browser: nonce and tag."""
TOGETHER = 64
"""Drafts in one row."""
LAST = b"\xff" * DIGEST
"""The upper bound of the last row of a round: whatever digest comes finds its row."""


def length(plain: int) -> int:
    """Bytes of a kept draft whose answers were padded to ``plain`` bytes."""
    return plain + SEALING


def rows(digests: Iterable[bytes], size: int, noise: Callable[[int], bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Rows of untouched places of ``size`` bytes: the largest digest a row is for, and what it holds.

    ``noise`` gives as many random bytes as it is asked for.
    """
    ordered = sorted(set(digests))
    for at in range(0, len(ordered), TOGETHER):
        part = ordered[at : at + TOGETHER]
        filled = noise(size * len(part))
        held = (digest + filled[place * size : (place + 1) * size] for place, digest in enumerate(part))
        yield LAST if at + TOGETHER >= len(ordered) else part[-1], b"".join(held)


def find(held: bytes, digest: bytes, size: int) -> bytes | None:
    """The draft of ``digest`` in a row with drafts of ``size`` bytes."""
    step = DIGEST + size
    at = _at(held, digest, step)
    return held[at + DIGEST : at + step] if held[at : at + DIGEST] == digest else None


def put(held: bytes, digest: bytes, draft: bytes) -> bytes:
    """The row with this draft in its place."""
    step = DIGEST + len(draft)
    at = _at(held, digest, step)
    after = at + step if held[at : at + DIGEST] == digest else at
    return b"".join((held[:at], digest, draft, held[after:]))


def _at(held: bytes, digest: bytes, step: int) -> int:
    """Where the draft of ``digest`` is or would be; they are in order."""
    if len(held) % step:
        raise ValueError(f"{len(held)} bytes do not hold drafts of {step - DIGEST} bytes")
    return step * bisect_left(range(len(held) // step), digest, key=lambda at: held[at * step : at * step + DIGEST])
