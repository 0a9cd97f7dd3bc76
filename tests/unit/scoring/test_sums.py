"""Sums add up part by part and are stored without loss."""

from fractions import Fraction

import pytest

from scoring_service.domain.sums import Folded, GroupTally, ItemTally, Sum

ONE = GroupTally(
    2,
    {"a": Sum(2, Fraction(5, 3)), "b": Sum(1, Fraction(4))},
    {"a1": ItemTally("a", 2, Fraction(7)), "b1": ItemTally("b", 1, Fraction(4))},
)
TWO = GroupTally(3, {"a": Sum(3, Fraction(1, 3))}, {"a1": ItemTally("a", 3, Fraction(1, 2))})
TYPED = GroupTally(2, overall=Sum(2, Fraction(170)))


def test_groups_add_up_part_by_part() -> None:
    expected = GroupTally(
        5,
        {"a": Sum(5, Fraction(2)), "b": Sum(1, Fraction(4))},
        {"a1": ItemTally("a", 5, Fraction(15, 2)), "b1": ItemTally("b", 1, Fraction(4))},
    )
    assert ONE + TWO == TWO + ONE == expected
    assert ONE.aspects["a"] == Sum(2, Fraction(5, 3)), "adding leaves both as they were"


def test_typed_values_add_up_and_none_is_lost() -> None:
    assert TYPED + GroupTally(1, overall=Sum(1, Fraction(30))) == GroupTally(3, overall=Sum(3, Fraction(200)))
    assert (TYPED + ONE).overall == (ONE + TYPED).overall == TYPED.overall
    assert (ONE + TWO).overall is None


def test_a_mean_is_over_who_answered() -> None:
    assert Sum(3, Fraction(10)).mean == Fraction(10, 3)
    with pytest.raises(ZeroDivisionError):
        _ = Sum(0, Fraction(0)).mean


def test_the_stored_form() -> None:
    assert ONE.to_json() == {
        "n": 2,
        "aspects": {"a": {"n": 2, "total": "5/3"}, "b": {"n": 1, "total": "4/1"}},
        "items": {"a1": {"aspect": "a", "n": 2, "total": "7/1"}, "b1": {"aspect": "b", "n": 1, "total": "4/1"}},
        "overall": None,
    }
    assert TYPED.to_json() == {"n": 2, "aspects": {}, "items": {}, "overall": {"n": 2, "total": "170/1"}}
    folded = Folded(4, {"others": ONE, "supervisor": TYPED}, "peer")
    stored = folded.to_json()
    assert stored == {
        "threshold": 4,
        "weigh_as": "peer",
        "groups": {"others": ONE.to_json(), "supervisor": TYPED.to_json()},
    }
    assert Folded.from_json(stored) == folded
    assert Folded(3, {}).weigh_as == "others"
