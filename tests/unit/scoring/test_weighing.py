"""Who counts with which weight, from sums alone: every rule for a group that is missing, merged or incomplete."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from scoring_service.domain.policy import Group, Policy
from scoring_service.domain.sums import Folded, GroupTally, ItemTally, Sum
from scoring_service.domain.weighing import Weighed, aspect_value, group_aspect, group_value, weigh
from tests.unit.scoring.ballots import ASPECTS, policy

PP30, HALVES = policy("pp30-360"), policy("pp30-360-equal-halves")
SIZES = {"supervisor": 1, "self": 1, "peer": 3, "subordinate": 4, "others": 5}


def ruled(using: Policy, **rules: Any) -> Policy:
    return replace(using, raters=replace(using.raters, **rules))


def rows(*found: Mapping[str, int]) -> tuple[Mapping[str, Fraction], ...]:
    return tuple({name: Fraction(weight, 100) for name, weight in row.items()} for row in found)


def typed(name: str) -> GroupTally:
    return GroupTally(SIZES[name], overall=Sum(SIZES[name], Fraction(80 * SIZES[name])))


def weighed(using: Policy, *names: str, weigh_as: str = "others", **invited: int) -> Weighed:
    return weigh(using, Folded(3, {name: typed(name) for name in names}, weigh_as), invited, leadership=False)


def shares(found: Weighed) -> dict[str, int]:
    return {name: int(100 * weight) for name, weight in found.weights.items()}


def test_a_pool_adds_the_groups_up_and_leaves_self_out() -> None:
    found = weighed(PP30, "supervisor", "peer", "subordinate", "self", peer=3)
    assert found == Weighed(
        {"supervisor": typed("supervisor"), "others": typed("peer") + typed("subordinate")},
        {"supervisor": Fraction(3, 5), "others": Fraction(2, 5)},
    )
    assert set(weighed(PP30, "supervisor", "others", weigh_as="peer").groups) == {"supervisor", "others"}


def test_a_missing_supervisor_holds_unless_the_table_has_its_own_row() -> None:
    found = weighed(PP30, "others", peer=5)
    assert found == Weighed({"others": typed("others")}, reason="supervisor_missing")
    assert shares(weighed(policy("example-60-20-20"), "peer", "subordinate")) == {"peer": 50, "subordinate": 50}


@pytest.mark.parametrize(
    ("invited", "below", "none", "reason", "flags"),
    [
        ({"peer": 2}, "hold", "assessor_only", "too_few_raters", ()),
        ({"subordinate": 1}, "hold", "assessor_only", "too_few_raters", ()),
        ({"peer": 1}, "assessor_only", "hold", None, ("others_below_threshold",)),
        ({}, "hold", "assessor_only", None, ("no_other_raters",)),
        ({"peer": 0, "subordinate": 0}, "assessor_only", "assessor_only", None, ("no_other_raters",)),
        ({"self": 1, "supervisor": 1}, "assessor_only", "hold", "too_few_raters", ()),
    ],
)
def test_too_few_and_nobody_to_ask_are_two_things(
    invited: dict[str, int], below: str, none: str, reason: str | None, flags: tuple[str, ...]
) -> None:
    found = weighed(ruled(PP30, below_threshold=below, none_eligible=none), "supervisor", **invited)
    assert (found.reason, found.flags) == (reason, flags)
    assert found.groups == {"supervisor": typed("supervisor")}
    assert shares(found) == ({} if reason else {"supervisor": 100})


def test_who_was_asked_counts_only_where_the_policy_counts_them() -> None:
    groups = {**PP30.raters.groups, "peer": Group("comparator"), "subordinate": Group("counted")}
    using = ruled(PP30, groups=groups, below_threshold="assessor_only", none_eligible="hold")
    assert weighed(using, "supervisor", peer=5).reason == "too_few_raters"
    assert weighed(using, "supervisor", subordinate=5).flags == ("others_below_threshold",)


def test_the_assessor_alone_leaves_out_whoever_else_stands_there() -> None:
    using = ruled(
        policy("example-50-30-20-self"),
        below_threshold="assessor_only",
        weights=rows({"supervisor": 50, "peer": 30, "self": 20}),
    )
    found = weighed(using, "supervisor", "self", peer=1)
    assert found == Weighed(
        {"supervisor": typed("supervisor")}, {"supervisor": Fraction(1)}, ("others_below_threshold",)
    )
    with_row = ruled(using, weights=(*using.raters.weights, *rows({"supervisor": 70, "self": 30})))
    assert shares(weighed(with_row, "supervisor", "self", peer=1)) == {"supervisor": 70, "self": 30}
    nobody = ruled(
        PP30, groups={**PP30.raters.groups, "supervisor": Group("comparator")}, none_eligible="assessor_only"
    )
    assert weighed(nobody) == Weighed({}, {}, ("no_other_raters",), "no_weight_rule")


def test_where_others_are_not_asked_the_row_decides() -> None:
    groups = {name: Group("absent") for name in ("peer", "subordinate")} | {"supervisor": Group("counted")}
    using = ruled(PP30, groups=groups, weights=rows({"supervisor": 100}), none_eligible="hold")
    found = weighed(using, "supervisor", "peer", peer=3)
    assert found == Weighed({"supervisor": typed("supervisor")}, {"supervisor": Fraction(1)})


THIRDS = rows({"supervisor": 60, "peer": 15, "subordinate": 25})


@pytest.mark.parametrize(
    ("rule", "names", "weigh_as", "expected"),
    [
        ("table", ("supervisor", "peer"), "others", None),
        ("hold", ("supervisor", "peer"), "others", None),
        ("partner", ("supervisor", "others"), "peer", {"supervisor": 60, "peer": 40}),
        ("partner", ("supervisor", "others"), "subordinate", {"supervisor": 60, "subordinate": 40}),
        ("partner", ("supervisor", "others"), "others", {"supervisor": 60, "others": 40}),
        ("renormalise", ("supervisor", "others"), "peer", {"supervisor": 80, "peer": 20}),
        ("renormalise", ("supervisor", "others"), "others", {"supervisor": 60, "others": 40}),
        (
            "partner",
            ("supervisor", "peer", "subordinate"),
            "others",
            {"supervisor": 60, "peer": 15, "subordinate": 25},
        ),
    ],
)
def test_an_absent_or_merged_group(
    rule: str, names: tuple[str, ...], weigh_as: str, expected: dict[str, int] | None
) -> None:
    found = weighed(ruled(HALVES, absent_group=rule, weights=THIRDS), *names, weigh_as=weigh_as)
    assert (shares(found), found.reason) == (expected or {}, None if expected else "no_weight_rule")


@pytest.mark.parametrize("rule", ["partner", "renormalise"])
def test_a_group_without_a_weight_of_its_own_is_never_scaled_in(rule: str) -> None:
    groups = {**HALVES.raters.groups, "self": Group("counted")}
    using = ruled(HALVES, groups=groups, absent_group=rule, weights=THIRDS)
    assert weighed(using, "supervisor", "others", "self").reason == "no_weight_rule"


def test_a_partner_takes_only_the_weight_of_its_partner() -> None:
    using = ruled(
        HALVES,
        groups={**HALVES.raters.groups, "self": Group("counted")},
        absent_group="partner",
        weights=rows({"supervisor": 50, "peer": 20, "subordinate": 20, "self": 10}),
    )
    assert weighed(using, "supervisor", "others", weigh_as="peer").reason == "no_weight_rule"
    assert shares(weighed(using, "supervisor", "others", "self", weigh_as="peer")) == {
        "supervisor": 50,
        "peer": 40,
        "self": 10,
    }


@pytest.mark.parametrize("rule", ["partner", "renormalise"])
def test_merged_others_carry_what_the_first_row_gives_to_either(rule: str) -> None:
    using = ruled(HALVES, absent_group=rule, weights=rows({"supervisor": 60, "peer": 40}))
    assert shares(weighed(using, "supervisor", "others")) == {"supervisor": 60, "others": 40}


def test_a_policy_without_a_table_gives_no_weights() -> None:
    assert weighed(ruled(PP30, weights=()), "supervisor", "others").reason == "no_weight_rule"


WEIGHTED = replace(
    PP30, aspects=tuple(replace(aspect, weight=Fraction(at)) for at, aspect in enumerate(PP30.aspects, start=1))
)


def test_a_group_is_its_aspects_by_their_weights_without_those_it_lacks() -> None:
    full = GroupTally(2, {code: Sum(2, Fraction(20 * at)) for at, code in enumerate(ASPECTS, start=1)})
    assert group_value(WEIGHTED, full) == Fraction(10 * (1 + 4 + 9 + 16 + 25), 15)
    some = GroupTally(2, {"komitmen": Sum(2, Fraction(60)), "kerja_sama": Sum(1, Fraction(90))})
    assert group_value(WEIGHTED, some) == Fraction(2 * 30 + 4 * 90, 6)
    assert group_value(WEIGHTED, typed("others")) == 80


def test_an_aspect_from_items_only_where_the_policy_and_the_group_have_them() -> None:
    by_items = ruled(PP30, order="items_first")
    items = {
        "q1": ItemTally("komitmen", 2, Fraction(100)),
        "q2": ItemTally("komitmen", 4, Fraction(360)),
        "q3": ItemTally("kerja_sama", 2, Fraction(20)),
    }
    group = GroupTally(4, {"komitmen": Sum(4, Fraction(300)), "inisiatif_kerja": Sum(0, Fraction(0))}, items)
    assert group_aspect(by_items, group, "komitmen") == 70
    assert group_aspect(by_items, group, "inisiatif_kerja") is None
    assert group_aspect(PP30, group, "komitmen") == 75
    assert group_aspect(PP30, group, "inisiatif_kerja") is None
    assert group_aspect(PP30, group, "kerja_sama") is None
    assert group_aspect(by_items, replace(group, items={}), "komitmen") == 75


def test_an_aspect_over_all_groups_is_hidden_as_soon_as_one_lacks_it() -> None:
    groups = {
        "supervisor": GroupTally(1, {"komitmen": Sum(1, Fraction(90)), "kerja_sama": Sum(1, Fraction(90))}),
        "others": GroupTally(3, {"komitmen": Sum(3, Fraction(240))}),
    }
    found = Weighed(groups, {"supervisor": Fraction(3, 5), "others": Fraction(2, 5)})
    assert aspect_value(PP30, found, "komitmen") == 86
    assert aspect_value(PP30, found, "kerja_sama") is None


@pytest.mark.parametrize(("leadership", "held"), [(True, True), (False, False)])
def test_a_supervisor_counts_only_with_every_applicable_aspect(leadership: bool, held: bool) -> None:
    four = {code: Sum(1, Fraction(90)) for code in ASPECTS[:4]}
    folded = Folded(3, {"supervisor": GroupTally(1, four), "others": typed("others")})
    found = weigh(PP30, folded, {"peer": 5}, leadership)
    assert (found.reason == "supervisor_missing") is held
    one = GroupTally(3, {"komitmen": Sum(3, Fraction(240))})
    assert weigh(PP30, Folded(3, {"others": one}), {}, leadership).groups == {"others": one}
    assert weigh(PP30, Folded(3, {"others": GroupTally(3)}), {}, leadership).groups == {}
