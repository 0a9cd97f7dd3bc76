"""Whole appraisals, field by field: what is exact, what is flagged, what is kept for a second computation."""

from dataclasses import replace
from fractions import Fraction

import pytest

from scoring_service.domain.appraisal import Appraisal, Input, Step
from scoring_service.domain.engine import Fault, Given, appraise
from scoring_service.domain.policy import Band, ExternalCode, Group, Policy
from scoring_service.domain.tally import Folded, GroupTally, Sum, tally, typed
from tests.unit.scoring.ballots import ASPECTS, QUESTIONNAIRE, even, policy

PP30, BERAKHLAK, DP3 = policy("pp30-360"), policy("permen6"), policy("dp3")
EVEN = ASPECTS[:4]


def step(using: Policy, rule: str, **numbers: str) -> Step:
    return Step(rule, {name.replace("_", " "): value for name, value in numbers.items()}, using.basis(rule))


def counted(*ballots: tuple[str, int], using: Policy = PP30, leadership: bool = False, **given: object) -> Given:
    rows = [(relation, even(answer)) for relation, answer in ballots]
    folded = tally(rows, QUESTIONNAIRE, using, 3, leadership)
    return Given(folded=folded, invited={"peer": 5}, leadership=leadership, **given)  # type: ignore[arg-type]


def test_ballots_and_a_capped_work_result() -> None:
    ballots = [("supervisor", 4), ("self", 5), *[("peer", 5), ("peer", 4), ("peer", 3), ("subordinate", 5)]]
    found = appraise(PP30, counted(*ballots, work_result=Fraction(121), new_idea=True))
    others, behaviour = Fraction(85), Fraction(82)
    assert found == Appraisal(
        "scored",
        others=others,
        behaviour=behaviour,
        aspects=dict.fromkeys(EVEN, behaviour),
        total=Fraction(120 * 60 + 82 * 40, 100),
        banded_as=Fraction("104.8"),
        predicate="baik",
        flags=("work_result_capped",),
        self_other_gap=Fraction(15),
        weights={"supervisor": Fraction(3, 5), "others": Fraction(2, 5)},
        inputs={
            "supervisor": Input(Fraction(80), dict.fromkeys(EVEN, Fraction(80))),
            "others": Input(others),
        },
        work_result=Fraction(120),
        new_idea=True,
        path=(
            step(PP30, "raters", supervisor_n="1", others_n="4", supervisor_mean="80", others_mean="85"),
            Step("aspects", dict.fromkeys(EVEN, "82"), PP30.basis("aspects")),
            step(PP30, "weights", supervisor_weight="0.6", others_weight="0.4", behaviour="82"),
            step(
                PP30,
                "combination",
                work_result="120",
                work_result_weight="0.6",
                behaviour="82",
                behaviour_weight="0.4",
                total="104.8",
            ),
            step(PP30, "bands", value="104.8", predicate="baik"),
        ),
    )


def test_peers_and_subordinates_with_weights_of_their_own_enter_as_one_number() -> None:
    using = policy("example-60-15-25")
    ballots = [("supervisor", 4), *[("peer", 5)] * 3, *[("subordinate", 3)] * 3]
    found = appraise(using, counted(*ballots, using=using))
    shares = {
        name: Fraction(weight, 100) for name, weight in (("supervisor", 60), ("peer", 15), ("subordinate", 25))
    }
    assert found.weights == shares
    assert found.others == (15 * 100 + 25 * 60) / Fraction(40)
    assert found.behaviour == 48 + 15 + 15
    assert found.inputs == {
        "supervisor": Input(Fraction(80), dict.fromkeys(EVEN, Fraction(80))),
        "others": Input(Fraction(75)),
    }
    assert found.self_other_gap is None


def test_self_that_counts_enters_after_others() -> None:
    using = policy("example-50-30-20-self")
    ballots = [("supervisor", 4), ("self", 5), *[("peer", 3)] * 3, ("subordinate", 3)]
    found = appraise(using, counted(*ballots, using=using))
    assert {name: part.value for name, part in found.inputs.items()} == {
        "supervisor": 80,
        "others": 60,
        "self": 100,
    }
    assert found.behaviour == 40 + 18 + 20


