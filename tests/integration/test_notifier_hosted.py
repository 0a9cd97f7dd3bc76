"""The notifier under the composition root: an event from the broker becomes a mail, and an event goes back."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from shared import config
from shared.events import PRIVATE
from shared.health import readiness
from shared.host import Host, queue_of
from shared.messaging.broker import Message
from shared.messaging.envelope import encode
from tests.post_office import MIGRATIONS, Office


def test_a_request_on_the_broker_becomes_a_mail_and_an_answer(
    new_database: Callable[..., str], broker_url: str, tmp_path: Path
) -> None:
    secret = "s" * 40
    settings = config.load(
        {
            "CERMIN_DATA_DIR": str(tmp_path),
            "CERMIN_NOTIFIER_DATABASE_URL": new_database(),
            "CERMIN_BROKER_URL": broker_url,
            "CERMIN_EVENT_SECRETS": secret,
            "CERMIN_SERVICE_SECRETS": secret,
        }
    )
    host = Host(settings, ("notifier",))
    host.migrate()
    stop = threading.Event()
    threads = host.start(stop)
    try:
        service = host.services["notifier"]
        office = Office(service.engine, tmp_path, clock=host.clock)
        now = host.clock()
        event = office.request(not_before=now, closes_at=now.replace(year=now.year + 1, day=1))
        host.broker.publish([Message(PRIVATE, event.type, event.id, encode(event, [secret]))])
        limit = time.monotonic() + 30
        while host.broker.depth(queue_of("survey").name) < 2 and time.monotonic() < limit:
            time.sleep(0.1)
        assert host.broker.depth(queue_of("survey").name) == 2, "the key and the accepted mail"
        assert len(office.mails()) == 1
        assert dict(readiness(host.services.values(), host.broker))["notifier key store"] is None
        assert service.migrations == MIGRATIONS
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
        host.close()
