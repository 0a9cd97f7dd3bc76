"""A backup in the middle of a round, and a doctor who names what was lost."""

import itertools
import json
import sqlite3
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from scoring_service import tables as scoring
from shared.config import load
from shared.database import transaction
from shared.host import Host
from tests.faults.small_round import cermin, life
from tests.servers.processes import free_port


def test_a_round_goes_on_from_a_backup_taken_in_its_middle(data: Path, tmp_path: Path) -> None:
    life(data, "launch", "most answers")
    kept = tmp_path / "backup"
    assert cermin("backup", str(kept)).exit_code == 0
    assert sorted(path.name for path in kept.iterdir()) == ["broker.db", "notifier.db", "scoring.db", "survey.db"]
    assert "not empty" in cermin("backup", str(kept)).output
    thanked = {path.name for path in (data / "thanked").iterdir()}
    life(data, "answer", "close")
    assert "--replace" in cermin("restore", str(kept)).output
    assert cermin("restore", str(kept), "--replace").exit_code == 0
    for path in (data / "thanked").iterdir():  # what was answered after the backup is answered again
        if path.name not in thanked:
            path.unlink()
    (data / "public.jsonl").unlink(missing_ok=True)
    found = life(data, "answer", "release")
    assert found["counted"] == found["thanked"] == found["boxes"]
    assert found["digest"] and found["dead"] == [0, 0, 0]
    assert set(found["letters"].values()) == {1}, "no mail went twice"
    assert cermin("doctor").exit_code == 0, cermin("doctor").output


def test_a_backup_while_everything_writes_is_of_one_moment(data: Path, tmp_path: Path) -> None:
    host = Host(load())
    host.migrate()
    host.declare()
    host.close()
    stop, files = threading.Event(), [data / "survey.db", data / "broker.db"]

    def write() -> None:
        with ExitStack() as stack:
            raws = [stack.enter_context(closing(sqlite3.connect(file, timeout=30))) for file in files]
            for raw in raws:
                raw.execute("CREATE TABLE told (n INTEGER)")
            for n in itertools.count():
                for raw in raws:  # the fact first, its message afterwards
                    with raw:
                        raw.execute("INSERT INTO told VALUES (?)", (n,))
                if stop.is_set():
                    return

    writer = threading.Thread(target=write)
    writer.start()
    counts = []
    for number in range(5):
        time.sleep(0.1)
        assert cermin("backup", str(tmp_path / str(number))).exit_code == 0
        kept = []
        for file in files:
            with closing(sqlite3.connect(tmp_path / str(number) / file.name)) as raw:
                kept.append(raw.execute("SELECT count(*) FROM told").fetchone()[0])
        assert kept[0] - kept[1] in {0, 1}, "a message without its fact, or a fact whose message is lost"
        counts.append(kept[0])
    stop.set()
    writer.join(10)
    assert 0 < counts[0] < counts[-1]


def test_a_running_cermin_is_not_restored_over(data: Path, tmp_path: Path) -> None:
    life(data, "launch", "launch")
    assert cermin("backup", str(tmp_path / "kept")).exit_code == 0
    host = Host(load())
    with host.services["survey"].engine.connect() as connection:
        connection.execute(sa.text("SELECT 1 FROM person"))
        told = cermin("restore", str(tmp_path / "kept"), "--replace")
    host.close()
    assert told.exit_code == 2
    assert "stop Cermin first" in told.output


def test_the_doctor_names_what_was_lost(data: Path) -> None:
    assert cermin("doctor").exit_code == 1, "nothing is there yet"
    life(data, "launch", "close")
    healthy = cermin("doctor")
    assert healthy.exit_code == 0, healthy.output
    host = Host(load())
    lost = "198501012009010003"
    with transaction(host.services["scoring"].engine) as session:
        session.execute(sa.delete(scoring.box).where(scoring.box.c.ratee == lost))
    told = cermin("doctor")
    assert told.exit_code == 1
    [line] = [line for line in told.output.splitlines() if line.startswith("MEND")]
    assert lost in line and "Semester II 2026" in line
    host.close()


def test_the_doctor_names_a_score_that_left_the_feed_or_came_twice(data: Path) -> None:
    life(data, "launch", "release")
    host = Host(load())
    with transaction(host.services["scoring"].engine) as session:
        rows = session.execute(sa.select(scoring.feed).where(scoring.feed.c.type == "behaviour.scored.v1")).all()
        lost, twice = rows[0], rows[1]
        session.execute(sa.delete(scoring.feed).where(scoring.feed.c.event_id == lost.event_id))
        again = {**twice._mapping, "event_id": "0" * 32, "position": 10_000}
        session.execute(scoring.feed.insert().values(again))
    told = cermin("doctor").output
    host.close()
    for row, words in ((lost, "missing from the feed"), (twice, "more than one score")):
        ratee = json.loads(row.data)["ratee"]
        assert any(ratee in line and words in line for line in told.splitlines()), told


def test_the_doctor_speaks_plainly(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERMIN_PUBLIC_URL", "http://survei.kota.go.id")
    monkeypatch.setenv("CERMIN_MAIL_URL", f"smtp://127.0.0.1:{free_port()}")
    host = Host(load())
    host.migrate()
    host.declare()
    host.close()
    told = cermin("doctor")
    assert told.exit_code == 1
    assert "look  address of the pages: http://survei.kota.go.id is not HTTPS" in told.output
    assert "the mail server 127.0.0.1" in told.output and "CERMIN_MAIL_URL" in told.output
    assert "Traceback" not in told.output
    monkeypatch.setenv("CERMIN_PORT", "no port")
    assert "MEND  settings" in cermin("doctor").output
