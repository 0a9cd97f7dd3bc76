"""Links derived from the secret of their letter: fixed values, one way only, codes that cannot be mistaken."""

import base64
from uuid import UUID, uuid4

import pytest

from survey_service import tokens

ROOT = bytes(range(16))
INVITATION = UUID("3f0d8a52-7e0e-4bb4-9e3a-2f4b7f0a1c11")


def test_the_derivation_is_what_mailed_links_depend_on():
    assert tokens.secret_of(ROOT, INVITATION).hex() == "767bf293b9d89bffe54bf91afc19cdc5"
    assert tokens.list_token_of(ROOT).hex() == "05c74462323b1d28daa9f94affa741969cbc369a5f7faf3b23802f1f039eede4"


def test_signature_and_code_are_those_of_the_libraries():
    """Written anew for speed: the same as itsdangerous signs and base64 spells."""
    for secret in (bytes(16), b"\xff" * 16, tokens.mint()):
        token = tokens.token_of(secret)
        for secrets in (("one" * 16,), ("two" * 16, "one" * 16)):
            assert tokens.sign(token, secrets) == tokens._signer(secrets).get_signature(token).decode()
        raw = secret + tokens._checksum(secret, tokens._CODE)
        plain = base64.b32encode(raw).decode().rstrip("=")
        code = tokens.code(secret)
        assert code.replace("-", "") == plain
        assert {len(part) for part in code.split("-")[:-1]} == {4}


def test_every_invitation_and_letter_has_another_secret():
    found = {
        tokens.secret_of(root, one) for root in (ROOT, tokens.mint()) for one in (INVITATION, uuid4(), uuid4())
    }
    assert len(found) == 6
    assert {len(one) for one in found} == {tokens.SECRET_BYTES}
    assert tokens.list_token_of(ROOT) != tokens.token_of(ROOT)


def test_a_code_of_a_list_is_none_of_a_link_and_the_other_way_round():
    for _ in range(50):
        secret = tokens.mint()
        assert tokens.read_list_code(tokens.list_code(secret).lower().replace("-", " ")) == secret
        with pytest.raises(tokens.BadLink):
            tokens.read_code(tokens.list_code(secret))
        with pytest.raises(tokens.BadLink):
            tokens.read_list_code(tokens.code(secret))
