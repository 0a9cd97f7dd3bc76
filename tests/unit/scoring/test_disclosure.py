"""The guard: what may be shown of one ratee."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_service.domain import disclosure
from scoring_service.domain.disclosure import Protected, ShownAspect, ShownGroup, protect
from scoring_service.domain.engine import Appraisal, Given, appraise
from scoring_service.domain.numbers import decimal
from scoring_service.domain.policy import Policy
from scoring_service.domain.tally import Folded, tally, typed
from shared.events import BANDS, band
from tests.unit.scoring.ballots import ALL, ASPECTS, QUESTIONNAIRE, Ballot, even, invited, policy, rounds

POOLED = ALL["pp30-360"]


def table(ballots: list[Ballot], using: Policy = POOLED, threshold: int = 3, asked: int = 5) -> Protected:
    folded = tally(ballots, QUESTIONNAIRE, using, threshold, leadership=False)
    given_ = Given(
        folded=folded, invited={"peer": asked, "subordinate": asked}, leadership=False, work_result=Fraction(100)
    )
    return protect(using, folded, appraise(using, given_))


def of(relation: str, *answers: int) -> list[Ballot]:
    return [(relation, even(answer)) for answer in answers]


BOSS = of("supervisor", 4)


def test_both_groups_stand_apart_when_both_are_large_enough() -> None:
    shown = table([*BOSS, *of("peer", 5, 4, 3), *of("subordinate", 2, 2, 2, 2, 2)])
    assert {group.group: (group.n, group.mean) for group in shown.groups} == {
        "supervisor": ("1-2", "80"),
        "peer": ("3-4", "80"),
        "subordinate": ("5-9", "40"),
    }
    assert shown.hidden == {"self": "no_answer"}
    assert shown.behaviour == "70"


def test_merged_groups_are_shown_together() -> None:
    shown = table([*BOSS, *of("peer", 5, 4), *of("subordinate", 2, 2, 2)])
    assert [group.group for group in shown.groups] == ["supervisor", "others"]
    assert shown.hidden == {"self": "no_answer", "peer": "too_few_raters", "subordinate": "too_few_raters"}


@pytest.mark.parametrize("using", ["pp30-360", "pp30-360-equal-halves"])
def test_hidden_and_empty_look_alike(using: str) -> None:
    """Four peers, or two peers and two subordinates with the same sums: the same table."""
    assert table([*BOSS, *of("peer", 5, 4, 3, 2)], ALL[using]) == table(
        [*BOSS, *of("peer", 5, 2), *of("subordinate", 4, 3)], ALL[using]
    )


@pytest.mark.parametrize("using", ["pp30-360", "pp30-360-equal-halves", "example-60-15-25"])
def test_a_group_that_answered_nothing_together_looks_empty(using: str) -> None:
    """Three subordinates, each with an answer to another item: no item has three answers, so nothing is left."""
    alone = [(*[0] * at, 5, *[0] * (7 - at), 255, 255) for at in range(3)]
    peers = [*BOSS, *of("peer", 5, 4, 4)]
    shown = table([*peers, *(("subordinate", row) for row in alone)], ALL[using])
    assert shown == table(peers, ALL[using])
    assert [group.group for group in shown.groups] == ["supervisor", "others"]


def test_who_is_not_asked_by_the_policy_is_not_said_to_be_hidden() -> None:
    shown = table(BOSS, ALL["pp30-no-360"])
    assert (shown.status, shown.hidden) == ("scored", {})


@pytest.mark.parametrize("count", [0, 1, 2])
def test_nothing_of_anyone_is_shown_of_a_held_score(count: int) -> None:
    shown = table([*BOSS, *of("self", 5), *of("peer", *[5] * count)])
    assert shown == Protected("held", "too_few_raters")


def test_a_round_below_the_policys_threshold_is_not_releasable() -> None:
    shown = table([*BOSS, *of("peer", 5, 4)], threshold=2)
    assert shown == Protected("held", "threshold_too_low")


def test_a_refused_appraisal_has_no_table() -> None:
    folded = tally([], QUESTIONNAIRE, POOLED, 3, leadership=False)
    with pytest.raises(ValueError, match=r"^a refused appraisal has no table$"):
        protect(POOLED, folded, Appraisal("refused"))


def test_official_values_are_exact_and_what_stands_beside_them_is_coarse() -> None:
    shown = table([*BOSS, *of("self", 5), *of("peer", 5, 4, 4)])
    assert shown.behaviour == "82.666666666666"
    assert shown.total == "93.066666666666"
    others = next(group for group in shown.groups if group.group == "others")
    assert others.mean == "85"
    assert set(others.aspects.values()) == {"85"}
    assert {aspect.value for aspect in shown.aspects} == {"85"}
    assert shown.self_other_gap == "15"


def test_an_assessor_alone_is_shown_exactly() -> None:
    row = (4, 5, *even(4)[2:])
    shown = table([("supervisor", row)], asked=0)
    assert shown.flags == ("no_other_raters",)
    assert shown.aspects[0].value == "90"
    assert shown.behaviour == "82.5"
    given_ = Given(aspects=[Fraction(81), Fraction(82), Fraction(83), Fraction(84)], leadership=False)
    typed_in = protect(POOLED, Folded(3, {}), appraise(POOLED, given_))
    assert [aspect.value for aspect in typed_in.aspects] == ["81", "82", "83", "84"]


def test_an_aspect_that_too_few_answered_is_hidden_with_its_reason() -> None:
    blind = (*even(4)[:6], 0, 0, 255, 255)
    shown = table([*BOSS, *of("peer", 4, 4), ("peer", blind), ("peer", blind)])
    hidden = {aspect.aspect: aspect.hidden for aspect in shown.aspects if aspect.value is None}
    assert hidden == {"kerja_sama": "too_few_raters"}
    others = next(group for group in shown.groups if group.group == "others")
    assert others.aspects["kerja_sama"] is None


def test_weights_carry_the_names_that_are_shown() -> None:
    shown = table([*BOSS, *of("peer", 4, 4, 4)], policy("example-60-15-25"))
    assert shown.weights == {"supervisor": "0.8", "others": "0.2"}


def test_a_recommendation_may_be_read_by_the_assessor_who_waits_for_it() -> None:
    berakhlak = policy("permen6")
    folded = typed({"peer": [Fraction(4)] * 3}, berakhlak, 3)
    shown = protect(berakhlak, folded, appraise(berakhlak, Given(folded=folded, invited={"peer": 3})))
    assert (shown.status, shown.reason, shown.recommendation) == ("held", "awaiting_assessor", "4")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(ALL)), rounds())
def test_the_table_survives_storage(name: str, ballots: list[Ballot]) -> None:
    shown = table(ballots, ALL[name])
    assert Protected.from_json(shown.to_json()) == shown


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(ALL)), rounds())
def test_no_group_of_others_is_ever_small(name: str, ballots: list[Ballot]) -> None:
    shown = table(ballots, ALL[name])
    for group in shown.groups:
        assert group.group in ("supervisor", "self") or group.n not in ("0", "1-2")
    asked = invited(ballots)
    if sum(asked.values()) < 3:
        assert not any(group.group in ("peer", "subordinate", "others") for group in shown.groups)
        assert not set(shown.weights) & {"peer", "subordinate", "others"}


@pytest.mark.parametrize(
    ("action", "state", "said"),
    [
        ("read", "open", "round is open"),
        ("read", "draft", "round is not counted yet"),
        ("read", "preparing", "round is not counted yet"),
        ("read", "closed", "round is not counted yet"),
        ("read", "cancelled", "round is not counted yet"),
        ("read", "counted", None),
        ("read", "final", None),
        ("change", "draft", None),
        ("change", "preparing", "frozen at launch"),
        ("change", "released", "frozen at launch"),
    ],
)
def test_what_a_state_allows(action: str, state: str, said: str | None) -> None:
    assert disclosure.refusal(action, state) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ratees", "of_all", "may"), [(4, 4, False), (5, 5, True), (5, 9, False), (5, 10, True), (6, 10, False)]
)
def test_units_and_their_complement(ratees: int, of_all: int, may: bool) -> None:
    shown = disclosure.units_to_show({"own": ratees, "the rest": of_all - ratees})
    assert ("own" in shown) is may


def test_bands_are_those_of_the_events() -> None:
    assert [disclosure.count_band(count) for count in range(30)] == [band(count) for count in range(30)]
    assert {disclosure.count_band(count) for count in range(30)} == set(BANDS)


def test_a_whole_table() -> None:
    """Every field of a score with a merged group, beside what it was computed from."""
    row = (4, 5, *even(4)[2:])
    folded = tally(
        [("supervisor", row), ("self", even(5)), *of("peer", 5, 4), *of("subordinate", 4)],
        QUESTIONNAIRE,
        POOLED,
        3,
        leadership=False,
    )
    given_ = Given(
        folded=folded, invited={"peer": 2}, leadership=False, work_result=Fraction("100.5"), new_idea=True
    )
    first, rest = ASPECTS[0], ASPECTS[1:4]
    assert protect(POOLED, folded, appraise(POOLED, given_)) == Protected(
        "scored",
        None,
        behaviour="84.166666666666",
        total="93.966666666666",
        predicate="baik",
        aspects=(ShownAspect(first, "90", None), *(ShownAspect(code, "85", None) for code in rest)),
        groups=(
            ShownGroup("supervisor", "1-2", "82.5", {first: "90", **dict.fromkeys(rest, "80")}),
            ShownGroup("self", "1-2", "100", dict.fromkeys(ASPECTS[:4], "100")),
            ShownGroup("others", "3-4", "85", dict.fromkeys(ASPECTS[:4], "85")),
        ),
        hidden={"peer": "too_few_raters", "subordinate": "too_few_raters"},
        weights={"supervisor": "0.6", "others": "0.4"},
        self_other_gap="15",
        inputs={
            "parts": {
                "supervisor": {
                    "value": "165/2",
                    "aspects": {first: "90/1", **dict.fromkeys(rest, "80/1")},
                },
                "others": {"value": "260/3", "aspects": {}},
            },
            "work_result": "100.5",
            "new_idea": True,
        },
        rounding={"banding": "none", "shown_step": "5"},
    )


def test_a_table_of_categories() -> None:
    berakhlak = policy("permen6")
    folded = typed({"peer": [Fraction(4)] * 3, "self": [Fraction(5)]}, berakhlak, 3)
    given_ = Given(folded=folded, invited={"peer": 3}, assessor_category="above", work_result="meets")
    assert protect(berakhlak, folded, appraise(berakhlak, given_)) == Protected(
        "scored",
        None,
        recommendation="4",
        predicate="baik",
        category="above",
        groups=(ShownGroup("self", "1-2", "5", {}), ShownGroup("others", "3-4", "4", {})),
        hidden={"supervisor": "no_answer", "peer": "too_few_raters", "subordinate": "too_few_raters"},
        weights={"others": "1"},
        external_codes={"hasilKinerjaNilai": 2, "perilakuKerjaNilai": 1},
        self_other_gap="1",
        inputs={
            "parts": {"others": {"value": "4/1", "aspects": {}}},
            "work_result": "meets",
            "new_idea": False,
        },
        rounding={"banding": "none", "shown_step": decimal(berakhlak.shown_step)},
    )


def test_a_score_that_waits_tells_nothing_to_compute_it_from() -> None:
    berakhlak = policy("permen6")
    folded = typed({"peer": [Fraction(4)] * 3}, berakhlak, 3)
    shown = protect(berakhlak, folded, appraise(berakhlak, Given(folded=folded, invited={"peer": 3})))
    assert (shown.inputs, shown.behaviour, shown.groups[0].mean) == ({}, None, "4")


def test_a_table_in_words_and_numbers_only() -> None:
    shown = table([*BOSS, *of("peer", 5, 4, 4)])
    assert Protected("held", "too_few_raters").to_json() == {
        "status": "held",
        "reason": "too_few_raters",
        **dict.fromkeys(("behaviour", "recommendation", "total", "predicate", "category", "self_other_gap")),
        **{name: [] for name in ("aspects", "groups", "flags")},
        **{name: {} for name in ("hidden", "weights", "external_codes", "ratings", "inputs", "rounding")},
    }
    stored = shown.to_json()
    assert stored["aspects"][0] == {"aspect": ASPECTS[0], "value": "85", "hidden": None}
    assert stored["groups"][0] == {
        "group": "supervisor",
        "n": "1-2",
        "mean": "80",
        "aspects": dict.fromkeys(ASPECTS[:4], "80"),
    }
    rest = ("behaviour", "total", "predicate", "hidden", "weights", "inputs", "rounding", "self_other_gap")
    assert {name: stored[name] for name in rest} == {name: getattr(shown, name) for name in rest}


@pytest.mark.parametrize(("k", "shown"), [(2, "held"), (3, "scored"), (4, "scored")])
def test_a_round_may_be_stricter_than_its_policy_and_never_laxer(k: int, shown: str) -> None:
    assert table([*BOSS, *of("peer", 5, 4, 4, 3)], threshold=k).status == shown


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ({}, set()),
        ({"a": 5}, {"a"}),
        ({"a": 4}, set()),
        ({"a": 5, "b": 1}, set()),
        ({"a": 5, "b": 6, "c": 4}, {"b"}),
        ({"b": 6, "a": 6, "c": 4}, {"b"}),
        ({"a": 7, "b": 5, "c": 4}, {"a"}),
        ({"a": 5, "b": 6, "c": 5}, {"a", "b", "c"}),
        ({"a": 5, "b": 6, "c": 3, "d": 2}, {"a", "b"}),
    ],
)
def test_hidden_units_together_are_none_or_five(sizes: dict[str, int], shown: set[str]) -> None:
    assert disclosure.units_to_show(sizes) == shown
