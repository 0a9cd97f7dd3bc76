"""Caps, bands, conversions, standards and limits exactly at their edges."""

from dataclasses import replace
from fractions import Fraction

import pytest

from scoring_service.domain.policy import Band, Limit
from scoring_service.domain.rules import against_standard, band_of, capped, convert, exceeded, predicate_of_pair
from tests.unit.scoring.ballots import policy

PP30 = policy("pp30-360")
EDGE = Fraction(1, 10**15)
"""Less than any text shows."""


def test_a_cap_counts_up_to_itself() -> None:
    assert capped(PP30, Fraction(120)) == 120
    assert capped(PP30, 120 + EDGE) == 120
    assert capped(PP30, 120 - EDGE) == 120 - EDGE
    uncapped = replace(PP30, combination=replace(PP30.combination, cap=None))
    assert capped(uncapped, Fraction(130)) == 130


@pytest.mark.parametrize(
    ("band", "below", "at", "above"),
    [
        (Band("x", at_least=Fraction(50)), None, "x", "x"),
        (Band("x", above=Fraction(50)), None, None, "x"),
        (Band("x", at_most=Fraction(50)), "x", "x", None),
        (Band("x", below=Fraction(50)), "x", None, None),
        (Band("x"), "x", "x", "x"),
        (Band("x", at_least=Fraction(0)), "x", "x", "x"),
        (Band("x", above=Fraction(0)), "x", "x", "x"),
        (Band("x", at_most=Fraction(0)), None, None, None),
        (Band("x", below=Fraction(0)), None, None, None),
    ],
)
def test_every_kind_of_edge(band: Band, below: str | None, at: str | None, above: str | None) -> None:
    values = [Fraction(50) - EDGE, Fraction(50), Fraction(50) + EDGE]
    assert [band_of([band], value) for value in values] == [below, at, above]


def test_the_first_band_that_holds_and_all_its_flags() -> None:
    bands = [Band("best", requires=("new_idea", "early")), Band("good", at_least=Fraction(0)), Band("rest")]
    assert band_of(bands, Fraction(1), {"new_idea", "early"}) == "best"
    assert band_of(bands, Fraction(1), {"new_idea"}) == "good"
    assert band_of(bands, Fraction(-1)) == "rest"
    assert band_of([], Fraction(1)) is None


def test_the_axes_of_the_matrix_are_not_interchangeable() -> None:
    berakhlak = policy("permen6")
    assert predicate_of_pair(berakhlak, "below", "above") == "butuh perbaikan"
    assert predicate_of_pair(berakhlak, "above", "below") == "kurang"


@pytest.mark.parametrize(("x", "y"), [(-1, 10), (0, 10), (2, 14), (5, 20), (6, Fraction(50, 3)), (8, 10), (9, 10)])
def test_conversion_through_corner_points(x: int, y: int | Fraction) -> None:
    points = [(Fraction(0), Fraction(10)), (Fraction(5), Fraction(20)), (Fraction(8), Fraction(10))]
    assert convert(points, Fraction(x)) == y


@pytest.mark.parametrize(
    ("level", "category"), [(2, "below"), (3, "meets"), (4, "meets"), (5, "meets"), (6, "above")]
)
def test_a_standard_includes_both_ends(level: int, category: str) -> None:
    assert against_standard(3, 5, level) == category


def test_limits_at_their_edges_and_in_words() -> None:
    limits = (
        Limit(("baik", "cukup"), Fraction(3, 5), Fraction(7, 10), None),
        Limit(("kurang",), Fraction(0), Fraction(1, 8), None),
        Limit(("kurang",), Fraction(0), Fraction(0), "istimewa"),
    )
    using = replace(PP30, limits=limits)
    assert exceeded(using, {}) == exceeded(using, {"baik": 0}) == ()
    assert exceeded(using, {"baik": 5, "cukup": 1, "sangat baik": 4}) == ()
    assert exceeded(using, {"baik": 5, "cukup": 2, "sangat baik": 3}) == ()
    assert exceeded(using, {"baik": 5, "cukup": 3, "sangat baik": 1, "kurang": 1}) == (
        "baik / cukup: 80 % of 10, must be 60 % to 70 %",
    )
    assert exceeded(using, {"baik": 4, "kurang": 3}) == (
        "baik / cukup: 57.1 % of 7, must be 60 % to 70 %",
        "kurang: 42.9 % of 7, must be 0 % to 12.5 %",
    )
    assert exceeded(using, {"baik": 2, "kurang": 1}, "istimewa") == ("kurang: 33.3 % of 3, must be 0 % to 0 %",)
    assert exceeded(using, {"baik": 2, "kurang": 1}, "baik") == ()
