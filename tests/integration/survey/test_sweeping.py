import hashlib
from pathlib import Path

import sqlalchemy as sa

from survey_service.tables import box, draft, invitation, questionnaire, round_
from survey_service.usecases import closing, drafts, questionnaires, sweeping
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


def test_old_states_of_drafts_leave_the_files_while_their_round_is_open(office: Office) -> None:
    """An old row beside the new one shows whose draft changed; the answer and the close take the last one too."""
    round_id = office.open()
    [form] = office.ask(sa.select(questionnaire.c.body).where(questionnaire.c.code == "pp30"))
    plain = questionnaires.answers_length(form.body)
    digest = office.ask(sa.select(invitation.c.token_digest).limit(1))[0].token_digest
    seen = office.do(drafts.look, round_id, digest, plain)
    for mark in (b"first-draft", b"second-draft"):
        content = mark.ljust(len(seen), b"!")
        assert office.do(drafts.keep, round_id, digest, content, hashlib.sha256(seen).digest(), plain) is None
        seen = content
    assert sweeping.sweep(office.engine) == 0
    assert [copies(office, mark, "draft") for mark in (b"first-draft", b"second-draft")] == [0, 1]
    office.do(drafts.forget, round_id, digest, plain)
    sweeping.sweep(office.engine)
    assert copies(office, b"second-draft", "draft") == 0
    office.do(closing.close, round_id, office.now, "hr")
    sweeping.sweep(office.engine)
    assert office.count(draft) == 0
    assert office.engine.dialect.name == "sqlite" or copies(office, digest, "draft") == 0


def copies(office: Office, mark: bytes, table: str = "box") -> int:
    """How often ``mark`` lies in the pages of a table and of its long values, or in the files of SQLite."""
    if office.engine.dialect.name == "sqlite":
        return files_of(office).count(mark)
    office.do(lambda session: session.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pageinspect")))
    pages = office.ask(
        sa.text(
            "SELECT get_raw_page(oid::regclass::text, page::int) FROM pg_class, "
            "LATERAL generate_series(0, pg_relation_size(oid) / 8192 - 1) page "
            "WHERE oid = CAST(:name AS regclass) "
            "OR oid = (SELECT reltoastrelid FROM pg_class WHERE oid = CAST(:name AS regclass))"
        ).bindparams(name=table)
    )
    return sum(bytes(page).count(mark) for (page,) in pages)
