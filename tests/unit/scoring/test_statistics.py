"""Statistics against the textbook, the long way round in floating point, and against other libraries."""

import json
from fractions import Fraction
from pathlib import Path
from statistics import mean, variance
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import f_oneway

from scoring_service.domain.gathering import Gathering, gather
from scoring_service.domain.moments import LEAST, Moments, _foretold
from scoring_service.domain.policy import SMALL
from scoring_service.domain.statistics import (
    Agreement,
    Between,
    Consistency,
    rwg,
    rwg_of_histogram,
    spearman_brown,
)
from tests.unit.scoring.ballots import ASPECTS, QUESTIONNAIRE, Ballot, even, rounds

REFERENCE = json.loads(Path(__file__).with_name("reference.json").read_text())
answers = st.lists(st.integers(1, 5), min_size=2, max_size=8)
ratees = st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=6), min_size=2, max_size=8)


@given(answers)
def test_rwg(given_: list[int]) -> None:
    expected = max(0.0, 1 - variance(map(float, given_)) / 2)
    assert float(rwg(given_, 5) or 0) == pytest.approx(expected)
    assert rwg_of_histogram([given_.count(point) for point in range(1, 6)]) == rwg(given_, 5)


def test_rwg_of_one_rater_is_not_available() -> None:
    assert rwg([4], 5) is None
    assert rwg([], 5) is None


def test_rwg_needs_two_points_and_two_raters() -> None:
    assert rwg([1, 1], 2) == 1
    assert rwg([1, 2], 2) == 0
    assert rwg([1, 1], 1) is None
    assert rwg([4, 4], 5) == 1
    assert rwg_of_histogram([0, 0, 1, 1]) == Fraction(3, 5)


@settings(deadline=None)
@given(ratees)
def test_icc(groups: list[list[int]]) -> None:
    found = sum((Between.of([Fraction(value) for value in group]) for group in groups), Between())
    everyone = [value for group in groups for value in group]
    assume(len(everyone) > len(groups))
    grand, n, total = mean(everyone), len(groups), len(everyone)
    between = sum(len(group) * (mean(group) - grand) ** 2 for group in groups) / (n - 1)
    within = sum((value - mean(group)) ** 2 for group in groups for value in group) / (total - n)
    size = (total - sum(len(group) ** 2 for group in groups) / total) / (n - 1)
    if between + (size - 1) * within < 1e-9:
        assert found.icc_1() is None
    else:
        assert float(found.icc_1() or 0) == pytest.approx((between - within) / (between + (size - 1) * within))
    if between < 1e-9:
        assert found.icc_1_k() is None
    else:
        assert float(found.icc_1_k() or 0) == pytest.approx(1 - within / between)


@settings(deadline=None)
@given(ratees)
def test_icc_against_the_analysis_of_variance_of_scipy(groups: list[list[int]]) -> None:
    total, count = sum(map(len, groups)), len(groups)
    assume(total > count)
    assume(any(len(set(group)) > 1 for group in groups))
    found = sum((Between.of([Fraction(value) for value in group]) for group in groups), Between())
    ratio = float(f_oneway(*groups).statistic)
    size = (total - sum(len(group) ** 2 for group in groups) / total) / (count - 1)
    assume(ratio > 1e-9)
    assert float(found.icc_1() or 0) == pytest.approx((ratio - 1) / (ratio + size - 1), abs=1e-9)
    assert float(found.icc_1_k() or 0) == pytest.approx(1 - 1 / ratio, abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(1, 5)] * 4), min_size=3, max_size=12))
