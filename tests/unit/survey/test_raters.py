import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from survey_service.domain.people import Person
from survey_service.domain.raters import RELATIONS, Group, Plan, plan
from tests.people_files import by_number, person

PARENTS = {"Kota": None, "A": "Kota", "B": "Kota", "C": "A", "D": "A"}
GROUPS = {
    "supervisor": Group(1, 1, 1),
    "peer": Group(3, 5, 8),
    "subordinate": Group(2, 4, 8),
    "self": Group(1, 1, 1),
}


@st.composite
def organisations(draw: st.DrawFn) -> list[Person]:
    """Any people in any hierarchy without cycles; some are excluded, some outside."""
    size = draw(st.integers(1, 30))
    people = []
    for number in range(size):
        above = draw(st.one_of(st.none(), st.integers(0, number - 1))) if number else None
        people.append(
            person(
                f"p{number:02}",
                draw(st.sampled_from(sorted(PARENTS))),
                tier=draw(st.sampled_from(("pengawas", "pelaksana"))),
                supervisor=None if above is None else f"p{above:02}",
                outside=draw(st.booleans()) and number % 5 == 0,
                excluded="cuti" if draw(st.integers(0, 9)) == 0 else None,
            )
        )
    return people


def raters(planned: Plan) -> dict[str, dict[str, tuple[str, ...]]]:
    return {one.person.number: dict(one.raters) for one in planned.ratees}


@given(organisations(), st.integers(0, 2**31 - 1))
def test_nobody_is_asked_twice_about_one_ratee_and_only_self_about_oneself(people: list[Person], seed: int) -> None:
    for one in plan(people, PARENTS, GROUPS, seed).ratees:
        asked = Counter(rater for relation in RELATIONS for rater in one.raters.get(relation, ()))
        assert set(asked.values()) <= {1}
        assert one.raters["self"] == (one.person.number,)
        assert all(one.person.number not in one.raters.get(name, ()) for name in RELATIONS[:3])


@given(organisations(), st.integers(0, 2**31 - 1))
def test_excluded_people_take_no_part_and_outsiders_only_rate(people: list[Person], seed: int) -> None:
    known = by_number(people)
    planned = plan(people, PARENTS, GROUPS, seed)
    expected = {one.number for one in people if one.excluded is None and not one.outside}
    assert {one.person.number for one in planned.ratees} == expected
    for one in planned.ratees:
        assert all(known[rater].excluded is None for names in one.raters.values() for rater in names)
        assert not any(known[rater].outside for rater in one.raters.get("peer", ()))


