"""The guide to the HTTP API tells the truth: every call in it works, in its order; no key or scope is missing."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from scoring_service.api.appraisal import INPUT
from scoring_service.usecases.appraisals import AppraisalInput
from shared.web.access import SCOPES_OF
from tests.contract.test_scoring_api import client
from tests.integration.scoring_world import MIGRATIONS, Survey, World, counted, full

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
CALLS = re.findall(r"```http\n(GET|POST|PUT) (\S+)\n(.*?)```", GUIDE, flags=re.S)
NIP = "198501012010011001"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_every_call_of_the_guide_works_in_its_order(new_engine: Callable[..., Engine], tmp_path: Path) -> None:
    world, survey = World(new_engine(MIGRATIONS), tmp_path / "home"), Survey((NIP,), ballots={NIP: full(4)})
    counted(world, survey)
    caller, answers = client(world), {}
    units = next(path for _, path, _ in CALLS if path.endswith("/units"))
    for verb, path, body in CALLS:
        address = path.replace("ROUND", str(survey.round_id)).replace("NIP", NIP)
        kind = {"data": body.replace("NIP;95", f"{NIP};95")} if path.endswith("csv") and verb == "POST" else {}
        kind |= {"json": json.loads(body.replace('"NIP"', f'"{NIP}"'))} if body.startswith("{") else {}
        answer = caller.open(address, method=verb, **kind)
        assert answer.status_code in (200, 202, 204), (verb, path, answer.text)
        answers[path] = answer
        world.work("score", "release")
    assert answers["/api/v1/appraisals/preview"].get_json()["predicate"] == "baik"
    assert answers["/api/v1/scores/ROUND/NIP"].get_json()["total"] == "89.3"
    assert answers[units].get_json()["units"][0]["hidden"]
    assert len(CALLS) > 15


def test_whatever_the_api_offers_is_in_the_guide(new_engine: Callable[..., Engine], tmp_path: Path) -> None:
    world = World(new_engine(MIGRATIONS), tmp_path / "home")
    spec = world.app().test_client().get("/api/v1/scoring/openapi.json").get_json()
    for path in spec["paths"]:
        written = path.replace("{round_id}", "ROUND").replace("{ratee}", "NIP")
        assert written in GUIDE or path.endswith("scores.csv"), path
    said = spec["components"]["schemas"]["PreviewInput"]["properties"]["input"]
    assert set(said["properties"]) == set(AppraisalInput().fields)
    assert all(f"`{key}`" in GUIDE for key in AppraisalInput().fields)
    answer = spec["components"]["schemas"]["Preview"]["properties"]
    assert all(f"`{key}`" in GUIDE for key in answer.keys() - {"policy"})
    assert all(f"`{scope}`" in GUIDE for scope in SCOPES_OF["scoring"])


def test_the_documented_preview_is_accepted_as_it_stands() -> None:
    """The example of the OpenAPI document and that of the guide are one."""
    body = next(body for verb, path, body in CALLS if verb == "POST" and "preview" in path)
    assert json.loads(body)["input"] == INPUT["example"]
