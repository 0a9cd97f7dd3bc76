import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sealing import ballot_length, sealed_length
from survey_service.domain import boxes

SIZE = 8
ballots = st.lists(st.binary(min_size=SIZE, max_size=SIZE), max_size=20)


def filled(given_ballots: list[bytes]) -> bytes:
    box = b""
    for ballot in given_ballots:
        box = boxes.insert(box, ballot, SIZE)
    return box


@given(ballots, st.randoms(use_true_random=False))
def test_a_box_does_not_tell_the_order_of_arrival(given_ballots: list[bytes], chance: object) -> None:
    mixed = list(given_ballots)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert filled(mixed) == filled(given_ballots)


@given(ballots)
def test_a_box_holds_each_ballot_once_sorted_by_hash(given_ballots: list[bytes]) -> None:
    box = filled(given_ballots)
    assert set(boxes.split(box, SIZE)) == set(given_ballots)
    hashes = boxes.leaves(box, SIZE)
    assert hashes == sorted(hashlib.sha256(one).digest() for one in set(given_ballots))
    assert hashes == sorted(set(hashes))


@given(ballots.filter(bool))
def test_the_same_ballot_again_changes_nothing(given_ballots: list[bytes]) -> None:
    box = filled(given_ballots)
    assert boxes.insert(box, given_ballots[0], SIZE) == box


def test_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="7 bytes, not 8"):
        boxes.insert(b"", b"1234567", SIZE)
    with pytest.raises(ValueError, match="does not hold"):
        boxes.split(b"123", SIZE)
    with pytest.raises(ValueError, match="does not hold"):
        boxes.split(b"123", 0)


def test_a_sealed_ballot_has_the_length_that_is_announced() -> None:
    from shared import sealing

    key = sealing.Sealer(sealing.public_part(sealing.make_key()))
    plain = sealing.encode_answers([1] * 15, ballot_length(15))
    assert len(key.seal(plain, b"x")) == sealed_length(ballot_length(15))
