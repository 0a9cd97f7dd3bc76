"""Ballots that were tampered with: refused and counted by reason, and nothing else is lost."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.engine import Engine

from scoring_service.tables import box, round_, tally
from scoring_service.usecases.keys import make
from shared import sealing
from shared.events import RoundCounted, RoundKey
from tests.integration.scoring_world import ITEMS, MIGRATIONS, Survey, World, answers, assert_done, full, opened

A, B = "198501012010011001", "198501012010011002"
LENGTH = sealing.ballot_length(ITEMS)


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


def ready(world: World) -> tuple[Survey, Callable[[bytes, bytes], bytes]]:
    """A round with honest ballots, and a function that seals anything to its key."""
    survey = Survey((A, B), ballots={A: full(4), B: full(3)})
    opened(world, survey)
    return survey, sealing.Sealer(sealing.unb64(world.said(RoundKey)[0]["public_key"])).seal


def reasons(world: World, survey: Survey) -> dict[str, int]:
    """Count the round and tell what was refused; whatever else there was is counted."""
    assert_done(world.hear(*survey.all_sealed(), survey.manifest()))
    world.work("count")
    row = world.one(round_)
    assert (row.state, row.counted) == ("counted", 16)
    found: dict[str, int] = {}
    for one in world.rows(box):
        for reason, count in one.reasons.items():
            found[reason] = found.get(reason, 0) + count
    assert row.refused == sum(found.values()) == world.said(RoundCounted)[0]["refused"]
    groups = {one.ratee: one.sums["groups"] for one in world.rows(tally)}
    assert {name: group["n"] for name, group in groups[A].items()} == {
        "supervisor": 1,
        "peer": 3,
        "subordinate": 3,
        "self": 1,
    }
    return found


def test_flipped_bits_do_not_open(world: World) -> None:
    survey, seal = ready(world)
    good = seal(sealing.encode_answers(answers(1), LENGTH), sealing.ballot_info(survey.round_id, A, "peer"))
    for at in (0, 10, 70, len(good) - 1):
        survey.put(A, "peer", good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
    assert reasons(world, survey) == {"cannot_open": 4}


def test_a_ballot_for_another_ratee_relation_or_round_does_not_open(world: World) -> None:
    survey, seal = ready(world)
    plain = sealing.encode_answers(answers(1), LENGTH)
    for round_id, ratee, relation in (
        (survey.round_id, B, "peer"),
        (survey.round_id, A, "subordinate"),
        (uuid4(), A, "peer"),
    ):
        survey.put(A, "peer", seal(plain, sealing.ballot_info(round_id, ratee, relation)))
    assert reasons(world, survey) == {"cannot_open": 3}


def test_a_ballot_sealed_to_a_foreign_key_does_not_open(world: World) -> None:
    survey, _ = ready(world)
    foreign = sealing.Sealer(make(world.keystore, uuid4()))
    info = sealing.ballot_info(survey.round_id, A, "peer")
    survey.put(A, "peer", foreign.seal(sealing.encode_answers(answers(1), LENGTH), info))
    survey.put(A, "peer", b"short")
    assert reasons(world, survey) == {"cannot_open": 2}


@pytest.mark.parametrize(
    ("plain", "reason"),
    [
        (sealing.encode_answers(answers(1), LENGTH * 2), "wrong_length"),
        (b"", "wrong_length"),
        (b"\x02" + sealing.encode_answers(answers(1), LENGTH)[1:], "wrong_format"),
        (sealing.encode_answers([*answers(1), 3], LENGTH), "wrong_format"),
        (sealing.encode_answers([6, *answers(1)[1:]], LENGTH), "wrong_answers"),
        (sealing.encode_answers([255, *answers(1)[1:]], LENGTH), "wrong_answers"),
        (sealing.encode_answers([*answers(1)[:9], 3], LENGTH), "wrong_answers"),
        (sealing.encode_answers([1] * 7, LENGTH), "wrong_answers"),
    ],
)
def test_content_that_does_not_fit_the_questionnaire_is_refused(world: World, plain: bytes, reason: str) -> None:
    survey, seal = ready(world)
    survey.put(A, "peer", seal(plain, sealing.ballot_info(survey.round_id, A, "peer")))
    assert reasons(world, survey) == {reason: 1}


def test_not_seen_is_an_answer_that_fits(world: World) -> None:
    survey, seal = ready(world)
    info = sealing.ballot_info(survey.round_id, A, "self")
    survey.boxes[A]["self"] = [seal(sealing.encode_answers([0, *answers(5)[1:]], LENGTH), info)]
    assert reasons(world, survey) == {}


def test_leadership_is_asked_of_leaders_only(world: World) -> None:
    survey = Survey((A,), leaders=(A,), ballots={A: {"supervisor": [answers(4, leader=True), answers(4)]}})
    opened(world, survey)
    assert_done(world.hear(*survey.all_sealed(), survey.manifest()))
    world.work("count")
    assert (world.one(round_).counted, world.one(box).reasons) == (1, {"wrong_answers": 1})


def test_the_same_ballot_twice_counts_once(world: World) -> None:
    survey, _ = ready(world)
    survey.put(A, "peer", survey.boxes[A]["peer"][0])
    assert reasons(world, survey) == {"duplicate": 1}
