"""Every hand-calculated case of scoring.yaml, through the engine and, with rater values, the command and the API.

A case that no runner takes fails, and so does an expectation that nobody compares.
"""

import json
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from flask.testing import FlaskClient

from scoring_service import policies
from scoring_service.commands import appraise as command
from scoring_service.domain import disclosure, rules, statistics
from scoring_service.domain.engine import Given, appraise
from scoring_service.domain.numbers import decimal, rounded
from scoring_service.domain.policy import Policy
from scoring_service.domain.tally import Questionnaire, Section, fold, tally, typed
from scoring_service.usecases.appraisals import RELATION_OF
from shared.cli import main
from shared.database import connect, transaction
from shared.errors import Refused
from shared.migrate import upgrade
from shared.web.access import create_client
from tests.integration.scoring_world import MIGRATIONS, World

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples" / "policies"
CASES = yaml.safe_load((HERE / "scoring.yaml").read_text())
ENGINE_KEYS = {
    "supervisor",
    "peers",
    "subordinates",
    "self",
    "aspects",
    "behaviour",
    "feedback_mean",
    "assessor_category",
    "pair",
}
OUTPUT = {
    "status",
    "reason",
    "others",
    "behaviour",
    "total",
    "predicate",
    "category",
    "external_codes",
    "flags",
    "self_other_gap",
    "path",
}
LEVELS = "\n".join(["", "[answers.table]", *(f"{level} = {20 + 10 * level}" for level in range(1, 8)), ""])


def policy_name(name: str) -> str:
    return name if name in policies.shipped() else str(EXAMPLES / f"{name}.toml")


def policy_of(case: Mapping[str, Any]) -> Policy:
    if case["policy"] == "permen8":
        return policies.load(policies.text_of("permen8").decode() + LEVELS, "permen8 with a made-up table")
    return policies.find(policy_name(case["policy"]))


def through_engine(case: Mapping[str, Any]) -> bool:
    return case.get("policy") != "any" and bool(ENGINE_KEYS & set(case["given"]))


ENGINE = [case for case in CASES if through_engine(case)]
FUNCTIONS = [case for case in CASES if not through_engine(case)]


def as_input(given: Mapping[str, Any]) -> dict[str, Any]:
    """The case in the keys of the command."""
    data = {key: value for key, value in given.items() if key not in ("pair", "registered_others")}
    if "registered_others" in given:
        data["invited"] = {"peers": given["registered_others"]}
    if "pair" in given:
        data["work_result"], data["assessor_category"] = given["pair"]
    return data


def as_given(policy: Policy, data: Mapping[str, Any]) -> Given:
    """The same for the engine, built without the use case."""
    values = {relation: [exact(value) for value in data.get(key, [])] for key, relation in RELATION_OF.items()}
    asked = {
        relation: data.get("invited", {}).get(key, len(values[relation])) for key, relation in RELATION_OF.items()
    }
    work_result = data.get("work_result")
    return Given(
        folded=typed(values, policy, data.get("threshold", policy.raters.threshold)),
        invited=asked,
        aspects=[exact(value) for value in data["aspects"]] if "aspects" in data else None,
        behaviour=exact(data["behaviour"]) if "behaviour" in data else None,
        feedback_mean=exact(data["feedback_mean"]) if "feedback_mean" in data else None,
        assessor_category=data.get("assessor_category"),
        work_result=work_result if isinstance(work_result, str | None) else exact(work_result),
        new_idea=data.get("new_idea", False),
        leadership=data.get("leadership"),
    )


def exact(value: object) -> Fraction:
    return Fraction(str(value))


def agrees(case: Mapping[str, Any], key: str, expected: object, result: Mapping[str, Any]) -> None:
    name = {"mean": "behaviour", "behaviour_category": "category"}.get(key, key)
    found = result[name]
    if case.get("approx") and isinstance(expected, str) and "." in expected:
        found = six_places(Decimal(found))
    if isinstance(expected, int) and isinstance(found, str):
        found = int(found)
    assert found == expected, key


