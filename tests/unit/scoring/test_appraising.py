"""Appraisals from typed values: what is refused, what is flagged, how the way is told; and the command."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scoring_service import policies
from scoring_service.commands import appraise as command
from scoring_service.domain.engine import Given, appraise
from scoring_service.domain.tally import Folded, GroupTally, Sum
from scoring_service.usecases.appraisals import preview
from shared.cli import main
from shared.errors import Refused
from tests.unit.scoring.ballots import policy

POLICY = policies.find("pp30-360")
GOOD: dict[str, Any] = {"supervisor": [90], "peers": [80, 84, 88]}


def refused(data: object, name: str = "pp30-360") -> dict[str, str]:
    with pytest.raises(Refused) as refusal:
        preview(policy(name), data)
    assert refusal.value.code == "appraisal_invalid"
    return {problem.where: problem.message for problem in refusal.value.problems}


@pytest.mark.parametrize(
    ("data", "where", "message"),
    [
        ([], "input", "JSON object"),
        ({"friends": [1]}, "friends", "Unknown"),
        ({"peers": ["x"]}, "peers, number 1", "Not a decimal"),
        ({"peers": [True]}, "peers, number 1", "Not a decimal"),
        ({"peers": [float("nan")]}, "peers, number 1", "Not a decimal"),
        ({"peers": 3}, "peers", "list"),
        ({"peers": [80, 101, 84]}, "peers, number 2", "value above 100: 101"),
        ({"supervisor": [-1]}, "supervisor", "value below 0"),
        ({"peers": [80, 80, 80], "invited": {"peers": 2}}, "invited.peers", "3 answered"),
        ({"invited": {"self": 2}}, "invited.self", "Unknown"),
        ({"work_result": -1}, "work_result", "below 0"),
        ({"work_result": "meets"}, "work_result", "number"),
        ({"work_result": [1]}, "work_result", "Neither"),
        ({"new_idea": "yes"}, "new_idea", "boolean"),
        ({"threshold": 0}, "threshold", "greater"),
        ({"behaviour": 101}, "behaviour", "above 100"),
        ({"behaviour": 80, "supervisor": [80]}, "behaviour", "not both"),
        ({"aspects": [80, 80, 80, 80]}, "leadership", "never guessed"),
        ({"aspects": [80, 80, 80], "leadership": False}, "aspects", "expects 4 values"),
        ({"aspects": [80, 80, 80, 80], "leadership": True}, "aspects", "expects 5 values"),
        ({"aspects": [80] * 4, "leadership": False, "supervisor": [80]}, "aspects", "not both"),
        ({"assessor_category": "meets"}, "assessor_category", "a behaviour value"),
    ],
)
def test_refused(data: object, where: str, message: str) -> None:
    found = refused(data)
    assert where in found, found
    assert message in found[where]


def test_all_faults_at_once() -> None:
    found = refused({"supervisor": [101], "peers": [-1], "work_result": -3, "behaviour": 120})
    assert {"supervisor", "peers", "work_result", "behaviour"} <= set(found)
    assert set(refused({"peers": [101], "colour": 1, "self": ["x"]})) == {"peers", "colour", "self, number 1"}


def test_faults_of_a_policy_with_a_matrix() -> None:
    found = refused({"behaviour": 4, "assessor_category": "great", "work_result": 3, "feedback_mean": 6}, "permen6")
    assert set(found) == {"behaviour", "assessor_category", "work_result", "feedback_mean"}


def test_whole_numbers_where_the_policy_asks_for_them() -> None:
    assert "steps of 1" in refused({"aspects": [80.5] * 7, "leadership": False}, "dp3")["aspects, number 1"]


def test_a_work_result_above_the_cap_is_capped_and_flagged() -> None:
    found = preview(POLICY, {"behaviour": 100, "work_result": 130})
    assert found["total"] == "112"
    assert found["flags"] == ["work_result_capped"]
    assert preview(POLICY, {"behaviour": 100, "work_result": 120})["flags"] == []


def test_without_a_work_result_there_is_no_predicate() -> None:
    found = preview(POLICY, GOOD)
    assert (found["status"], found["total"], found["predicate"]) == ("scored", None, None)


def test_the_path_tells_every_step_with_its_legal_basis() -> None:
    found = preview(POLICY, {**GOOD, "work_result": 100})
    assert [step["rule"] for step in found["path"]] == ["raters", "weights", "combination", "bands"]
    assert found["path"][1]["numbers"] == {"supervisor weight": "0.6", "others weight": "0.4", "behaviour": "87.6"}
    assert all(step["basis"].startswith("PP 30/2019") for step in found["path"])
    assert found["policy"]["digest"] == POLICY.digest


def test_a_recommendation_waits_for_the_assessor() -> None:
    permen6 = policies.find("permen6")
    data = {"peers": [4, 4, 5], "subordinates": [5], "supervisor": [3], "self": [5]}
    waiting = preview(permen6, data)
    assert (waiting["status"], waiting["reason"], waiting["recommendation"]) == ("held", "awaiting_assessor", "4.5")
    assert waiting["self_other_gap"] == "0.5"
    chosen = preview(permen6, {**data, "assessor_category": "above", "work_result": "below"})
    assert (chosen["status"], chosen["category"], chosen["predicate"]) == ("scored", "above", "butuh perbaikan")
    assert chosen["external_codes"] == {"hasilKinerjaNilai": 3, "perilakuKerjaNilai": 1}


@pytest.mark.parametrize(("invited", "flag"), [(0, "no_other_raters"), (4, "others_below_threshold")])
def test_too_few_for_a_recommendation_leave_the_assessor_to_decide(invited: int, flag: str) -> None:
    data = {"peers": [4, 4][: invited // 2], "invited": {"peers": invited}, "assessor_category": "meets"}
    found = preview(policies.find("permen6"), data)
    assert (found["status"], found["recommendation"]) == ("scored", None)
    assert found["flags"] == [flag, "recommendation_hidden"]
    assert found["predicate"] is None
    assert found["external_codes"] == {"perilakuKerjaNilai": 2}


LOCAL = [
    ("pp30-360-equal-halves", {"supervisor": [90], "peers": [80] * 3}, "86"),
    ("pp30-360-equal-halves", {"supervisor": [90], "peers": [80] * 2, "subordinates": [70]}, "84.666666666666"),
    ("example-60-20-20", {"supervisor": [90], "peers": [80] * 2, "subordinates": [70]}, "84.666666666666"),
    ("example-60-20-20", {"supervisor": [90]}, "90"),
    ("example-60-20-20", {"peers": [80] * 3, "subordinates": [70] * 3}, "75"),
    ("example-60-15-25", {"supervisor": [90], "peers": [80] * 3}, "88"),
    ("example-60-15-25", {"supervisor": [90]}, "too_few_raters"),
    ("example-60-15-25", {"peers": [80] * 3}, "supervisor_missing"),
    ("example-50-30-20-self", {"supervisor": [90], "peers": [80] * 3}, "no_weight_rule"),
    ("example-50-30-20-self", {"supervisor": [90], "peers": [80] * 3, "subordinates": [0], "self": [100]}, "89"),
]


@pytest.mark.parametrize(("name", "data", "expected"), LOCAL)
def test_absent_and_merged_groups(name: str, data: dict[str, Any], expected: str) -> None:
    found = preview(policy(name), data)
    assert expected in (found["behaviour"], found["reason"])


def _rule(rule: str) -> Any:
    text = (Path(__file__).parents[3] / "examples" / "policies" / "pp30-360-equal-halves.toml").read_text()
    assert 'absent_group = "partner"' in text
    return policies.load(text.replace('absent_group = "partner"', f'absent_group = "{rule}"'), rule)


@pytest.mark.parametrize(
    ("rule", "peers", "subordinates", "expected"),
    [
        ("renormalise", 3, 0, "87.5"),
        ("renormalise", 2, 2, "84"),
        ("hold", 3, 0, "no_weight_rule"),
        ("hold", 2, 2, "no_weight_rule"),
        ("table", 3, 0, "no_weight_rule"),
        ("partner", 0, 3, "82"),
    ],
)
def test_rules_for_an_absent_group(rule: str, peers: int, subordinates: int, expected: str) -> None:
    data = {"supervisor": [90], "peers": [80] * peers, "subordinates": [70] * subordinates}
    found = preview(_rule(rule), data)
    assert expected in (found["behaviour"], found["reason"])


def test_an_assessors_aspects_stand_beside_counted_ballots() -> None:
    others = GroupTally(3, {"komitmen": Sum(3, Fraction(240))})
    given = Given(folded=Folded(3, {"others": others}), aspects=[Fraction(90)] * 4, leadership=False)
    found = appraise(POLICY, given)
    assert (found.behaviour, found.aspects["komitmen"], found.aspects["kerja_sama"]) == (86, 86, None)


def run(*arguments: str, stdin: str | None = None) -> Any:
    main.commands.setdefault("appraise", command)
    return CliRunner().invoke(main, ["appraise", *arguments], input=stdin)


def test_command_reads_standard_input_and_exact_numbers() -> None:
    ran = run("pp30-no-360", "-", stdin='{"supervisor": [88.123456789012345678], "work_result": "100.10"}')
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["behaviour"] == "88.123456789012345678"


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (("nothing", "-"), "{}", "There is no policy"),
        (("permen8", "-"), "{}", "level-to-value table is missing"),
        (("pp30-360", "-"), "{", "not JSON"),
        (("pp30-360", "-"), "[" * 100_000, "not JSON"),
        (("pp30-360", "/nowhere/input.json"), None, "Cannot read the input"),
        (("pp30-360", "-"), '{"peers": [101], "colour": 1}', "Unknown"),
    ],
)
def test_command_refuses(arguments: tuple[str, ...], stdin: str | None, said: str) -> None:
    ran = run(*arguments, stdin=stdin)
    assert ran.exit_code == 2
    assert said in ran.stderr
    found = json.loads(ran.stdout)
    assert (found["status"], found["behaviour"], found["total"], found["path"]) == ("refused", None, None, [])
    assert said in found["reason"]


def test_numbers_with_binary_noise_are_taken_by_their_digits() -> None:
    assert preview(POLICY, {"behaviour": 0.1})["behaviour"] == "0.1"
    assert preview(POLICY, {"behaviour": Decimal("88.56")})["behaviour"] == "88.56"
