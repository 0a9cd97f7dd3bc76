"""How a request names its link: a ticket, a signed token, a signed secret, a typed code or its token.

The browser sends ``token`` and ``signature``: it derived the token itself. A browser without WebCrypto (plain HTTP
on an intranet) sends ``secret`` and ``signature``. A typed code carries no signature: from it the browser derives
``typed``, the token alone. Pages without JavaScript send the ``code`` itself, and later the ``ticket`` that our own
page carried. A forged signature or ticket is refused before any look at the database.
"""

from collections.abc import Mapping, Sequence

from shared.errors import Refused, missing
from shared.sealing import b64, unb64
from survey_service import tokens
from survey_service.respond.tickets import BadTicket, Tickets


def token_of(values: Mapping[str, str], service_secrets: Sequence[str], tickets: Tickets) -> bytes:
    """The token; raises ``Refused``: unknown_link for what is not ours, expired for an old ticket."""
    try:
        if values.get("ticket"):
            return tickets.read(values["ticket"])
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
