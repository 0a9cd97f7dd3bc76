"""Tickets: what a page without JavaScript carries from step to step instead of the token."""

import base64
from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LIFETIME = 12 * 60 * 60
"""Seconds for which a ticket is good: a working day with its breaks."""


class BadTicket(ValueError):
    """Expired, changed, or not ours."""


class Tickets:
    """Encrypts tokens under keys derived from the service secrets (newest first; older ones still open)."""

    def __init__(self, service_secrets: Sequence[str]) -> None:
        self._box = MultiFernet([Fernet(_key(secret)) for secret in service_secrets])

    def issue(self, token: bytes) -> str:
        """An opaque ticket that holds the token."""
        return self._box.encrypt(token).decode()

    def read(self, ticket: str) -> bytes:
        """The token; raises ``BadTicket``."""
        try:
            return self._box.decrypt(ticket.encode(), ttl=LIFETIME)
        except (InvalidToken, UnicodeError) as error:
            raise BadTicket from error


@lru_cache(maxsize=4)
def tickets_of(service_secrets: tuple[str, ...]) -> Tickets:
    """The tickets of a deployment; deriving their keys takes longer than using them."""
    return Tickets(service_secrets)


def _key(secret: str) -> bytes:
    derived = HKDF(SHA256(), 32, salt=None, info=b"cermin answer ticket v1").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
