"""The sealing of the simulated raters was written from the RFC: it and ours must agree without sharing code."""

import ast
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import sealing
from shared.demo import seal as theirs

PRIVATE = sealing.make_key()
PUBLIC = sealing.public_part(PRIVATE)


@given(plain=st.binary(max_size=200), info=st.binary(max_size=200))
def test_what_a_simulated_rater_seals_scoring_can_open(plain: bytes, info: bytes) -> None:
    sealed = theirs.seal(plain, PUBLIC, theirs.info_hash(info))
    assert len(sealed) == 65 + len(plain) + 16
    assert sealing.Opener(PRIVATE).open(sealed, info) == plain


@given(info=st.binary(max_size=200))
def test_both_hash_the_purpose_alike(info: bytes) -> None:
    assert theirs.info_hash(info) == sealing.info_hash(info)


def test_another_purpose_cannot_be_opened() -> None:
    sealed = theirs.seal(b"answers", PUBLIC, theirs.info_hash(b"for one ratee"))
    with pytest.raises(sealing.CannotOpen):
        sealing.Opener(PRIVATE).open(sealed, b"for another")


def test_it_is_a_second_opinion() -> None:
    imported = {
        alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(inspect.getsource(theirs)))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not [name for name in imported if name.startswith("shared") or "hpke" in name]
