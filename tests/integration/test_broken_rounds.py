"""Rounds whose policy cannot be used: named, without a key, mended when the policy comes; nothing crashes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from scoring_service import policies
from scoring_service.tables import round_
from shared import audit
from shared.events import RoundCounted, RoundKey, RoundKeyDestroyed
from shared.messaging.broker import Bury, Retry
from tests.integration.scoring_world import MIGRATIONS, Survey, World, assert_done, counted, full, opened

A = "198501012010011001"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


@pytest.mark.parametrize(
    ("survey", "word", "said"),
    [
        (Survey((A,), policy="nowhere"), "policy_unknown", "pp30-360"),
        (Survey((A,), policy="../../etc/passwd"), "policy_unknown", "no policy"),
        (Survey((A,), policy="permen8"), "policy_invalid", "level"),
        (Survey((A,), policy="permen6"), "policy_unfit", "questionnaire"),
        (Survey((A,), threshold=2), "policy_unfit", "needs at least 3"),
    ],
)
def test_a_policy_that_cannot_be_used_breaks_only_its_round(
    world: World, survey: Survey, word: str, said: str
) -> None:
    good = Survey((A,))
    assert_done(world.hear(survey.launched(), *survey.roster(), good.launched()))
    row = next(row for row in world.rows(round_) if row.id == survey.round_id)
    assert (row.state, row.problem, row.public_key) == ("broken", word, None)
    assert said in row.problem_detail
    assert [key["round_id"] for key in world.said(RoundKey)] == [good.round_id]
    readiness = world.service.checks["rounds"]()
    assert readiness is not None and "Triwulan IV 2026" in readiness


def test_a_broken_round_is_mended_when_its_policy_comes(world: World) -> None:
    survey = Survey((A,), policy="pp30-daerah", ballots={A: full()})
    assert_done(world.hear(survey.launched(), *survey.roster()))
    folder = world.settings.data_dir / "policies"
    folder.mkdir()
    text = policies.text_of("pp30-360").decode().replace('id = "pp30-360"', 'id = "pp30-daerah"')
    (folder / "pp30-daerah.toml").write_text(text)
    world.work("mend rounds")
    assert (world.one(round_).state, world.one(round_).problem) == ("open", None)
    assert len(world.said(RoundKey)) == 1
    assert world.service.checks["rounds"]() is None
    (folder / "pp30-daerah.toml").unlink()
    counted(world, survey)
    assert world.one(round_).state == "scored"


def test_a_cancelled_round_loses_its_key_and_says_only_that(world: World) -> None:
    survey = Survey((A,), ballots={A: full()})
    assert world.hear(survey.abandoned()) == [Retry("NotYet")]
    opened(world, survey)
    assert_done(world.hear(survey.abandoned(), survey.abandoned()))
    world.work()
    row = world.one(round_)
    assert (row.state, row.key_destroyed_at) == ("cancelled", world.now)
    assert world.keystore.names() == ()
    assert world.said(RoundCounted) == []
    assert world.said(RoundKeyDestroyed) == [{"round_id": survey.round_id, "fingerprint": row.fingerprint}]
    assert [entry.action for entry in world.rows(audit.entry)] == ["round_key.destroyed"]
    (outcome,) = world.hear(survey.sealed(A))
    assert isinstance(outcome, Bury) and "cancelled" in outcome.reason


def test_a_round_that_is_closed_cannot_be_given_up(world: World) -> None:
    survey = Survey((A,), ballots={A: full()})
    counted(world, survey)
    assert_done(world.hear(survey.abandoned()))
    assert world.one(round_).state == "scored"


def test_a_broken_round_can_be_given_up(world: World) -> None:
    survey = Survey((A,), policy="nowhere")
    assert_done(world.hear(survey.launched(), survey.abandoned()))
    world.work()
    assert world.one(round_).state == "cancelled"
    assert world.service.checks["rounds"]() is None


def test_boxes_for_a_broken_round_wait(world: World) -> None:
    survey = Survey((A,), policy="nowhere")
    assert_done(world.hear(survey.launched(), *survey.roster()))
    (outcome,) = world.hear(survey.sealed(A))
    assert type(outcome).__name__ == "Retry"
