"""The scoring inbox in batches against the same inbox with one event per transaction, over RabbitMQ."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bench import apart, province
from bench.raters import ITEMS
from bench.servers import Servers
from bench.targets import INBOX, OPENING, Measured
from scoring_service.tables import box
from shared import sealing
from shared.config import load
from shared.database import reading
from shared.events import BallotsSealed, Event, RoundLaunched, RoundRoster, event_id
from shared.host import Host, queue_of
from shared.messaging.broker import Delivery, Done, Message
from shared.messaging.envelope import encode
from shared.messaging.inbox import receiver
from survey_service.usecases import questionnaires

BATCH = 200
SIZE = sealing.ballot_length(ITEMS)


def measure(servers: Servers, ratees: int) -> list[Measured]:
    """Two rows: boxes without ballots show the inbox itself, eight ballots each the work that comes in practice."""
    few = max(ratees // 10, 200)
    found = []
    for target, ballots in ((INBOX, 0), (OPENING, province.RATERS)):
        many, peak = apart.run(consumed, servers.product(f"inbox-{ballots}"), ratees, ballots, BATCH)
        each, _ = apart.run(consumed, servers.product(f"inbox-{ballots}-each"), few, ballots, 1)
        rates = ratees / many, few / each
        peaks = (("scoring inbox", peak),)
        found.append(Measured(target, f"{rates[0]:,.0f}/s", f"{rates[1]:,.0f}/s", rates[0] / rates[1], peaks))
    return found


def consumed(environment: dict[str, str], ratees: int, ballots: int, batch: int) -> float:
    """Seconds in which the events of ``ratees`` are applied, ``batch`` at a time."""
    host = Host(load(environment), ["scoring"])
    host.declare()
    scoring, secrets = host.services["scoring"], host.settings.event_secrets
    round_id = uuid.uuid4()
    receive = receiver(scoring, secrets, host.clock)
    for event in launching(round_id, ratees):
        assert receive([Delivery(event.type, event.id, encode(event, secrets))]) == [Done()]
    with reading(scoring.engine) as session:
        public = session.scalar(sa.text("SELECT public_key FROM round"))
    sealer = sealing.Sealer(bytes(public))
    events = [boxes_of(sealer, round_id, province.nip(at), ballots) for at in range(ratees)]
    messages = [Message(BallotsSealed.exchange, event.type, event.id, encode(event, secrets)) for event in events]
    for at in range(0, ratees, 1000):
        host.broker.publish(messages[at : at + 1000])
    stop = threading.Event()
    left = ratees

    def take(deliveries):  # type: ignore[no-untyped-def]
        nonlocal left
        outcomes = receive(deliveries)
        left -= len(outcomes)
        if left <= 0:
            stop.set()
        return outcomes

    with apart.stopwatch() as seconds:
        host.broker.consume(queue_of("scoring").name, take, stop, batch=batch)
    with reading(scoring.engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(box)) == ratees
    host.close()
    return seconds[0]


def boxes_of(sealer: sealing.Sealer, round_id: uuid.UUID, ratee: str, ballots: int) -> Event:
    """The boxes of one ratee as the survey service hands them over: of eight raters, or empty."""
    counts = {"supervisor": 1, "peer": 6, "self": 1} if ballots else {}
    boxes = {}
    for relation, count in counts.items():
        info = sealing.ballot_info(round_id, ratee, relation)
        plain = [sealing.encode_answers(province.random_answers(ITEMS), SIZE) for _ in range(count)]
        boxes[relation] = [sealing.b64(sealer.seal(one, info)) for one in plain]
    data = {"round_id": round_id, "ratee": ratee, "boxes": boxes}
    name = event_id(BallotsSealed.type, round_id, ratee)
    return Event.make(BallotsSealed, id=name, subject=f"{round_id}/{ratee}", time=datetime.now(UTC), data=data)


def launching(round_id: uuid.UUID, ratees: int) -> list[Event]:
    """What scoring hears of a launch: the round, and its roster in parts."""
    import json
    from importlib import resources

    text = (resources.files("survey_service") / "questionnaires" / "berakhlak.json").read_text("utf-8")
    now = datetime.now(UTC)
    today = now.date()
    numbers = [province.nip(at) for at in range(ratees)]
    parts = [numbers[at : at + 500] for at in range(0, ratees, 500)]
    launched = {
        "round_id": round_id,
        "name": "Semester II 2026",
        "period": {"start": today - timedelta(days=180), "end": today},
        "questionnaire": questionnaires.summary(json.loads(text)),
        "policy": "permen6",
        "threshold": 3,
        "ratees": ratees,
        "roster_parts": len(parts),
    }
    found = [Event.make(RoundLaunched, id=str(uuid.uuid4()), subject=str(round_id), time=now, data=launched)]
    for at, part in enumerate(parts, start=1):
        people = [
            {
                "ratee": number,
                "name": f"Pegawai {number}",
                "unit": "Bidang",
                "tier": "pelaksana",
                "leadership": False,
                "superior": None,
                "assessor": None,
                "invited": {"supervisor": 1, "peer": 6, "self": 1},
            }
            for number in part
        ]
        data = {"round_id": round_id, "part": at, "parts": len(parts), "ratees": people}
        found.append(Event.make(RoundRoster, id=str(uuid.uuid4()), subject=str(round_id), time=now, data=data))
    return found
