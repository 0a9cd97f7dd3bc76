"""Laws of counting and scoring that hold for any ballots."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring_service.domain import disclosure
from scoring_service.domain.engine import Appraisal, Given, appraise
from scoring_service.domain.policy import Group, Policy
from scoring_service.domain.tally import (
    Fold,
    Folded,
    GroupTally,
    ItemTally,
    Questionnaire,
    Section,
    Sum,
    fold,
    mismatches,
    tally,
    typed,
)
from scoring_service.domain.weighing import group_aspect, group_value
from tests.unit.scoring.ballots import ALL, ASPECTS, QUESTIONNAIRE, Ballot, even, group, invited, rounds
from tests.unit.scoring.policies import EVERY

POOLED = ALL["pp30-360"]
some_policy = st.sampled_from(sorted(ALL)).map(ALL.__getitem__)
K = 3


def count(ballots: list[Ballot], using: Policy = POOLED, threshold: int = K) -> Folded:
    return tally(ballots, QUESTIONNAIRE, using, threshold, leadership=False)


def score(ballots: list[Ballot], using: Policy = POOLED) -> Appraisal:
    return appraise(using, Given(folded=count(ballots, using), invited=invited(ballots), leadership=False))


@settings(max_examples=60, deadline=None)
@given(some_policy, rounds(), st.randoms(use_true_random=False))
def test_order_of_raters_never_matters(using: Policy, ballots: list[Ballot], chance: Random) -> None:
    shuffled = ballots.copy()
    chance.shuffle(shuffled)
    assert count(shuffled, using) == count(ballots, using)


@settings(max_examples=60, deadline=None)
@given(some_policy, rounds())
def test_scores_stay_on_the_scale(using: Policy, ballots: list[Ballot]) -> None:
    found = score(ballots, using)
    assert (found.behaviour is None) == (found.status == "held")
    if found.behaviour is not None:
        assert using.scale.low <= found.behaviour <= using.scale.high
        assert sum(found.weights.values()) == 1


@settings(max_examples=60, deadline=None)
@given(some_policy, rounds())
def test_sums_survive_storage_exactly(using: Policy, ballots: list[Ballot]) -> None:
    folded = count(ballots, using)
    assert Folded.from_json(folded.to_json()) == folded


@settings(max_examples=60, deadline=None)
@given(some_policy, rounds(), st.sampled_from(("peer", "subordinate", "supervisor", "self")), st.data())
def test_leaving_an_item_out_of_everybody_never_moves_the_others(
    using: Policy, ballots: list[Ballot], relation: str, data: st.DataObject
) -> None:
    """An aspect that somebody left out has, for the others, the mean it had: no zero slips in anywhere."""
    at = data.draw(st.integers(0, 7))
    blind = [(of, (*row[:at], 0, *row[at + 1 :])) if of == relation else (of, row) for of, row in ballots]
    aspect = ASPECTS[at // 2]
    before, after = count(ballots, using).groups, count(blind, using).groups
    for name in set(before) & set(after):
        if before[name].n == after[name].n:
            kept = {code: part for code, part in before[name].aspects.items() if code != aspect}
            assert {code: part for code, part in after[name].aspects.items() if code != aspect} == kept
    for name, found in after.items():
        for part in found.aspects.values():
            assert using.scale.low * part.n <= part.total <= using.scale.high * part.n, name
            assert part.n <= found.n


@settings(max_examples=60, deadline=None)
@given(rounds())
def test_a_mean_is_of_those_who_answered(ballots: list[Ballot]) -> None:
    """Every value of a group, computed the long way from the rows that were answered."""
    for name, group_ in count(ballots).groups.items():
        parts = ("peer", "subordinate") if name == "others" else (name,)
        rows = [row for of, row in ballots if of in parts and any(answer not in (0, 255) for answer in row)]
        least = 1 if name in ("supervisor", "self") else K
        for code, part in group_.aspects.items():
            at = [2 * ASPECTS.index(code), 2 * ASPECTS.index(code) + 1]
            kept = [place for place in at if sum(row[place] > 0 for row in rows) >= least]
            given_ = [[row[place] for place in kept if row[place]] for row in rows]
            means = [Fraction(sum(one), len(one)) * 20 for one in given_ if one]
            assert part.mean == sum(means) / len(means)


def test_an_unanswered_item_never_changes_a_mean() -> None:
    row = (4, 4, 2, 2, 5, 5, 1, 1, 255, 255)
    without = (4, 0, 2, 2, 5, 5, 1, 1, 255, 255)
    full = [("peer", row)] * 4
    one_less = [*[("peer", row)] * 3, ("peer", without)]
    assert count(one_less).groups["others"].aspects == count(full).groups["others"].aspects


def test_a_ballot_without_an_answer_counts_for_nobody() -> None:
    ballots = [("peer", even(4)), ("peer", even(5)), ("peer", even(0))]
    assert "others" not in count(ballots).groups


@settings(max_examples=60, deadline=None)
@given(group("peer", 3, seen=True), group("subordinate", 3, seen=True))
def test_the_pool_is_the_weighted_mean_of_its_groups(peers: list[Ballot], subordinates: list[Ballot]) -> None:
    ballots = [("supervisor", even(3)), *peers, *subordinates]
    apart = count(ballots).groups
    weighted = sum(group_value(POOLED, apart[name]) * apart[name].n for name in ("peer", "subordinate"))
    assert score(ballots).others == weighted / (len(peers) + len(subordinates))


@settings(max_examples=60, deadline=None)
@given(some_policy, group("peer", 3, seen=True), group("subordinate", 3, seen=True))
def test_the_behaviour_is_the_weighted_mean_of_its_groups(
    using: Policy, peers: list[Ballot], subordinates: list[Ballot]
) -> None:
    ballots = [("supervisor", even(3)), ("self", even(5)), *peers, *subordinates]
    found, groups = score(ballots, using), count(ballots, using).groups
    assert found.behaviour is not None and sum(found.weights.values()) == 1
    parts = {name: group_value(using, one) for name, one in groups.items()}
    if using.raters.pooled and "others" in found.weights:
        parts["others"] = group_value(using, groups["peer"] + groups["subordinate"])
    if "others" in groups:
        parts["peer"] = parts["others"]
    assert found.behaviour == sum(weight * parts[name] for name, weight in found.weights.items())


@settings(max_examples=80, deadline=None)
@given(some_policy, st.lists(st.integers(0, 100)), st.lists(st.integers(0, 100)), st.integers(1, 6))
def test_folding_comes_before_weighting(using: Policy, peers: list[int], subs: list[int], k: int) -> None:
    """Below k nothing of a group reaches the sums under its own name; together they weigh as the merged group."""
    given_ = {
        "supervisor": [Fraction(50)],
        "peer": list(map(Fraction, peers)),
        "subordinate": list(map(Fraction, subs)),
    }
    folded = typed(given_, using, k)
    assert all(folded.groups[name].n >= k for name in folded.groups if name != "supervisor")
    assert ("peer" in folded.groups) == ("subordinate" in folded.groups)
    assert not ("peer" in folded.groups and "others" in folded.groups)


@pytest.mark.parametrize(
    ("peers", "subordinates", "groups", "weigh_as"),
    [
        (3, 3, {"peer", "subordinate"}, "others"),
        (2, 3, {"others"}, "others"),
        (2, 1, {"others"}, "others"),
        (3, 0, {"others"}, "peer"),
        (0, 3, {"others"}, "subordinate"),
        (2, 0, set(), "others"),
        (1, 1, set(), "others"),
        (0, 0, set(), "others"),
    ],
)
def test_fold(peers: int, subordinates: int, groups: set[str], weigh_as: str) -> None:
    found = fold({"peer": peers, "subordinate": subordinates}, K)
    assert set(found.groups) == groups
    assert found.weigh_as == weigh_as


def test_a_relation_that_is_not_named_has_nobody() -> None:
    assert fold({"peer": 3}, K) == Fold({"others": ("peer",)}, "peer")
    assert fold({}, 0) == Fold({}, "others")


def test_an_item_that_too_few_answered_is_gone_before_any_sum() -> None:
    def ballots(third: int) -> list[Ballot]:
        rows = [(third, 4, *even(4)[2:]), (1, 4, *even(4)[2:]), (0, 2, *even(4)[2:])]
        return [("supervisor", even(3)), *(("peer", row) for row in rows)]

    assert count(ballots(5)) == count(ballots(1))
    kept = count(ballots(5)).groups["others"]
    by_items = replace(POOLED, raters=replace(POOLED.raters, order="items_first"))
    assert set(count(ballots(5), by_items).groups["others"].items) == {
        f"{aspect}_{item}" for aspect in ASPECTS[:4] for item in (1, 2)
    } - {"orientasi_pelayanan_1"}
    assert kept.aspects["orientasi_pelayanan"].mean == Fraction(10, 3) * 20


def test_a_group_that_answered_no_item_together_vanishes() -> None:
    rows = [(1, *even(0)[1:]), (0, 2, *even(0)[2:]), (0, 0, 3, *even(0)[3:])]
    found = score([("supervisor", even(3)), *(("peer", row) for row in rows)])
    assert (found.status, found.reason) == ("held", "too_few_raters")


def test_the_assessor_must_give_every_aspect_and_others_need_not() -> None:
    others = [("peer", (*even(4)[:6], 0, 0, 255, 255))] * 3
    gap = ("supervisor", (*even(4)[:6], 0, 0, 255, 255))
    assert score([gap, *others]).reason == "supervisor_missing"
    found = score([("supervisor", even(4)), *others])
    assert found.behaviour == 80
    assert found.aspects["kerja_sama"] is None
    assert found.aspects["komitmen"] == 80


def test_leadership_counts_only_where_it_applies() -> None:
    row = (*even(3)[:8], 5, 5)
    ballots = [("supervisor", row), *[("peer", row)] * 3]
    leads = tally(ballots, QUESTIONNAIRE, POOLED, K, leadership=True)
    assert appraise(POOLED, Given(folded=leads, leadership=True)).behaviour == 68
    assert appraise(POOLED, Given(folded=leads, leadership=None)).status == "refused"
    assert score(ballots).behaviour == 60


def test_the_two_orders_differ_when_answers_are_missing() -> None:
    by_items = replace(POOLED, raters=replace(POOLED.raters, order="items_first"))
    rows = [(5, 1), (5, 1), (5, 1), (5, 0)]
    ballots = [("peer", (*row, *even(3)[2:])) for row in rows]
    raters_first, items_first = count(ballots).groups["others"], count(ballots, by_items).groups["others"]
    assert group_aspect(POOLED, raters_first, "orientasi_pelayanan") == Fraction(3 + 3 + 3 + 5, 4) * 20
    assert group_aspect(by_items, items_first, "orientasi_pelayanan") == 60
    assert not raters_first.items, "sums of items are kept only where the policy needs them"


@pytest.mark.parametrize(
    ("ballot", "said"),
    [
        (("friend", even(3)), "unknown relation 'friend'"),
        (("peer", (3, 3)), "a ballot with another number of answers than the questionnaire has items"),
        (("peer", (*even(3), 3)), "a ballot with another number of answers than the questionnaire has items"),
        (("peer", (6, *even(3)[1:])), "an answer outside the points of the questionnaire"),
        (("peer", (-1, *even(3)[1:])), "an answer outside the points of the questionnaire"),
    ],
)
def test_what_is_no_ballot_is_refused(ballot: Ballot, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}$"):
        count([ballot])


def test_both_ends_of_the_answers_count_and_both_kinds_of_none_do_not() -> None:
    row = (1, 5, 0, 255, 5, 5, 1, 1, 255, 255)
    found = count([("self", row)]).groups["self"]
    assert found.aspects == {
        "orientasi_pelayanan": Sum(1, Fraction(60)),
        "inisiatif_kerja": Sum(1, Fraction(100)),
        "kerja_sama": Sum(1, Fraction(20)),
    }


def test_sums_of_items_are_exact_where_a_point_is_a_seventh() -> None:
    by_items = replace(POOLED, raters=replace(POOLED.raters, order="items_first"))
    form = Questionnaire(7, (Section("komitmen", ("q1", "q2")),))
    ballots = [("peer", row) for row in ((1, 7), (2, 0), (7, 7), (3, 5))]
    assert tally(ballots, form, by_items, K, leadership=False).groups["others"] == GroupTally(
        4,
        {"komitmen": Sum(4, Fraction(1700, 7))},
        {"q1": ItemTally("komitmen", 4, Fraction(1300, 7)), "q2": ItemTally("komitmen", 3, Fraction(1900, 7))},
    )


def test_levels_are_looked_up_and_there_is_none_above_the_highest() -> None:
    using = EVERY["permen8"]
    form = Questionnaire(7, (Section(using.aspects[0].code, ("q",)),))
    found = tally([("self", (7,))], form, using, K, leadership=True).groups["self"]
    assert found.aspects == {using.aspects[0].code: Sum(1, using.answers.table[7])}


def test_the_lowest_answers_of_everybody_are_an_exact_zero() -> None:
    using = replace(POOLED, answers=replace(POOLED.answers, method="min_max"))
    found = score([(relation, even(1)) for relation in ("supervisor", "peer", "peer", "peer")], using)
    assert isinstance(found.behaviour, Fraction) and found.behaviour == 0
    assert found.to_json()["behaviour"] == "0"


def test_a_questionnaire_must_feed_the_policy() -> None:
    assert mismatches(QUESTIONNAIRE, POOLED) == ()
    other = Questionnaire(5, (Section("loyal", ("a",)), Section("komitmen", ("b",), leadership_only=True)))
    assert mismatches(other, POOLED) == (
        *(f"aspect {code} of the policy is fed by no section" for code in ASPECTS if code != "komitmen"),
        "section for loyal: the policy has no such aspect",
        "section for komitmen: asked for leaders only, but the aspect applies to everyone",
    )
    everybody = Questionnaire(5, tuple(Section(code, ("q",)) for code in ASPECTS))
    assert mismatches(everybody, POOLED) == (), "a section is for everybody unless it says otherwise"


@pytest.mark.parametrize(
    ("name", "points", "said"),
    [
        ("example-60-40-pooled-1-to-5", 5, ()),
        ("example-60-40-pooled-1-to-5", 1, ()),
        ("example-60-40-pooled-1-to-5", 6, ("answers 1 to 6 do not fit the policy's scale",)),
        ("permen8", 6, ("the policy's level table does not have exactly the levels 1 to 6",)),
        ("permen8", 7, ()),
        ("permen8", 8, ("the policy's level table does not have exactly the levels 1 to 8",)),
        ("pp30-360", 9, ()),
    ],
)
def test_the_points_must_fit_the_policy(name: str, points: int, said: tuple[str, ...]) -> None:
    using = EVERY[name]
    sections = tuple(Section(aspect.code, ("q",), aspect.applies == "leadership") for aspect in using.aspects)
    assert mismatches(Questionnaire(points, sections), using) == said


def test_a_scale_from_two_does_not_fit_an_answer_of_one() -> None:
    using = EVERY["example-60-40-pooled-1-to-5"]
    raised = replace(using, scale=replace(using.scale, low=Fraction(2)))
    assert mismatches(QUESTIONNAIRE, raised) == ("answers 1 to 5 do not fit the policy's scale",)


def without(relation: str) -> Policy:
    """A policy in which the answers of a relation are left out."""
    groups = {**POOLED.raters.groups, relation: Group("absent")}
    return replace(POOLED, raters=replace(POOLED.raters, groups=groups))


def test_typed_values_fold_as_ballots_do() -> None:
    values = {"supervisor": [Fraction(90)], "peer": [Fraction(80), Fraction(71)], "subordinate": [Fraction(60)]}
    absent = replace(
        POOLED, raters=replace(POOLED.raters, groups={**POOLED.raters.groups, "self": Group("absent")})
    )
    found = typed({**values, "self": [Fraction(70)]}, absent, K)
    assert found == Folded(
        K,
        {
            "others": GroupTally(3, overall=Sum(3, Fraction(211))),
            "supervisor": GroupTally(1, overall=Sum(1, Fraction(90))),
        },
        "others",
    )
    alone = typed({"peer": [Fraction(80)] * 3, "self": [Fraction(70)], "subordinate": []}, POOLED, K)
    assert (alone.weigh_as, set(alone.groups), alone.threshold) == ("peer", {"others", "self"}, K)


def test_a_relation_that_the_policy_leaves_out_is_not_counted() -> None:
    ballots = [*[("peer", even(4))] * 2, *[("subordinate", even(4))] * 3]
    found = count(ballots, without("subordinate"))
    assert found == Folded(K, {}, "others")


@settings(max_examples=60, deadline=None)
@given(some_policy, rounds())
def test_the_table_is_a_function_of_merged_sums(using: Policy, ballots: list[Ballot]) -> None:
    """Two raters of a merged group swap an answer each, across relations: nothing that is shown changes."""
    rows = [("peer", even(4)), ("peer", even(2)), ("subordinate", even(3))]
    swapped = [("peer", even(3)), ("peer", even(2)), ("subordinate", even(4))]
    apart = [ballot for ballot in ballots if ballot[0] in ("supervisor", "self")]
    tables = []
    for small in (rows, swapped):
        folded = count([*apart, *small], using)
        found = appraise(using, Given(folded=folded, invited={"peer": 2, "subordinate": 1}, leadership=False))
        tables.append(disclosure.protect(using, folded, found))
    assert tables[0] == tables[1]
