"""What ``cermin doctor`` says of rounds: what is lost, doubled or altered, before the count and after the end."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scoring_service.tables import box, feed, manifest, round_
from shared.database import transaction
from tests.integration.scoring_world import MIGRATIONS, Survey, World, answers, assert_done, full, released
from tests.integration.scoring_world import opened as launched
from tests.integration.test_objections import decided, ended, objected, opened

A, B = "198501012010011001", "198501012010011002"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


@pytest.fixture
def survey() -> Survey:
    """One ratee will be scored, one held."""
    return Survey((A, B), ballots={A: full(4), B: {"supervisor": [answers(4)], "peer": [answers(5)] * 2}})


@pytest.fixture
def final(world: World, survey: Survey) -> Survey:
    """A round that is final, with a score that was corrected."""
    released(world, survey)
    opened(world, survey)
    objected(world, survey)
    decided(world, survey, Fraction("87.5"))
    world.now += timedelta(days=30)
    assert ended(world, survey) == "final"
    return survey


def said(world: World) -> str:
    return "\n".join(world.service.diagnosis())


def change(world: World, statement: Any) -> None:
    with transaction(world.engine) as session:
        session.execute(statement)


def test_nothing_is_said_of_a_round_that_is_well(world: World, survey: Survey) -> None:
    launched(world, survey)
    assert said(world) == ""
    assert_done(world.hear(*survey.all_sealed(), survey.manifest()))
    assert said(world) == ""
    world.work("count")
    assert said(world) == ""
    released(world, survey, counting=False)
    assert said(world) == ""


def test_nothing_is_said_of_a_corrected_and_final_round(world: World, final: Survey) -> None:
    assert said(world) == ""


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"ballots": 99}, "11 ballots came, the manifest says 99"),
        ({"merkle_root": "b" * 64}, "the manifest says " + "b" * 64),
        ({"messages": 1}, "Boxes of 2 ratees came, the manifest says 1"),
        ({"messages": 3}, "The boxes of 2 of 3 ratees are here"),
    ],
)
def test_a_manifest_that_does_not_fit_what_came(
    world: World, survey: Survey, other: dict[str, Any], words: str
) -> None:
    launched(world, survey)
    assert_done(world.hear(*survey.all_sealed(), survey.manifest(**other)))
    world.work("count")
    assert words in said(world) and "keep its key" in said(world)
    assert said(world).startswith("round Triwulan IV 2026: ")


def test_a_ballot_that_came_twice_is_named(world: World, survey: Survey) -> None:
    launched(world, survey)
    honest = survey.manifest()
    survey.put(B, "peer", survey.boxes[A]["peer"][0])
    assert_done(world.hear(*survey.all_sealed(), honest))
    world.work("count")
    assert "12 ballots came, the manifest says 11." in said(world)
    assert f"Ballots of {A}, {B} are there twice." in said(world)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (sa.update(manifest).values(merkle_root="c" * 64), "was counted by a manifest with the Merkle root"),
        (sa.update(manifest).values(ballots=12), "the manifest here says 12: one of them was altered"),
        (sa.update(round_).values(counted=9), "9 ballots were counted and 0 refused, the manifest here says 11"),
        (sa.delete(manifest), "the manifest of its close is gone"),
        (sa.delete(box).where(box.c.ratee == B), f"the boxes of {B} were sent and are not here"),
        (sa.update(box).where(box.c.ratee == B).values(ballots=4), "12 ballots came, the manifest says 11"),
        (sa.delete(feed).where(feed.c.type == "round.released.v1"), "the event of its release is missing"),
        (sa.delete(feed).where(feed.c.type == "round.final.v1"), "the event of its end is missing"),
        (sa.delete(feed).where(feed.c.type == "behaviour.corrected.v1"), f"score of {A} is missing from the feed"),
        (sa.delete(feed).where(feed.c.type == "behaviour.held.v1"), f"score of {B} is missing from the feed"),
    ],
)
def test_what_is_lost_or_altered_after_the_end_is_named(
    world: World, final: Survey, statement: Any, words: str
) -> None:
    change(world, statement)
    assert words in said(world)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("behaviour.corrected.v1", f"more than one score of a version for {A}"),
        ("round.released.v1", "the feed says its release 2 time(s)"),
    ],
)
def test_an_event_that_is_there_twice_is_named(world: World, final: Survey, kind: str, words: str) -> None:
    [row] = [row for row in world.rows(feed) if row.type == kind]
    change(world, feed.insert().values({**row._mapping, "event_id": "0" * 32, "position": 10_000}))
    assert words in said(world)
