"""Released numbers against an attacker who tries every round that could have been.

What remains is the documented exception: a group in complete agreement at an end of the scale. The same attacker
breaks the usual report (groups of three or more, beside a mean over everybody), so the attacker works.
"""

import json
from collections.abc import Hashable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from scoring_service import policies
from scoring_service.domain.disclosure import protect
from scoring_service.domain.engine import Given, appraise
from scoring_service.domain.policy import Policy
from scoring_service.domain.tally import Questionnaire, Section, tally
from tests.attack.solver import (
    Finding,
    Release,
    World,
    answers_known,
    by_release,
    knowing_who_answered,
    means_known,
    worlds,
)

EXAMPLES = Path(__file__).parents[2] / "examples" / "policies"
LINES = "\n".join(f'[[aspects]]\ncode = "{code}"\ntitle = {{ id = "{code}", en = "{code}" }}\n' for code in "ab")


def small(name: str, aspects: str) -> Policy:
    """A policy with its rules for raters, but only these aspects."""
    path = EXAMPLES / f"{name}.toml"
    text = path.read_text() if path.exists() else policies.text_of(name).decode()
    head, tail = text.index("[[aspects]]"), text.index("[raters]")
    chosen = LINES if aspects == "ab" else LINES[: LINES.index("[[aspects]]", 1)]
    return policies.load(text[:head] + chosen + text[tail:], name)


def released(policy: Policy, questionnaire: Questionnaire) -> Release:
    """What leaves the product: the protected table, whole."""
    items = len(questionnaire.items())

    def release(world: World) -> Hashable:
        ballots = [(relation, row) for relation, rows in world.items() for row in rows]
        ballots += [("supervisor", (2,) * items), ("self", (3,) * items)]
        folded = tally(ballots, questionnaire, policy, 3, leadership=False)
        invited = {relation: len(rows) for relation, rows in world.items()}
        given = Given(folded=folded, invited=invited, leadership=False, work_result=Fraction(100))
        return json.dumps(protect(policy, folded, appraise(policy, given)).to_json(), sort_keys=True)

    return release


def naive(world: World) -> Hashable:
    """The usual report: exact means of groups of three or more, and of everybody."""
    groups = {relation: mean(rows) for relation, rows in world.items() if len(rows) >= 3}
    return tuple(groups.items()), mean([row for rows in world.values() for row in rows])


def mean(rows: object) -> Fraction:
    given = [answer for row in rows for answer in row if answer]  # type: ignore[attr-defined]
    return Fraction(sum(given), len(given))


ONE = Questionnaire(5, (Section("a", ("a1",)),))
PAIR = Questionnaire(3, (Section("a", ("a1", "a2")),))
APART = Questionnaire(3, (Section("a", ("a1",)), Section("b", ("b1",))))
SHAPES = [
    ("one item, merged", ONE, "a", {"peer": 2, "subordinate": 3}, True),
    ("one item, one peer merged", ONE, "a", {"peer": 1, "subordinate": 3}, True),
    ("one item, apart", ONE, "a", {"peer": 3, "subordinate": 3}, False),
    ("one item, peers only", ONE, "a", {"peer": 4}, True),
    ("two items of an aspect, peers only", PAIR, "a", {"peer": 4}, True),
    ("two items of an aspect, merged", PAIR, "a", {"peer": 1, "subordinate": 2}, True),
    ("two aspects, merged", APART, "ab", {"peer": 1, "subordinate": 3}, False),
    ("two aspects, peers only", APART, "ab", {"peer": 3}, True),
]
POLICIES = ("pp30-360", "example-60-20-20", "pp30-360-equal-halves")
Shape = tuple[str, Questionnaire, str, Mapping[str, int], bool]


