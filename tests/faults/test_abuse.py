"""Many people behind one address, forgeries, nonsense and poison: refused cheaply, and nobody else notices."""

import base64
import json
import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.events import PRIVATE, MailAccepted, event_id
from shared.host import queue_of
from shared.messaging.broker import Broker, Message
from shared.messaging.envelope import encode
from shared.messaging.inbox import receiver
from shared.messaging.tables import inbox
from shared.sealing import b64
from tests.asked import Asked
from tests.faults.conftest import FULL, Figure
from tests.integration.survey.conftest import NOW
from tests.post_office import SECRETS

SURVEY = "survey_service.migrations"
RATERS = 300
FORGED = 20_000 if FULL else 1_500
NONSENSE = 50_000 if FULL else 1_500
"""On each of the two databases."""
GOOD, BAD = (9_000, 1_000) if FULL else (900, 100)


def _watch(engine: Engine) -> Counter[str]:
    """Statements by their first word, from now on."""
    seen: Counter[str] = Counter()
    sa.event.listen(engine, "before_cursor_execute", lambda *args: seen.update([args[2].split()[0]]))
    return seen


def _unsigned(dice: random.Random) -> dict[str, str]:
    token, signature = (base64.urlsafe_b64encode(dice.randbytes(32)).rstrip(b"=").decode() for _ in range(2))
    return {"token": token, "signature": signature, "ballot": "AAAA"}


def test_three_hundred_behind_one_address_beside_a_flood_of_forgeries(
    new_engine: Callable[..., Engine], tmp_path: Path, figure: Figure
) -> None:
    world = Asked(new_engine(SURVEY), tmp_path)
    links = [world.invite("peer") for _ in range(RATERS)]
    client, dice = world.app().test_client(), random.Random(1)
    seen = _watch(world.engine)
    for at in range(FORGED):
        path = ("/s/open", "/s/submit", "/s/answer", "/s/decline")[at % 4]
        forged = _unsigned(dice)
        answer = client.post(path, json=forged) if path == "/s/submit" else client.post(path, data=forged)
        assert answer.status_code == 404
    touched = seen.total()
    assert touched == 0, "a forgery is refused without a look at the database"
    answered = 0
    for link in links:
        world.clock.at += timedelta(seconds=2)
        page = client.post(
            "/s/submit",
            json={**link.form, "ballot": b64(world.ballot())},
        )
        answered += page.status_code == 200
    assert answered == RATERS
    assert len(world.opened()) == RATERS
    figure("raters behind one address in ten minutes", RATERS, lost=RATERS - answered, target="all let in")
    figure("forged links beside them", FORGED, doubled=0, target=f"no statement in the database; {touched}")


def _nonsense(dice: random.Random) -> dict[str, Any]:
    """A request that means nothing: bytes, broken JSON, wrong types, deep nesting, long fields, bad tickets."""
    junk = dice.randbytes(dice.randrange(0, 200))
    bodies: list[dict[str, Any]] = [
        {"data": junk, "content_type": "application/json"},
        {"data": b"[" * 5000, "content_type": "application/json"},
        {"json": dice.choice([None, 1, [], [{}], {"token": 1}, {"token": None}, "x", {"ballot": "A" * 70_000}])},
        {"json": {"token": "\x00", "signature": "\ud800", "ballot": "=" * 9, "code": "\u0000"}},
        {"data": {"token": junk.decode("latin1"), "signature": "é" * 50, "to": "xx", "lang": "\x00"}},
        {"data": {"code": junk.decode("latin1"), "reason": "'; DROP TABLE box;--"}},
        {"data": {"ticket": base64.b64encode(junk).decode(), "q0": "99999999999999999999"}},
        {"data": {"secret": "A" * 22, "signature": "B" * 43}},
        {"data": junk, "content_type": "multipart/form-data; boundary=x"},
        {
            "data": b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n' + junk,
            "content_type": "multipart/form-data; boundary=x",
        },
        {"data": "&".join(f"f{at}=1" for at in range(1200)), "content_type": "application/x-www-form-urlencoded"},
        {"data": junk, "content_type": "text/csv; charset=nonsense"},
    ]
    return dice.choice(bodies)