def test_others_who_carry_no_weight_count_alike_beside_the_score() -> None:
    alone = policy("pp30-no-360")
    beside = {**alone.raters.groups, "peer": Group("comparator"), "subordinate": Group("comparator")}
    using = replace(alone, raters=replace(alone.raters, groups=beside))
    ballots = [("supervisor", 4), ("self", 5), *[("peer", 5)] * 3, *[("subordinate", 1)] * 4]
    found = appraise(using, counted(*ballots, using=using))
    assert (found.behaviour, found.others) == (80, Fraction(3 * 100 + 4 * 20, 7))
    assert set(found.inputs) == {"supervisor"}


def test_who_leads_has_the_value_of_leadership_too() -> None:
    rows = [("supervisor", (4,) * 10), *[("peer", (4,) * 8 + (5, 5))] * 3]
    folded = tally(rows, QUESTIONNAIRE, PP30, 3, leadership=True)
    found = appraise(PP30, Given(folded=folded, invited={"peer": 3}, leadership=True))
    assert found.aspects == {**dict.fromkeys(EVEN, Fraction(80)), "kepemimpinan": Fraction(88)}


def test_the_assessor_alone_where_nobody_was_asked() -> None:
    found = appraise(PP30, replace(counted(("supervisor", 4), ("self", 3)), invited={}))
    assert (found.behaviour, found.others, found.self_other_gap) == (80, None, None)
    assert found.flags == ("no_other_raters",)
    assert found.inputs == {"supervisor": Input(Fraction(80), dict.fromkeys(EVEN, Fraction(80)))}


def test_too_few_are_held_with_counts_and_no_mean() -> None:
    assert appraise(PP30, counted(("supervisor", 4), ("peer", 5))) == Appraisal(
        "held", reason="too_few_raters", path=(step(PP30, "raters", supervisor_n="1"),)
    )


def test_what_is_wrong_is_refused_with_its_faults_and_nothing_else() -> None:
    given = Given(behaviour=Fraction(90), work_result=Fraction(-1))
    assert appraise(PP30, given) == Appraisal("refused", faults=(Fault("work_result", "work result below 0: -1"),))


def test_a_supervisor_who_left_out_leadership_is_missing_for_who_leads() -> None:
    folded = counted(("supervisor", 4), *[("peer", 5)] * 3).folded
    assert appraise(PP30, Given(folded=folded, leadership=True)).reason == "supervisor_missing"
    assert appraise(PP30, Given(folded=folded, leadership=False)).reason is None


def test_nobody_at_all_is_held_with_its_flag() -> None:
    groups = {**PP30.raters.groups, "supervisor": Group("comparator")}
    using = replace(PP30, raters=replace(PP30.raters, groups=groups))
    found = appraise(using, Given())
    assert (found.status, found.reason, found.flags) == ("held", "no_weight_rule", ("no_other_raters",))


def test_an_assessors_aspects_join_what_was_counted() -> None:
    using = policy("example-60-15-25")
    folded = typed({"peer": [Fraction(80)] * 3}, using, 3)
    found = appraise(using, Given(folded=folded, aspects=[Fraction(90)] * 4, leadership=False))
    assert (found.behaviour, found.weights) == (88, {"supervisor": Fraction(4, 5), "peer": Fraction(1, 5)})
    leads = appraise(DP3, Given(aspects=[Fraction(90)] * 7 + [Fraction(82)], leadership=True))
    assert (leads.behaviour, len(leads.aspects)) == (89, 8)


def test_a_settled_value_is_its_own_input() -> None:
    found = appraise(PP30, Given(behaviour=Fraction(90), work_result=Fraction(100)))
    assert (found.status, found.behaviour, found.total, found.flags) == ("scored", 90, 96, ())
    assert found.inputs == {"behaviour": Input(Fraction(90))}
    assert [one.rule for one in found.path] == ["combination", "bands"]


@pytest.mark.parametrize(("new_idea", "predicate"), [(True, "sangat baik"), (False, "baik")])
def test_the_best_predicate_needs_a_new_idea(new_idea: bool, predicate: str) -> None:
    given = Given(behaviour=Fraction(100), work_result=Fraction(120), new_idea=new_idea)
    assert appraise(PP30, given).predicate == predicate


def test_a_policy_without_a_work_result_bands_the_behaviour() -> None:
    given = Given(aspects=[Fraction(90)] * 6 + [Fraction(83)], leadership=False)
    found = appraise(DP3, given)
    assert found.behaviour == found.banded_as == 89
    assert (found.total, found.predicate, found.category) == (None, "baik", None)
    assert found.path[-1] == step(DP3, "bands", value="89", predicate="baik")
    assert found.path[0] == step(DP3, "raters", supervisor_n="1", supervisor_mean="89")
    assert found.path[1].rule == "aspects" and set(found.path[1].numbers.values()) == {"90", "83"}


