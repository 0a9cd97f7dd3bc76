"""Long work on both databases: once, all or nothing, and again after a death."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from shared.errors import Refused
from survey_service.tables import invitation, letter, person, round_, task, upload
from survey_service.usecases import accounts, launch, tasks, uploads
from survey_service.usecases.long_work import Worker
from tests.integration.survey.conftest import PUBLIC_URL, SECRETS, Office
from tests.people_files import agency, csv_file


def worker(office: Office) -> Worker:
    return Worker(office.engine, lambda: office.now, PUBLIC_URL, SECRETS)


def hired(office: Office) -> str:
    return str(office.do(accounts.add_account, "sari", "Sari", "hr", None, "kuda lumping di pasar", office.now))


def asked(office: Office, kind: str, about: UUID, who: str, **options: object) -> UUID:
    found: UUID = office.do(tasks.ask, kind, about, who, options, office.now)
    return found


def row(office: Office, task_id: UUID) -> sa.Row:
    return office.ask(sa.select(task).where(task.c.id == task_id))[0]


@pytest.fixture
def who(office: Office) -> str:
    return hired(office)


@pytest.fixture
def ready(office: Office) -> UUID:
    office.hire()
    office.meet_notifier()
    return office.create()


def sent(office: Office, who: str) -> UUID:
    found: UUID = office.do(uploads.keep, who, "pegawai.csv", csv_file(*agency()), office.now)
    return found


def test_a_file_is_tried_and_then_imported(office: Office, who: str) -> None:
    upload_id = sent(office, who)
    first = asked(office, "check", upload_id, who, language="en", exclude_absent=False)
    assert worker(office).work() == 1 and worker(office).work() == 0
    assert office.count(person) == 0
    tried = row(office, first)
    assert tried.state == "done" and tried.result["new"] > 10
    second = asked(office, "import", upload_id, who, language="en", exclude_absent=False)
    assert worker(office).work() == 1
    assert row(office, second).result["new"] == office.count(person) == tried.result["new"]
    assert office.count(upload) == 0


def test_a_task_names_nobody(office: Office, who: str) -> None:
    upload_id = sent(office, who)
    for kind in ("check", "import"):
        asked(office, kind, upload_id, who, language="en", exclude_absent=False)
        worker(office).work()
    kept = " ".join(str(tuple(one)) for one in office.ask(sa.select(task)))
    assert not [number for (number,) in office.ask(sa.select(person.c.number)) if number in kept]


def test_a_bad_file_is_refused_and_its_faults_go_with_the_file(office: Office, who: str) -> None:
    upload_id = office.do(uploads.keep, who, "x.csv", b"NIP;Nama\n1.9E+17;Budi\n", office.now)
    found = asked(office, "check", upload_id, who, language="en", exclude_absent=False)
    worker(office).work()
    assert row(office, found).state == "refused"
    assert row(office, found).result == {"code": "people_file", "detail": ""}
    kept = office.do(uploads.find, upload_id, who, office.now)
    assert kept.difference["faults"]


def test_asked_twice_launched_once(office: Office, who: str, ready: UUID) -> None:
    assert asked(office, "launch", ready, who) == asked(office, "launch", ready, who)
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: worker(office).work(), range(4))) == [0, 0, 0, 1]
    again = asked(office, "launch", ready, who)
    worker(office).work()
    assert row(office, again).state == "refused" and row(office, again).result["code"] == "round_step"
    assert office.ask(sa.select(round_.c.state)) == [("preparing",)]
    assert len(office.events("round.launched.v1")) == 1


def test_a_worker_that_died_is_followed_by_another(office: Office, who: str, ready: UUID) -> None:
    found = asked(office, "launch", ready, who)
    dead = office.do(tasks.claim, office.now)
    assert worker(office).work() == 0, "somebody has it"
    office.now += tasks.LEASE + timedelta(seconds=1)
    assert worker(office).work() == 1
    assert row(office, found).state == "done"
    with pytest.raises(Refused, match="task_taken_over"):
        office.do(tasks.finish, dead, {}, office.now)


def test_who_was_overtaken_changes_nothing(
    office: Office, who: str, ready: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow worker has launched in its transaction; the outcome is not its own any more, so nothing stays."""
    found = asked(office, "launch", ready, who)
    slow = office.do(tasks.claim, office.now)
    office.now += tasks.LEASE + timedelta(seconds=1)
    office.do(tasks.claim, office.now)
    with pytest.raises(Refused, match="task_taken_over"):
        worker(office)._do(slow)
    assert office.count(invitation) == office.count(letter) == 0
    assert row(office, found).state == "running"


def test_a_fault_in_the_middle_leaves_nothing_and_is_tried_three_times(
    office: Office, who: str, ready: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(launch, "_write_letters", stumble)
    found = asked(office, "launch", ready, who)
    for _ in range(tasks.TRIES):
        with pytest.raises(RuntimeError):
            worker(office).work()
        assert office.count(invitation) == 0
    assert worker(office).work() == 0
    assert row(office, found).state == "failed"
    monkeypatch.undo()
    asked(office, "launch", ready, who)
    assert worker(office).work() == 1 and office.count(invitation) > 0


def test_outcomes_are_forgotten_after_a_week(office: Office, who: str, ready: UUID) -> None:
    asked(office, "launch", ready, who)
    assert office.do(tasks.forget_old, office.now + tasks.KEPT) == 0, "unfinished work is not forgotten"
    worker(office).work()
    assert office.do(tasks.forget_old, office.now) == 0
    assert office.do(tasks.forget_old, office.now + tasks.KEPT) == 1
