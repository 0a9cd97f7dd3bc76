"""Invitation mails over one connection, against smtplib with the same bytes ready-made."""

import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import sqlalchemy as sa

from bench import apart, letters
from bench.servers import Servers
from bench.targets import MAILS, Measured
from notifier.tables import mail
from notifier.usecases import store
from shared.config import load
from shared.database import reading, transaction
from shared.host import Host
from shared.keystore import open_keystore
from shared.sealing import make_key, public_part
from tests.servers.processes import free_port


def measure(servers: Servers, mails: int) -> list[Measured]:
    """The row: from sealed letters in the notifier's table to outcomes in it."""
    with sink() as port:
        product = servers.product(
            "mails",
            mail_url=f"smtp://127.0.0.1:{port}?connections=1&starttls=never",
            mail_from="Cermin <cermin@example.go.id>",
            mails_per_minute="1000000",
            mails_per_minute_per_domain="1000000",
        )
        apart.run(requested, product, mails)
        (seconds, size), peak = apart.run(delivered, product, mails)
        floor, _ = apart.run(handed_over, port, mails, size)
    figure, reference = f"{mails / seconds:,.0f}/s", f"{mails / floor:,.0f}/s"
    return [Measured(MAILS, figure, reference, floor / seconds, (("notifier", peak),))]


@contextmanager
def sink() -> Iterator[int]:
    """A mail server of ours on the loopback interface."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port)])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def requested(environment: dict[str, str], mails: int) -> None:
    """Put the requests into the notifier's table."""
    host = Host(load(environment), ["notifier"])
    key = open_keystore(host.settings.keystore_url).put_new("notifier", make_key())
    made = letters.requests(public_part(key), mails)
    while part := list(islice(made, 1000)):
        with transaction(host.services["notifier"].engine) as session:
            store(session, part)
    with host.services["notifier"].engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE mail"))
    host.close()


def delivered(environment: dict[str, str], mails: int) -> tuple[float, int]:
    """Run the delivery until all are accepted; seconds, and the bytes of one mail."""
    host = Host(load(environment), ["notifier"])
    notifier = host.services["notifier"]
    jobs = [job for job in notifier.jobs if job.name.startswith(("delivery", "tell"))]
    with apart.stopwatch() as seconds:
        while sum(job.run() for job in jobs):
            pass
    with reading(notifier.engine) as session:
        accepted = session.scalar(sa.select(sa.func.count()).where(mail.c.state == "accepted"))
    assert accepted == mails, accepted
    host.close()
    return seconds[0], _size(environment)


def _size(environment: dict[str, str]) -> int:
    """The bytes of one such mail."""
    import inspect
    import json
    from datetime import UTC, datetime

    from notifier.domain.letter import Request, read
    from notifier.service import _sender
    from notifier.writing import Writer
    from shared.sealing import Opener, letter_info, unb64

    key = make_key()
    [event] = letters.requests(public_part(key), 1)
    data = event.data
    plain = json.loads(Opener(key).open(unb64(data["sealed"]), letter_info(data["letter_id"])))
    letter = read(plain, [str(one) for one in data["pending"]])
    known = {**data, "asked_at": event.time}
    request = Request(**{name: known[name] for name in inspect.signature(Request).parameters if name in known})
    return len(Writer(_sender(load(environment))).write(event.id, letter, request, datetime.now(UTC)))


def handed_over(port: int, mails: int, size: int) -> float:
    """smtplib, one connection, the same bytes each time; seconds."""
    line = b"Silakan mengisi formulir umpan balik pada tautan berikut ini.\r\n"
    body = line * (size // len(line))
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as talk:
        assert talk.sock
        talk.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        talk.ehlo()
        with apart.stopwatch() as seconds:
            for at in range(mails):
                talk.sendmail("cermin@example.go.id", [f"a{at}@example.go.id"], body)
    return seconds[0]
