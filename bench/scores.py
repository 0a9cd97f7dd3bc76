"""From close to all scores, by real workers over RabbitMQ, against opening the ballots alone on one core."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
import sqlalchemy as sa

from bench import apart, machine, province
from bench.raters import ITEMS
from bench.servers import Servers
from bench.targets import SCORES, Measured
from scoring_service.tables import SCORING
from scoring_service.usecases import keys
from shared import sealing
from shared.bulk import fill
from shared.config import load
from shared.database import reading, transaction
from shared.events import CONTRACTS, heard_by
from shared.host import Host
from shared.keystore import open_keystore
from shared.messaging.broker import Delivery, Done
from shared.messaging.envelope import write
from shared.messaging.inbox import receiver
from shared.messaging.tables import outbox
from survey_service.domain import boxes
from survey_service.tables import box, invitation, letter
from survey_service.usecases import closing, opening

WORKERS = ("survey", "scoring", "scoring")
"""One process each; scoring has two, as the compose file may scale it."""
PATIENCE = 900
SIZE = sealing.ballot_length(ITEMS)


def measure(servers: Servers, ratees: int, product: dict[str, str], round_id: str) -> list[Measured]:
    """The row, for a round of ``product`` that was just launched."""
    private, _ = apart.run(told, product)
    apart.run(answered, product, round_id, private, ratees)
    floor, _ = apart.run(floor_of, servers.postgres.database(), ratees)
    (counted, seconds), peaks = scored(product, round_id)
    note = f"counted and key destroyed after {counted:.1f} s"
    ballots = ratees * province.RATERS
    return [
        Measured(SCORES, f"{ballots:,} ballots in {seconds:.1f} s", f"{floor:.1f} s", seconds / floor, peaks, note)
    ]


def scored(product: dict[str, str], round_id: str) -> tuple[tuple[float, float], tuple[tuple[str, float], ...]]:
    """Close the round with the workers running: seconds until all is counted and scored, peak memory of each."""
    with workers(product) as running:
        apart.run(closed, product, round_id)
        begun = time.perf_counter()
        counted = _wait(product, round_id, begun)
        seconds = time.perf_counter() - begun
        return (counted, seconds), tuple((f"{name} worker", machine.peak_mib(pid)) for name, pid in running)


def told(environment: dict[str, str]) -> bytes:
    """Tell scoring of the launch without a broker; the round's private key."""
    host = Host(load(environment), ["survey", "scoring"])
    secrets = host.settings.event_secrets
    survey, scoring = host.services["survey"], host.services["scoring"]
    listened = {contract.type for contract in heard_by("scoring")}
    with reading(survey.engine) as session:
        rows = [row for row in session.execute(sa.select(outbox)) if row.type in listened]
    receive = receiver(scoring, secrets, host.clock)
    for row in rows:
        import json

        body = write(row.type, row.event_id, row.subject, row.time, json.loads(row.data), secrets)
        assert receive([Delivery(row.type, row.event_id, body)]) == [Done()], row.type
    with transaction(survey.engine) as session:
        session.execute(sa.delete(outbox))
        session.execute(sa.update(letter).values(wanted=None))
    with transaction(scoring.engine) as session:
        session.execute(sa.delete(outbox))
        table = SCORING.tables["round"]
        round_id, public, fingerprint = session.execute(
            sa.select(table.c.id, table.c.public_key, table.c.fingerprint)
        ).one()
    with transaction(survey.engine) as session:
        opening.keep_round_key(session, round_id, public, fingerprint)
        assert opening.open_due(session, host.clock()) == 1
    private = open_keystore(host.settings.keystore_url).get(keys.name_of(round_id))
    assert private is not None and CONTRACTS
    host.close()
    return private


