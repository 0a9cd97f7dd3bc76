"""What may not be known is known at no exit: two rounds that differ only in it leave the same bytes everywhere."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook
from sqlalchemy.engine import Engine

from scoring_service.tables import round_
from scoring_service.usecases.exports import LAYOUTS
from shared.database import transaction
from shared.events import BehaviourHeld, BehaviourScored, RoundReleased
from tests.contract.test_scoring_api import client
from tests.integration.scoring_world import MIGRATIONS, Survey, World, answers, counted, full, released
from tests.integration.test_results_pages import enter

A, B, C, D = (f"19850101201001100{at}" for at in range(1, 5))
ROUND = UUID("00000000-0000-4000-8000-000000000001")
Boxes = dict[str, list[list[int]]]


@pytest.fixture
def world_of(new_engine: Callable[..., Engine], tmp_path: Path) -> Callable[[str], World]:
    return lambda name: World(new_engine(MIGRATIONS), tmp_path / name)


def outputs(world: World, ballots: Mapping[str, Boxes]) -> dict[str, str]:
    """Everything that leaves about a round, by exit; the salt is fixed, keys and times are those of the test."""
    survey = Survey((A, B, C, D), round_id=ROUND, ballots=dict(ballots))
    counted(world, survey)
    with transaction(world.engine) as session:
        session.execute(sa.update(round_).values(salt=b"s" * 32))
    released(world, survey, counting=False)
    api = client(world)
    found = {
        kind.type: json.dumps(list(world.said(kind)), default=str)
        for kind in (BehaviourScored, BehaviourHeld, RoundReleased)
    }
    for address in addresses():
        found[address] = api.get(address).text
    pages = enter(world.app())
    for address in ("", *(f"/scores/{ratee}" for ratee in (A, B, C, D))):
        found[f"page {address}"] = pages.get(f"/console/results/{ROUND}{address}").text
    for layout in LAYOUTS:
        content = api.get(f"/api/v1/scores/{ROUND}/file?layout={layout}").data
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        found[f"sheet {layout}"] = json.dumps(sheet.to_python())
    return {name: cleaned(text, world) for name, text in found.items()}


def addresses() -> list[str]:
    one_by_one = [f"/api/v1/scores/{ROUND}/{ratee}{more}" for ratee in (A, B, C, D) for more in ("", "/provenance")]
    files = [f"/api/v1/scores/{ROUND}/file?layout={layout}&format=csv" for layout in LAYOUTS]
    lists = [f"/api/v1/scores?round_id={ROUND}", "/api/v1/scores/feed", f"/api/v1/results/{ROUND}/scores"]
    rest = [f"/api/v1/results/{ROUND}{more}" for more in ("/scores.csv", "/statistics", "/units", "")]
    return [*one_by_one, *files, *lists, *rest]


def cleaned(text: str, world: World) -> str:
    """Sealed ballots differ in every byte, and so do the root over them and the round's key."""
    row = world.one(round_)
    for secret in (row.merkle_root, row.fingerprint):
        text = text.replace(secret, "…")
    return "\n".join(line for line in text.splitlines() if "csrf_token" not in line)


def differing(one: Mapping[str, str], two: Mapping[str, str]) -> list[str]:
    assert set(one) == set(two)
    return [name for name in one if one[name] != two[name]]


OTHERS: dict[str, Boxes] = {A: full(4), C: full(3), D: {"peer": [answers(5)] * 3}}


def merged(first: int, second: int, third: int) -> Boxes:
    """Two peers and one subordinate, who differ in the first item only."""
    rows = [[answer, *answers(4)[1:]] for answer in (first, second, third)]
    return {"supervisor": [answers(4)], "peer": rows[:2], "subordinate": rows[2:]}


def test_an_answer_inside_a_merged_group_is_seen_nowhere(world_of: Callable[[str], World]) -> None:
    """The same sum, other answers: among the peers, and across the two groups."""
    first = outputs(world_of("one"), OTHERS | {B: merged(3, 3, 5)})
    second = outputs(world_of("two"), OTHERS | {B: merged(5, 4, 2)})
    assert differing(first, second) == []
    assert differing(first, outputs(world_of("three"), OTHERS | {B: merged(5, 4, 3)})) != []


HELD = {
    "too_few_raters": lambda value: {"supervisor": [answers(value)], "peer": [answers(6 - value)] * 2},
    "supervisor_missing": lambda value: {"peer": [answers(value)] * 3, "subordinate": [answers(6 - value)] * 3},
}


@pytest.mark.parametrize("reason", HELD)
def test_held_means_held_everywhere(world_of: Callable[[str], World], reason: str) -> None:
    """Whatever the raters of a held score answered, no exit shows a trace of it; each says the reason."""
    low, high = (outputs(world_of(str(value)), OTHERS | {B: HELD[reason](value)}) for value in (1, 5))
    assert differing(low, high) == []
    words = {"too_few_raters": "terlalu sedikit", "supervisor_missing": "belum ada"}[reason]
    about_b = [
        name for name in low if name.removesuffix("/provenance").endswith(B) or "file" in name or "sheet" in name
    ]
    assert len(about_b) == 3 + 2 * len(LAYOUTS)
    for name in about_b:
        assert reason in low[name] or words in low[name], name
    assert '"behaviour"' not in low["behaviour.held.v1"]