def excused(finding: Finding, points: int, relations: Mapping[str, int]) -> bool:
    """Complete agreement at an end of the scale, in the group as it is shown."""
    together = min(relations.values()) < 3
    rows = [
        row
        for relation, given in finding.example.items()
        if together or relation == finding.relation
        for row in given
    ]
    return finding.answer in (1, points) and {row[finding.item] for row in rows} - {0} == {finding.answer}


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape[0])
def test_no_answer_is_recovered(name: str, shape: Shape) -> None:
    _, questionnaire, aspects, sizes, not_seen = shape
    items, points = len(questionnaire.items()), questionnaire.points
    classes = by_release(worlds(sizes, items, points, not_seen), released(small(name, aspects), questionnaire))
    found = list(answers_known(classes, items))
    assert [finding for finding in found if not excused(finding, points, sizes)] == []
    assert len(classes) > 10


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape[-1]], ids=lambda shape: shape[0])
def test_no_answer_is_recovered_by_who_knows_how_many_answered_each_item(shape: Shape) -> None:
    _, questionnaire, aspects, sizes, not_seen = shape
    items, points = len(questionnaire.items()), questionnaire.points
    release = knowing_who_answered(released(small("pp30-360", aspects), questionnaire))
    found = answers_known(by_release(worlds(sizes, items, points, not_seen), release), items)
    assert [finding for finding in found if not excused(finding, points, sizes)] == []


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize(("peers", "subordinates"), [(2, 3), (1, 3), (2, 2)])
def test_no_mean_of_a_merged_away_group_is_recovered(name: str, peers: int, subordinates: int) -> None:
    possible = worlds({"peer": peers, "subordinate": subordinates}, 1, 5, not_seen=False)
    classes = by_release(possible, released(small(name, "a"), ONE))
    assert {value for value, _ in means_known(classes, "peer")} <= {1, 5}


def naive_classes(sizes: Mapping[str, int]) -> list[list[World]]:
    return by_release(worlds(sizes, 1, 5, not_seen=False), naive)


def recovered(sizes: Mapping[str, int]) -> Iterator[Finding]:
    return (finding for finding in answers_known(naive_classes(sizes), 1) if not excused(finding, 5, sizes))


def test_the_usual_report_gives_a_single_peer_away() -> None:
    """The attacker works: every answer of the one peer falls by subtraction."""
    sizes = {"peer": 1, "subordinate": 3}
    classes = naive_classes(sizes)
    known = {id(finding.example) for finding in answers_known(classes, 1) if finding.relation == "peer"}
    assert known == {id(alike[0]) for alike in classes}
    assert len({finding.answer for finding in recovered(sizes)}) == 5


def test_the_usual_report_gives_the_mean_of_a_hidden_group_away() -> None:
    classes = naive_classes({"peer": 2, "subordinate": 3})
    assert len(list(means_known(classes, "peer"))) == len(classes)


def of_the_rest(sizes: Mapping[str, int], release: Release) -> tuple[list[World], Release]:
    """The same rounds as one of the peers sees them, who knows the own answer: the rest, and what it tells."""
    told: dict[int, Hashable] = {}
    rests: list[World] = []
    for world in worlds(sizes, 1, 5, not_seen=False):
        for own in sorted(set(world["peer"])):
            others = list(world["peer"])
            others.remove(own)
            rests.append({**world, "peer": tuple(others)})
            told[id(rests[-1])] = (own, release(world))
    return rests, lambda rest: told[id(rest)]


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize(
    "sizes", [{"peer": 3}, {"peer": 2, "subordinate": 2}, {"peer": 4, "subordinate": 3}], ids=str
)
def test_a_rater_who_knows_the_own_answer_learns_no_other(name: str, sizes: Mapping[str, int]) -> None:
    """Even in the smallest group; with all but one of a group conspiring nothing is promised."""
    rests, release = of_the_rest(sizes, released(small(name, "a"), ONE))
    found = answers_known(by_release(rests, release), 1)
    rest = {relation: size - (relation == "peer") for relation, size in sizes.items()}
    assert [finding for finding in found if not excused(finding, 5, rest)] == []
