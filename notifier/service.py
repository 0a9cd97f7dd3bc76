"""The notifier as a service: hears which letters to mail, mails them, tells how that ended."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from notifier.commands import slips_command
from notifier.delivery import Postman
from notifier.domain.pace import Pace
from notifier.keys import Keys
from notifier.mailers import MaildirMailer, Mailer, Server, SmtpMailer, trouble
from notifier.slips import SlipPrinter
from notifier.tables import NOTIFIER
from notifier.usecases import announce, forget, retire, spent_keys, store, store_notices, tell
from notifier.writing import Sender, Writer
from shared.config import BadSettings, Settings
from shared.database import FOLD, maintain, transaction
from shared.events import Event, LetterRequested, NoticeAddressed, NotifierKeyRetired
from shared.sealing import public_part
from shared.service import Clock, Context, Job, Service


def build(context: Context) -> Service:
    """The notifier for these settings; nothing is connected or written yet. Raises ``BadSettings``."""
    settings, engine, clock = context.settings, context.engine, context.clock
    keys = Keys(settings.keystore_url)
    pace = Pace(settings.mails_per_minute, settings.mails_per_minute_per_domain)
    writer = Writer(_sender(settings))
    mailers = _mailers(settings, writer.sender.address)
    postmen = [Postman(engine, clock, keys.find, writer, mailer, pace) for mailer in mailers]
    return Service(
        name="notifier",
        metadata=NOTIFIER,
        migrations="notifier.migrations",
        engine=engine,
        handlers={
            LetterRequested.type: store,
            NoticeAddressed.type: store_notices,
            NotifierKeyRetired.type: partial(_retire, keys, clock),
        },
        jobs=[
            Job("key announcement", timedelta(minutes=1), partial(_announce, engine, clock, keys)),
            *(
                Job(f"delivery {number}", timedelta(seconds=0.5), postman.run)
                for number, postman in enumerate(postmen, 1)
            ),
            Job("telling", timedelta(seconds=10), partial(_tell, engine, clock)),
            Job("tidying", timedelta(minutes=10), partial(_tidy, engine, clock, keys)),
        ],
        commands=(slips_command(context, SlipPrinter(settings.agency, keys.find)),),
        checks={"key store": partial(_check_keystore, keys)},
        diagnosis=partial(_mail_server, settings.mail_url),
    )


def _retire(keys: Keys, clock: Clock, session: Session, events: Sequence[Event]) -> None:
    """Put keys aside that no kept letter is sealed to, and announce the next one."""
    names = [event.data["fingerprint"] for event in events]
    for name in names:
        keys.retire(name)
    retire(session, names, clock())
    announce(session, clock(), public_part(keys.current()))


def _mail_server(url: str) -> Sequence[str]:
    found = trouble(url)
    return [found] if found else []


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


def _announce(engine: Engine, clock: Clock, keys: Keys) -> int:
    public = public_part(keys.current())
    with transaction(engine) as session:
        return announce(session, clock(), public)


def _tell(engine: Engine, clock: Clock) -> int:
    """Tell outcomes of which a process that died could not tell any more."""
    with transaction(engine) as session:
        return tell(session, clock())


def _tidy(engine: Engine, clock: Clock, keys: Keys) -> int:
    """Forget old outcomes and destroy retired keys; on SQLite fold the log, so that letters leave the disk too."""
    with transaction(engine) as session:
        forgotten = forget(session, clock())
        spent = spent_keys(session, clock())
    for name in spent:
        keys.destroy(name)
    if engine.dialect.name == "sqlite":
        maintain(engine, FOLD)
    return forgotten


def _check_keystore(keys: Keys) -> str | None:
    try:
        keys.names()
    except OSError as error:
        return f"the key store does not answer: {type(error).__name__}"
    return None
