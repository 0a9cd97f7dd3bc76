"""Figures over units: over whom, how rounded, and which are hidden so that none follows by subtraction."""

from collections import Counter
from fractions import Fraction

import pytest

from scoring_service.domain.units import Gathered, UnitFigures, figures
from tests.unit.scoring.ballots import policy

PP30 = policy("pp30-360")


def unit(ratees: int, behaviour: str | None = "4", predicate: str | None = "baik") -> Gathered:
    found = Gathered()
    for _ in range(ratees):
        found.add(behaviour, predicate)
    return found


def shown(units: dict[str, Gathered]) -> dict[str | None, UnitFigures]:
    return {one.unit: one for one in figures(PP30, units, None)}


def test_what_is_added_up() -> None:
    found = unit(2) + unit(1, None, "cukup") + unit(1, "3.5", None)
    assert found == Gathered(4, 3, Fraction("11.5"), Counter({"baik": 2, "cukup": 1}))
    assert found + Gathered() == found == Gathered() + found


def test_a_mean_is_of_those_who_have_a_value_and_goes_up_at_half() -> None:
    found = unit(3, "4") + unit(1, "4.2") + unit(2, None)
    assert shown({"a": found})["a"].mean == "4.1"
    assert shown({"a": unit(5, "4.04")})["a"].mean == "4"
    assert shown({"a": unit(5, None)})["a"].mean is None


def test_shares_are_whole_percent_of_those_who_have_a_predicate() -> None:
    found = unit(4) + unit(2, "4", "cukup") + unit(3, "4", None)
    assert shown({"a": found})["a"] == UnitFigures(
        "a", None, 9, "4", {"baik": 67, "cukup": 33}, shown({"a": found})["a"].limits
    )


def test_every_unit_stands_in_the_order_of_names_after_everybody() -> None:
    found = figures(PP30, {"b": unit(5), "a": unit(6)}, None)
    assert [(one.unit, one.ratees) for one in found] == [(None, 11), ("a", 6), ("b", 5)]
    assert figures(PP30, {}, None) == (UnitFigures(None, "too_few_ratees"),)


@pytest.mark.parametrize(("ratees", "hidden"), [(4, "too_few_ratees"), (5, None)])
def test_figures_need_five_ratees(ratees: int, hidden: str | None) -> None:
    found = shown({"a": unit(ratees)})
    assert (found[None].hidden, found["a"].hidden) == (hidden, hidden)
    if hidden:
        assert found["a"] == UnitFigures("a", hidden)


@pytest.mark.parametrize("with_predicate", [4, 5])
def test_shares_and_limits_need_five_with_a_predicate(with_predicate: int) -> None:
    found = shown({"a": unit(with_predicate, "80", "baik") + unit(5, "80", None)})["a"]
    enough = with_predicate == 5
    assert found.predicates == ({"baik": 100} if enough else {})
    assert found.limits == (("baik: 100 % of 5, must be 60 % to 70 %",) if enough else ())


def test_a_limit_holds_for_units_and_for_everybody_only_where_the_organisation_has_a_predicate() -> None:
    everybody, own = figures(PP30, {"a": unit(5)}, None)
    assert own.limits and not everybody.limits
    everybody, own = figures(policy("permen6"), {"a": unit(5, "4", "sangat baik")}, "istimewa")
    assert everybody.limits == ("sangat baik: 100 % of 5, must be 0 % to 70 %",)
    assert not own.limits


@pytest.mark.parametrize(
    ("sizes", "names"),
    [
        ({"a": 5, "b": 5}, {"a", "b"}),
        ({"a": 5, "b": 6, "c": 4}, {"b"}),
        ({"a": 5, "b": 6, "c": 2, "d": 3}, {"a", "b"}),
        ({"b": 5, "a": 5, "c": 1}, {"b"}),
        ({"a": 7, "b": 5, "c": 1}, {"a"}),
        ({"a": 7, "c": 1}, set()),
    ],
)
def test_what_is_hidden_is_never_few(sizes: dict[str, int], names: set[str]) -> None:
    """The smallest unit is hidden with those too small, and of equal ones the first by name."""
    found = shown({name: unit(size) for name, size in sizes.items()})
    assert {name for name, one in found.items() if name and not one.hidden} == names