@pytest.mark.timeout(900)
def test_nonsense_is_refused_without_a_write(
    new_engine: Callable[..., Engine], tmp_path: Path, figure: Figure
) -> None:
    world = Asked(new_engine(SURVEY), tmp_path)
    world.invite("peer")
    app = world.app()
    client, dice, seen = app.test_client(), random.Random(2), _watch(world.engine)
    paths = ["/s/open", "/s/submit", "/s/answer", "/s/decline", "/s/relation", "/s/undo"]
    statuses: Counter[int] = Counter()
    for _ in range(NONSENSE):
        answer = client.post(dice.choice(paths), **_nonsense(dice))
        statuses[answer.status_code // 100] += 1
        assert answer.status_code < 500, answer.get_data(as_text=True)[:500]
        assert b"Traceback" not in answer.data
        assert len(answer.data) < 64 * 1024
    assert statuses[4] == NONSENSE, statuses
    assert not {"INSERT", "UPDATE", "DELETE"} & set(seen)
    figure("malformed requests", NONSENSE, target=f"no 5xx, no write; {statuses[5]}")


@pytest.mark.timeout(900)
def test_poison_among_the_good_is_buried_with_its_reason(
    broker: Broker, new_engine: Callable[..., Engine], figure: Figure
) -> None:
    from shared.service import Service
    from survey_service.tables import SURVEY as TABLES

    engine, heard = new_engine(SURVEY), []
    service = Service(
        "survey",
        TABLES,
        SURVEY,
        engine,
        handlers={MailAccepted.type: lambda session, events: heard.extend(event.id for event in events)},
    )
    queue = queue_of("survey")
    broker.declare([queue])
    dice = random.Random(3)
    good = [_accepted(at) for at in range(GOOD)]
    bad = [Message(PRIVATE, MailAccepted.type, f"bad-{at}", _poison(good[at % GOOD].body, at)) for at in range(BAD)]
    mixed = [*good, *bad]
    dice.shuffle(mixed)
    for at in range(0, len(mixed), 1000):
        broker.publish(mixed[at : at + 1000])
    stop = threading.Event()
    work = receiver(service, SECRETS, lambda: NOW)
    thread = threading.Thread(target=broker.consume, args=(queue.name, work, stop))
    thread.start()
    try:
        deadline = threading.Event()
        for _ in range(6000):
            with engine.connect() as connection:
                count = connection.scalar(sa.select(sa.func.count()).select_from(inbox)) or 0
            if count >= GOOD and broker.depth(queue.name) == 0:
                break
            deadline.wait(0.1)
    finally:
        stop.set()
        thread.join(30)
    letters = broker.dead_letters(queue.name, limit=BAD + 10)
    assert sorted(heard) == sorted(one.id for one in good)
    assert {letter.id for letter in letters} == {one.id for one in bad}
    assert all(letter.reason for letter in letters)
    lost, doubled = GOOD - len(set(heard)), len(heard) - len(set(heard))
    figure(
        f"poison among {GOOD:,} good events", BAD, lost=lost, doubled=doubled, target=f"buried; {len(letters):,}"
    )


def _accepted(at: int) -> Message:
    from uuid import uuid4

    from shared.events import Event

    letter = uuid4()
    event = Event.make(
        MailAccepted,
        id=event_id(MailAccepted.type, letter),
        subject=str(letter),
        time=NOW,
        data={"letter_id": letter, "kind": "invitation"},
    )
    return Message(PRIVATE, MailAccepted.type, event.id, encode(event, SECRETS))


def _poison(body: bytes, at: int) -> bytes:
    """Bytes that look like an event, in one of eight ways not quite."""
    event = json.loads(body)
    match at % 8:
        case 0:
            return os.urandom(50)
        case 1:
            return body[:-5]
        case 2:
            return b"[" * 3000
        case 3:
            event["data"]["letter_id"] = "nobody"
        case 4:
            event["signature"] = "forged"
        case 5:
            del event["id"]
        case 6:
            event["type"] = "mail.unknown.v9"
        case 7:
            event["data"] = None
    return json.dumps(event).encode()
