"""From launch to counted: events in every order, sums that come out right, a key that is destroyed."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scoring_service.tables import box, round_, score, tally
from scoring_service.usecases import counting
from scoring_service.usecases.keys import name_of
from shared import audit, sealing
from shared.database import transaction
from shared.events import RoundCounted, RoundKey
from shared.messaging.broker import Bury, Done, Retry
from shared.messaging.tables import outbox
from tests.integration.scoring_world import (
    MIGRATIONS,
    Survey,
    World,
    answers,
    assert_done,
    counted,
    full,
    opened,
)

A, B = "198501012010011001", "198501012010011002"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


def two() -> Survey:
    return Survey((A, B), ballots={A: full(4), B: full(3)})


def test_a_launched_round_gets_one_key_that_is_only_in_the_key_store(world: World) -> None:
    survey = two()
    assert_done(world.hear(survey.launched()))
    assert_done(world.hear(survey.launched()))
    (key,) = world.said(RoundKey)
    row = world.one(round_)
    private = world.keystore.get(name_of(survey.round_id))
    assert private is not None
    assert sealing.public_part(private) == sealing.unb64(key["public_key"]) == row.public_key
    assert key["fingerprint"] == row.fingerprint
    assert row.state == "open"
    assert not any(private[-32:] in repr(found).encode() for found in world.rows(round_))


def test_a_round_is_counted_scored_and_its_key_destroyed(world: World) -> None:
    survey = two()
    counted(world, survey)
    row = world.one(round_)
    assert (row.state, row.counted, row.refused, row.problem) == ("scored", 16, 0, None)
    assert row.key_destroyed_at == world.now
    assert world.keystore.get(name_of(survey.round_id)) is None
    (said,) = world.said(RoundCounted)
    assert said == {
        "round_id": survey.round_id,
        "merkle_root": survey.manifest().data["merkle_root"],
        "counted": 16,
        "refused": 0,
    }
    assert [entry.action for entry in world.rows(audit.entry)] == ["round_key.destroyed"]
    assert {one.ratee: (one.status, one.behaviour) for one in world.rows(score)} == {
        A: ("scored", "80"),
        B: ("scored", "60"),
    }


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3])
def test_messages_come_in_every_order_and_repeatedly(world: World, order: tuple[int, ...]) -> None:
    survey = two()
    opened(world, survey)
    late = Survey((A, B), round_id=survey.round_id, boxes=survey.boxes)
    events = [late.sealed(A), late.sealed(B), late.manifest(), late.roster()[0]]
    for at in order:
        assert_done(world.hear(events[at]))
        assert_done(world.hear(events[at]))
        world.work("count", "score")
    assert world.one(round_).state == "scored"
    assert len(world.said(RoundCounted)) == 1
    assert {one.behaviour for one in world.rows(score)} == {"80", "60"}


def test_the_roster_may_come_before_the_launch(world: World) -> None:
    survey = two()
    assert_done(world.hear(*survey.roster()))
    counted(world, survey)
    assert world.one(round_).state == "scored"


def test_boxes_that_overtake_the_roster_are_tried_again(world: World) -> None:
    survey = Survey((A, B), part_size=1, ballots={A: full(4), B: full(3)})
    opened(world, survey)
    other = World(world.engine, world.settings.data_dir)
    fresh = Survey((A, B), part_size=1, ballots=survey.ballots)
    assert_done(other.hear(fresh.launched(), fresh.roster()[0]))
    fresh.seal(sealing.unb64(other.said(RoundKey)[-1]["public_key"]))
    first, second = other.hear(fresh.sealed(A), fresh.sealed(B))
    assert isinstance(first, Done)
    assert second == Retry("NotYet")
    assert_done(other.hear(fresh.roster()[1]))
    assert_done(other.hear(fresh.sealed(B), fresh.manifest()))
    other.work("count", "score")
    assert {one.state for one in other.rows(round_) if one.id == fresh.round_id} == {"scored"}


def test_boxes_before_the_launch_wait_and_leave_nothing(world: World) -> None:
    survey = two()
    assert world.hear(survey.sealed(A)) == [Retry("NotYet")]
    assert world.rows(box) == []


def test_boxes_of_somebody_who_is_not_on_the_roster_are_buried(world: World) -> None:
    survey = two()
    opened(world, survey)
    stranger = Survey(("199901012020011009",), round_id=survey.round_id)
    outcomes = world.hear(survey.sealed(A), stranger.sealed(stranger.ratees[0]))
    assert isinstance(outcomes[0], Done)
    assert isinstance(outcomes[1], Bury) and "ratee_unknown" in outcomes[1].reason


def test_boxes_after_counting_are_buried(world: World) -> None:
    survey = two()
    counted(world, survey)
    event = survey.sealed(A)
    (outcome,) = world.hear(type(event)(event.type, "another-id", event.subject, event.time, event.data))
    assert isinstance(outcome, Bury) and "round_counted" in outcome.reason


def test_the_same_boxes_under_another_id_are_counted_once(world: World) -> None:
    survey = two()
    opened(world, survey)
    event = survey.sealed(A)
    twin = type(event)(event.type, "another-id", event.subject, event.time, event.data)
    outcomes = world.hear(event, twin, survey.sealed(B), survey.manifest())
    assert [type(outcome) for outcome in outcomes] == [Done, Bury, Done, Done]
    world.work("count")
    assert world.one(round_).state == "counted"


def test_an_empty_round_is_counted(world: World) -> None:
    survey = Survey((A,))
    counted(world, survey)
    assert world.one(round_).state == "scored"
    assert (world.one(score).status, world.one(score).reason) == ("held", "supervisor_missing")
    assert world.one(tally).sums["groups"] == {}


@pytest.mark.parametrize(
    ("other", "word", "said"),
    [
        ({"ballots": 99}, "ballot_count", "16 ballots came, the manifest says 99"),
        ({"merkle_root": "b" * 64}, "merkle_root", "b" * 64),
        ({"messages": 1}, "too_many_boxes", "2 ratees came, the manifest says 1"),
        ({"messages": 3}, "boxes_missing", "2 of 3 ratees"),
    ],
)
def test_a_manifest_that_disagrees_is_named_and_keeps_the_key(
    world: World, other: dict[str, object], word: str, said: str
) -> None:
    survey = two()
    opened(world, survey)
    assert_done(world.hear(*survey.all_sealed(), survey.manifest(**other)))
    world.work("count", "score")
    row = world.one(round_)
    assert (row.state, row.problem) == ("sealing", word)
    assert said in row.problem_detail
    assert world.keystore.get(name_of(survey.round_id)) is not None
    assert world.said(RoundCounted) == []
    sentence = world.service.checks["rounds"]()
    assert (sentence is None) == (word == "boxes_missing")


def test_small_groups_are_merged_before_anything_is_stored(world: World) -> None:
    survey = Survey(
        (A, B),
        ballots={
            A: {"supervisor": [answers(4)], "peer": [answers(5)] * 2, "subordinate": [answers(3)] * 3},
            B: {"supervisor": [answers(4)], "peer": [answers(5)] * 2, "subordinate": []},
        },
    )
    counted(world, survey)
    sums = {one.ratee: one.sums["groups"] for one in world.rows(tally)}
    assert set(sums[A]) == {"supervisor", "others"} and sums[A]["others"]["n"] == 5
    assert set(sums[B]) == {"supervisor"}
    scores = {one.ratee: one for one in world.rows(score)}
    assert (scores[A].status, scores[A].behaviour) == ("scored", "78.4")
    assert (scores[B].status, scores[B].reason, scores[B].behaviour) == ("held", "too_few_raters", None)


def states_of_moments(world: World) -> int:
    """How many states of the sums of rounds lie in the files: rows old and new, or bytes of SQLite's log."""
    if world.engine.dialect.name == "sqlite":
        log = Path(f"{world.engine.url.database}-wal")
        return log.stat().st_size if log.exists() else 0
    with transaction(world.engine) as session:
        session.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pageinspect"))
        pages = "generate_series(0, pg_relation_size('moments') / 8192 - 1) page"
        rows = f"SELECT count(*) FROM {pages}, heap_page_items(get_raw_page('moments', page::int)) WHERE lp_len > 0"
        return session.execute(sa.text(rows)).scalar_one()


def test_a_counted_round_leaves_one_state_of_its_sums(world: World) -> None:
    """Boxes that come one by one leave old sums behind; two of them side by side tell what one ratee's box said."""
    survey = two()
    opened(world, survey)
    for one in survey.all_sealed():
        assert_done(world.hear(one))
    assert_done(world.hear(survey.manifest()))
    assert states_of_moments(world) > 1
    with transaction(world.engine) as session:
        session.execute(sa.delete(outbox))
    counting.sweep(world.engine)
    assert states_of_moments(world) == (0 if world.engine.dialect.name == "sqlite" else 1)


def test_the_sums_are_swept_before_a_round_is_called_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = two()
    opened(world, survey)
    assert_done(world.hear(*survey.all_sealed(), survey.manifest()))
    real = counting.sweep

    def locked(engine: Engine) -> None:
        raise TimeoutError

    monkeypatch.setattr(counting, "sweep", locked)
    with pytest.raises(TimeoutError):
        world.work("count")
    assert world.one(round_).state == "reconciled" and world.said(RoundCounted) == []
    monkeypatch.setattr(counting, "sweep", real)
    world.work("count")
    assert world.one(round_).state == "counted"