def test_rounding_comes_before_banding_and_never_touches_the_total() -> None:
    found = appraise(policy("pp46"), Given(behaviour=Fraction("91.25"), work_result=Fraction(90)))
    assert (found.total, found.banded_as, found.predicate) == (Fraction("90.5"), 91, "sangat baik")
    assert found.path[-1].numbers == {"value": "91", "predicate": "sangat baik"}


def waiting(**given: object) -> Given:
    values = {"supervisor": [Fraction(3)], "peer": [Fraction(4)] * 3, "self": [Fraction(5)]}
    return Given(folded=typed(values, BERAKHLAK, 3), invited={"peer": 3}, **given)  # type: ignore[arg-type]


def test_a_recommendation_stands_beside_what_the_assessor_chose() -> None:
    found = appraise(BERAKHLAK, waiting(assessor_category="meets", work_result="above", new_idea=True))
    assert found == Appraisal(
        "scored",
        others=Fraction(4),
        recommendation=Fraction(4),
        predicate="baik",
        category="meets",
        external_codes={"hasilKinerjaNilai": 1, "perilakuKerjaNilai": 2},
        self_other_gap=Fraction(1),
        weights={"others": Fraction(1)},
        inputs={"others": Input(Fraction(4))},
        work_result="above",
        new_idea=True,
        path=(
            step(BERAKHLAK, "raters", others_n="3", others_mean="4"),
            step(BERAKHLAK, "weights", others_weight="1", behaviour="4"),
            step(BERAKHLAK, "combination", behaviour="meets", work_result="above", predicate="baik"),
        ),
    )


def test_without_a_category_the_score_waits_and_without_a_work_result_there_is_no_predicate() -> None:
    held = appraise(BERAKHLAK, waiting(work_result="above"))
    assert (held.status, held.reason, held.recommendation, held.behaviour) == ("held", "awaiting_assessor", 4, None)
    assert (held.category, held.predicate, held.work_result) == (None, None, None)
    found = appraise(BERAKHLAK, waiting(assessor_category="below"))
    assert (found.predicate, found.work_result, found.external_codes) == (None, None, {"perilakuKerjaNilai": 3})
    assert found.path[-1] == step(BERAKHLAK, "combination", behaviour="below")


def test_a_mean_that_was_given_is_the_recommendation() -> None:
    found = appraise(BERAKHLAK, Given(feedback_mean=Fraction("4.5"), assessor_category="above"))
    assert (found.status, found.recommendation, found.behaviour, found.flags) == (
        "scored",
        Fraction(9, 2),
        None,
        (),
    )
    assert found.inputs == {"recommendation": Input(Fraction(9, 2))}
    assert found.path[0] == step(BERAKHLAK, "raters", recommendation="4.5")


def test_a_category_of_the_behaviour_value() -> None:
    using = policy("example-60-40-pooled-1-to-5")
    found = appraise(using, Given(behaviour=Fraction("4.5")))
    assert (found.category, found.predicate, found.banded_as) == ("above", None, Fraction(9, 2))
    assert found.path == (step(using, "bands", value="4.5", category="above"),)
    assert (found.work_result, found.total) == (None, None)
    assert appraise(using, Given(behaviour=Fraction("4.4999"))).category == "meets"
    coded = replace(using, external_codes=(ExternalCode("code", "behaviour", {"above": 1}),))
    assert appraise(coded, Given(behaviour=Fraction("4.5"))).external_codes == {"code": 1}
    flagged = replace(using, categories=(Band("best", requires=("new_idea",)), Band("rest")))
    assert appraise(flagged, Given(behaviour=Fraction(3), new_idea=True)).category == "best"
    assert appraise(flagged, Given(behaviour=Fraction(3))).category == "rest"


def test_a_recommendation_for_who_leads_counts_the_aspect_of_leaders() -> None:
    first = BERAKHLAK.aspects[0]
    using = replace(BERAKHLAK, aspects=(replace(first, applies="leadership"), *BERAKHLAK.aspects[1:]))
    folded = Folded(3, {"others": GroupTally(3, {first.code: Sum(3, Fraction(12))})})
    leads, does_not = (appraise(using, Given(folded=folded, leadership=leads)) for leads in (True, False))
    assert (leads.recommendation, leads.aspects[first.code]) == (4, 4)
    assert does_not.recommendation is None
