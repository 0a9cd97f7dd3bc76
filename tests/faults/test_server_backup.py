"""The backup of the guide on real servers, in the middle of a round and with mails under way in the broker."""

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.config import SERVICES
from shared.database import transaction
from shared.messaging.outbox import relay
from survey_service.usecases import letters
from tests.faults.small_round import NOW, Phase, SmallRound, cermin, life, worker
from tests.servers import postgres, processes, rabbit

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


class Servers:
    """A PostgreSQL and a RabbitMQ that the scripts in ``deploy/`` meet as those of the compose file."""

    def __init__(self, server: postgres.Postgres, node: rabbit.Rabbit, folder: Path) -> None:
        self.node, self._facts = node, folder / "stand-in.json"
        there = urlsplit(server.url)
        self._pg = {"PGHOST": str(there.hostname), "PGPORT": str(there.port)}
        self.urls = {
            f"CERMIN_{name.upper()}_DATABASE_URL": f"postgresql://cermin_{name}@{there.hostname}:{there.port}/cermin_{name}"
            for name in SERVICES
        }
        passwords = {f"{name.upper()}_DB_PASSWORD": "secret" for name in SERVICES}
        names = {"POSTGRES_USER": "postgres", "POSTGRES_DB": "postgres"}
        self._run("sh deploy/postgres/databases.sh", **self._pg, **names, **passwords)

    def follow(self, command: str, folder: Path) -> str:
        """Run what the guide says and start again what the stand-in of docker only stopped."""
        [said] = set(re.findall(rf"^{re.escape(command)} FOLDER", GUIDE, flags=re.M))
        assert self.node.process and self.node.home
        facts = {"pid": self.node.process.pid, "data": str(self.node.home / "data"), "pg": self._pg}
        self._facts.write_text(json.dumps(facts))
        path = f"{ROOT / 'tests' / 'faults' / 'compose'}{os.pathsep}{os.environ['PATH']}"
        told = self._run(said.replace("FOLDER", str(folder)), PATH=path, STAND_IN=str(self._facts))
        self.node.process.wait(20)
        self.node.start()
        return told

    def _run(self, command: str, **environment: str) -> str:
        done = subprocess.run(
            command, shell=True, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def servers(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    if os.environ.get("TEST_AMQP_URL") or os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("a server that was given is not disturbed")
    with ExitStack() as stack:
        try:
            found = Servers(stack.enter_context(postgres.server()), stack.enter_context(rabbit.server()), tmp_path)
        except processes.ServerMissing as missing:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(missing))
        secrets = {f"CERMIN_{name}_SECRETS": name * 8 for name in ("EVENT", "SERVICE")}
        for name, value in {**found.urls, **secrets, "CERMIN_BROKER_URL": found.node.url}.items():
            monkeypatch.setenv(name, value)
        yield found


def remind(it: SmallRound) -> None:
    """Reminders are asked for, and wait in the broker."""
    tomorrow = NOW + timedelta(days=1)
    with transaction(it.survey) as session:
        assert letters.remind(session, it.round_id, tomorrow, tomorrow.date()) > 0
    [ask] = [job for job in it.host.services["survey"].jobs if job.name == "ask for letters"]
    while ask.run():
        pass
    while relay(it.survey, it.host.broker, it.host.settings.event_secrets, it.host.clock):
        pass


def mailed(it: SmallRound) -> bool:
    return len(it.mails()) > 6


@pytest.mark.timeout(240)
def test_a_round_goes_on_from_the_dumps_and_the_broker(servers: Servers, data: Path, tmp_path: Path) -> None:
    life(data, "launch", "most answers")
    with worker(data) as it:
        remind(it)
        assert it.host.broker.depth("cermin.notifier") > 0
    kept = tmp_path / "backup"
    servers.follow("sh deploy/backup.sh", kept)
    assert {path.name: path.stat().st_mode & 0o077 for path in kept.iterdir()} == dict.fromkeys(
        ("survey.dump", "scoring.dump", "notifier.dump", "broker.tar"), 0
    )
    thanked = set((data / "thanked").iterdir())
    with worker(data) as it:
        it.run(Phase("reminders", lambda _: None, ("delivery 1",), mailed))
    life(data, "answer", "answer")
    after = set((data / "thanked").iterdir()) - thanked
    assert after
    servers.follow("sh deploy/restore.sh", kept)
    for path in after:  # what was answered after the backup is answered again
        path.unlink()
    with worker(data) as it:
        it.run(Phase("reminders", lambda _: None, ("delivery 1",), lambda _: True))
    found = life(data, "answer", "release")
    assert found["counted"] == found["thanked"] == found["boxes"] > 15
    assert found["digest"] and found["dead"] == [0, 0, 0] and found["chains"] == [None, None]
    assert Counter(found["letters"].values()) == {1: 6, 2: len(found["letters"]) - 6}, "only reminders came twice"
    told = cermin("doctor")
    assert told.exit_code == 0, told.output
