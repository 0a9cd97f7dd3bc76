"""Handing mails over: to a mail server by SMTP, or into a Maildir for trying out and for local delivery.

A mailer belongs to one thread. It never raises for what a server does, and nothing of a server's words, which may
repeat an address, leaves this module.
"""

import os
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from notifier.domain.answers import Answer, answer

CONNECT_SECONDS = 10
COMMAND_SECONDS = 15
MESSAGE_SECONDS = 40
"""Waiting for the answer to a whole message is longer: gateways look for viruses before they answer."""
IDLE_SECONDS = 30
MAILS_PER_CONNECTION = 100


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to go: lines end in LF, all bytes are ASCII. ``id`` is the same when it is sent again."""

    id: str
    to: str = field(repr=False)
    body: bytes = field(repr=False)


class Mailer(Protocol):
    """Takes mails, one after another."""

    def send(self, mail: Mail) -> Answer:
        """Hand one mail over and say how that ended."""

    def rest(self) -> None:
        """Nothing to do at the moment: a connection that has been idle for long is closed."""


class MaildirMailer:
    """Delivers into ``new`` of a Maildir. The same mail again replaces itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: Mail) -> Answer:
        """Write to ``tmp``, make it durable, move to ``new``."""
        name = f"{mail.id}.cermin"
        try:
            for part in ("tmp", "new", "cur"):
                (self._folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = self._folder / "tmp" / name
            with open(draft, "wb", opener=_private) as file:
                file.write(mail.body)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._folder / "new" / name)
            _settle(self._folder / "new")
        except OSError:
            return Answer("unreachable", "maildir")
        return Answer("accepted", "250")

    def rest(self) -> None:
        """Nothing is kept open."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as ``Settings.mail_url`` names it.

    ``smtps://`` speaks TLS from the first byte (port 465), ``smtp://`` (port 25) upgrades with STARTTLS when that
    is offered; ``?starttls=required`` insists, ``?starttls=never`` does not ask. A password is sent over TLS only,
    unless ``starttls=never`` says otherwise. The certificate is checked whenever TLS is required or a password
    is sent. ``?connections=4`` (1 to 20, default 2) talks over several connections at once.
    """

    host: str
    port: int
    tls: Literal["always", "required", "offered", "never"]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    connections: int = 2

    @classmethod
    def read(cls, url: str) -> "Server":
        """The server that a URL names; raises ``ValueError`` saying what is wrong, without the password."""
        parts = urlsplit(url)
        query = parse_qs(parts.query, strict_parsing=bool(parts.query))
        connections = query.pop("connections", ["2"])[-1]
        wish = query.pop("starttls", ["offered"])[-1]
        if query or wish not in {"offered", "required", "never"}:
            raise ValueError("after ? use starttls=required or starttls=never, and connections=1 to 20")
        if not parts.hostname or not connections.isdecimal() or not 1 <= int(connections) <= 20:
            raise ValueError("use smtp://user:password@host:port, with connections from 1 to 20")
        always = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if always else 25),
            tls="always" if always else wish,  # type: ignore[arg-type]
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password or "") if parts.username else None,
            connections=int(connections),
        )


