from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring_service.domain.numbers import Rounding, decimal, in_steps, restored, rounded, stored, weighted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(83), "83"),
        (Fraction(8856, 100), "88.56"),
        (Fraction(-27, 2), "-13.5"),
        (Fraction(2, 3), "0.666666666666"),
        (Fraction(-2, 3), "-0.666666666666"),
        (Fraction(1, 2**19), "0.0000019073486328125"),
        (Fraction(1, 2**20), "0.00000095367431640625"),
        (Fraction(1, 2**21), "0.000000476837"),
        (Fraction(1, 5**13), "0.0000000008192"),
        (Fraction(1, 2**1100), "0"),
        (Fraction(1, 5**500), "0"),
        (Fraction(90) - Fraction(1, 3 * 10**13), "89.999999999999"),
        (Fraction(-1, 3 * 10**13), "0"),
    ],
)
def test_decimal(value: Fraction, text: str) -> None:
    assert decimal(value) == text


@given(st.fractions())
def test_storage_is_exact_and_text_is_cut_towards_zero(value: Fraction) -> None:
    assert restored(stored(value)) == value
    written = Fraction(decimal(value))
    assert abs(written) <= abs(value)
    assert abs(value - written) < Fraction(1, 10**12)


def test_only_stored_fractions_are_restored() -> None:
    with pytest.raises(ValueError, match="not a stored fraction"):
        restored("0.5")


@pytest.mark.parametrize(
    ("half", "up", "even"), [("90.5", 91, 90), ("91.5", 92, 92), ("-0.5", -1, 0), ("1.4", 1, 1)]
)
def test_halves(half: str, up: int, even: int) -> None:
    assert rounded(Fraction(half), "half_up") == up
    assert rounded(Fraction(half), "half_even") == even
    assert rounded(Fraction(half), "none") == Fraction(half)


@pytest.mark.parametrize(
    ("value", "method", "places", "expected"),
    [
        ("2.345", "half_up", 2, "2.35"),
        ("2.345", "half_even", 2, "2.34"),
        ("2.355", "half_even", 2, "2.36"),
        ("-2.345", "half_up", 2, "-2.35"),
        ("0.7", "half_up", 0, "1"),
        ("0.4", "half_up", 0, "0"),
        ("-0.7", "half_up", 0, "-1"),
        ("0.04", "half_up", 1, "0"),
        ("2.345", "none", 1, "2.345"),
    ],
)
def test_rounding_to_places(value: str, method: Rounding, places: int, expected: str) -> None:
    assert rounded(Fraction(value), method, places) == Fraction(expected)


@given(st.fractions(-200, 200), st.fractions(min_value=Fraction(1, 1000), max_value=50))
def test_the_nearest_step_is_what_dividing_rounding_and_multiplying_give(value: Fraction, step: Fraction) -> None:
    assert in_steps(value, step) == decimal(rounded(value / step, "half_up") * step)


@given(st.lists(st.tuples(st.fractions(0, 1), st.fractions(-100, 100)), max_size=6))
def test_a_weighted_sum_is_the_sum_of_the_products(pairs: list[tuple[Fraction, Fraction]]) -> None:
    found = weighted(pairs)
    assert (found, type(found)) == (sum((weight * value for weight, value in pairs), Fraction(0)), Fraction)
