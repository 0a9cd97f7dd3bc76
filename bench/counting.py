"""Whether counting and scoring stream: seconds and peak memory of one scoring process, on SQLite and on PostgreSQL.

``python -m bench.counting [--ratees 4000 40000] [--on sqlite postgresql]``. Boxes of eight ballots with 21 answers
come from a file in batches, as a broker hands them over, through the real inbox; then the jobs count, score and
release. The process that does it does nothing else, so its peak is that of this work.
"""

import argparse
import hashlib
import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from bench import apart, machine, province
from bench.inbox import BATCH, boxes_of, launching
from bench.servers import SECRET, migrate
from scoring_service.tables import round_, score
from scoring_service.usecases import release
from shared import sealing
from shared.config import load
from shared.database import reading, transaction
from shared.events import Event, RoundSealed, event_id
from shared.host import Host
from shared.messaging.broker import Delivery, Done
from shared.messaging.envelope import decode, encode
from shared.messaging.inbox import receiver
from tests.servers import postgres

STEPS = ("boxes", "count", "score", "release")
Took = dict[str, tuple[float, float]]
"""Seconds of each step, and the most memory (MiB) that the process ever had after it."""


def main() -> None:
    """Measure every size on every database and print a row for each."""
    parser = argparse.ArgumentParser(prog="bench.counting", description=__doc__)
    parser.add_argument("--ratees", nargs="+", type=int, default=[4_000, 40_000])
    parser.add_argument("--on", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server is stopped whatever happens
    with tempfile.TemporaryDirectory(prefix="cermin-bench-") as folder, postgres.server(durable=True) as server:
        print("\n".join(machine.describe(["PostgreSQL (fsync on)"])), flush=True)
        print(f"| on | ratees | {' | '.join(f'{step} (s)' for step in STEPS)} | peak (MiB) |")
        print("|---" * (len(STEPS) + 3) + "|", flush=True)
        for kind in given.on:
            for ratees in given.ratees:
                home = Path(folder) / f"{kind}-{ratees}"
                home.mkdir()
                took = measured(home, server.database() if kind == "postgresql" else None, ratees)
                seconds = " | ".join(f"{took[step][0]:,.1f}" for step in STEPS)
                print(f"| {kind} | {ratees:,} | {seconds} | {took[STEPS[-1]][1]:,.0f} |", flush=True)


def measured(home: Path, url: str | None, ratees: int) -> Took:
    """One round from its launch to its release in ``home``, on SQLite there where no ``url`` is given."""
    product = {
        "CERMIN_DATA_DIR": str(home),
        "CERMIN_EVENT_SECRETS": SECRET,
        "CERMIN_SERVICE_SECRETS": SECRET,
        "CERMIN_LOG_LEVEL": "WARNING",
    } | ({"CERMIN_SCORING_DATABASE_URL": url} if url else {})
    file = home / "boxes.jsonl"
    apart.run(migrate, product)
    apart.run(answered, product, file, ratees)
    took, _ = apart.run(counted, product, file, ratees)
    return took


def answered(environment: dict[str, str], file: Path, ratees: int) -> None:
    """Launch a round at scoring, and write its boxes and manifest into a file, a message a line."""
    host = Host(load(environment), ["scoring"])
    scoring, secrets, round_id = host.services["scoring"], host.settings.event_secrets, uuid.uuid4()
    receive = receiver(scoring, secrets, host.clock)
    for event in launching(round_id, ratees):
        assert receive([Delivery(event.type, event.id, encode(event, secrets))]) == [Done()]
    with reading(scoring.engine) as session:
        public = session.scalar(sa.select(round_.c.public_key))
    assert public is not None
    sealer, leaves = sealing.Sealer(public), []
    with file.open("wb") as lines:
        for at in range(ratees):
            event = boxes_of(sealer, round_id, province.nip(at), province.RATERS)
            leaves += [
                hashlib.sha256(sealing.unb64(one)).digest() for box in event.data["boxes"].values() for one in box
            ]
            lines.write(encode(event, secrets) + b"\n")
        lines.write(encode(_manifest(round_id, ratees, leaves), secrets) + b"\n")
    host.close()


def counted(environment: dict[str, str], file: Path, ratees: int) -> Took:
    """Read the boxes, count, score and release, as a scoring worker does."""
    host = Host(load(environment), ["scoring"])
    scoring, took = host.services["scoring"], Took()
    jobs = {job.name: job.run for job in scoring.jobs}
    for step in STEPS:
        with apart.stopwatch() as seconds:
            if step == "boxes":
                _read(host, file)
            if step == "release":
                with transaction(scoring.engine) as session:
                    release.release(session, session.scalars(sa.select(round_.c.id)).one(), host.clock(), "bench")
            while step in jobs and jobs[step]():
                pass
        took[step] = seconds[0], machine.peak_mib()
    with reading(scoring.engine) as session:
        assert session.scalar(sa.select(round_.c.state)) == "released"
        assert session.scalar(sa.select(sa.func.count()).select_from(score)) == ratees
    host.close()
    return took


def _read(host: Host, file: Path) -> None:
    receive = receiver(host.services["scoring"], host.settings.event_secrets, host.clock)
    with file.open("rb") as lines:
        for batch in _batches(lines, BATCH):
            assert set(map(type, receive(batch))) == {Done}


def _batches(lines: Iterator[bytes], size: int) -> Iterator[list[Delivery]]:
    while part := [line.rstrip() for line in islice(lines, size)]:
        events = (decode(line, (SECRET,)) for line in part)
        yield [Delivery(event.type, event.id, line) for event, line in zip(events, part, strict=True)]


def _manifest(round_id: uuid.UUID, ratees: int, leaves: list[bytes]) -> Event:
    data = {
        "round_id": round_id,
        "messages": ratees,
        "ballots": len(leaves),
        "merkle_root": sealing.merkle_root(leaves),
    }
    name = event_id(RoundSealed.type, round_id)
    return Event.make(RoundSealed, id=name, subject=str(round_id), time=datetime.now(UTC), data=data)


if __name__ == "__main__":
    main()
