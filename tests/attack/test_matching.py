"""The arithmetic of the attack: luck is counted right, and leaks of any kind are seen."""

import math
import os
from itertools import permutations
from random import Random

import pytest

from tests.attack.canaries import MARK, forms, search
from tests.attack.matching import Truth, _fixed_points, by_link, by_order, truth
from tests.attack.naive import links_of


def riddle(boxes: int = 120, size: int = 4) -> Truth:
    names = [[os.urandom(8) for _ in range(size)] for _ in range(boxes)]
    return truth(dict(enumerate(names)), {name: os.urandom(20) for box in names for name in box})


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_fixed_points_are_those_of_all_permutations(size: int) -> None:
    found = [0] * (size + 1)
    for order in permutations(range(size)):
        found[sum(at == value for at, value in enumerate(order))] += 1
    assert _fixed_points(size) == pytest.approx([count / math.factorial(size) for count in found])


def test_blind_guessing_stays_within_the_bound_and_near_chance() -> None:
    one = riddle()
    rates = [by_order(one, {}, {}, seed) for seed in range(400)]
    assert max(rates) <= one.bound(2) < 0.45
    assert sum(rates) / len(rates) == pytest.approx(one.chance, abs=0.03)


def test_an_order_that_tells_everything_hits_everything_also_backwards() -> None:
    one = riddle()
    watched = {name: at for at, name in enumerate(one.ballot_of)}
    rows = {one.ballot_of[name]: at for name, at in watched.items()}
    assert by_order(one, watched, rows) == 1
    assert by_order(one, watched, {ballot: -at for ballot, at in rows.items()}) == 1


def test_a_leak_of_every_third_answer_is_seen() -> None:
    one, luck = riddle(), Random(1)
    links = {ballot: name for name, ballot in one.ballot_of.items() if luck.random() < 1 / 3}
    assert by_link(one, links) > one.bound(2)
    assert by_link(one, {}) <= one.bound(2)


def test_boxes_with_one_answer_are_no_riddle() -> None:
    one = truth({"a": [b"x"], "b": [b"y", b"z"]}, {b"x": b"1", b"y": b"2", b"z": b"3"})
    assert (one.raters, one.chance) == (2, 0.5)


def test_two_copies_link_what_is_new_in_both() -> None:
    none, some, more = frozenset[bytes](), frozenset([b"a"]), frozenset([b"a", b"b"])
    assert links_of([(none, none), (some, frozenset([b"1"]))]) == {b"1": b"a"}
    assert links_of([(none, none), (more, frozenset([b"1", b"2"]))]) == {}


def test_a_canary_is_found_in_every_form(tmp_path) -> None:
    for form, patterns in forms(MARK).items():
        for number, pattern in enumerate(patterns):
            path = tmp_path / f"{form}{number}"
            path.write_bytes(os.urandom(5000) + pattern + os.urandom(5000))
            assert form in {hit.form for hit in search([path])}
    clean = tmp_path / "clean"
    clean.write_bytes(os.urandom(200_000))
    assert search([clean]) == []