class SmtpMailer:
    """Talks to one mail server over a kept connection."""

    def __init__(self, server: Server, sender: str) -> None:
        self._server = server
        self._sender = sender
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0
        self._used = 0.0

    def send(self, mail: Mail) -> Answer:
        """One SMTP transaction (RFC 5321): sender, address, whole message in one send.

        A server that announces PIPELINING hears sender, address and DATA at once: two waits instead of four.
        """
        try:
            smtp = self._begin(mail)
        except _NotTaken as no:
            self.close()
            return no.answer
        try:
            found = self._hand_over(smtp, mail)
            if found.result in {"refused", "deferred"}:
                smtp.rset()
        except (smtplib.SMTPException, OSError, ValueError):
            found = Answer("lost", "lost")
        self._sent += 1
        self._used = time.monotonic()
        if found.result == "lost" or self._sent >= MAILS_PER_CONNECTION:
            self.close()
        return found

    def rest(self) -> None:
        """Say goodbye after ``IDLE_SECONDS``."""
        if self._smtp and time.monotonic() - self._used > IDLE_SECONDS:
            self.close()

    def close(self) -> None:
        """End the connection, politely if the server still listens."""
        smtp, self._smtp, self._sent = self._smtp, None, 0
        if smtp is None:
            return
        with suppress(smtplib.SMTPException, OSError, ValueError):
            if smtp.sock:
                smtp.sock.settimeout(2)
            smtp.quit()
        smtp.close()

    def _begin(self, mail: Mail) -> smtplib.SMTP:
        """A connection on which the server has taken our sender. One that was kept and is dead is replaced."""
        self.rest()
        if self._smtp is not None:
            try:
                return self._open_mail(self._smtp, mail)
            except (smtplib.SMTPException, OSError, _NotTaken):
                self.close()
        try:
            self._smtp = self._connect()
            return self._open_mail(self._smtp, mail)
        except smtplib.SMTPResponseException as no:
            raise _NotTaken(answer("server", no.smtp_code, no.smtp_error)) from None
        except smtplib.SMTPNotSupportedError:
            raise _NotTaken(Answer("misconfigured", "login")) from None
        except ssl.SSLError:
            raise _NotTaken(Answer("misconfigured", "tls")) from None
        except (smtplib.SMTPException, OSError):
            raise _NotTaken(Answer("unreachable", "connection")) from None

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.tls == "always":
            trust = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=CONNECT_SECONDS, context=trust)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=CONNECT_SECONDS)
        try:
            self._prepare(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _prepare(self, smtp: smtplib.SMTP) -> None:
        """TLS and login as the URL asks for them."""
        server = self._server
        _tune(smtp)
        smtp.ehlo_or_helo_if_needed()
        encrypted = server.tls == "always"
        if server.tls == "required" or (server.tls == "offered" and smtp.has_extn("starttls")):
            if not smtp.has_extn("starttls"):
                raise _NotTaken(Answer("misconfigured", "tls"))
            smtp.starttls(context=self._trust())
            smtp.ehlo_or_helo_if_needed()
            encrypted = True
        if server.user is not None and server.password is not None:
            if not encrypted and server.tls != "never":
                raise _NotTaken(Answer("misconfigured", "tls"))
            smtp.login(server.user, server.password)

    def _trust(self) -> ssl.SSLContext:
        """Which certificates to believe. Merely offered TLS without a password is better than none, as it is."""
        context = ssl.create_default_context()
        if self._server.tls == "offered" and self._server.user is None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _open_mail(self, smtp: smtplib.SMTP, mail: Mail) -> smtplib.SMTP:
        """Say who sends, and in the same breath to whom where the server takes that (RFC 2920)."""
        first, *others = _commands(self._sender, mail.to)  # both addresses were checked: nothing to parse
        if smtp.has_extn("pipelining"):
            smtp.send("".join(f"{command}\r\n" for command in (first, *others)))
            code, text = smtp.getreply()
        else:
            code, text = smtp.docmd(first)
        if code != 250:
            raise _NotTaken(answer("server", code, text))
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, mail: Mail) -> Answer:
        together = smtp.has_extn("pipelining")
        _, recipient, data = _commands(self._sender, mail.to)
        code, text = smtp.getreply() if together else smtp.docmd(recipient)
        if code not in {250, 251}:
            if together and code != 421:
                _call_off(smtp)
            return answer("recipient", code, text)
        code, text = smtp.getreply() if together else smtp.docmd(data)
        if code == 354:
            code, text = _whole(smtp, mail.body)
        elif code < 400:  # neither a yes to DATA nor a no: nothing was handed over
            return Answer("lost", "lost")
        return answer("message", code, text)


def _commands(sender: str, to: str) -> tuple[str, str, str]:
    return f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>", "DATA"


def _call_off(smtp: smtplib.SMTP) -> None:
    """A message was announced together with an address that was refused: it has nobody to go to."""
    if smtp.getreply()[0] == 354:
        smtp.send(b".\r\n")
        smtp.getreply()


def _whole(smtp: smtplib.SMTP, body: bytes) -> tuple[int, bytes]:
    """Send the message with its end, in one piece (RFC 5321, section 4.5.2), and wait for the answer."""
    assert smtp.sock
    dotted = body.replace(b"\n.", b"\n..").replace(b"\n", b"\r\n")
    smtp.sock.settimeout(MESSAGE_SECONDS)
    smtp.send((b"." if body.startswith(b".") else b"") + dotted + b".\r\n")
    found = smtp.getreply()
    smtp.sock.settimeout(COMMAND_SECONDS)
    return found


def trouble(url: str) -> str | None:
    """What stands between us and mailing to ``url``, as a sentence; None when nothing does. Sends no mail."""
    scheme, _, path = url.partition(":")
    if scheme == "maildir":
        folder = Path(path).expanduser()
        while not folder.exists():
            folder = folder.parent
        return None if os.access(folder, os.W_OK) else f"the folder for mails cannot be written to: {path}"
    server = Server.read(url)
    try:
        with socket.create_connection((server.host, server.port), CONNECT_SECONDS):
            return None
    except OSError as error:
        where = f"{server.host}:{server.port}"
        return f"the mail server {where} cannot be reached ({type(error).__name__}): is CERMIN_MAIL_URL right?"


class _NotTaken(Exception):
    """The server takes no mail at all at the moment."""

    def __init__(self, found: Answer) -> None:
        self.answer = found
        super().__init__(found.result)


def _tune(smtp: smtplib.SMTP) -> None:
    assert smtp.sock
    smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    smtp.sock.settimeout(COMMAND_SECONDS)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
