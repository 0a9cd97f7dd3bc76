"""Release: what leaves, once, in order, without gaps, and what is held everywhere."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scoring_service.tables import feed as feed_table
from scoring_service.tables import round_, score
from scoring_service.usecases import exports, feed, release, results
from scoring_service.usecases.shelf import Shelf
from shared import audit
from shared.database import reading, transaction
from shared.errors import Refused
from shared.events import BehaviourHeld, BehaviourScored, RoundAdvanced, RoundReleased, event_id
from shared.messaging.tables import outbox
from tests.integration.scoring_world import MIGRATIONS, Survey, World, answers, counted, full, released
from tests.integration.test_round_keys import together

A, B, C = "198501012010011001", "198501012010011002", "198501012010011003"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


def three() -> Survey:
    """One is scored, one held for too few raters, one for want of a supervisor."""
    return Survey(
        (A, B, C),
        ballots={
            A: full(4),
            B: {"supervisor": [answers(4)], "peer": [answers(5)] * 2},
            C: {"peer": [answers(5)] * 3, "subordinate": [answers(4)] * 3},
        },
    )


def test_scored_and_held_leave_with_deterministic_ids(world: World) -> None:
    survey = three()
    released(world, survey)
    (scored,) = world.said(BehaviourScored)
    held = {one["ratee"]: one["reason"] for one in world.said(BehaviourHeld)}
    assert (scored["ratee"], scored["behaviour"], scored["total"], scored["version"]) == (A, "80", None, 1)
    assert scored["n"] == {"supervisor": "1-2", "peer": "3-4", "subordinate": "3-4", "self": "1-2"}
    assert held == {B: "too_few_raters", C: "supervisor_missing"}
    ids = [
        event_id("behaviour.scored.v1", survey.round_id, A, 1),
        event_id("behaviour.held.v1", survey.round_id, B, 1),
        event_id("behaviour.held.v1", survey.round_id, C, 1),
    ]
    (end,) = world.said(RoundReleased)
    assert (end["scored"], end["held"], end["ids_digest"]) == (1, 2, release.digest_of(ids))
    assert [one.event_id for one in world.rows(feed_table)][:3] == ids
    assert world.one(round_).state == "released"


def test_held_is_held_at_every_exit(world: World) -> None:
    survey = three()
    released(world, survey)
    with reading(world.engine) as session:
        seen = results.score_of(session, survey.round_id, B, released=True)
        wanted = exports.Wanted(survey.round_id, "scores", released=True)
        lines = b"".join(exports.pieces(session, wanted, Shelf(Path()), "csv")).decode().splitlines()
    assert (seen["status"], seen["reason"]) == ("held", "too_few_raters")
    assert [seen[name] for name in ("behaviour", "total", "predicate", "n_band", "table")] == [None] * 5
    assert f"{B},held,too_few_raters,,,,,pp30-360 1" in lines
    stored = next(one for one in world.rows(score) if one.ratee == B)
    assert not any(digit in json.dumps(stored.protected) for digit in "123456789")


def test_the_survey_service_hears_of_every_step_once(world: World) -> None:
    survey = three()
    released(world, survey)
    assert [one["state"] for one in world.said(RoundAdvanced)] == ["scored", "released"]
    ids = [one.event_id for one in world.rows(outbox) if one.type == RoundAdvanced.type]
    assert ids == [event_id(RoundAdvanced.type, survey.round_id, state) for state in ("scored", "released")]


def test_before_the_release_nothing_is_seen_outside(world: World) -> None:
    survey = three()
    counted(world, survey)
    with reading(world.engine) as session:
        assert results.scores(session, survey.round_id, released=True).rows == []
        with pytest.raises(Refused, match="score_unknown"):
            results.score_of(session, survey.round_id, A, released=True)
        assert len(results.scores(session, survey.round_id, released=False).rows) == 3
        assert feed.read(session, None, 10).events == []


@pytest.mark.parametrize("state", ["broken", "open", "sealing", "reconciled", "counted", "releasing", "released"])
def test_only_a_scored_round_is_released(world: World, state: str) -> None:
    survey = three()
    counted(world, survey)
    with transaction(world.engine) as session:
        session.execute(sa.update(round_).values(state=state))
    with pytest.raises(Refused, match="round_not_scored") as refusal, transaction(world.engine) as session:
        release.release(session, survey.round_id, world.now, "HR")
    assert state in refusal.value.detail


def test_a_release_is_taken_up_again_where_it_stopped(world: World) -> None:
    survey = three()
    counted(world, survey)
    with transaction(world.engine) as session:
        release.release(session, survey.round_id, world.now, "HR")
    with transaction(world.engine) as session:
        assert release.publish(session, survey.round_id, chunk=2) == 2
    with pytest.raises(RuntimeError), transaction(world.engine) as session:
        release.publish(session, survey.round_id, chunk=2)
        raise RuntimeError("the machine stops")
    world.work("release")
    assert [one.position for one in world.rows(feed_table)] == [1, 2, 3, 4]
    assert len(world.said(RoundReleased)) == 1


def test_two_replicas_release_a_round_once(world: World) -> None:
    survey, other = three(), world.replica()
    counted(world, survey)

    def decide(replica: World) -> str:
        try:
            with transaction(replica.engine) as session:
                release.release(session, survey.round_id, world.now, "HR")
        except Refused as refusal:
            return refusal.code
        return "released"

    assert sorted(together(lambda: decide(world), lambda: decide(other))) == ["released", "round_not_scored"]
    together(lambda: world.work("release"), lambda: other.work("release"))
    world.work("release")
    assert len(world.rows(feed_table)) == 4
    assert len(world.rows(outbox)) == len({one.event_id for one in world.rows(outbox)})
    assert [one.action for one in world.rows(audit.entry)].count("scores.released") == 1
    other.engine.dispose()


def test_the_feed_has_no_gap_when_two_rounds_are_released_at_once(world: World) -> None:
    """A reader polls while two writers append: what it read in the end is everything, in order, once."""
    surveys = [Survey(tuple(f"19850101201001{at:04}" for at in range(start, start + 30))) for start in (0, 100)]
    other, seen = world.replica(), []
    for survey in surveys:
        counted(world, survey)
        with transaction(world.engine) as session:
            release.release(session, survey.round_id, world.now, "HR")

    def append(replica: World, survey: Survey) -> None:
        for _ in range(40):
            with transaction(replica.engine) as session:
                release.publish(session, survey.round_id, chunk=3)

    def poll() -> None:
        cursor = None
        while len(seen) < 62:
            with reading(world.engine) as session:
                page = feed.read(session, cursor, 7)
            seen.extend(one["id"] for one in page.events)
            cursor = page.cursor

    together(lambda: append(world, surveys[0]), lambda: append(other, surveys[1]), poll)
    assert seen == [one.event_id for one in sorted(world.rows(feed_table), key=lambda one: one.position)]
    assert len(set(seen)) == 62
    other.engine.dispose()


def test_the_feed_goes_on_from_a_cursor(world: World) -> None:
    released(world, three())
    with reading(world.engine) as session:
        first = feed.read(session, None, 3)
        rest = feed.read(session, first.cursor, 3)
        end = feed.read(session, rest.cursor, 3)
    assert ([len(page.events) for page in (first, rest, end)], first.more, rest.more) == ([3, 1, 0], True, False)
    assert end.cursor == rest.cursor
    assert rest.events[0]["type"] == "round.released.v1"


@pytest.mark.parametrize("cursor", ["", "x", "feed:1", "ZmVlZDo", "ZmVlZDotMQ", "ZmVlZDrCsg", "Zm9vOjE", "é" * 3])
def test_a_foreign_cursor_is_refused(world: World, cursor: str) -> None:
    with pytest.raises(Refused, match="cursor_unknown"), reading(world.engine) as session:
        feed.read(session, cursor, 10)


def test_a_replay_publishes_the_same_again(world: World) -> None:
    survey = three()
    released(world, survey)
    public = {"behaviour.scored.v1", "behaviour.held.v1", "round.released.v1"}

    def sent() -> list[Any]:
        rows = [one for one in world.rows(outbox) if one.type in public]
        return [(one.event_id, one.type, one.subject, one.time, one.data) for one in rows]

    before = sent()
    with transaction(world.engine) as session:
        assert feed.replay(session, survey.round_id, "operator", world.now) == 4
    assert sent() == before * 2
    assert world.rows(audit.entry)[-1].action == "scores.replayed"


def test_a_round_that_is_not_released_cannot_be_replayed(world: World) -> None:
    survey = three()
    counted(world, survey)
    with pytest.raises(Refused, match="round_not_released"), transaction(world.engine) as session:
        feed.replay(session, survey.round_id, "operator", world.now)
