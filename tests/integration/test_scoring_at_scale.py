"""A thousand ratees in statements that do not grow with them, and nothing of a single person on the disk."""

import random
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from scoring_service.service import Shelf
from scoring_service.tables import SCORING, round_, score, tally
from scoring_service.usecases import release, scores, work_results
from shared.database import reading, transaction
from shared.messaging.tables import MESSAGING
from tests.integration.scoring_world import MIGRATIONS, Survey, World, answers, assert_done, opened, some

BATCH = 20


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def province(size: int) -> Survey:
    numbers = tuple(f"1985010120100{at:05}" for at in range(size))
    boxes = {one: {"supervisor": [answers(4)], "peer": [some(at)] * 3} for at, one in enumerate(numbers)}
    return Survey(numbers, ballots=boxes)


def journey(world: World, size: int) -> dict[str, int]:
    """A whole round in batches of 200 messages; statements of each step."""
    survey = province(size)
    opened(world, survey)
    events = survey.all_sealed()
    entries = [work_results.Entry(one, "100", False, "", "") for one in survey.ratees]
    used: dict[str, int] = {}
    with statements(world.engine) as found:
        assert_done(world.hear(survey.manifest()))
        for at in range(0, size, 200):
            assert_done(world.hear(*events[at : at + 200]))
        used["boxes"] = len(found)
        world.work("count", "score")
        used["scores"] = len(found) - sum(used.values())
        with transaction(world.engine) as session:
            work_results.take(session, survey.round_id, entries, Shelf(Path()), "HR", world.now)
        used["work results"] = len(found) - sum(used.values())
        world.work("score")
        with transaction(world.engine) as session:
            release.release(session, survey.round_id, world.now, "HR")
        world.work("release")
        used["release"] = len(found) - sum(used.values())
    return used


def test_statements_do_not_grow_with_the_ratees(world: World) -> None:
    few, many = journey(world, 20), journey(world, 1000)
    assert {one.state for one in world.rows(round_)} == {"released"}
    assert len(world.rows(score)) == 1020
    growth = {step: many[step] - few[step] for step in few}
    assert all(grown <= 60 for grown in growth.values()), growth


def most_memory(world: World, size: int) -> int:
    """The most bytes that Python held at once while a round was counted, scored and released in small batches."""
    survey, shelf = province(size), Shelf(Path())
    opened(world, survey)
    events = survey.all_sealed()
    tracemalloc.start()
    try:
        assert_done(world.hear(survey.manifest()))
        for at in range(0, size, BATCH):
            assert_done(world.hear(*events[at : at + BATCH]))
        world.work("count")
        while repeated(world, lambda session: scores.compute(session, survey.round_id, shelf, BATCH)):
            pass
        world.work("score")
        with transaction(world.engine) as session:
            release.release(session, survey.round_id, world.now, "HR")
        while repeated(world, lambda session: release.publish(session, survey.round_id, BATCH)):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def repeated(world: World, step: Callable[[Session], int]) -> int:
    with transaction(world.engine) as session:
        return step(session)


def test_memory_does_not_grow_with_the_ratees(world: World) -> None:
    """Four times as many ratees, the same peak but for the hashes and ids of a round, a kilobyte a ratee.

    ``python -m bench.counting`` measures a province, with what the drivers of the databases need.
    """
    most_memory(world, BATCH)
    few, many = most_memory(world, 4 * BATCH), most_memory(world, 16 * BATCH)
    assert {one.state for one in world.rows(round_)} == {"released"}
    assert many - few < 12 * BATCH * 2048, (few, many)


def test_nothing_of_a_single_peer_is_kept(world: World) -> None:
    """Peers with answers found nowhere else: no row, document or file of the database holds one of them."""
    dice = random.Random(7)
    ratee = "198501012010011001"
    odd = [[dice.randint(1, 5) for _ in range(8)] + [255, 255] for _ in range(3)]
    survey = Survey(
        (ratee,), ballots={ratee: {"supervisor": [answers(4)], "peer": odd[:2], "subordinate": odd[2:]}}
    )
    opened(world, survey)
    sealed = [one for boxes in survey.boxes[ratee].values() for one in boxes]
    assert_done(world.hear(*survey.all_sealed(), survey.manifest()))
    world.work("count", "score")
    everything = dump(world)
    assert "orientasi_pelayanan" in everything
    for given in odd:
        for form in (
            bytes(given).hex(),
            str(given),
            str(given[:8]),
            "".join(map(str, given[:8])),
            str(tuple(given)),
        ):
            assert form not in everything
    for one in sealed:
        assert one.hex() not in everything
    assert set(world.one(tally).sums["groups"]) == {"supervisor", "others"}
    assert world.one(tally).sums["groups"]["others"]["n"] == 3


def test_two_peers_alone_leave_nothing_at_all(world: World) -> None:
    """The round's moments included: two looks at them would give the two away."""
    ratee = "198501012010011001"

    def kept(value: int) -> str:
        survey = Survey((ratee,), ballots={ratee: {"supervisor": [answers(4)], "peer": [answers(value)] * 2}})
        opened(world, survey)
        assert_done(world.hear(*survey.all_sealed(), survey.manifest()))
        world.work("count", "score")
        hidden = {
            "id",
            "round_id",
            "salt",
            "leaves",
            "fingerprint",
            "public_key",
            "merkle_root",
            "event_id",
            "subject",
        }
        return dump(world, survey.round_id, hidden)

    assert kept(1) == kept(5)


def dump(world: World, round_id: object = None, without: frozenset[str] | set[str] = frozenset()) -> str:
    """Every row of every table (of one round if given), bytes as hexadecimal, columns ``without`` left out."""
    lines = []
    with reading(world.engine) as session:
        for table in [*SCORING.sorted_tables, *([] if round_id else MESSAGING.sorted_tables)]:
            query = sa.select(*(column for column in table.c if column.name not in without))
            key = table.c.get("round_id", table.c.get("id"))
            if round_id and key is not None:
                query = query.where(key == round_id)
            for row in session.execute(query):
                cells = [cell.hex() if isinstance(cell, bytes) else str(cell) for cell in row]
                lines.append(f"{table.name} {' | '.join(cells)}")
    return "\n".join(lines)
