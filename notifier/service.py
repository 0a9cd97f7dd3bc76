"""The notifier as a service: hears which letters to mail, mails them, tells how that ended."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.engine import Engine

from notifier.delivery import Postman
from notifier.domain.pace import Pace
from notifier.mailers import MaildirMailer, Mailer, Server, SmtpMailer
from notifier.tables import NOTIFIER
from notifier.usecases import announce, forget, store, store_notices
from notifier.writing import Sender, Writer
from shared.config import BadSettings, Settings
from shared.database import transaction
from shared.events import LetterRequested, NoticeAddressed
from shared.keystore import KeyStore, open_keystore
from shared.sealing import make_key, public_part
from shared.service import Clock, Context, Job, Service

KEY = "notifier"
"""The name of the notifier's key pair in the key store."""


def build(context: Context) -> Service:
    """The notifier for these settings; nothing is connected or written yet. Raises ``BadSettings``."""
    settings, engine, clock = context.settings, context.engine, context.clock
    key = partial(_private_key, settings.keystore_url)
    pace = Pace(settings.mails_per_minute, settings.mails_per_minute_per_domain)
    writer = Writer(_sender(settings))
    postmen = [
        Postman(engine, clock, key, writer, mailer, pace) for mailer in _mailers(settings, writer.sender.address)
    ]
    return Service(
        name="notifier",
        metadata=NOTIFIER,
        migrations="notifier.migrations",
        engine=engine,
        handlers={LetterRequested.type: store, NoticeAddressed.type: store_notices},
        jobs=[
            Job("key announcement", timedelta(minutes=1), partial(_announce, engine, clock, key)),
            *(
                Job(f"delivery {number}", timedelta(seconds=0.5), postman.run)
                for number, postman in enumerate(postmen, 1)
            ),
            Job("tidying", timedelta(minutes=10), partial(_tidy, engine, clock)),
        ],
        checks={"key store": partial(_check_keystore, settings.keystore_url)},
    )


def _private_key(url: str) -> bytes:
    """The notifier's key, made by whoever comes first; replicas that share the store share the key."""
    keys: KeyStore = open_keystore(url)
    return keys.get(KEY) or keys.put_new(KEY, make_key())


def _sender(settings: Settings) -> Sender:
    sender = Sender(settings.mail_from, settings.agency)
    if not sender.address.isascii() or "@" not in sender.address:
        raise BadSettings({"CERMIN_MAIL_FROM": "Use one address such as Cermin <cermin@example.go.id>."})
    return sender


def _mailers(settings: Settings, sender: str) -> list[Mailer]:
    """One mailer for each connection that may talk to the mail server at the same time."""
    scheme, _, path = settings.mail_url.partition(":")
    if scheme == "maildir":
        return [MaildirMailer(Path(path).expanduser())]
    try:
        server = Server.read(settings.mail_url)
    except ValueError as error:
        raise BadSettings({"CERMIN_MAIL_URL": f"{error}."}) from None
    return [SmtpMailer(server, sender) for _ in range(server.connections)]


def _announce(engine: Engine, clock: Clock, key: partial[bytes]) -> int:
    public = public_part(key())
    with transaction(engine) as session:
        return announce(session, clock(), public)


def _tidy(engine: Engine, clock: Clock) -> int:
    """Forget old outcomes; on SQLite also fold the log into the file, so that deleted letters leave the disk."""
    with transaction(engine) as session:
        forgotten = forget(session, clock())
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()
    return forgotten


def _check_keystore(url: str) -> str | None:
    try:
        open_keystore(url).names()
    except OSError as error:
        return f"the key store does not answer: {type(error).__name__}"
    return None
