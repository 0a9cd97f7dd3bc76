"""One-time links: a secret that only the rater has, a token derived from it, a digest that is all we store.

The link is ``PUBLIC_URL/s#SECRET.SIGNATURE``. The browser derives the token (SHA-256 under a label) and sends
token and signature; the signature is over the token, so a forgery is refused without asking the database.

The links of one letter are derived from a secret of their own (``PUBLIC_URL/s#l.SECRET.SIGNATURE`` leads to the
list of all of them): whoever holds that has every link, whoever holds one link has that one only.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from uuid import UUID

from itsdangerous import Signer
from itsdangerous.signer import HMACAlgorithm

from shared.sealing import b64, unb64

SECRET_BYTES = 16
LABEL = b"cermin link v1\n"
LIST_LABEL = b"cermin list v1\n"
LINK_OF_LIST_LABEL = b"cermin link of list v1\n"
LIST_MARK = "l."
"""What the fragment of a list's link begins with."""
_CODE, _LIST_CODE = b"cermin code v1\n", b"cermin list code v1\n"
_CODE_BYTES = 2
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
"""Of base32 (RFC 4648)."""
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]


class BadLink(ValueError):
    """Not one of our links or codes: wrong form, checksum or signature."""


def mint() -> bytes:
    """A new secret of 128 random bits."""
    return secrets.token_bytes(SECRET_BYTES)


def token_of(secret: bytes) -> bytes:
    """The token (32 bytes) that the browser derives from the secret."""
    return hashlib.sha256(LABEL + secret).digest()


def list_token_of(secret: bytes) -> bytes:
    """The token (32 bytes) that names the list with this secret."""
    return hashlib.sha256(LIST_LABEL + secret).digest()


def secret_of(list_secret: bytes, invitation: UUID) -> bytes:
    """The secret of one invitation's link, derived from that of its letter; the browser does the same."""
    return hashlib.sha256(LINK_OF_LIST_LABEL + list_secret + str(invitation).encode()).digest()[:SECRET_BYTES]


def digest_of(token: bytes) -> bytes:
    """What the database keeps of a token (32 bytes)."""
    return hashlib.sha256(token).digest()


def sign(token: bytes, service_secrets: Sequence[str]) -> str:
    """The signature of a token, base64url."""
    mac = _mac(tuple(service_secrets)).copy()
    mac.update(token)
    return b64(mac.digest())


def read_token(token: str) -> bytes:
    """The 32 bytes of a base64url token; raises ``BadLink``."""
    try:
        raw = unb64(token)
    except ValueError as error:
        raise BadLink("malformed") from error
    if len(raw) != 32:
        raise BadLink("malformed")
    return raw


def verify(token: str, signature: str, service_secrets: Sequence[str]) -> bytes:
    """The token bytes of a base64url token with a genuine signature; raises ``BadLink``."""
    raw = read_token(token)
    try:
        unb64(signature)  # one spelling only: a changed letter is a forgery
        genuine = _signer(service_secrets).verify_signature(raw, signature)
    except ValueError as error:
        raise BadLink("malformed") from error
    if not genuine:
        raise BadLink("signature")
    return raw


def link(public_url: str, secret: bytes, service_secrets: Sequence[str]) -> str:
    """The address that is mailed; everything that matters stays in the fragment."""
    return f"{public_url}/s#{b64(secret)}.{sign(token_of(secret), service_secrets)}"


def links(
    public_url: str, list_secret: bytes, invitations: Iterable[UUID], service_secrets: Sequence[str]
) -> Iterator[tuple[bytes, str, str]]:
    """Digest, link and code of each invitation of a letter: all that is known of its secret, in one go."""
    key = _mac(tuple(service_secrets))
    for invitation in invitations:
        secret = secret_of(list_secret, invitation)
        token = token_of(secret)
        mac = key.copy()
        mac.update(token)
        yield digest_of(token), f"{public_url}/s#{b64(secret)}.{b64(mac.digest())}", code(secret)


def list_link(public_url: str, secret: bytes, service_secrets: Sequence[str]) -> str:
    """The address of the list with all links of a letter."""
    return f"{public_url}/s#{LIST_MARK}{b64(secret)}.{sign(list_token_of(secret), service_secrets)}"


def code(secret: bytes) -> str:
    """The secret for typing: base32 with a checksum, in groups of four (``ABCD-EFGH-…``)."""
    return _spelled(secret, _CODE)


def list_code(secret: bytes) -> str:
    """The secret of a list for typing; never a code of a link, because its checksum is another."""
    return _spelled(secret, _LIST_CODE)


def read_code(text: str) -> bytes:
    """The secret of a typed code, forgiving case, blanks, dashes and 0/1/8 for O/I/B; raises ``BadLink``."""
    return _read(text, _CODE)


def read_list_code(text: str) -> bytes:
    """The secret of a typed code of a list, as forgiving; raises ``BadLink``."""
    return _read(text, _LIST_CODE)


def _spelled(secret: bytes, kind: bytes) -> str:
    bits = int.from_bytes(secret + _checksum(secret, kind)) << 1  # 145: seven groups of 20, and a letter
    groups = [_PAIRS[bits >> at + 10 & 1023] + _PAIRS[bits >> at & 1023] for at in range(125, 0, -20)]
    return "-".join([*groups, _LETTERS[bits & 31]])


def _read(text: str, kind: bytes) -> bytes:
    plain = "".join(sign for sign in text.upper() if sign.isalnum()).translate(str.maketrans("018", "OIB"))
    try:
        raw = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except (binascii.Error, ValueError) as error:
        raise BadLink("malformed") from error
    secret, checksum = raw[:SECRET_BYTES], raw[SECRET_BYTES:]
    if len(secret) != SECRET_BYTES or checksum != _checksum(secret, kind):
        raise BadLink("checksum")
    return secret


def _checksum(secret: bytes, kind: bytes) -> bytes:
    return hashlib.sha256(kind + secret).digest()[:_CODE_BYTES]


class _Sha256(HMACAlgorithm):
    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha256")


class _Signer(Signer):
    """Derives its keys once and uses HMAC in one call."""

    @lru_cache(maxsize=16)  # noqa: B019 - the signers are few and kept as long as the process
    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        return super().derive_key(secret_key)


def _signer(service_secrets: Sequence[str]) -> Signer:
    return _signer_of(tuple(service_secrets))


@lru_cache(maxsize=4)
def _signer_of(service_secrets: tuple[str, ...]) -> Signer:
    return _Signer(
        list(reversed(service_secrets)),
        salt="cermin.link",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
        algorithm=_Sha256(),
    )


@lru_cache(maxsize=4)
def _mac(service_secrets: tuple[str, ...]) -> hmac.HMAC:
    """Signs like the signer, with the key worked in once: a launch signs some hundred thousand links."""
    return hmac.new(_signer_of(service_secrets).derive_key(), digestmod="sha256")
