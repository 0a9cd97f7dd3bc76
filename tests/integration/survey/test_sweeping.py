from pathlib import Path

import sqlalchemy as sa

from survey_service.tables import box, round_
from survey_service.usecases import closing, sweeping
from tests.integration.survey.conftest import Office
from tests.integration.survey.test_closing import NAME, hand_over, size_of
from tests.people_files import nip


def files_of(office: Office) -> bytes:
    """What lies on the disk of an SQLite database, the log included."""
    path = Path(str(office.engine.url.database))
    return b"".join(one.read_bytes() for one in path.parent.glob(path.name + "*"))


def test_counted_ballots_are_gone_from_the_files(office: Office) -> None:
    round_id = office.open()
    canary = b"canary-of-a-ballot".ljust(size_of(office), b"!")
    where = (box.c.round_id == round_id, box.c.ratee == nip(2), box.c.relation == "peer")
    office.do(lambda session: session.execute(sa.update(box).where(*where).values(ballots=canary)))
    sqlite = office.engine.dialect.name == "sqlite"
    assert not sqlite or b"canary-of-a-ballot" in files_of(office)
    office.do(closing.close, round_id, office.now, "hr")
    hand_over(office)
    assert sweeping.sweep(office.engine) == 0, "a closed round still needs its boxes"
    [row] = office.ask(sa.select(round_.c.merkle_root))
    office.do(closing.counted, round_id, row.merkle_root, 1, 0, office.now)
    office.do(lambda session: session.execute(sa.text("DELETE FROM outbox")))
    assert sweeping.sweep(office.engine) == 1
    assert sweeping.sweep(office.engine) == 0
    if sqlite:
        assert b"canary-of-a-ballot" not in files_of(office)
    else:
        assert office.ask(sa.text("SELECT pg_relation_size('box')")) == [(0,)]


def test_a_cancelled_round_is_swept_too(office: Office) -> None:
    round_id = office.open()
    office.do(closing.cancel, round_id, NAME, office.now, "hr")
    assert sweeping.sweep(office.engine) == 1


def test_the_log_is_folded_while_a_round_is_open(office: Office) -> None:
    office.open()
    assert sweeping.sweep(office.engine) == 0
    if office.engine.dialect.name == "sqlite":
        log = Path(f"{office.engine.url.database}-wal")
        assert not log.exists() or log.stat().st_size == 0


def test_old_states_of_a_box_leave_the_files_while_its_round_is_open(office: Office) -> None:
    """An old row beside the new one shows what came in, and which transaction brought it."""
    round_id = office.open()
    first, second = (mark.ljust(size_of(office), b"!") for mark in (b"first-ballot", b"second-ballot"))
    where = (box.c.round_id == round_id, box.c.ratee == nip(2), box.c.relation == "peer")
    for ballots in (first, first + second):
        office.do(
            lambda session, ballots=ballots: session.execute(sa.update(box).where(*where).values(ballots=ballots))
        )
    before = copies(office, b"first-ballot")
    assert sweeping.sweep(office.engine) == 0
    assert (before > 1, copies(office, b"first-ballot")) == (True, 1)
    assert office.ask(sa.select(box.c.ballots).where(*where)) == [(first + second,)]


def copies(office: Office, mark: bytes) -> int:
    """How often ``mark`` lies in the pages of the boxes and in SQLite's log."""
    if office.engine.dialect.name == "sqlite":
        return files_of(office).count(mark)
    office.do(lambda session: session.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pageinspect")))
    pages = office.ask(
        sa.text(
            "SELECT get_raw_page('box', page::int) FROM generate_series(0, pg_relation_size('box') / 8192 - 1) page"
        )
    )
    return sum(bytes(page).count(mark) for (page,) in pages)
