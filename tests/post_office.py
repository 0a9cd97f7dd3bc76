"""For tests of the notifier: letters as the survey service seals them, and a notifier to mail them."""

import email
import email.policy
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from notifier.service import build
from notifier.tables import mail
from shared import config
from shared.database import reading, transaction
from shared.events import Event, LetterRequested, event_id
from shared.keystore import open_keystore
from shared.messaging.broker import Delivery, Outcome
from shared.messaging.envelope import encode
from shared.messaging.inbox import receiver
from shared.messaging.tables import outbox
from shared.sealing import Sealer, b64, fingerprint, letter_info, public_part
from shared.service import Context, Service

MIGRATIONS = "notifier.migrations"
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
SECRETS = ("s" * 40,)


def link(invitation: str, **changes: object) -> dict[str, object]:
    """One link of a letter, as JSON."""
    name = invitation.partition("-")[0]
    return {
        "invitation": invitation,
        "ratee": f"Ratee {name}",
        "post": "Analis",
        "relation": "peer",
        "sole": False,
        "link": f"https://survey.test/s#SECRETCANARY{name}.SIGNATURE",
        "code": f"CODECANARY-{name}",
    } | changes


@dataclass
class Clock:
    """Time that stands still until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Office:
    """A notifier with one database and one mail server."""

    engine: Engine
    folder: Path
    mail_url: str = ""
    clock: Callable[[], datetime] = field(default_factory=Clock)
    environ: dict[str, str] = field(default_factory=dict)
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        self.mail_url = self.mail_url or f"maildir:{self.folder / 'mail'}"
        self.settings = config.load(
            {
                "CERMIN_DATA_DIR": str(self.folder),
                "CERMIN_MAIL_URL": self.mail_url,
                "CERMIN_MAIL_FROM": "Cermin <cermin@bkd.test>",
                "CERMIN_AGENCY": "BKD Kota Contoh",
                "CERMIN_CONTACT": "Subbagian Kepegawaian",
            }
            | self.environ
        )
        self.service = build(Context(self.settings, self.engine, self.clock))
        self.work("key announcement")

    def work(self, name: str = "delivery 1") -> int:
        """One run of a job."""
        return next(job for job in self.service.jobs if job.name == name).run()

    def empty(self) -> None:
        """Deliver until nothing more is due."""
        while self.work():
            pass

    @property
    def public(self) -> bytes:
        private = open_keystore(self.settings.keystore_url).get("notifier")
        assert private is not None
        return public_part(private)

    def request(
        self, to: str = "rater@kantor.test", links: Sequence[dict[str, object]] = (), **changes: Any
    ) -> Event:
        """A request to mail a letter, sealed as the survey service does."""
        letter_id = uuid.uuid4()
        given = list(links) or [link(str(uuid.uuid4()))]
        plain = {"to": to, "name": "Rina Raterwati", "language": changes.pop("language", "id"), "links": given}
        if "whole" in changes:
            plain["list"] = changes.pop("whole")
        sealed = Sealer(self.public).seal(json.dumps(plain).encode(), letter_info(letter_id))
        data = {
            "letter_id": letter_id,
            "round_id": uuid.uuid4(),
            "kind": "invitation",
            "sealed": b64(sealed),
            "fingerprint": fingerprint(self.public),
            "pending": [uuid.UUID(str(one["invitation"])) for one in given],
            "not_before": NOON,
            "round_name": "Triwulan IV 2026",
            "authority": "Surat Kepala BKD Nomor 800/1",
            "contact": "Subbagian Kepegawaian",
            "closes_at": NOON + timedelta(days=7),
            "timezone": "Asia/Jakarta",
            "threshold": 3,
        } | changes
        identity = event_id(LetterRequested.type, letter_id, 1)
        return Event.make(LetterRequested, id=identity, subject=str(letter_id), time=self.clock(), data=data)

    def hear(self, *events: Event) -> Sequence[Outcome]:
        """Events arrive from the broker."""
        receive = receiver(self.service, SECRETS, self.clock)
        return receive([Delivery(event.type, event.id, encode(event, SECRETS)) for event in events])

    def rows(self) -> dict[str, Any]:
        """What is stored, by request id."""
        with reading(self.engine) as session:
            return {row.id: row for row in session.execute(sa.select(mail))}

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Events waiting to go out: type and data, oldest first."""
        with transaction(self.engine) as session:
            rows = session.execute(sa.select(outbox.c.type, outbox.c.data).order_by(outbox.c.position)).all()
        return [(row.type, json.loads(row.data)) for row in rows]

    def outcome(self, event: Event) -> tuple[str, str]:
        """State and status of one request."""
        row = self.rows()[event.id]
        return row.state, row.status

    def mails(self) -> list[EmailMessage]:
        """What lies in the Maildir."""
        return [parse(path.read_bytes()) for path in sorted((self.folder / "mail" / "new").iterdir())]


def parse(raw: bytes) -> EmailMessage:
    """A received message."""
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(message: EmailMessage, kind: str) -> str:
    """The ``plain`` or ``html`` part."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())
