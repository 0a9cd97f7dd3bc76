"""What the survey service says of policies is what the scoring service has."""

import json
import tomllib
from pathlib import Path

import pytest

from survey_service.domain.fitting import BEHAVIOURS, fits

ROOT = Path(__file__).resolve().parents[3]
POLICIES = sorted((ROOT / "scoring_service" / "policies").glob("*.toml"))
SHIPPED = {
    path.stem: [section["aspect"] for section in json.loads(path.read_text())["sections"]]
    for path in (ROOT / "survey_service" / "questionnaires").glob("*.json")
}


def test_every_shipped_policy_is_known() -> None:
    assert {path.stem for path in POLICIES} == set(BEHAVIOURS)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_it_counts_these_behaviours(path: Path) -> None:
    policy = tomllib.loads(path.read_text())
    assert tuple(aspect["code"] for aspect in policy["aspects"]) == BEHAVIOURS[policy["id"]]


def test_a_pair_that_does_not_fit_is_told() -> None:
    assert fits("permen6", SHIPPED["berakhlak"]) and fits("pp30-360", SHIPPED["pp30"])
    assert not fits("pp30-360", SHIPPED["berakhlak"]) and not fits("permen6", SHIPPED["pp30"])
    assert fits("a-policy-of-the-agency", ["anything"])
