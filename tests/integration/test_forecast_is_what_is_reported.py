"""What HR was told before a launch is what the report says afterwards, for every ratee and rate of answers."""

from collections import Counter
from fractions import Fraction
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from scoring_service.domain.tally import fold
from scoring_service.tables import score
from survey_service.domain.forecast import RATES, forecast, outcome
from survey_service.domain.raters import PEER, SUBORDINATE, Group, plan
from survey_service.domain.roster.checks import check
from survey_service.domain.roster.reading import read_csv
from tests.integration.scoring_world import MIGRATIONS, Survey, World, answers, counted

ORGANISATION = Path(__file__).resolve().parents[2] / "examples" / "organisation.csv"
THRESHOLD = 3


def folded(peers: int, subordinates: int, threshold: int) -> str:
    """What the counting of the other service makes of so many answers, in the words of the forecast."""
    groups = fold({PEER: peers, SUBORDINATE: subordinates}, threshold).groups
    return "held" if not groups else "merged" if len(groups) == 1 else "reportable"


@pytest.mark.parametrize("threshold", [1, 3, 5])
def test_the_forecast_folds_like_the_count(threshold: int) -> None:
    for peers, subordinates, rate in product(range(1, 15), range(1, 15), RATES):
        said = outcome(peers, subordinates, threshold, rate)
        assert said == folded(int(peers * rate), int(subordinates * rate), threshold), (peers, subordinates, rate)


@pytest.fixture(scope="module")
def planned():
    roster = check(read_csv(ORGANISATION.read_bytes()), {}, {})
    assert not roster.faults
    groups = {"supervisor": Group(1, 1, 1), PEER: Group(3, 5, 8, cap=6), SUBORDINATE: Group(3, 5, 8)}
    return plan(roster.people.values(), roster.parents, groups, seed=7)


@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{int(rate * 100)}%")
def test_a_round_in_which_so_many_answer_is_reported_as_it_was_forecast(
    new_engine, tmp_path: Path, planned, rate: Fraction
) -> None:
    ratees = {one.person.number: one.raters for one in planned.ratees}
    ballots = {
        number: {
            relation: [answers(4)] * (len(raters) if relation == "supervisor" else int(len(raters) * rate))
            for relation, raters in of.items()
        }
        for number, of in ratees.items()
    }
    world = World(new_engine(MIGRATIONS), tmp_path / "home")
    survey = Survey(tuple(sorted(ratees)), threshold=THRESHOLD, ballots=ballots)
    counted(world, survey)
    said = forecast(ratees.values(), THRESHOLD)[int(rate * 100)]
    assert +said == Counter(reported(world, survey.round_id, ratees))


def reported(world: World, round_id: UUID, ratees) -> list[str]:
    with world.engine.connect() as connection:
        rows = connection.execute(sa.select(score).where(score.c.round_id == round_id)).all()
    assert len(rows) == len(ratees)
    found = []
    for row in rows:
        asked = [relation for relation in (PEER, SUBORDINATE) if ratees[row.ratee].get(relation)]
        shown = {one["group"] for one in row.protected["groups"]} - {"supervisor", "self"}
        if not asked:
            found.append("supervisor_only")
        elif not shown:
            found.append("held")
        else:
            found.append("merged" if shown == {"others"} and len(asked) == 2 else "reportable")
    return found
