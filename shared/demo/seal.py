"""HPKE as RFC 9180 writes it, from the primitives only: a second opinion on what browsers and servers do.

Base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. It shares no code with ``shared.sealing``.
"""

import hmac

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEM = b"KEM" + (0x0010).to_bytes(2, "big")
_HPKE = b"HPKE" + b"".join(part.to_bytes(2, "big") for part in (0x0010, 0x0001, 0x0001))


def info_hash(info: bytes) -> bytes:
    """The part of the key schedule that ``info`` enters (section 5.1): 32 bytes."""
    return _extract(_HPKE, b"", b"info_hash", info)


def seal(plain: bytes, receiver: bytes, bound: bytes) -> bytes:
    """``plain`` sealed to the point ``receiver`` (65 bytes) and to the info hash ``bound``: enc and ciphertext."""
    curve = ec.SECP256R1()
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(curve, receiver)
    ours = ec.generate_private_key(curve)
    sent = ours.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    agreed = _extract(_KEM, b"", b"eae_prk", ours.exchange(ec.ECDH(), theirs))
    shared = _expand(_KEM, agreed, b"shared_secret", sent + receiver, 32)
    context = b"\x00" + _extract(_HPKE, b"", b"psk_id_hash", b"") + bound
    secret = _extract(_HPKE, shared, b"secret", b"")
    key = _expand(_HPKE, secret, b"key", context, 16)
    nonce = _expand(_HPKE, secret, b"base_nonce", context, 12)
    return sent + AESGCM(key).encrypt(nonce, plain, b"")


def _extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    """LabeledExtract of section 4: HMAC-SHA256 with the salt as the key."""
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + secret, "sha256")


def _expand(suite: bytes, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """LabeledExpand of section 4, for at most one block (32 bytes)."""
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(secret, labelled + b"\x01", "sha256")[:length]
