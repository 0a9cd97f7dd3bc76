"""A round with known ground truth: a made-up office answers through the real pages and seals on its own side.

The services run as they do in production, each in a host of its own, so that a copy of everything can be taken at
any moment: scoring is asleep between the launch and the count. What would run on a clock and tidy up (sweeping,
counting progress) is called by the simulation, so that it is known when it ran.
"""

import hashlib
import logging
import os
import socket
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.config import SERVICES, Settings, load
from shared.database import transaction
from shared.demo import mails, organisation
from shared.demo.api import Api, Declined, wait
from shared.demo.mails import Asked
from shared.demo.pages import Browser, Page
from shared.demo.seal import seal
from shared.events import ADVANCED
from shared.host import Host
from shared.logs import configure
from shared.web.access import create_client
from shared.web.serving import serving
from tests.attack.canaries import MARK

GROUPS = {
    "supervisor": {"minimum": 1, "target": 1, "maximum": 1},
    "peer": {"minimum": 3, "target": 5, "maximum": 8, "cap": 10},
    "subordinate": {"minimum": 3, "target": 5, "maximum": 8},
    "self": {"minimum": 1, "target": 1, "maximum": 1},
}
BY_HAND = ("sweep files", "count progress")
"""Jobs that the simulation runs itself."""
SCOPES = ("people:write", "questionnaires:read", "rounds:read", "rounds:write")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rater really did. ``digest`` is what the service stores of the token: it names the invitation."""

    digest: bytes
    ballot: bytes
    answers: tuple[int, ...]
    canary: bool

    @property
    def receipt(self) -> bytes:
        return hashlib.sha256(self.ballot).digest()


@dataclass
class Stage:
    """One deployment on its own data, with its pages open and its log in a file."""

    settings: Settings
    log: Path
    hosts: dict[str, Host] = field(default_factory=dict)
    running: dict[str, tuple[threading.Event, list[threading.Thread]]] = field(default_factory=dict)
    late: timedelta = timedelta(0)
    """How far the clock of the services is ahead of ours."""

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.late

    def start(self, *names: str) -> None:
        """Start the workers of services."""
        for name in names:
            stop = threading.Event()
            self.running[name] = (stop, self.hosts[name].start(stop))

    def stop(self, *names: str) -> None:
        """Let the workers of services end."""
        for name in names:
            stop, threads = self.running.pop(name)
            stop.set()
            for thread in threads:
                thread.join(20)
                assert not thread.is_alive(), f"{thread.name} does not end"

    def job(self, service: str, name: str) -> None:
        """Run one job now."""
        next(job for job in self.jobs[service] if job.name == name).run()

    @property
    def jobs(self) -> Mapping[str, Sequence[Any]]:
        return self._jobs

    def build(self) -> None:
        """Make and migrate the three services."""
        self._jobs: dict[str, Sequence[Any]] = {}
        for name in SERVICES:
            host = Host(self.settings, (name,), self.clock)
            host.migrate()
            service = host.services[name]
            self._jobs[name] = service.jobs
            host.services[name] = replace(service, jobs=[job for job in service.jobs if job.name not in BY_HAND])
            self.hosts[name] = host

    def close(self) -> None:
        self.stop(*list(self.running))
        for host in self.hosts.values():
            host.close()


@contextmanager
def staged(environment: Mapping[str, str], folder: Path) -> Iterator[tuple[Stage, str]]:
    """A deployment on ``environment`` (without mail and public address) and the address of its pages."""
    folder.mkdir(parents=True, exist_ok=True)
    before = logging.root.handlers[:], logging.root.level
    door = _door()
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    stage = Stage(load({**_COMMON, **environment, "CERMIN_PUBLIC_URL": url}), folder / "log")
    configure("DEBUG")
    with stage.log.open("a") as log:
        logging.root.handlers[0].setStream(log)  # type: ignore[attr-defined]
        stage.build()
        try:
            with serving(stage.hosts["survey"].wsgi(), sockets=[door]):
                yield stage, url
        finally:
            stage.close()
            logging.root.handlers[:], level = before
            logging.root.setLevel(level)


_COMMON = {"CERMIN_MAILS_PER_MINUTE": "1000000", "CERMIN_MAILS_PER_MINUTE_PER_DOMAIN": "1000000"}


def _door() -> Any:
    return socket.create_server(("127.0.0.1", 0))


class Round:
    """One round on a stage. ``answers`` is the ground truth: who answered what, in the order of answering."""

    def __init__(self, stage: Stage, url: str, people: int, seed: int) -> None:
        self.stage, self.url, self.seed = stage, url, seed
        self.office = organisation.make(people, seed)
        self.random = Random(f"attack {seed}")
        self.answers: list[Answer] = []
        self.drafts = 0
        self.round_id = ""
        with transaction(stage.hosts["survey"].services["survey"].engine) as session:
            self.api = Api(url, create_client(session, "attack", SCOPES, stage.clock()))
        self._window = Browser(url)

    @property
    def mail(self) -> Path:
        return Path(self.stage.settings.mail_url.removeprefix("maildir:"))

    @property
    def key(self) -> bytes:
        """The private key of the round, as somebody with the key store has it."""
        folder = Path(self.stage.settings.keystore_url.removeprefix("dir:"))
        return (folder / f"round-{self.round_id}").read_bytes()

    def launch(self) -> None:
        """Import, launch, wait for the mails; ``willing`` are those who are going to answer, in their order."""
        self.stage.start(*SERVICES)
        people = self.mail.parent / "people.csv"
        people.parent.mkdir(parents=True, exist_ok=True)
        organisation.write_people(people, self.office)
        self.api.post_csv("/api/v1/people/import", people.read_bytes())
        people.unlink()
        self.round_id = self._draft()
        wait("the notifier's key", lambda: self._launched(), 60)
        letters = self._told["letters"] - self._told["without_address"]
        wait(f"{letters} mails", lambda: len(list((self.mail / "new").glob("*"))) >= letters, 120)
        asked = [one for path in sorted((self.mail / "new").glob("*")) for one in mails.asked(path.read_bytes())]
        self.raters = len({one.rater for one in asked})
        self.asked = asked
        self.willing = [one for one in asked if self.random.random() < (0.9 if not _alone(one) else 0.1)]
        self.random.shuffle(self.willing)
        self.stage.stop("scoring")

    def _draft(self) -> str:
        now = datetime.now(UTC).replace(microsecond=0)
        found = wait("questionnaires", lambda: self.api.get("/api/v1/questionnaires")["items"], 30)
        draft = {
            "name": f"Survei perilaku kerja {self.seed}",
            "period_start": "2026-01-01",
            "period_end": "2026-12-31",
            "opens_at": (now - timedelta(days=1)).isoformat(),
            "closes_at": (now + timedelta(days=14)).isoformat(),
            "timezone": "Asia/Jakarta",
            "questionnaire_id": next(one["id"] for one in found if one["code"] == "pp30"),
            "policy": "pp30-360",
            "threshold": 3,
            "groups": GROUPS,
            "authority": "Surat Sekretaris Daerah nomor 800/123/2026",
            "contact": "Subbagian Umum dan Kepegawaian, telepon 100",
            "seed": self.seed,
        }
        return str(self.api.post("/api/v1/rounds", draft)["id"])

    def _launched(self) -> bool:
        try:
            self._told = self.api.post(f"/api/v1/rounds/{self.round_id}/launch")
        except Declined as refused:
            if refused.status != 409:
                raise
            return False
        return True

    def answer(self, count: int) -> Iterator[Answer]:
        """Let the next ``count`` raters answer, one after the other."""
        for _ in range(min(count, len(self.willing))):
            one = self.willing.pop(0)
            self.answers.append(self._answer(one))
            yield self.answers[-1]

    def _answer(self, asked: Asked) -> Answer:
        token, values = credentials(asked)
        page = self._window.send("/s/open", values)
        assert page.kind == "survey", (page.status, page.kind, page.data)
        canary = not _alone(asked) and self.random.random() < 0.5
        answers = self._invent(page, canary)
        plain = bytes([1, *answers]).ljust(int(page.data["length"]), b"\xff")
        ballot = seal(plain, _unb64(page.data["key"]), _unb64(page.data["bound"]))
        done = self._window.send_json("/s/submit", {**values, "ballot": _b64(ballot)})
        assert done.kind == "done", (done.status, done.data)
        return Answer(hashlib.sha256(token).digest(), ballot, answers, canary)

    def _invent(self, page: Page, canary: bool) -> tuple[int, ...]:
        given = [self.random.randint(1, 5) for _ in range(int(page.data["questions"]))]
        if canary:
            given[: len(MARK)] = MARK
        return tuple(value if f"q{at}" in page.choices else 255 for at, value in enumerate(given))

    def draft(self, count: int) -> None:
        """Let ``count`` of those who answer later begin: what they chose is kept as a draft, with canaries."""
        for one in self.willing[:count]:
            _, values = credentials(one)
            page = self._window.send("/s/open", values)
            kept = _unb64(page.data["draft"])
            plain = bytes([1, *self._invent(page, canary=True)]).ljust(int(page.data["length"]), b"\xff")
            nonce = self.random.randbytes(12)
            blob = nonce + AESGCM(draft_key(one.link)).encrypt(nonce, plain, b"cermin draft v1")
            over = _b64(hashlib.sha256(kept).digest())
            told = self._window.send_json("/s/draft", {**values, "draft": _b64(blob), "over": over})
            assert told.status == 204, told.status
            self.drafts += 1

    def close(self) -> None:
        """End answering and wait until all boxes have left for scoring, which sleeps."""
        self.api.post(f"/api/v1/rounds/{self.round_id}/close")

    def count(self) -> None:
        """Wake scoring up and wait until the survey service knows that everything is counted."""
        self.stage.start("scoring")
        wait(
            "the count",
            lambda: self.api.get(f"/api/v1/rounds/{self.round_id}")["state"] in ("counted", *ADVANCED),
            120,
        )

    def end(self) -> None:
        self._window.close()


def credentials(asked: Asked) -> tuple[bytes, dict[str, str]]:
    """The token behind a mailed link and what the browser sends."""
    secret, signature = urlsplit(asked.link).fragment.split(".")
    token = hashlib.sha256(b"cermin link v1\n" + _unb64(secret)).digest()
    return token, {"token": _b64(token), "signature": signature}


def draft_key(link: str) -> bytes:
    """The key that a browser derives from a link for its draft."""
    secret = _unb64(urlsplit(link).fragment.partition(".")[0])
    return HKDF(SHA256(), 32, salt=None, info=b"cermin draft key v1").derive(secret)


def digest_of_link(link: str) -> bytes:
    """What the service keeps of a link."""
    secret = _unb64(urlsplit(link).fragment.partition(".")[0])
    token = hashlib.sha256(b"cermin link v1\n" + secret).digest()
    return hashlib.sha256(token).digest()


def embedded(folder: Path) -> dict[str, str]:
    """The product in one place: everything on SQLite."""
    return {"CERMIN_DATA_DIR": str(folder / "data"), "CERMIN_MAIL_URL": f"maildir:{folder / 'mail'}"}


def separate(folder: Path, databases: Mapping[str, str], broker: str) -> dict[str, str]:
    """Three databases on PostgreSQL, events on RabbitMQ."""
    return {
        **embedded(folder),
        "CERMIN_BROKER_URL": broker,
        "CERMIN_EVENT_SECRETS": os.urandom(24).hex(),
        "CERMIN_SERVICE_SECRETS": os.urandom(24).hex(),
        **{f"CERMIN_{name.upper()}_DATABASE_URL": url for name, url in databases.items()},
    }


def _alone(asked: Asked) -> bool:
    """Supervisors and the ratees themselves: identifiable by nature, and told so."""
    return (
        asked.about[-1].endswith(("pejabat penilai", "supervisor"))
        or "diri" in asked.about[-1]
        or ("self" in asked.about[-1])
    )


def _b64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
