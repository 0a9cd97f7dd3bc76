"""Sealing: HPKE (RFC 9180) base mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.

A sealed value is the encapsulated key followed by the ciphertext. ``info`` binds it to its purpose.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


class CannotOpen(Exception):
    """The sealed value does not fit this key and purpose, or was changed."""


def make_key() -> bytes:
    """A new private key, PKCS#8 DER."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_part(private: bytes) -> bytes:
    """The public key of a private one: 65 bytes, uncompressed point (X9.62)."""
    return (
        _private(private)
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )


def fingerprint(public: bytes) -> str:
    """SHA-256 of a public key, 64 hex digits."""
    return hashlib.sha256(public).hexdigest()


class Sealer:
    """Seals to one public key (65 bytes). Raises ``ValueError`` for bytes that are no point on the curve."""

    def __init__(self, public: bytes) -> None:
        self._key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)

    def seal(self, plain: bytes, info: bytes) -> bytes:
        """Sealed value: 65 + len(plain) + 16 bytes."""
        return _SUITE.encrypt(plain, self._key, info)


class Opener:
    """Opens what was sealed to the public part of one private key."""

    def __init__(self, private: bytes) -> None:
        self._key = _private(private)

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """The plain bytes; raises ``CannotOpen``."""
        try:
            return _SUITE.decrypt(sealed, self._key, info)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen from error


def ballot_info(round_id: object, ratee: str, relation: str) -> bytes:
    """What a ballot is bound to: round, ratee and relation, each on a line."""
    return f"cermin ballot v1\n{round_id}\n{ratee}\n{relation}".encode()


def letter_info(letter_id: object) -> bytes:
    """What a letter is bound to."""
    return f"cermin letter v1\n{letter_id}".encode()


def notice_info(notice_id: object) -> bytes:
    """What the link of a notice is bound to; its address is bound like a letter's."""
    return f"cermin notice v1\n{notice_id}".encode()


def address_info(letter_id: object) -> bytes:
    """What the address that a letter goes to instead of its own is bound to."""
    return f"cermin address v1\n{letter_id}".encode()


def info_hash(info: bytes) -> bytes:
    """What HPKE's key schedule takes of ``info`` (RFC 9180, section 5.1): 32 bytes.

    A browser seals with this, so that what ``info`` names (an employee number) need not be sent to it.
    """
    suite = b"HPKE" + bytes([0, 0x10, 0, 0x01, 0, 0x01])
    return hmac.digest(b"", b"HPKE-v1" + suite + b"info_hash" + info, "sha256")


def encode_answers(answers: Iterable[int], length: int) -> bytes:
    """Answers in item order as one byte each (0 is "not seen", 255 is "not asked"), padded to ``length`` bytes.

    The first byte is the format, so every ballot of a questionnaire has the same length.
    """
    body = bytes([1, *answers])
    if len(body) > length:
        raise ValueError(f"{len(body)} bytes of answers do not fit in {length}")
    return body.ljust(length, b"\xff")


def ballot_length(items: int) -> int:
    """Bytes of plain text of every ballot of a questionnaire with ``items`` items: a multiple of 32."""
    return -(-(items + 1) // 32) * 32


def sealed_length(plain: int) -> int:
    """Bytes of a sealed value whose plain text has ``plain`` bytes: encapsulated key and tag come on top."""
    return 65 + plain + 16


def b64(value: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url text; raises ``ValueError`` when it is not canonical."""
    try:
        value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64url") from error
    if b64(value) != text:
        raise ValueError("not canonical base64url")
    return value


def merkle_root(leaves: Iterable[bytes]) -> str:
    """Root over sorted leaf hashes (each the SHA-256 of a ballot), 64 hex digits.

    Leaves and nodes are domain-separated as in RFC 6962 (0x00 before a leaf, 0x01 before a node); an odd node
    moves up unchanged; no leaves give SHA-256 of nothing. Of the tree only its right edge is in memory.
    """
    edge: list[tuple[int, bytes]] = []
    for leaf in sorted(leaves):
        height, node = 0, hashlib.sha256(b"\x00" + leaf).digest()
        while edge and edge[-1][0] == height:
            height, node = height + 1, _pair(edge.pop()[1], node)
        edge.append((height, node))
    if not edge:
        return hashlib.sha256(b"").hexdigest()
    root = edge.pop()[1]
    while edge:
        root = _pair(edge.pop()[1], root)
    return root.hex()


def _pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _private(private: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(private, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("not an elliptic-curve key")
    return key
