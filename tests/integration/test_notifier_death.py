"""A sending process is killed (SIGKILL): every mail goes out, and none twice but the one being acknowledged."""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.engine import Engine

from notifier import mailers
from notifier.usecases import LEASE
from tests.post_office import MIGRATIONS, NOON, Office, parse

SENDER = """
import sys
from datetime import datetime, timedelta
from notifier.service import build
from shared import config
from shared.database import connect
from shared.service import Context

settings = config.load()
moment = datetime.fromisoformat(sys.argv[1])
engine = connect(settings.notifier_database_url)
delivery = next(job for job in build(Context(settings, engine, lambda: moment)).jobs if job.name == "delivery 1")
while delivery.run():
    pass
"""


class Killer:
    """A mail server that kills whoever sends it mail number ``fatal``, before or after taking that mail."""

    def __init__(self, fatal: int, taken: bool) -> None:
        self.fatal, self.taken = fatal, taken
        self.victim = 0
        self.mails: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        dying = len(self.mails) + 1 == self.fatal and self.victim
        if not dying or self.taken:
            assert isinstance(envelope.content, bytes)
            self.mails.append(envelope.content)
        if dying:
            os.kill(self.victim, signal.SIGKILL)
            self.victim = 0
        return "250 queued"


@pytest.mark.parametrize(("taken", "doubled"), [(False, 0), (True, 1)])
def test_a_killed_sender_repeats_at_most_the_mail_in_hand(
    new_engine: Callable[..., Engine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    taken: bool,
    doubled: int,
) -> None:
    killer = Killer(7, taken)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    engine = new_engine(MIGRATIONS)
    database = engine.url.set(drivername=engine.url.get_backend_name()).render_as_string(hide_password=False)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CERMIN_")} | {
        "CERMIN_DATA_DIR": str(tmp_path),
        "CERMIN_NOTIFIER_DATABASE_URL": database,
        "CERMIN_MAIL_URL": f"smtp://127.0.0.1:{port}?connections=1",
        "CERMIN_MAIL_FROM": "Cermin <cermin@bkd.test>",
        "CERMIN_EVENT_SECRETS": "e" * 40,
        "CERMIN_SERVICE_SECRETS": "s" * 40,
    }
    office = Office(engine, tmp_path, mail_url=environ["CERMIN_MAIL_URL"])
    events = [office.request(to=f"rater{number}@kantor.test") for number in range(20)]
    office.hear(*events)

    controller = Controller(killer, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with subprocess.Popen([sys.executable, "-c", SENDER, NOON.isoformat()], env=environ) as process:
            killer.victim = process.pid
            assert process.wait(60) == -signal.SIGKILL
        office.empty()
        assert len(killer.mails) == 6 + doubled, "what the dead process had in hand waits for its lease to end"
        office.clock.pass_by(seconds=LEASE.total_seconds() + 1)
        office.empty()
        monkeypatch.setattr(mailers, "IDLE_SECONDS", -1)
        office.work()
    finally:
        controller.stop()

    received = Counter(parse(mail)["Message-ID"] for mail in killer.mails)
    assert len(received) == len(events)
    assert sum(received.values()) - len(received) == doubled
    assert {office.outcome(event)[0] for event in events} == {"accepted"}
    assert Counter(kind for kind, _ in office.told())["mail.accepted.v1"] == len(events)