def test_alpha_and_rwg_against_numpy(rows: list[tuple[int, ...]]) -> None:
    table = np.array(rows, dtype=float)
    covariance = np.cov(table, rowvar=False)
    assume(covariance.sum() > 1e-9)
    found = Consistency.of([[Fraction(value) for value in row] for row in rows]).alpha()
    assert found is not None
    assert float(found) == pytest.approx(4 / 3 * (1 - np.trace(covariance) / covariance.sum()), abs=1e-9)
    for column in table.T:
        exact = rwg([int(value) for value in column], 5)
        assert float(exact or 0) == pytest.approx(max(0.0, 1 - column.var(ddof=1) / 2), abs=1e-9)


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: f"{len(case['matrix'])} ratees")
def test_the_figures_of_pingouin(case: dict[str, Any]) -> None:
    """Computed by another library, see ``make_reference.py``."""
    rows = [[Fraction(value) for value in row] for row in case["matrix"]]
    found = sum((Between.of(row) for row in rows), Between())
    icc, icc_k, alpha = found.icc_1(), found.icc_1_k(), Consistency.of(rows).alpha()
    assert icc is not None and icc_k is not None and alpha is not None
    assert float(icc) == pytest.approx(case["icc_1"], abs=1e-9)
    assert float(icc_k) == pytest.approx(case["icc_1_k"], abs=1e-9)
    assert float(alpha) == pytest.approx(case["cronbach_alpha"], abs=1e-9)
    assert float(spearman_brown(icc, len(rows[0])) or 0) == pytest.approx(case["icc_1_k"], abs=1e-9)


def test_icc_is_not_available_where_it_has_no_meaning() -> None:
    one = Between.of([Fraction(3), Fraction(4)])
    same = Between.of([Fraction(3), Fraction(3)])
    for moments in (Between(), one, same + same, Between.of([Fraction(1)]) + Between.of([Fraction(2)])):
        assert moments.icc_1() is None
        assert moments.icc_1_k() is None


@given(st.lists(st.tuples(*[st.integers(1, 5)] * 3), min_size=2, max_size=10))
def test_alpha(rows: list[tuple[int, ...]]) -> None:
    exact = [[Fraction(value) for value in row] for row in rows]
    found = sum((Consistency.of([row]) for row in exact), Consistency()).alpha()
    whole = variance([float(sum(row)) for row in rows])
    if whole < 1e-9:
        assert found is None
    else:
        parts = sum(variance(map(float, column)) for column in zip(*rows, strict=True))
        assert float(found if found is not None else 99) == pytest.approx(3 / 2 * (1 - parts / whole))


def test_alpha_is_not_available_where_it_has_no_meaning() -> None:
    assert Consistency().alpha() is None
    assert Consistency.of([[Fraction(1), Fraction(2)]]).alpha() is None
    assert Consistency.of([[Fraction(1)], [Fraction(2)]]).alpha() is None


def test_alpha_of_two_items_and_two_rows() -> None:
    assert Consistency.of([[1, 2], [2, 4]]).alpha() == Fraction(8, 9)


def test_rows_of_another_number_of_items_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="zip"):
        _ = Consistency.of([[1, 2]]) + Consistency.of([[1, 2, 3]])
    with pytest.raises(ValueError, match="zip"):
        Consistency.of([[1, 2], [1, 2, 3]])


def test_spearman_brown() -> None:
    assert spearman_brown(Fraction(1, 2), 2) == Fraction(2, 3)
    assert spearman_brown(Fraction(1, 2), 1) == Fraction(1, 2)
    assert spearman_brown(Fraction(-1), 2) is None


@settings(max_examples=40, deadline=None)
@given(rounds(), rounds())
def test_moments_add_up_and_survive_storage(one: list[Ballot], two: list[Ballot]) -> None:
    first, second = gather(one, QUESTIONNAIRE), gather(two, QUESTIONNAIRE)
    assert first + second == second + first
    assert first + Moments() == first
    assert Moments.from_json((first + second).to_json()) == first + second


@settings(max_examples=40, deadline=None)
@given(rounds())
def test_moments_are_of_peers_and_subordinates(ballots: list[Ballot]) -> None:
    found = gather(ballots, QUESTIONNAIRE)
    rows = [row for relation, row in ballots if relation in SMALL]
    for at, aspect in enumerate(ASPECTS[:4]):
        pairs = [[value for value in row[2 * at : 2 * at + 2] if value] for row in rows]
        means = [Fraction(sum(pair), len(pair)) for pair in pairs if pair]
        if not means:
            assert aspect not in found.aspects
            continue
        part = found.aspects[aspect]
        assert part.between == Between.of(means)
        assert part.consistency.rows == sum(len(pair) == 2 for pair in pairs)
        items = [[row[2 * at + place] for row in rows if row[2 * at + place]] for place in range(2)]
        known = [value for value in (rwg(item, 5) for item in items) if value is not None]
        assert part.agreement == Agreement(len(known), sum(known, Fraction(0)))
        assert part.agreement.mean() == (sum(known) / len(known) if known else None)