@given(organisations(), st.integers(0, 2**31 - 1), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(people: list[Person], seed: int, chance: random.Random) -> None:
    mixed = list(people)
    chance.shuffle(mixed)
    again = plan(mixed, dict(reversed(PARENTS.items())), dict(reversed(GROUPS.items())), seed)
    assert again == plan(people, PARENTS, GROUPS, seed)


def rung(one: Person, other: Person) -> int:
    if one.unit == other.unit:
        return 0
    home = PARENTS[one.unit] or one.unit
    return 1 if home in (other.unit, PARENTS[other.unit] or other.unit) else 2


@given(organisations(), st.integers(0, 2**31 - 1))
def test_peers_come_from_the_nearest_rung(people: list[Person], seed: int) -> None:
    known = by_number(one for one in people if one.excluded is None)
    for ratee in plan(people, PARENTS, GROUPS, seed).ratees:
        me, peers = ratee.person, ratee.raters.get("peer", ())
        apart = {me.number, me.supervisor} | {one.number for one in known.values() if one.supervisor == me.number}
        able = [
            one for one in known.values() if one.tier == me.tier and one.number not in apart and not one.outside
        ]
        assert set(peers) <= {one.number for one in able}
        near = [one for one in able if rung(me, one) == 0]
        assert len(peers) == max(min(len(near), 5), min(len(able), 3))
        farthest = max((rung(me, known[peer]) for peer in peers), default=0)
        assert all(one.number in peers for one in able if rung(me, one) < farthest)


@given(organisations(), st.integers(0, 2**31 - 1))
def test_what_is_missing_is_reported(people: list[Person], seed: int) -> None:
    planned = plan(people, PARENTS, GROUPS, seed)
    reported = {(one.ratee, one.relation): one for one in planned.shortfalls}
    for ratee in planned.ratees:
        number = ratee.person.number
        assert ((number, "supervisor") in reported) == ("supervisor" not in ratee.raters)
        found = len(ratee.raters.get("peer", ()))
        assert ((number, "peer") in reported) == (found < 3)
        if found < 3:
            assert (reported[number, "peer"].wanted, reported[number, "peer"].found) == (3, found)


@given(organisations(), st.integers(0, 2**31 - 1), st.integers(1, 4))
def test_a_cap_is_kept_by_peers_and_subordinates(people: list[Person], seed: int, cap: int) -> None:
    groups = {"peer": Group(3, 5, 8, cap), "subordinate": Group(2, 4, 8, cap), "supervisor": Group(1)}
    load = Counter(
        rater
        for one in plan(people, PARENTS, groups, seed).ratees
        for relation in ("peer", "subordinate")
        for rater in one.raters.get(relation, ())
    )
    assert max(load.values(), default=0) <= cap


@settings(max_examples=300)
@given(organisations(), st.integers(0, 2**31 - 1), st.integers(1, 4), st.integers(0, 4), st.integers(0, 4))
def test_no_plan_within_the_cap_gives_more_raters_up_to_the_minimums(
    people: list[Person], seed: int, cap: int, peers: int, subordinates: int
) -> None:
    groups = {"peer": Group(peers, 5, 8, cap), "subordinate": Group(subordinates, 4, 8)}
    planned = plan(people, PARENTS, groups, seed)
    found = sum(
        min(groups[relation].minimum, len(one.raters.get(relation, ())))
        for one in planned.ratees
        for relation in groups
    )
    assert found == greatest_flow(people, groups, cap)
    lacking = {(one.ratee, one.relation): one.wanted - one.found for one in planned.shortfalls}
    leaders = {one.supervisor for one in people if one.excluded is None}
    assert lacking == {
        (one.person.number, relation): group.minimum - len(one.raters.get(relation, ()))
        for one in planned.ratees
        for relation, group in groups.items()
        if len(one.raters.get(relation, ())) < group.minimum
        and (relation == "peer" or one.person.number in leaders)
    }


def greatest_flow(people: list[Person], groups: Mapping[str, Group], cap: int) -> int:
    """How many raters up to the minimums are possible at all: an independent answer, over the whole graph."""
    known = [one for one in people if one.excluded is None]
    asked = {one.number: place for place, one in enumerate(known, start=2)}
    source, sink, edges, nodes = 0, 1, {}, len(known) + 2
    edges |= {(place, sink): cap for place in asked.values()}
    for ratee in (one for one in known if not one.outside):
        below = {one.number for one in known if one.supervisor == ratee.number}
        beside = {one.number for one in known if one.tier == ratee.tier and not one.outside}
        able = {"subordinate": below, "peer": beside - below - {ratee.number, ratee.supervisor}}
        for relation, group in groups.items():
            edges[source, nodes] = group.minimum
            edges |= {(nodes, asked[number]): 1 for number in able[relation]}
            nodes += 1
    ends = np.array(list(edges), dtype=np.int32).reshape(-1, 2).T
    graph = csr_array((np.array(list(edges.values()), dtype=np.int32), ends), shape=(nodes, nodes))
    return int(maximum_flow(graph, source, sink).flow_value)


def test_the_work_of_peers_is_even() -> None:
    people = [person(f"p{number:03}") for number in range(40)]
    load = Counter(
        r for one in plan(people, PARENTS, {"peer": Group(3, 5, 8)}, 3).ratees for r in one.raters["peer"]
    )
    assert set(load.values()) == {5} and len(load) == 40


@pytest.mark.parametrize("seed", range(5))
def test_a_cap_that_just_suffices_leaves_nobody_out(seed: int) -> None:
    """Three units of which one has mixed tiers; taking the nearest who are free would leave some with nobody."""
    people = [person(f"h{unit}", unit, tier="pengawas") for unit in "ABCD"]
    people += [
        person(f"{unit}{number:03}", unit, supervisor=f"h{unit}", tier=("pelaksana", "fungsional")[number % 7 == 0])
        for unit in "ABCD"
        for number in range(60)
    ]
    groups = {"peer": Group(3, 8, 8, 4), "subordinate": Group(3, 5, 8, 4)}
    planned = plan(people, PARENTS, groups, seed)
    assert planned.shortfalls == ()
    sizes = {len(one.raters["peer"]) for one in planned.ratees if one.person.tier != "pengawas"}
    assert sizes <= {3, 4}, "nobody gets a fifth while somebody else has three"


def test_what_a_cap_makes_impossible_is_listed_with_what_was_found() -> None:
    people = [person(f"p{number}") for number in range(10)]
    planned = plan(people, PARENTS, {"peer": Group(3, 3, 3, 2)}, 1)
    assert sum(one.wanted - one.found for one in planned.shortfalls) == 10
    load = Counter(rater for one in planned.ratees for rater in one.raters.get("peer", ()))
    assert set(load.values()) == {2}


def test_another_seed_chooses_others() -> None:
    people = [person(f"p{number:03}") for number in range(40)]
    groups = {"peer": Group(3, 5, 8)}
    assert raters(plan(people, PARENTS, groups, 1)) != raters(plan(people, PARENTS, groups, 2))


def test_without_a_target_everybody_near_is_asked_but_far_ones_only_to_the_minimum() -> None:
    near = [person(f"a{number}", "A") for number in range(10)]
    few = [person(f"b{number}", "B") for number in range(2)]
    chosen = raters(plan([*near, *few], PARENTS, {"peer": Group(3)}, 1))
    assert len(chosen["a0"]["peer"]) == 9
    assert len(chosen["b0"]["peer"]) == 3 and "b1" in chosen["b0"]["peer"]


def test_the_hierarchy_gives_supervisor_subordinates_and_superior() -> None:
    head = person("head", "Kota", tier="jpt", leads=True)
    chief = person("chief", "A", tier="pengawas", supervisor="head", leads=True)
    staff = [person(f"s{number}", "A", supervisor="chief") for number in range(3)]
    planned = {one.person.number: one for one in plan([head, chief, *staff], PARENTS, GROUPS, 1).ratees}
    assert planned["s0"].raters["supervisor"] == ("chief",) and planned["s0"].superior == "head"
    assert planned["chief"].raters["subordinate"] == ("s0", "s1", "s2")
    assert planned["chief"].superior is None
    assert "peer" not in planned["chief"].raters


def test_an_excluded_supervisor_is_missing_and_nobody_takes_the_place() -> None:
    chief = person("chief", tier="pengawas", excluded="tugas belajar")
    planned = plan([chief, person("s", supervisor="chief")], PARENTS, {"supervisor": Group(1)}, 1)
    assert planned.ratees[0].raters == {}
    assert [(one.ratee, one.relation) for one in planned.shortfalls] == [("s", "supervisor")]


def test_relations_that_are_not_asked_are_left_out() -> None:
    people = [person("a"), replace(person("b"), supervisor="a")]
    planned = raters(plan(people, PARENTS, {"supervisor": Group(1)}, 1))
    assert planned == {"a": {}, "b": {"supervisor": ("a",)}}


def test_fewer_subordinates_than_wanted_are_reported_but_none_at_all_are_not() -> None:
    people = [person("a", tier="pengawas"), person("b", supervisor="a")]
    planned = plan(people, PARENTS, {"subordinate": Group(2)}, 1)
    assert [(one.ratee, one.found) for one in planned.shortfalls] == [("a", 1)]
