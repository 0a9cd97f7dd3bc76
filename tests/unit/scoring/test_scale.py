"""A policy's own small functions: answers on its scale, who counts, which aspects apply, what a step rests on."""

from dataclasses import replace
from fractions import Fraction
from typing import Literal

import pytest

from scoring_service.domain.policy import Answers, Group, Policy, Scale
from tests.unit.scoring.ballots import ASPECTS, policy

PP30 = policy("pp30-360")


def scaled(method: Literal["share", "min_max", "identity", "table"], low: int = 10, high: int = 90) -> Policy:
    table = {1: Fraction(5), 2: Fraction(7, 2)}
    return replace(PP30, scale=Scale(Fraction(low), Fraction(high)), answers=Answers(method, table))


@pytest.mark.parametrize(
    ("method", "answer", "value"),
    [
        ("share", 1, "18"),
        ("share", 5, "90"),
        ("min_max", 1, "10"),
        ("min_max", 2, "30"),
        ("min_max", 5, "90"),
        ("identity", 4, "4"),
        ("table", 1, "5"),
        ("table", 2, "3.5"),
    ],
)
def test_an_answer_of_five_on_the_scale(
    method: Literal["share", "min_max", "identity", "table"], answer: int, value: str
) -> None:
    assert scaled(method).on_scale(answer, 5) == Fraction(value)


def test_who_leads_has_every_aspect_and_others_those_for_everybody() -> None:
    assert tuple(aspect.code for aspect in PP30.applicable(True)) == ASPECTS
    assert tuple(aspect.code for aspect in PP30.applicable(False)) == ASPECTS[:4]


def test_a_relation_that_a_policy_does_not_name_is_absent() -> None:
    raters = replace(PP30.raters, groups={"peer": Group("counted"), "self": Group("comparator")})
    using = replace(PP30, raters=raters)
    assert [using.use(name) for name in ("peer", "self", "subordinate")] == ["counted", "comparator", "absent"]


def test_a_step_rests_on_its_own_basis_else_on_that_of_the_policy_else_on_the_regime() -> None:
    using = replace(PP30, regime="pp30", legal_basis={"bands": "Pasal 41", "policy": "PP 30/2019"})
    assert (using.basis("bands"), using.basis("weights")) == ("Pasal 41", "PP 30/2019")
    assert replace(using, legal_basis={}).basis("bands") == "pp30"
