"""The audit trail: whoever changes, removes or adds an entry afterwards is found."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.audit import AUDIT, broken_at, entry, record
from shared.database import reading, transaction

NOW = datetime(2026, 10, 1, 8, 30, 15, 250000, tzinfo=UTC)


@pytest.fixture
def engine(new_engine: Callable[..., Engine]) -> Engine:
    made = new_engine()
    AUDIT.create_all(made)
    return made


@pytest.fixture
def five(engine: Engine) -> Engine:
    """An audit trail of five entries."""
    for number in range(5):
        with transaction(engine) as session:
            record(
                session, NOW, "hr@agency", "launch", f"round {number}", {"ratees": number, "name": "é", "x": None}
            )
    return engine


def broken(engine: Engine) -> int | None:
    with reading(engine) as session:
        return broken_at(session)


def tamper(engine: Engine, statement: Any) -> None:
    with transaction(engine) as session:
        session.execute(statement)


def test_an_untouched_trail_is_whole(five: Engine) -> None:
    assert broken(five) is None
    with reading(five) as session:
        assert session.scalars(sa.select(entry.c.position).order_by(entry.c.position)).all() == [1, 2, 3, 4, 5]


def test_an_empty_trail_is_whole(engine: Engine) -> None:
    assert broken(engine) is None


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "someone else"},
        {"action": "look"},
        {"about": "round 9"},
        {"facts": {"ratees": 99, "name": "é", "x": None}},
        {"at": datetime(2026, 10, 2, tzinfo=UTC)},
        {"previous": "0" * 64},
        {"digest": "f" * 64},
    ],
)
def test_a_changed_entry_is_found(five: Engine, change: dict[str, Any]) -> None:
    tamper(five, sa.update(entry).where(entry.c.position == 3).values(change))
    assert broken(five) == 3


def test_a_removed_entry_is_found(five: Engine) -> None:
    tamper(five, sa.delete(entry).where(entry.c.position == 2))
    assert broken(five) == 2


def test_a_removed_and_renumbered_entry_is_found(five: Engine) -> None:
    tamper(five, sa.delete(entry).where(entry.c.position == 4))
    tamper(five, sa.update(entry).where(entry.c.position == 5).values(position=4))
    assert broken(five) == 4


def test_swapped_entries_are_found(five: Engine) -> None:
    for old, new in ((2, 20), (3, 2), (20, 3)):
        tamper(five, sa.update(entry).where(entry.c.position == old).values(position=new))
    assert broken(five) == 2


def test_an_entry_is_part_of_its_act(engine: Engine) -> None:
    with pytest.raises(RuntimeError), transaction(engine) as session:
        record(session, NOW, "hr", "launch", "round")
        raise RuntimeError
    assert broken(engine) is None
    with reading(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(entry)) == 0


def test_a_look_that_ends_early_leaves_nothing_open(five: Engine) -> None:
    tamper(five, sa.update(entry).where(entry.c.position == 3).values(actor="someone else"))
    with transaction(five) as session:
        assert broken_at(session) == 3
        session.execute(sa.text("DROP TABLE audit"))  # refused while a cursor of this session is open


def test_entries_written_at_once_make_one_chain(engine: Engine) -> None:
    def write() -> None:
        for number in range(10):
            with transaction(engine) as session:
                record(session, NOW, "hr", "remind", f"round {number}")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert broken(engine) is None
    with reading(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(entry)) == 40
