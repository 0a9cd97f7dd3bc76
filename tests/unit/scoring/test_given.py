"""What may be wrong with what is known of a ratee: each fault at its edge, by place and in words."""

from dataclasses import replace
from fractions import Fraction

import pytest

from scoring_service.domain.given import Fault, Given, faults, value_faults
from scoring_service.domain.policy import Scale
from scoring_service.domain.sums import Folded, GroupTally, Sum
from scoring_service.domain.tally import typed
from tests.unit.scoring.ballots import policy

PP30, BERAKHLAK = policy("pp30-360"), policy("permen6")
STEPPED = replace(PP30, scale=Scale(Fraction(10), Fraction(90), Fraction(16)))
NOT_BOTH = Fault("behaviour", "give the behaviour value or what it is made of, not both")
NEVER_GUESSED = Fault("leadership", "say true or false: whether the leadership aspect applies is never guessed")


def said(using: object, **given: object) -> tuple[Fault, ...]:
    return faults(using, Given(**given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("9.99", "aspect below 10: 9.99"),
        ("10", None),
        ("26", None),
        ("12", "aspect must be in steps of 16: 12"),
        ("90", None),
        ("90.01", "aspect above 90: 90.01"),
    ],
)
def test_values_off_the_scale(value: str, message: str | None) -> None:
    found = value_faults(STEPPED, "aspects", "aspect", [Fraction(value)])
    assert found == ([Fault("aspects", message)] if message else [])


def test_each_of_several_values_is_named_by_its_place() -> None:
    values = [Fraction(0), Fraction(10), Fraction(11), Fraction(91)]
    assert value_faults(STEPPED, "peers", "value", values) == [
        Fault("peers, number 1", "value below 10: 0"),
        Fault("peers, number 3", "value must be in steps of 16: 11"),
        Fault("peers, number 4", "value above 90: 91"),
    ]
    assert value_faults(STEPPED, "peers", "value", [Fraction(11)], stepped=False) == []
    assert value_faults(PP30, "peers", "value", [Fraction(1, 3)]) == []


def test_a_settled_behaviour_is_on_the_scale_and_alone() -> None:
    assert said(PP30, behaviour=Fraction(1, 3)) == said(PP30) == ()
    assert said(STEPPED, behaviour=Fraction(11)) == (), "a value that was settled need not be a step"
    assert said(PP30, behaviour=Fraction(101)) == (Fault("behaviour", "behaviour above 100: 101"),)
    folded = typed({"peer": [Fraction(80)] * 3}, PP30, 3)
    assert said(PP30, behaviour=Fraction(80), folded=folded) == (NOT_BOTH,)
    assert said(PP30, behaviour=Fraction(80), folded=Folded(3, {})) == ()
    assert said(PP30, behaviour=Fraction(80), aspects=[Fraction(80)] * 4, leadership=False) == (NOT_BOTH,)


def test_aspects_of_the_assessor() -> None:
    four, five = [Fraction(80)] * 4, [Fraction(80)] * 5
    assert said(PP30, aspects=four, leadership=False) == said(PP30, aspects=five, leadership=True) == ()
    assert said(PP30, aspects=four) == (NEVER_GUESSED,)
    names = "orientasi_pelayanan, komitmen, inisiatif_kerja, kerja_sama"
    assert said(PP30, aspects=five, leadership=False) == (Fault("aspects", f"expects 4 values ({names}), got 5"),)
    supervisor = typed({"supervisor": [Fraction(80)]}, PP30, 3)
    assert said(PP30, aspects=four, leadership=False, folded=supervisor) == (
        Fault("aspects", "give the supervisor's aspects or one supervisor value, not both"),
    )
    peers = typed({"peer": [Fraction(80)] * 3}, PP30, 3)
    assert said(PP30, aspects=four, leadership=False, folded=peers) == ()
    off = [*four[1:], Fraction(101)]
    assert said(PP30, aspects=off, leadership=False) == (Fault("aspects, number 4", "aspect above 100: 101"),)


def test_leadership_is_asked_only_where_there_are_aspects_and_one_of_leaders() -> None:
    counted = Folded(3, {"others": GroupTally(3, {"komitmen": Sum(3, Fraction(240))})})
    assert said(PP30, folded=counted) == (NEVER_GUESSED,)
    assert said(PP30, folded=counted, leadership=False) == said(PP30, folded=counted, leadership=True) == ()
    assert said(PP30, folded=typed({"peer": [Fraction(80)] * 3}, PP30, 3)) == ()
    assert said(BERAKHLAK, aspects=[Fraction(4)] * 7) == ()


def test_work_results() -> None:
    assert said(PP30, work_result=Fraction(0)) == said(BERAKHLAK, work_result="meets") == ()
    below = Fault("work_result", "work result below 0: -0.5")
    assert said(PP30, work_result=Fraction(-1, 2)) == (below,)
    assert said(PP30, work_result="meets") == (Fault("work_result", "must be a number"),)
    one_of = Fault("work_result", "must be one of above, meets, below")
    assert said(BERAKHLAK, work_result=Fraction(3)) == said(BERAKHLAK, work_result="great") == (one_of,)


def test_categories_and_recommendations_belong_to_policies_with_an_assessor() -> None:
    assert said(BERAKHLAK, assessor_category="above", feedback_mean=Fraction(5)) == ()
    assert said(BERAKHLAK, assessor_category="great") == (
        Fault("assessor_category", "must be one of above, meets, below"),
    )
    assert said(BERAKHLAK, behaviour=Fraction(4)) == (
        Fault("behaviour", "this policy takes a category chosen by the assessor, not a value"),
    )
    assert said(BERAKHLAK, feedback_mean=Fraction(6)) == (Fault("feedback_mean", "feedback mean above 5: 6"),)
    value = Fault("assessor_category", "this policy takes a behaviour value, not a category or recommendation")
    assert said(PP30, assessor_category="meets") == said(PP30, feedback_mean=Fraction(80)) == (value,)


def test_every_fault_is_said_at_once() -> None:
    below = Fault("work_result", "work result below 0: -1")
    above = Fault("behaviour", "behaviour above 100: 101")
    assert said(PP30, work_result=Fraction(-1), behaviour=Fraction(101)) == (below, above)
    category = Fault("work_result", "must be one of above, meets, below")
    mean = Fault("feedback_mean", "feedback mean above 5: 6")
    assert said(BERAKHLAK, work_result="great", feedback_mean=Fraction(6)) == (category, mean)


def test_a_mean_need_not_be_a_step() -> None:
    stepped = replace(BERAKHLAK, scale=replace(BERAKHLAK.scale, step=Fraction(1)))
    assert said(stepped, feedback_mean=Fraction(9, 2)) == ()
