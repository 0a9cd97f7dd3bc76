"""What travels with a score so that anybody may compute it again, and the digest that ties it to its event."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

FORMAT = "cermin-provenance-1"


def key_of(salt: bytes, ratee: str, version: int) -> str:
    """The key of one score's digest, 64 hex digits, from the secret salt of its round.

    Whoever has the package of one score has its key and no other.
    """
    return hmac.new(salt, f"{ratee}\x1f{version}".encode(), hashlib.sha256).hexdigest()


def inputs_digest(inputs: Mapping[str, Any], key: str) -> str:
    """HMAC-SHA256 over the inputs as canonical JSON (sorted keys, no blanks, UTF-8), 64 hex digits.

    Keyed, because inputs are few: who sees a plain digest could try every supervisor's answers until one fits.
    """
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).hexdigest()
