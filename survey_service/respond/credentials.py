"""How a request names its link: a ticket, a signed token, a signed secret, a typed code or its token.

The browser sends ``token`` and ``signature``: it derived the token itself. A browser without WebCrypto (plain HTTP
on an intranet) sends ``secret`` and ``signature``. A typed code carries no signature: from it the browser derives
``typed``, the token alone. Pages without JavaScript send the ``code`` itself, and later the ``ticket`` that our own
page carried. A link that the browser derived from a list has no signature either; it comes with the token of the
``list`` and the signature of that. A forged signature or ticket is refused before any look at the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.errors import Refused, missing
from shared.sealing import b64, unb64
from survey_service import tokens
from survey_service.respond.tickets import BadTicket, Tickets


def token_of(values: Mapping[str, str], service_secrets: Sequence[str], tickets: Tickets) -> bytes:
    """The token; raises ``Refused``: unknown_link for what is not ours, expired for an old ticket."""
    try:
        if values.get("ticket"):
            return tickets.read(values["ticket"])
        if values.get("list"):
            tokens.verify(values["list"], values.get("signature", ""), service_secrets)
            return tokens.read_token(values.get("token", ""))
        if values.get("token"):
            return tokens.verify(values["token"], values.get("signature", ""), service_secrets)
        if values.get("secret"):
            token = b64(tokens.token_of(unb64(values["secret"])))
            return tokens.verify(token, values.get("signature", ""), service_secrets)
        if values.get("typed"):
            return tokens.read_token(values["typed"])
        return tokens.token_of(tokens.read_code(values.get("code", "")))
    except BadTicket as error:
        raise Refused("gone", "expired", "This page is too old; open your link again.") from error
    except ValueError as error:
        raise missing("unknown_link", "This is not one of our links.") from error


@dataclass(frozen=True, slots=True)
class ListKey:
    """What names a list. ``secret`` is here only where the browser could not derive anything from it."""

    token: bytes
    secret: bytes | None = None

    @property
    def held(self) -> bytes:
        """What a ticket of the list holds."""
        return self.secret or self.token


def list_of(values: Mapping[str, str], service_secrets: Sequence[str], tickets: Tickets) -> ListKey:
    """The list that a request names in the same ways as a link; raises ``Refused`` as ``token_of`` does."""
    try:
        if values.get("ticket"):
            held = tickets.read(values["ticket"])
            return _with(held) if len(held) == tokens.SECRET_BYTES else ListKey(held)
        if values.get("token"):
            return ListKey(tokens.verify(values["token"], values.get("signature", ""), service_secrets))
        if values.get("secret"):
            key = _with(unb64(values["secret"]))
            tokens.verify(b64(key.token), values.get("signature", ""), service_secrets)
            return key
        if values.get("typed"):
            return ListKey(tokens.read_token(values["typed"]))
        return _with(tokens.read_list_code(values.get("code", "")))
    except BadTicket as error:
        raise Refused("gone", "expired", "This page is too old; open your link again.") from error
    except ValueError as error:
        raise missing("unknown_link", "This is not one of our lists.") from error


def is_list_code(text: str) -> bool:
    """Whether this is the typed code of a list."""
    try:
        return bool(tokens.read_list_code(text))
    except tokens.BadLink:
        return False


def _with(secret: bytes) -> ListKey:
    return ListKey(tokens.list_token_of(secret), secret)