def answered(environment: dict[str, str], round_text: str, private: bytes, ratees: int) -> None:
    """Everybody answers: seal every ballot and fill the boxes."""
    host = Host(load(environment), ["survey"])
    engine, round_id = host.services["survey"].engine, UUID(round_text)
    sealer = sealing.Sealer(sealing.public_part(private))
    counts = {"supervisor": 1, "peer": 6, "self": 1, "subordinate": 0}
    with transaction(engine) as session:
        session.execute(sa.delete(box))
        for start in range(0, ratees, 500):
            rows = [
                {
                    "round_id": round_id,
                    "ratee": province.nip(at),
                    "relation": relation,
                    "ballots": _box(sealer, round_id, province.nip(at), relation, count),
                }
                for at in range(start, min(start + 500, ratees))
                for relation, count in counts.items()
            ]
            fill(session, box, rows)
        session.execute(sa.update(invitation).values(state="answered"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    host.close()


def _box(sealer: sealing.Sealer, round_id: UUID, ratee: str, relation: str, count: int) -> bytes:
    info = sealing.ballot_info(round_id, ratee, relation)
    plain = [sealing.encode_answers(province.random_answers(ITEMS), SIZE) for _ in range(count)]
    return boxes.join(sealer.seal(one, info) for one in plain)


def floor_of(url: str, ratees: int) -> float:
    """Open as many ballots on one core, and add up as many integer arrays in one statement; seconds."""
    private = sealing.make_key()
    sealer, opener = sealing.Sealer(sealing.public_part(private)), sealing.Opener(private)
    sealed = [
        sealer.seal(sealing.encode_answers(province.random_answers(ITEMS), SIZE), b"bench") for _ in range(2000)
    ]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE answer (ratee int, relation smallint, given smallint[] NOT NULL)")
        with connection.cursor().copy("COPY answer FROM STDIN") as copy:
            for at in range(ratees * province.RATERS):
                copy.write_row((at // 8, (0, 1, 1, 1, 1, 1, 1, 2)[at % 8], list(province.random_answers(ITEMS))))
        connection.commit()
        connection.execute("ANALYZE answer")
        sums = ", ".join(f"sum(given[{at}])" for at in range(1, ITEMS + 1))
        with apart.stopwatch() as seconds:
            for at in range(ratees * province.RATERS):
                opener.open(sealed[at % 2000], b"bench")
            connection.execute(
                f"CREATE TEMP TABLE total AS SELECT ratee, relation, count(*), array[{sums}] FROM answer"
                " GROUP BY ratee, relation"
            )
    return seconds[0]


@contextmanager
def workers(product: dict[str, str]) -> Iterator[list[tuple[str, int]]]:
    """The workers as containers run them: names and process ids."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CERMIN_")} | product
    running: list[subprocess.Popen[bytes]] = []
    try:
        for at, name in enumerate(WORKERS):
            with (Path(product["CERMIN_DATA_DIR"]) / f"{name}-{at}.log").open("ab") as log:
                command = [sys.executable, "-m", "shared.cli", "work", name]
                running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        time.sleep(4)
        yield [(name, process.pid) for name, process in zip(WORKERS, running, strict=True)]
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        with ThreadPoolExecutor(len(running)) as pool:
            list(pool.map(_end, running))


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def closed(environment: dict[str, str], round_text: str) -> None:
    """Close the round."""
    host = Host(load(environment), ["survey"])
    with transaction(host.services["survey"].engine) as session:
        closing.close(session, UUID(round_text), host.clock(), "bench")
    host.close()


def _wait(product: dict[str, str], round_id: str, begun: float) -> float:
    """Until every ratee has a score; gives the seconds after which all ballots were counted."""
    counted = 0.0
    with psycopg.connect(product["CERMIN_SCORING_DATABASE_URL"], autocommit=True) as connection:
        while time.perf_counter() < begun + PATIENCE:
            row = connection.execute("SELECT state FROM round WHERE id = %s", (round_id,)).fetchone()
            assert row is not None
            if row[0] in ("counted", "scored") and not counted:
                counted = time.perf_counter() - begun
            if row[0] == "scored":
                return counted
            time.sleep(0.1)
    raise RuntimeError(f"not all scores within {PATIENCE} s")