def test_figures_of_a_round_and_how_raters_answered() -> None:
    straight = [("peer", even(5)), ("peer", even(3)), ("subordinate", (5, 1, *even(5)[2:])), ("self", even(5))]
    one = gather([*straight, ("peer", (5, *even(0)[1:]))], QUESTIONNAIRE)
    assert (one.raters, one.straight_lines, one.ceilings) == (3, 2, 1)
    assert times(LEAST - 1, one).figures(3) is None
    found = times(LEAST, one).figures(3)
    assert found is not None
    assert (found["raters"], found["straight_lines"], found["ceilings"]) == (60, "0.7", "0.3")
    assert found["aspects"]["komitmen"]["rwg"] == "0.3"
    assert found["aspects"]["komitmen"]["cronbach_alpha"] == "0.9"
    lonely = times(LEAST, gather([("peer", even(4))], QUESTIONNAIRE)).figures(3)
    assert lonely is not None
    assert lonely["aspects"]["komitmen"] == dict.fromkeys(
        ("rwg", "icc_1", "icc_1_k", "cronbach_alpha", "spearman_brown")
    )
    assert (lonely["straight_lines"], lonely["ceilings"], lonely["lenient"]) == (None, None, None)


def test_reliability_is_foretold_from_the_figure_that_is_shown() -> None:
    """0.44 and 0.36 look alike, and so must what is foretold: 3 * 0.4 / 1.8, 5 * 0.4 / 2.6, 10 * 0.4 / 4.6."""
    known = {"3": "0.7", "5": "0.8", "10": "0.9"}
    assert _foretold(Fraction(44, 100)) == _foretold(Fraction(36, 100)) == known
    assert _foretold(Fraction(0)) == dict.fromkeys(known, "0")
    assert _foretold(None) is None and _foretold(Fraction(-1, 5)) is None


def times(count: int, one: Moments) -> Moments:
    return sum([one] * count, Moments())


@pytest.mark.parametrize(
    ("straight", "share"), [(0, None), (2, None), (3, "0.3"), (7, "0.7"), (8, None), (10, None)]
)
def test_a_flag_stands_for_k_raters_and_leaves_out_k(straight: int, share: str | None) -> None:
    found = Moments(ratees=LEAST, raters=10, straight_lines=straight).figures(3)
    assert found is not None and found["straight_lines"] == share


def test_perfect_agreement_is_not_told_from_much_agreement() -> None:
    perfect = gather([("peer", even(4)), ("peer", even(4)), ("peer", even(4))], QUESTIONNAIRE)
    found = times(LEAST, perfect).figures(3)
    assert found is not None and found["aspects"]["komitmen"]["rwg"] == "0.9"


@pytest.mark.parametrize(
    ("rest", "lenient"), [((3, 3), 1), ((4, 4), 1), ((4, 5), 0), ((3,), 0), ((5, 5), 0), ((1, 1, 5), 2)]
)
def test_a_lenient_rater_stands_a_point_above_the_others(rest: tuple[int, ...], lenient: int) -> None:
    ballots = [("peer", even(5)), *(("subordinate", even(answer)) for answer in rest)]
    assert gather(ballots, QUESTIONNAIRE).lenient == lenient


