"""Every number on a report and its PDF is a cell of the stored table, or says who, when and by which rules."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scoring_service.domain.policy import Policy
from scoring_service.domain.reading import notable
from scoring_service.tables import score
from scoring_service.usecases import assessments, reports, work_results
from scoring_service.usecases.rules import Choice
from scoring_service.usecases.shelf import Shelf
from shared.database import reading, transaction
from shared.web.texts import day, decimal, moment
from tests.integration.exits import NUMBER, Exits
from tests.integration.scoring_world import CHIEF, MIGRATIONS, Survey, World, counted, released
from tests.integration.test_report_pdf import pango  # noqa: F401
from tests.unit.scoring.ballots import EXAMPLES

POLICIES = (
    "pp46",
    "pp30-360",
    "pp30-no-360",
    "permen6",
    "pp30-360-equal-halves",
    "example-60-20-20",
    "example-60-15-25",
    "example-50-30-20-self",
    "example-60-40-pooled-1-to-5",
)
SIZES = ((1, 5, 4, 1), (1, 3, 0, 1), (1, 2, 2, 1), (1, 0, 0, 0))
"""Supervisor, peers, subordinates and self of each ratee; every second one leads."""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    shutil.copytree(EXAMPLES, tmp_path / "home" / "policies")
    return World(new_engine(MIGRATIONS), tmp_path / "home")


def shelf(world: World) -> Shelf:
    return Shelf(world.settings.data_dir / "policies")


def round_of(world: World, name: str) -> tuple[Survey, Policy]:
    """A released round under a policy, with answers, gaps and work results by chance."""
    policy, dice = shelf(world).find(name), Random(name)
    codes = tuple(aspect.code for aspect in policy.aspects)
    people = tuple(f"1985010120100110{at:02}" for at in range(len(SIZES)))
    survey = Survey(people, policy=name, aspects=codes, leaders=people[::2])
    for ratee, sizes in zip(people, SIZES, strict=True):
        leads = [aspect.applies != "leadership" or ratee in survey.leaders for aspect in policy.aspects]
        survey.ballots[ratee] = {
            relation: [answered(dice, relation, leads) for _ in range(size)]
            for relation, size in zip(("supervisor", "peer", "subordinate", "self"), sizes, strict=True)
        }
    counted(world, survey)
    matrix = policy.combination.method == "matrix"
    with transaction(world.engine) as session:
        given = [work_results.Entry(one, "meets" if matrix else "93.17", False, "", "") for one in people[:3]]
        if policy.combination.method != "none":
            work_results.take(session, survey.round_id, given, shelf(world), "HR", world.now)
        for ratee in people if matrix else ():
            chosen = {
                one.code: dice.choice(("above", "below")) for one in policy.applicable(ratee in survey.leaders)
            }
            choice = Choice("meets", chosen)
            assessments.take(session, survey.round_id, ratee, choice, shelf(world), CHIEF, world.now)
    released(world, survey, counting=False)
    return survey, policy


def answered(dice: Random, relation: str, leads: list[bool]) -> list[int]:
    """Two items a behaviour; the own answers are high, so that there are gaps to read."""
    low = 4 if relation == "self" else 1
    return [dice.randint(low, 5) if one else 255 for one in leads for _ in range(2)]


def cells(part: Any) -> Iterator[str]:
    """Numbers of a stored table as people read them; what only the package of a score has is none of them."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            yield from () if name == "inputs" else cells(value)
    elif isinstance(part, list):
        for value in part:
            yield from cells(value)
    elif isinstance(part, int):
        yield str(part)
    elif isinstance(part, str):
        exact = re.fullmatch(r"-?(\d+(\.\d+)?)", part)
        yield from [decimal(exact[1])] if exact else NUMBER.findall(part)


def frame(world: World, policy: Policy, found: reports.Report) -> str:
    """Who, when and by which rules: the same whatever the raters answered."""
    until = found.receipt.until if found.receipt else None
    steps = [decimal(str(float(step))) for step in (policy.shown_step, notable(policy))]
    period = found.round["period"]
    parts = [
        *found.basis.values(),
        *steps,
        policy.title["id"],
        f"{policy.id} {policy.version} {found.score['ratee']} {found.score['version']}",
        f"{found.round['name']} {found.round['threshold']}",
        *(day(one) for one in (period["start"], period["end"], until) if one),
        moment(world.now),
    ]
    return " ".join(parts)


def without_digest(text: str, policy: Policy) -> str:
    """The digest of the rules is hexadecimal, and broken into lines on paper."""
    return re.sub(r"\s*".join(policy.digest), "", text)


@pytest.mark.parametrize("name", POLICIES)
def test_every_number_of_a_report_is_a_cell_of_its_table(world: World, name: str) -> None:
    survey, policy = round_of(world, name)
    ways, seen = Exits(world), 0
    for at, ratee in enumerate(survey.ratees):
        address = ways.own(survey.round_id, ratee)
        found = {"page": ways.page(address)} | ({} if at else {"PDF": ways.pdf(address)})
        with reading(world.engine) as session, ways.app.test_request_context():
            stored = session.execute(sa.select(score).where(score.c.ratee == ratee)).one()
            report = reports.report_of(session, survey.round_id, ratee, shelf(world))
            known = set(cells(stored.protected)) if stored.status == "scored" else set()
            around = set(NUMBER.findall(frame(world, policy, report)))
            official = {decimal(one) for one in (stored.behaviour, stored.total) if one}
        for kind, text in found.items():
            numbers = set(NUMBER.findall(without_digest(text, policy)))
            assert numbers <= known | around, (kind, sorted(numbers - known - around), text)
            assert official <= numbers, kind
            seen += len(numbers & known - around)
    assert seen > 12, "a test that looks at empty pages sees nothing"
