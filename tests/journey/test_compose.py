"""The compose file without Docker: its commands and environments as they stand, on private servers.

For a whole round, with the proxy in front and a subscriber behind.
Only addresses are replaced, because names such as ``postgres`` mean something inside Docker alone.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from shared.database import connect, transaction
from shared.demo import journey, organisation, subscribers
from shared.demo.api import Api, wait
from shared.demo.journey import Place
from shared.host import now
from shared.web.access import create_client
from tests.compose import ROOT, compose, dockerfile_environment, example_settings, interpolate
from tests.servers import postgres
from tests.servers.processes import free_port

pytestmark = [pytest.mark.postgresql, pytest.mark.rabbitmq, pytest.mark.timeout(400)]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Machine:
    """What stands for the containers' network: an address for every name."""

    folder: Path
    postgres: str
    amqp: str
    smtp: int
    ports: Mapping[str, int]
    settings: Mapping[str, str]

    def environment(self, name: str) -> dict[str, str]:
        """The environment of one container."""
        values = dockerfile_environment() | interpolate(compose()["services"][name]["environment"], self.settings)
        service = name.split("-")[0]
        broker = f"amqp://cermin:{self.settings['RABBITMQ_PASSWORD']}@rabbitmq:5672/"
        addresses = {
            "@postgres:5432/": f"@{self.postgres}/",
            broker: self.amqp,
            "//mail:1025": f"//127.0.0.1:{self.smtp}",
            "/var/lib/cermin": str(self.folder / service),
        }
        for written, real in addresses.items():
            values = {key: value.replace(written, real) for key, value in values.items()}
        more = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}
        bind = {"GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{self.ports[name]}"} if name in self.ports else {}
        return values | more | bind

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Run the command of one container."""
        (self.folder / name.split("-")[0]).mkdir(exist_ok=True)
        with (self.folder / f"{name}.log").open("wb") as log:
            command = compose()["services"][name]["command"]
            return subprocess.Popen(command, env=self.environment(name), cwd=self.folder, stdout=log, stderr=log)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def key(self, service: str, *scopes: str) -> str:
        """An API key, as an operator would make one."""
        environment = self.environment(f"{service}-migrate")
        engine = connect(environment[f"CERMIN_{service.upper()}_DATABASE_URL"])
        with transaction(engine) as session:
            made = create_client(session, f"test {' '.join(scopes)}", scopes, now())
        engine.dispose()
        return made


@pytest.fixture
def machine(tmp_path: Path, amqp_url: str) -> Iterator[Machine]:
    with ExitStack() as stack:
        server = urlsplit(stack.enter_context(postgres.server()).url)
        smtp = stack.enter_context(_mail_catcher(tmp_path / "mail"))
        ports = {"survey-web": free_port(), "scoring-web": free_port(), "proxy": free_port()}
        settings = example_settings() | {"CERMIN_PUBLIC_URL": f"http://127.0.0.1:{ports['proxy']}"}
        made = Machine(tmp_path, f"{server.hostname}:{server.port}", amqp_url, smtp, ports, settings)
        _databases(made)
        yield made


@contextmanager
def _mail_catcher(folder: Path) -> Iterator[int]:
    catcher = Controller(Mailbox(str(folder)), hostname="127.0.0.1", port=free_port())
    catcher.start()
    yield catcher.port
    catcher.stop()


def _databases(machine: Machine) -> None:
    """What the image of PostgreSQL does with the script on its first start."""
    psql = shutil.which("psql")
    assert psql, "psql comes with the server"
    host, _, port = machine.postgres.partition(":")
    given = interpolate(compose()["services"]["postgres"]["environment"], machine.settings)
    script = ROOT / "deploy" / "postgres" / "databases.sh"
    subprocess.run(["sh", str(script)], env={**os.environ, **given, "PGHOST": host, "PGPORT": port}, check=True)


@contextmanager
def _running(machine: Machine) -> Iterator[None]:
    """Migrations, then pages and workers; at the end each must stop when it is told to."""
    for service in ("survey", "scoring", "notifier"):
        assert machine.start(f"{service}-migrate").wait(60) == 0, machine.log(f"{service}-migrate")
    names = ("survey-web", "scoring-web", "survey-worker", "scoring-worker", "notifier-worker")
    running = {name: machine.start(name) for name in names}
    running["proxy"] = _proxy(machine)
    try:
        yield
        for name, process in running.items():
            assert process.poll() is None, f"{name} died: {machine.log(name)}"
    finally:
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        ends = {name: process.wait(30) for name, process in running.items()}
    assert set(ends.values()) == {0}, ends


def _proxy(machine: Machine) -> subprocess.Popen[bytes]:
    caddy = shutil.which("caddy")
    if caddy is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("caddy is not installed (Debian package caddy)")
    environment = {
        **os.environ,
        "HOME": str(machine.folder),
        "SITE": machine.settings["CERMIN_PUBLIC_URL"],
        "SURVEY": f"127.0.0.1:{machine.ports['survey-web']}",
        "SCORING": f"127.0.0.1:{machine.ports['scoring-web']}",
    }
    with (machine.folder / "proxy.log").open("wb") as log:
        command = [caddy, "run", "--config", str(ROOT / "deploy" / "Caddyfile"), "--adapter", "caddyfile"]
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_a_round_on_what_the_compose_file_says(machine: Machine, tmp_path: Path) -> None:
    site = machine.settings["CERMIN_PUBLIC_URL"]
    with _running(machine):
        for name in ("survey-web", "scoring-web"):
            ready = f"http://127.0.0.1:{machine.ports[name]}/health/ready"
            wait(f"{name}: {ready}", lambda ready=ready: _status(ready) == 200, 60)
        wait("the proxy", lambda: _status(f"{site}/s") == 200, 30)
        assert {_status(f"{site}{path}") for path in ("/metrics", "/health/ready")} == {404}, "not for outside"
        subscriber = _subscribe(machine)
        place = Place(
            Api(site, machine.key("survey", "people:write", "questionnaires:read", "rounds:read", "rounds:write")),
            Api(site, machine.key("scoring", "results:read", "results:write")),
            tmp_path / "mail",
            patience=90,
        )
        story = journey.tell(place, *_files(tmp_path), seed=3)
        table = tmp_path / "scores.csv"
        wait("the subscriber", lambda: len(table.read_text().splitlines()) == story.ratees + 1, 60)
        subscriber.kill()
        subscriber.wait()
        subscribers.appraise("amqp", machine.amqp, tmp_path)
    assert story.scored > 0
    for name in ("survey-web", "scoring-web", "proxy"):
        assert not re.search(r"(GET|POST) /|/s/open", machine.log(name)), f"{name} logs requests"


def _subscribe(machine: Machine) -> subprocess.Popen[bytes]:
    """The stand-in, running for good; it has written its table once it listens."""
    table = machine.folder / "scores.csv"
    command = [sys.executable, str(subscribers.STAND_IN), "amqp", machine.amqp]
    command += ["--db", str(machine.folder / "appraisal.db"), "--csv", str(table)]
    process = subprocess.Popen(command)
    wait("the subscriber's first table", table.exists, 30)
    return process


def _files(folder: Path) -> tuple[bytes, bytes]:
    office = organisation.make(45, 3)
    organisation.write_people(folder / "people.csv", office)
    organisation.write_work_results(folder / "work.csv", office, 3)
    return (folder / "people.csv").read_bytes(), (folder / "work.csv").read_bytes()
