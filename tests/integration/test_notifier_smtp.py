"""Talking to real mail servers: ones that accept, refuse, stall, hang up, and insist on TLS and a password."""

import asyncio
import gc
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy.engine import Engine

from notifier import mailers
from notifier.domain.answers import DELAYS, Answer
from notifier.mailers import Mail, Server, SmtpMailer
from tests.post_office import MIGRATIONS, Office

BODY = b"Subject: x\n\n.a line that begins with a dot\nend\n"


class Post:
    """A mail server that answers by what the address begins with: ``refused@``, ``later@``, ``drop@`` and so on."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []
        self.sessions: list[int] = []
        self.sender_answer = ""
        self.offers: list[str] = []

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*replies[:-1], *self.offers, replies[-1]]

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_answer:
            return self.sender_answer
        self.sessions.append(id(session))
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        match address.partition("@")[0]:
            case "refused":
                return f"550 5.1.1 <{address}> no such user"
            case "later":
                return "451 4.7.1 come back"
            case "closing":
                return "421 too busy"
            case "drop":
                assert server.transport
                server.transport.close()
            case "slow":
                await asyncio.sleep(1.5)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        (to,) = envelope.rcpt_tos
        if to.startswith("spam"):
            return "554 5.7.1 not this"
        if to.startswith("vanish"):
            assert server.transport
            server.transport.close()
        assert isinstance(envelope.content, bytes)
        self.mails.append((to, envelope.content))
        return "250 2.0.0 queued"


Start = Callable[..., int]


@pytest.fixture(params=[False, True], ids=["one by one", "pipelining"])
def post(request: pytest.FixtureRequest) -> Post:
    post = Post()
    post.offers = ["250-PIPELINING"] * request.param
    return post


@pytest.fixture
def start(post: Post) -> Iterator[Start]:
    """Start a server with these options of aiosmtpd; gives its port."""
    with ExitStack() as running:

        def run(**options: Any) -> int:
            controller = Controller(post, hostname="127.0.0.1", port=_free_port(), **options)
            controller.start()
            running.callback(controller.stop)
            return int(controller.port)

        yield run


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mailer(request: pytest.FixtureRequest) -> Callable[[str], SmtpMailer]:
    def make(url: str) -> SmtpMailer:
        made = SmtpMailer(Server.read(url), "cermin@bkd.test")
        request.addfinalizer(made.close)
        return made

    return make


def _send(mailer: SmtpMailer, *names: str) -> list[Answer]:
    return [mailer.send(Mail(name, f"{name}@kantor.test", BODY)) for name in names]


def test_mails_share_one_connection_and_arrive_whole(start: Start, post: Post, mailer) -> None:
    assert _send(mailer(f"smtp://127.0.0.1:{start()}"), "a", "b", "c") == [Answer("accepted", "2.0.0")] * 3
    assert [to for to, _ in post.mails] == ["a@kantor.test", "b@kantor.test", "c@kantor.test"]
    assert post.mails[0][1] == BODY.replace(b"\n", b"\r\n")
    assert len(set(post.sessions)) == 1


def test_one_bad_address_stops_nobody_else(start: Start, post: Post, mailer) -> None:
    answers = _send(
        mailer(f"smtp://127.0.0.1:{start()}"), "a", "refused", "later", "spam", "drop", "vanish", "closing", "b"
    )
    assert answers == [
        Answer("accepted", "2.0.0"),
        Answer("refused", "5.1.1"),
        Answer("deferred", "4.7.1"),
        Answer("refused", "5.7.1"),
        Answer("lost", "lost"),
        Answer("lost", "lost"),
        Answer("lost", "421"),
        Answer("accepted", "2.0.0"),
    ]
    assert [to for to, _ in post.mails if not to.startswith("vanish")] == ["a@kantor.test", "b@kantor.test"]


def test_a_slow_server_is_waited_for_only_so_long(start: Start, mailer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailers, "COMMAND_SECONDS", 0.3)
    begun = time.monotonic()
    assert _send(mailer(f"smtp://127.0.0.1:{start()}"), "slow", "a") == [
        Answer("lost", "lost"),
        Answer("accepted", "2.0.0"),
    ]
    assert time.monotonic() - begun < 1.5


def test_a_connection_that_died_meanwhile_is_replaced(start: Start, post: Post, mailer) -> None:
    url = f"smtp://127.0.0.1:{start(timeout=0.2)}"
    kept = mailer(url)
    assert _send(kept, "a") == [Answer("accepted", "2.0.0")]
    time.sleep(0.6)
    assert _send(kept, "b") == [Answer("accepted", "2.0.0")]
    assert len(set(post.sessions)) == 2


def test_a_server_that_is_not_there(mailer) -> None:
    assert _send(mailer(f"smtp://127.0.0.1:{_free_port()}"), "a") == [Answer("unreachable", "connection")]


class Script:
    """A mail server on one connection that says fixed things, and what it heard, a list for each thing said."""

    def __init__(self, *says: str) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self._says = says
        self.port = int(self._door.getsockname()[1])
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with self._door, self._door.accept()[0] as line:
            line.settimeout(5)
            for said in self._says:
                line.sendall(said.encode())
                self.heard.append(line.recv(100_000))

    def ended(self) -> list[bytes]:
        """All that was heard."""
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self.heard


GREETING = ("220 here\r\n", "250-here\r\n250 PIPELINING\r\n")
OFFER = b"MAIL FROM:<cermin@bkd.test>\r\nRCPT TO:<a@kantor.test>\r\nDATA\r\n"
AGAIN = OFFER.replace(b"<a@", b"<b@")
WHOLE = BODY.replace(b"\n.", b"\n..").replace(b"\n", b"\r\n") + b".\r\n"


def test_sender_address_and_data_are_one_send(mailer) -> None:
    script = Script(*GREETING, "250 ok\r\n250 ok\r\n354 go\r\n", "250 2.0.0 queued\r\n", "221 bye\r\n")
    sender = mailer(f"smtp://127.0.0.1:{script.port}")
    assert _send(sender, "a") == [Answer("accepted", "2.0.0")]
    sender.close()
    assert script.ended()[1:] == [OFFER, WHOLE, b"quit\r\n", b""]


def test_a_message_without_an_address_is_called_off(mailer) -> None:
    """RFC 2920, section 3.1: the server may ask for the message although it refused whom it is for."""
    script = Script(
        *GREETING,
        "250 ok\r\n550 5.1.1 nobody\r\n354 go\r\n",
        "554 no recipients\r\n",
        "250 reset\r\n",
        "250 ok\r\n250 ok\r\n354 go\r\n",
        "250 2.0.0 queued\r\n",
        "221 bye\r\n",
    )
    sender = mailer(f"smtp://127.0.0.1:{script.port}")
    assert _send(sender, "a", "b") == [Answer("refused", "5.1.1"), Answer("accepted", "2.0.0")]
    sender.close()
    assert script.ended()[1:] == [OFFER, b".\r\n", b"rset\r\n", AGAIN, WHOLE, b"quit\r\n", b""]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("451 4.3.0 full", Answer("deferred", "4.3.0")),
        ("554 5.7.1 no", Answer("refused", "5.7.1")),
        ("250 fine", Answer("lost", "lost")),
    ],
)
def test_only_a_message_that_was_asked_for_is_sent(mailer, data: str, expected: Answer) -> None:
    script = Script(*GREETING, f"250 ok\r\n250 ok\r\n{data}\r\n", "250 ok\r\n", "221 bye\r\n")
    sender = mailer(f"smtp://127.0.0.1:{script.port}")
    assert _send(sender, "a") == [expected]
    sender.close()
    assert WHOLE not in b"".join(script.ended())


def test_a_sender_that_is_not_wanted_is_a_matter_of_the_set_up(start: Start, post: Post, mailer) -> None:
    post.sender_answer = "550 5.7.1 you may not send as this"
    assert _send(mailer(f"smtp://127.0.0.1:{start()}"), "a") == [Answer("misconfigured", "5.7.1")]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pem, private


def _context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


def _check(_server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"user", b"p@ss/word")
    return AuthResult(success=good, handled=good)


LOGIN = {"auth_require_tls": True, "auth_required": True, "authenticator": _check, "require_starttls": True}


def test_starttls_and_login(start: Start, post: Post, mailer, certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    port = start(tls_context=_context(certificate), **LOGIN)
    assert (
        _send(mailer(f"smtp://user:p%40ss%2Fword@127.0.0.1:{port}"), "a", "b") == [Answer("accepted", "2.0.0")] * 2
    )
    assert len(set(post.sessions)) == 1
    (wrong,) = _send(mailer(f"smtp://user:wrong@127.0.0.1:{port}"), "a")
    assert wrong.result == "misconfigured"


def test_tls_from_the_first_byte(start: Start, mailer, certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    port = start(ssl_context=_context(certificate))
    assert _send(mailer(f"smtps://127.0.0.1:{port}"), "a") == [Answer("accepted", "2.0.0")]


def test_a_stranger_gets_no_password(start: Start, post: Post, mailer, certificate) -> None:
    port = start(tls_context=_context(certificate), **LOGIN)
    for url in ("smtp://user:secret@127.0.0.1:{}", "smtp://127.0.0.1:{}?starttls=required"):
        assert _send(mailer(url.format(port)), "a") == [Answer("misconfigured", "tls")]
    assert _send(mailer(f"smtps://127.0.0.1:{start(ssl_context=_context(certificate))}"), "a") == [
        Answer("misconfigured", "tls")
    ]


def test_merely_offered_tls_is_used_as_it_is(start: Start, mailer, certificate) -> None:
    port = start(tls_context=_context(certificate), require_starttls=True)
    assert _send(mailer(f"smtp://127.0.0.1:{port}"), "a") == [Answer("accepted", "2.0.0")]
    (plain,) = _send(mailer(f"smtp://127.0.0.1:{port}?starttls=never"), "a")
    assert plain.result == "misconfigured"


@pytest.mark.parametrize("query", ["?starttls=required", ""])
def test_a_password_or_a_demand_for_tls_needs_tls(start: Start, post: Post, mailer, query: str) -> None:
    port = start()
    assert _send(mailer(f"smtp://user:secret@127.0.0.1:{port}{query}"), "a") == [Answer("misconfigured", "tls")]
    assert post.mails == []


@pytest.fixture(autouse=True)
def _goodbye() -> Iterator[None]:
    """A mailer keeps its connection; a test ends it, as the end of a process would."""
    yield
    for one in gc.get_objects():
        if isinstance(one, SmtpMailer):
            one.close()


def test_from_request_to_outcome_with_every_kind_of_answer(
    start: Start, post: Post, new_engine: Callable[..., Engine], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(new_engine(MIGRATIONS), tmp_path, mail_url=f"smtp://127.0.0.1:{start()}?connections=1")
    names = ("good1", "refused", "later", "drop", "spam", "good2")
    events = {name: office.request(to=f"{name}@kantor.test") for name in names}
    office.hear(*events.values())
    office.empty()
    assert {name: office.outcome(event) for name, event in events.items()} == {
        "good1": ("accepted", "2.0.0"),
        "refused": ("permanent", "5.1.1"),
        "later": ("waiting", "4.7.1"),
        "drop": ("waiting", "lost"),
        "spam": ("permanent", "5.7.1"),
        "good2": ("accepted", "2.0.0"),
    }
    for delay in DELAYS:
        office.clock.pass_by(seconds=delay.total_seconds())
        office.empty()
    assert office.outcome(events["later"]) == ("temporary", "4.7.1")
    assert office.outcome(events["drop"]) == ("temporary", "lost")
    assert sorted(to for to, _ in post.mails) == ["good1@kantor.test", "good2@kantor.test"]
    assert message_from_bytes(post.mails[0][1])["Auto-Submitted"] == "auto-generated"
    assert sorted(kind for kind, _ in office.told()[1:]) == ["mail.accepted.v1"] * 2 + ["mail.refused.v1"] * 4
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]  # that is the sink's own
    assert not [line for line in ours if "kantor.test" in line]


def test_an_outage_costs_nobody_a_try(
    new_engine: Callable[..., Engine], tmp_path: Path, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = _free_port()
    office = Office(new_engine(MIGRATIONS), tmp_path, mail_url=f"smtp://127.0.0.1:{port}?connections=1")
    office.hear(*(office.request() for _ in range(4)))
    for _ in range(6):
        office.work()
    assert sorted(row.attempts for row in office.rows().values()) == [0, 0, 0, 0]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        office.clock.pass_by(minutes=2)
        office.empty()
        monkeypatch.setattr(mailers, "IDLE_SECONDS", -1)  # the connection has been idle for long
        office.work()
    finally:
        controller.stop()
    assert [row.state for row in office.rows().values()] == ["accepted"] * 4