def six_places(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.000001"), ROUND_HALF_UP))


@pytest.mark.parametrize("case", ENGINE, ids=lambda case: case["id"])
def test_engine(case: Mapping[str, Any]) -> None:
    policy = policy_of(case)
    appraisal = appraise(policy, as_given(policy, as_input(case["given"])))
    expected = dict(case["expect"])
    refused = expected.pop("refused", None)
    if refused:
        assert appraisal.status == "refused"
        assert any(refused in fault.message for fault in appraisal.faults)
        assert not expected
        return
    assert appraisal.status == expected.pop("status", "scored")
    for key, value in expected.items():
        agrees(case, key, value, appraisal.to_json())


@pytest.mark.parametrize("case", ENGINE, ids=lambda case: case["id"])
def test_command(case: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(main.commands, "appraise", command)
    path = tmp_path / "input.json"
    path.write_text(json.dumps(as_input(case["given"])))
    ran = CliRunner().invoke(main, ["appraise", policy_name(case["policy"]), str(path)])
    expected = dict(case["expect"])
    refused = expected.pop("refused", None)
    if refused:
        assert ran.exit_code == 2
        assert refused in ran.stderr
        said = json.loads(ran.stdout)
        assert (said["status"], said["behaviour"], said["predicate"]) == ("refused", None, None)
        assert refused in said["reason"]
        return
    assert ran.exit_code == 0, ran.output
    result = json.loads(ran.stdout)
    assert result["status"] == expected.pop("status", "scored")
    for key, value in expected.items():
        agrees(case, key, value, result)


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the API, where the agency's own folder holds the examples."""
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(EXAMPLES, home / "policies")
    engine = connect(f"sqlite:///{home / 'scoring.db'}")
    upgrade(engine, MIGRATIONS)
    world = World(engine, home)
    with transaction(engine) as session:
        key = create_client(session, "golden", ["policies:read"], world.now)
    found: FlaskClient = world.app().test_client()
    found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    yield found
    engine.dispose()


@pytest.mark.parametrize("case", ENGINE, ids=lambda case: case["id"])
def test_preview_over_http(case: Mapping[str, Any], caller: FlaskClient) -> None:
    body = {"policy": case["policy"], "input": as_input(case["given"])}
    answer = caller.post("/api/v1/appraisals/preview", json=body)
    expected = dict(case["expect"])
    refused = expected.pop("refused", None)
    if refused:
        assert answer.status_code == 422
        assert any(refused in fault["message"] for fault in answer.get_json()["errors"])
        return
    assert answer.status_code == 200
    result = answer.get_json()
    assert result["status"] == expected.pop("status", "scored")
    assert set(result) >= OUTPUT
    assert all(set(step) == {"rule", "numbers", "basis"} and step["basis"] for step in result["path"])
    for key, value in expected.items():
        agrees(case, key, value, result)


@pytest.mark.parametrize("case", FUNCTIONS, ids=lambda case: case["id"])
def test_function(case: Mapping[str, Any]) -> None:
    given, expected = case["given"], case["expect"]
    runner = next((run for key, run in RUNNERS.items() if key in given), None)
    assert runner, f"nobody runs {case['id']}"
    found = runner(case)
    if case.get("approx"):
        found = {
            key: [six_places(Decimal(one)) for one in value]
            if isinstance(value, list)
            else six_places(Decimal(value))
            for key, value in found.items()
            if value is not None
        }
    assert {key: found.get(key) for key in expected} == expected


def bands_of(case: Mapping[str, Any]) -> dict[str, Any]:
    policy, given = policy_of(case), case["given"]
    flags = {"new_idea"} if given.get("new_idea") else set()
    values = [rounded(exact(value), policy.banding) for value in given.get("bands_of", given.get("totals"))]
    return {"predicates": [rules.band_of(policy.bands, value, flags) for value in values]}


def unit(case: Mapping[str, Any]) -> dict[str, Any]:
    counts = case["given"]["unit"]
    known = {"sangat baik": counts["sangat_baik"], "baik": counts["baik"], "cukup": counts["lower"]}
    return {"distribution": "violated" if rules.exceeded(policy_of(case), known) else "kept"}


def organisation(case: Mapping[str, Any]) -> dict[str, Any]:
    given = case["given"]
    best = given["sangat_baik"]
    counts = {"sangat baik": best, "baik": given["people"] - best}
    violated = rules.exceeded(policy_of(case), counts, given["organisation"])
    return {"distribution": "violated" if violated else "kept"}


def conversion(case: Mapping[str, Any]) -> dict[str, Any]:
    points = policy_of(case).conversions["convert_pp46_to_pp30"]
    given = case["given"]["convert_pp46_to_pp30"]
    return {"values": [decimal(rules.convert(points, exact(value))) for value in given]}


def level_table(case: Mapping[str, Any]) -> dict[str, Any]:
    with pytest.raises(Refused) as refusal:
        policies.find(case["policy"])
    said = case["expect"]["refused"]
    return {"refused": said if any(said in problem.message for problem in refusal.value.problems) else None}


def standard(case: Mapping[str, Any]) -> dict[str, Any]:
    low, high = case["given"]["standard"]
    return {"categories": [rules.against_standard(low, high, level) for level in case["given"]["assessed"]]}


def pairs(case: Mapping[str, Any]) -> dict[str, Any]:
    policy = policy_of(case)
    return {"predicates": [rules.predicate_of_pair(policy, *pair) for pair in case["given"]["pairs"]]}


def one_aspect(case: Mapping[str, Any]) -> dict[str, Any]:
    """One rater's answers, counted as ballots are, under a policy that takes them as they are."""
    given = case["given"]["items_of_one_aspect"]
    policy = policies.load((EXAMPLES / "example-60-40-pooled-1-to-5.toml").read_text(), "identity")
    aspect = policy.aspects[0].code
    questionnaire = Questionnaire(5, (Section(aspect, tuple(f"q{at}" for at in range(len(given))), False),))
    counted = tally([("supervisor", [answer or 0 for answer in given])], questionnaire, policy, 3, False)
    found = counted.groups["supervisor"].aspects[aspect]
    return {"aspect": decimal(found.total / found.n)}


def condition_table(case: Mapping[str, Any]) -> dict[str, Any]:
    """A policy whose table has no row for who is there."""
    assert case["given"]["condition_table"] == {"no_match": True}
    text = (EXAMPLES / "example-60-15-25.toml").read_text()
    line = "    { supervisor = 80, peer = 20 },\n"
    assert line in text
    policy = policies.load(text.replace(line, ""), "without the row")
    values = {"supervisor": [Fraction(90)], "peer": [Fraction(80)] * 3}
    appraisal = appraise(policy, Given(folded=typed(values, policy, 3), invited={"peer": 3}))
    return {"status": appraisal.status, "reason": appraisal.reason}


def groups_shown(case: Mapping[str, Any]) -> dict[str, Any]:
    """Through values of that many raters, folded, appraised and guarded."""
    given, names = case["given"], {"peer": "peers", "subordinate": "subordinates", "others": "others"}
    policy = policies.find("pp30-360")
    values = {
        "supervisor": [Fraction(90)],
        "peer": [Fraction(80)] * given["peers_n"],
        "subordinate": [Fraction(70)] * given["subordinates_n"],
    }
    folded = typed(values, policy, given["threshold"])
    appraisal = appraise(policy, Given(folded=folded, invited={"peer": 4, "subordinate": 4}))
    table = disclosure.protect(policy, folded, appraisal)
    shown = [names[group.group] for group in table.groups if group.group in names]
    others_n = folded.groups["others"].n if "others" in folded.groups else None
    counts = {"peer": given["peers_n"], "subordinate": given["subordinates_n"]}
    assert set(shown) == {names[name] for name in fold(counts, given["threshold"]).groups}
    return {"shown_groups": shown, "status": table.status, "reason": table.reason, "others_n": others_n}


def round_state(case: Mapping[str, Any]) -> dict[str, Any]:
    action = {"read any mean": "read", "change the threshold": "change"}[case["given"]["action"]]
    return {"refused": disclosure.refusal(action, case["given"]["round"])}


def agreement(case: Mapping[str, Any]) -> dict[str, Any]:
    value = statistics.rwg(case["given"]["rwg"], case["given"]["points"])
    return {"rwg": available(value)}


def prophecy(case: Mapping[str, Any]) -> dict[str, Any]:
    given = case["given"]["spearman_brown"]
    found = [statistics.spearman_brown(exact(given["r"]), k) for k in given["k"]]
    return {"values": [available(value) for value in found]}


def matrix(case: Mapping[str, Any]) -> dict[str, Any]:
    rows = [[Fraction(value) for value in row] for row in case["given"]["matrix"]]
    moments = sum((statistics.Between.of(row) for row in rows), statistics.Between())
    alpha = statistics.Consistency.of(rows).alpha()
    found = {"cronbach_alpha": alpha, "icc_1": moments.icc_1(), "icc_1_k": moments.icc_1_k()}
    return {key: available(value) for key, value in found.items()}


def available(value: Fraction | None) -> str:
    return "not available" if value is None else decimal(value)


RUNNERS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "bands_of": bands_of,
    "totals": bands_of,
    "unit": unit,
    "organisation": organisation,
    "convert_pp46_to_pp30": conversion,
    "level_table": level_table,
    "standard": standard,
    "pairs": pairs,
    "items_of_one_aspect": one_aspect,
    "condition_table": condition_table,
    "peers_n": groups_shown,
    "action": round_state,
    "rwg": agreement,
    "spearman_brown": prophecy,
    "matrix": matrix,
}


def test_every_case_is_run_once() -> None:
    ids = [case["id"] for case in CASES]
    assert len(ids) == len(set(ids)) == len(ENGINE) + len(FUNCTIONS)


def test_every_policy_file_is_named_by_a_case() -> None:
    names = {case["policy"] for case in CASES if "policy" in case}
    files = [*EXAMPLES.glob("*.toml"), *(EXAMPLES.parents[1] / "scoring_service" / "policies").glob("*.toml")]
    assert {tomllib.loads(path.read_text())["id"] for path in files} <= names
    assert all(path.stem == tomllib.loads(path.read_text())["id"] for path in files)
