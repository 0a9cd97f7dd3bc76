"""The package of a score: the same digits come out again, for every policy, and no sum of raters is in it."""

import importlib.util
import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from scoring_service.domain.corrections import settled
from scoring_service.domain.disclosure import Protected, protect
from scoring_service.domain.engine import Given, appraise
from scoring_service.domain.policy import Policy
from scoring_service.domain.tally import tally
from scoring_service.usecases.provenance import _package
from tests.unit.scoring.policies import EVERY, TEXTS, questionnaire

FILE = Path(__file__).parents[3] / "examples" / "recompute.py"
_spec = importlib.util.spec_from_file_location("recompute", FILE)
assert _spec and _spec.loader
recompute = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(recompute)


def table(policy: Policy, dice: Random) -> Mapping[str, Any]:
    """What may be shown of a ratee whom chance gave raters, answers, work result and category."""
    form, leads = questionnaire(policy, items=3), dice.random() < 0.5
    sizes = {"supervisor": dice.choice((1, 1, 1, 0)), "peer": dice.randint(0, 6), "subordinate": dice.randint(0, 6)}
    sizes["self"] = dice.randint(0, 1)
    ballots = [
        (relation, tuple(dice.choices(range(form.points + 1), (1, *[4] * form.points), k=len(form.items()))))
        for relation, size in sizes.items()
        for _ in range(size)
    ]
    folded = tally(ballots, form, policy, 3, leads)
    matrix = policy.combination.method == "matrix"
    work: Any = dice.choice(policy.category_names) if matrix else Fraction(dice.randint(0, 13000), 100)
    given = Given(
        folded=folded,
        invited={"peer": dice.choice((0, 5)), "subordinate": 0},
        work_result=dice.choice((None, work, work)),
        new_idea=dice.random() < 0.5,
        leadership=leads,
        assessor_category=dice.choice((None, *policy.category_names)) if matrix else None,
    )
    return protect(policy, folded, appraise(policy, given)).to_json()


def package(name: str, shown: Mapping[str, Any]) -> dict[str, Any]:
    row = SimpleNamespace(
        id="r",
        policy_text=TEXTS[name],
        salt=b"s" * 32,
        questionnaire={"code": "q", "version": 1, "digest": "d"},
        threshold=3,
        merkle_root=None,
        period_start=date(2026, 1, 1),
        period_end=date(2026, 12, 31),
    )
    one = {
        "ratee": "A",
        "version": 1,
        "policy": {"id": name, "version": 1, "digest": EVERY[name].digest},
        "status": shown["status"],
        "reason": shown["reason"],
        "table": shown if shown["status"] == "scored" else None,
    }
    found: dict[str, Any] = json.loads(json.dumps(_package(row, one)))
    return found


@pytest.mark.parametrize("name", EVERY)
def test_the_same_digits_come_out_again(name: str) -> None:
    dice, scored = Random(name), 0
    for _ in range(150):
        made = package(name, table(EVERY[name], dice))
        if made["status"] == "scored":
            scored += 1
            assert recompute.recompute(made) == made["result"]
        else:
            assert not {"inputs", "result", "shown", "n"} & set(made)
    assert scored > 20


@pytest.mark.parametrize("name", [name for name, one in EVERY.items() if one.behaviour_by == "value"])
def test_a_value_that_a_superior_set_can_be_checked_as_well(name: str) -> None:
    policy, dice = EVERY[name], Random(9)
    before = next(one for one in iter(lambda: table(policy, dice), None) if one["status"] == "scored")
    ruling = Given(behaviour=policy.scale.high, work_result=Fraction(100), new_idea=True)
    made = package(name, settled(Protected.from_json(before), appraise(policy, ruling)).to_json())
    assert set(made["inputs"]["parts"]) == {"behaviour"}
    assert recompute.recompute(made) == made["result"]


def scored(name: str) -> dict[str, Any]:
    dice = Random(3)
    return next(made for made in iter(lambda: package(name, table(EVERY[name], dice)), None) if "inputs" in made)


@pytest.mark.parametrize(
    ("place", "said"), [("policy", "policy"), ("inputs", "inputs"), ("weights", "never gives these weights")]
)
def test_a_changed_package_is_noticed(place: str, said: str) -> None:
    made = scored("pp30-360")
    match place:
        case "policy":
            made["policy"]["text"] += " "
        case "inputs":
            made["inputs"]["new_idea"] = not made["inputs"]["new_idea"]
        case _:
            made["weights"] = {"supervisor": "0.5", "others": "0.5"}
    with pytest.raises(ValueError, match=said):
        recompute.recompute(made)


def test_another_result_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = scored("pp46")
    file = tmp_path / "packages.jsonl"
    file.write_text(json.dumps(made) + "\n\n")
    assert recompute.main(file) == 0
    made["result"]["behaviour"] = "99.9"
    file.write_text(json.dumps(made) + "\n")
    assert recompute.main(file) == 1
    assert "99.9" in capsys.readouterr().out


@pytest.mark.parametrize("name", EVERY)
def test_the_inputs_hold_no_group_of_raters_apart(name: str) -> None:
    """Peers and subordinates are in the package as the one number that the official value tells anyhow."""
    dice = Random(5)
    for _ in range(60):
        made = package(name, table(EVERY[name], dice))
        parts = made.get("inputs", {}).get("parts", {})
        assert set(parts) <= {"supervisor", "self", "others"}
        assert not parts.get("others", {"aspects": {}})["aspects"]
