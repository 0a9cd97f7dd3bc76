"""The scoring API keeps its contract: every answer documented, nothing shown too early, scopes on every route."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.engine import Engine

from shared.database import transaction
from shared.web.access import SCOPES, create_client
from tests.integration.scoring_world import MIGRATIONS, Survey, World, answers, counted, full, released, some

A, B = "198501012010011001", "198501012010011002"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SPEC = "/api/v1/scoring/openapi.json"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


def client(world: World, *scopes: str) -> FlaskClient:
    """A client of the API with these scopes (all when none is named)."""
    with transaction(world.engine) as session:
        key = create_client(session, f"client {uuid4()}", scopes or SCOPES, world.now)
    found: FlaskClient = world.app().test_client()
    found.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return found


def two() -> Survey:
    return Survey((A, B), ballots={A: full(4), B: {"supervisor": [answers(4)], "peer": [answers(5), answers(4)]}})


@pytest.fixture
def spec(world: World) -> dict[str, Any]:
    found: dict[str, Any] = client(world).get(SPEC).get_json()
    return found


def test_every_route_is_documented_with_its_refusals(spec: dict[str, Any]) -> None:
    assert spec["openapi"].startswith("3.1")
    assert set(spec["paths"]) == {
        "/api/v1/results",
        "/api/v1/results/{round_id}",
        "/api/v1/results/{round_id}/scores",
        "/api/v1/results/{round_id}/scores.csv",
        "/api/v1/results/{round_id}/statistics",
        "/api/v1/results/{round_id}/units",
        "/api/v1/results/{round_id}/release",
        "/api/v1/results/{round_id}/assessments",
        "/api/v1/results/{round_id}/assessments/{ratee}",
        "/api/v1/results/{round_id}/assessors/{ratee}",
        "/api/v1/results/{round_id}/objections",
        "/api/v1/results/{round_id}/final",
        "/api/v1/work-results/{round_id}",
        "/api/v1/work-results/{round_id}/csv",
        "/api/v1/scores",
        "/api/v1/scores/feed",
        "/api/v1/scores/{round_id}/file",
        "/api/v1/scores/{round_id}/{ratee}",
        "/api/v1/scores/{round_id}/{ratee}/provenance",
        "/api/v1/policies",
        "/api/v1/appraisals/preview",
    }
    for path in spec["paths"].values():
        for verb, operation in path.items():
            if verb != "parameters":
                assert {"401", "403"} <= set(operation["responses"])
                assert operation["security"] == [{"key": []}]


def test_it_withstands_what_nobody_meant(world: World) -> None:
    """Generated requests: no 5xx, no status, content type or body that the document does not know."""
    survey = two()
    released(world, survey)
    headers = {"Authorization": client(world).environ_base["HTTP_AUTHORIZATION"]}
    few = settings(
        max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    for found in schemathesis.openapi.from_wsgi(SPEC, world.app()).get_all_operations():
        operation = found.ok()
        check = checker(set(operation.definition.raw["responses"]), str(survey.round_id), headers)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with suppress(Unsatisfiable):  # nothing about this operation can be wrong
                few(given(case=operation.as_strategy(generation_mode=mode))(check))()


def checker(documented: set[str], round_id: str, headers: dict[str, str]) -> Callable[[Any], None]:
    """Half of the calls go to a round that exists."""

    def check(case: Any) -> None:
        if str((case.path_parameters or {}).get("round_id", "9"))[0] < "8":
            case.path_parameters["round_id"] = round_id
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)
        assert str(response.status_code) in documented, (case, response.status_code, response.text)

    return check


def test_a_route_needs_its_scope(world: World, spec: dict[str, Any]) -> None:
    stranger, weak = world.app().test_client(), client(world, "people:read")
    for path, item in spec["paths"].items():
        for verb in item.keys() - {"parameters"}:
            address = path.replace("{round_id}", str(uuid4())).replace("{ratee}", A)
            assert getattr(stranger, verb)(address).status_code == 401
            assert getattr(weak, verb)(address).status_code == 403


def test_the_way_of_an_appraisal_system(world: World) -> None:
    """Work results in, release, scores and feed out."""
    survey = two()
    counted(world, survey)
    caller, base = client(world), f"/api/v1/results/{survey.round_id}"
    assert caller.get("/api/v1/scores", query_string={"round_id": str(survey.round_id)}).get_json()["scores"] == []
    body = {"results": [{"nip": A, "work_result": "120", "new_idea": True}]}
    assert caller.post(f"/api/v1/work-results/{survey.round_id}", json=body).get_json()["new"] == 1
    assert caller.post(f"{base}/release").status_code == 409
    world.work("score")
    assert caller.get(base).get_json()["verdict"] == {"scored": 1, "held": {"too_few_raters": 1}}
    assert caller.post(f"{base}/release").status_code == 202
    world.work("release")
    assert caller.post(f"/api/v1/work-results/{survey.round_id}", json=body).status_code == 409
    (first,) = caller.get(f"/api/v1/scores?round_id={survey.round_id}&limit=1").get_json()["scores"]
    rest = caller.get(f"/api/v1/scores?round_id={survey.round_id}&limit=1&after={A}").get_json()
    assert (first["ratee"], first["total"], first["predicate"]) == (A, "104", "baik")
    assert [one["ratee"] for one in rest["scores"]] == [B] and rest["next"] is None
    feed = caller.get("/api/v1/scores/feed?limit=2").get_json()
    assert [one["type"] for one in feed["events"]] == ["behaviour.scored.v1", "behaviour.held.v1"]
    last = caller.get("/api/v1/scores/feed", query_string={"after": feed["cursor"]}).get_json()
    assert [one["type"] for one in last["events"]] == ["round.released.v1"] and not last["more"]
    assert caller.get(f"/api/v1/scores/{survey.round_id}/{B}").get_json()["behaviour"] is None


def test_csv_goes_in_and_out(world: World) -> None:
    survey = two()
    counted(world, survey)
    caller = client(world)
    sent = caller.post(f"/api/v1/work-results/{survey.round_id}/csv", data=f"NIP;Nilai SKP\n{A};x\n")
    assert sent.status_code == 422
    assert sent.get_json()["errors"][0]["where"] == "row 2, column Nilai SKP"
    sent = caller.post(f"/api/v1/work-results/{survey.round_id}/csv", data=f"NIP;Nilai SKP\n{A};100\n")
    assert sent.get_json() == {"new": 1, "changed": 0, "unchanged": 0, "capped": 0}
    world.work("score")
    lines = caller.get(f"/api/v1/results/{survey.round_id}/scores.csv").text.splitlines()
    assert lines == [
        "ratee,status,reason,behaviour,total,predicate,n_band,policy",
        f"{A},scored,,80,92,baik,5-9,pp30-360 1",
        f"{B},held,too_few_raters,,,,,pp30-360 1",
    ]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "nonsense=1", "after=%00"])
def test_a_query_is_strict(world: World, query: str) -> None:
    assert client(world).get(f"/api/v1/scores/feed?{query}").status_code == 422


def test_policies_are_listed_with_what_is_wrong(world: World) -> None:
    listed = {one["id"]: one for one in client(world).get("/api/v1/policies").get_json()["policies"]}
    assert listed["pp30-360"]["problem"] is None and len(listed["pp30-360"]["digest"]) == 64
    assert "level" in listed["permen8"]["problem"]


def test_a_preview_appraises_and_stores_nothing(world: World) -> None:
    given = {"supervisor": [90], "peers": [80, 84, 88], "subordinates": [95, 85], "work_result": 100}
    body = {"policy": "pp30-360", "input": given}
    found = client(world).post("/api/v1/appraisals/preview", json=body).get_json()
    assert (found["behaviour"], found["total"], found["predicate"]) == ("88.56", "95.424", "baik")
    body["policy"] = "nowhere"
    assert client(world).post("/api/v1/appraisals/preview", json=body).status_code == 404


def test_statistics_need_a_counted_round_and_twenty_ratees(world: World) -> None:
    few = Survey((A,), ballots={A: full(4)})
    many = Survey(
        tuple(f"19850101201001{at:04}" for at in range(20)),
        ballots={f"19850101201001{at:04}": {"peer": [some(3 * at + one) for one in range(3)]} for at in range(20)},
    )
    world.hear(few.launched())
    caller = client(world)
    assert caller.get(f"/api/v1/results/{few.round_id}/statistics").status_code == 409
    counted(world, few)
    assert caller.get(f"/api/v1/results/{few.round_id}/statistics").get_json() == {"figures": None}
    counted(world, many)
    figures = caller.get(f"/api/v1/results/{many.round_id}/statistics").get_json()["figures"]
    assert figures["raters"] == 60
    assert figures["aspects"]["komitmen"]["rwg"] in {f"0.{tenth}" for tenth in range(1, 10)} | {"0"}
    assert figures["straight_lines"] is None