@pytest.mark.parametrize(
    ("rows", "raters", "straight", "ceilings"),
    [
        ([], 0, 0, 0),
        ([(4,)], 0, 0, 0),
        ([(5,)], 0, 0, 0),
        ([(4, 4)], 1, 1, 0),
        ([(5, 5)], 1, 1, 1),
        ([(5, 4)], 1, 0, 0),
        ([(5, 5), (4, 4), (4, 5), (3,)], 3, 2, 1),
    ],
)
def test_who_gave_two_answers_or_more(
    rows: list[tuple[int, ...]], raters: int, straight: int, ceilings: int
) -> None:
    found = gather([("peer", (*row, *even(0)[len(row) :])) for row in rows], QUESTIONNAIRE)
    assert (found.raters, found.straight_lines, found.ceilings) == (raters, straight, ceilings)
    assert found.ratees == bool(rows)


def test_nobody_answered_anything() -> None:
    assert gather([("peer", even(0)), ("self", even(4))], QUESTIONNAIRE) == Moments()


def test_moments_add_up_field_by_field() -> None:
    one, two = Moments(1, {}, 2, 3, 4, 5), Moments(10, {}, 20, 30, 40, 50)
    assert one + two == Moments(11, {}, 22, 33, 44, 55)


@pytest.mark.parametrize(
    ("count", "share"), [(3, "0"), (5, "0.1"), (25, "0.3"), (90, "0.9"), (97, "0.9"), (98, None)]
)
def test_shares_go_up_at_half_and_end_at_nine_tenths(count: int, share: str | None) -> None:
    found = Moments(LEAST, {}, 100, count, count, count).figures(3)
    assert found is not None
    assert found == {
        "aspects": {},
        "raters": 100,
        "straight_lines": share,
        "ceilings": share,
        "lenient": share,
    }


def test_statistics_need_twenty_ratees() -> None:
    assert LEAST == 20
    assert Moments(19).figures(3) is None
    assert Moments(20).figures(3) is not None


@pytest.mark.parametrize(
    ("rows", "lenient"),
    [([(5, 5), (4, 4), (1,)], 0), ([(5, 5), (4, 4), (1, 1)], 2), ([(5, 5), (3, 3), (3, 3)], 1)],
)
def test_lenient_is_said_among_those_with_two_answers_or_more(rows: list[tuple[int, ...]], lenient: int) -> None:
    found = gather([("peer", (*row, *even(0)[len(row) :])) for row in rows], QUESTIONNAIRE)
    assert found.lenient == lenient


def test_what_is_foretold_stands_beside_the_figure_it_is_made_of() -> None:
    high, low = ([("peer", even(answer))] * 3 for answer in (5, 1))
    found = (times(10, gather(high, QUESTIONNAIRE)) + times(10, gather(low, QUESTIONNAIRE))).figures(3)
    assert found is not None
    komitmen = found["aspects"]["komitmen"]
    assert (komitmen["icc_1"], komitmen["icc_1_k"]) == ("0.9", "0.9")
    assert komitmen["spearman_brown"] == _foretold(Fraction(9, 10)) != _foretold(Fraction(0))


@settings(deadline=None)
@given(st.lists(rounds() | rounds(seen=True), max_size=4))
def test_gathering_is_the_sum_of_what_each_ratee_gives_by_definition(several: list[list[Ballot]]) -> None:
    gathering = Gathering(QUESTIONNAIRE)
    for ballots in several:
        gathering.add(ballots)
    found = gathering.moments()
    for aspect in {code for code, _ in QUESTIONNAIRE.items()}:
        places = [at for at, (code, _) in enumerate(QUESTIONNAIRE.items()) if code == aspect]
        between, consistency, agreement = Between(), Consistency(), Agreement()
        for ballots in several:
            rows = [[row[at] for at in places] for relation, row in ballots if relation in SMALL]
            given_ = [[answer for answer in row if answer not in (0, 255)] for row in rows]
            between += Between.of([Fraction(sum(row), len(row)) for row in given_ if row])
            consistency += Consistency.of(row for row in given_ if len(row) == len(places))
            columns = [[row[at] for row in rows] for at in range(len(places))]
            agreement += Agreement.of([column.count(point) for point in range(1, 6)] for column in columns)
        part = found.aspects.get(aspect)
        assert (part is None) == (between.raters == 0)
        if part is not None:
            assert (part.between, part.consistency, part.agreement) == (between, consistency, agreement)
