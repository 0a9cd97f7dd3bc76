"""Links to reports: a random reference, signed under a salt per purpose, good until a moment that it carries.

The reference is nobody's id. It leaves in the link and is kept nowhere; the database has its digest.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer

from shared.sealing import b64, unb64

_LABEL = b"cermin report v1\n"


class BadLink(ValueError):
    """Not one of our links for this purpose."""


class Expired(ValueError):
    """One of our links, after its time."""


def new_reference() -> bytes:
    """128 random bits."""
    return secrets.token_bytes(16)


def digest_of(reference: bytes) -> bytes:
    """What the database keeps of a reference: 32 bytes."""
    return hashlib.sha256(_LABEL + reference).digest()


def sign(reference: bytes, purpose: str, not_after: datetime, service_secrets: Sequence[str]) -> str:
    """The token of a link: a page of another ``purpose`` does not take it."""
    text: str = _serializer(purpose, service_secrets).dumps([b64(reference), int(not_after.timestamp())])
    return text


def read(token: str, purpose: str, now: datetime, service_secrets: Sequence[str]) -> bytes:
    """The reference in a token; raises ``BadLink`` or ``Expired`` without asking any database."""
    try:
        reference, not_after = _serializer(purpose, service_secrets).loads(token)
        raw = unb64(reference)
    except (BadData, TypeError, ValueError) as error:
        raise BadLink(purpose) from error
    if now.timestamp() > not_after:
        raise Expired(purpose)
    return raw


def selector(reference: bytes, ratee: str) -> str:
    """Names one of the people behind a link without telling who it is."""
    return b64(hashlib.blake2b(ratee.encode(), key=reference, digest_size=12).digest())


def _serializer(purpose: str, service_secrets: Sequence[str]) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(reversed(service_secrets)),
        salt=f"cermin.reports.{purpose}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
