"""Answering under gunicorn on PostgreSQL, against psycopg doing the same two writes in one commit."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

import psycopg

from bench import apart, machine, province, raters
from bench.raters import Rater
from bench.servers import Servers
from bench.targets import CPU, JOURNEY, SUBMIT, TAIL, Measured
from tests.servers.processes import free_port

WHOLE, LAST = slice(0, 3), slice(2, 3)


def measure(servers: Servers, ratees: int) -> list[Measured]:
    """Four rows; a journey is three requests: the inert page, the survey, the sealed ballot."""
    product = servers.product(f"answers-{ratees}")
    apart.run(province.imported, product, province.people_file(ratees))
    (_, round_id), _ = apart.run(province.launched, product)
    everybody, _ = apart.run(raters.opened, product, round_id)
    part = len(everybody) // 8
    turns = iter([everybody[at * part : (at + 1) * part] for at in range(8)])
    url = product["CERMIN_SURVEY_DATABASE_URL"]
    with gunicorn(product) as (pid, port):
        raters.drive(port, next(turns), 4, WHOLE)  # warm
        before = _used(pid, servers.postgres.url)
        journeys, _ = raters.drive(port, next(turns), 4, WHOLE)
        cpu = [after - was for after, was in zip(_used(pid, servers.postgres.url), before, strict=True)]
        alone, _ = raters.drive(port, next(turns), 4, LAST)
        _, one = raters.drive(port, next(turns), 1, WHOLE)
        _, many = raters.drive(port, next(turns), 16, WHOLE)
        peaks = tuple(("gunicorn", machine.peak_mib(worker)) for worker in machine.family(pid))
    floor = part * 2 / max(apart.together(written, _shares(url, [*next(turns), *next(turns)], 4)))
    p99, single = quantiles(many, n=100)[98], median(one)
    rate, rate_alone = part / journeys, part / alone
    return [
        Measured(JOURNEY, f"{rate:.0f}/s", f"{floor:.0f}/s", rate / floor, peaks),
        Measured(SUBMIT, f"{rate_alone:.0f}/s", f"{floor:.0f}/s", rate_alone / floor),
        Measured(
            CPU,
            f"{sum(cpu) / part * 1000:.2f} ms",
            f"server {cpu[0] / part * 1000:.2f}, database {cpu[1] / part * 1000:.2f}",
            sum(cpu) / part * 1000,
        ),
        Measured(TAIL, f"{p99 * 1000:.1f} ms", f"{single * 1000:.2f} ms", p99 / single),
    ]


@contextmanager
def gunicorn(product: dict[str, str]) -> Iterator[tuple[int, int]]:
    """The survey pages as the container runs them: process id and port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:shared.gunicorn"]
    command += ["--bind", f"127.0.0.1:{port}", "shared.wsgi:application('survey')"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CERMIN_")} | product
    with (Path(product["CERMIN_DATA_DIR"]) / "gunicorn.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait(port)
        yield process.pid, port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/s", timeout=5).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _used(server: int, database: str) -> tuple[float, float]:
    """CPU seconds of gunicorn and of PostgreSQL so far."""
    with psycopg.connect(database) as connection:
        backend = connection.execute("SELECT pg_backend_pid()").fetchone()
    assert backend is not None
    parent = int(Path(f"/proc/{backend[0]}/stat").read_text().rpartition(")")[2].split()[1])
    return machine.cpu_seconds(server), machine.cpu_seconds(parent)


def _shares(url: str, several: Sequence[Rater], clients: int) -> list[tuple[str, list[tuple[bytes, ...]]]]:
    facts = [(one.digest, one.ballot) for one in several]
    return [(url, facts[at::clients]) for at in range(clients)]


def written(url: str, several: list[tuple[bytes, bytes]]) -> float:
    """Spend each token and put its ballot into the box, one commit each; seconds."""
    with psycopg.connect(url) as connection:
        connection.prepare_threshold = 1
        with apart.stopwatch() as seconds:
            for digest, ballot in several:
                row = connection.execute(
                    "UPDATE invitation SET state = 'answered' WHERE token_digest = %s AND state = 'pending'"
                    " RETURNING round_id, ratee, relation",
                    (digest,),
                ).fetchone()
                assert row is not None
                connection.execute(
                    "UPDATE box SET ballots = ballots || %s WHERE round_id = %s AND ratee = %s AND relation = %s",
                    (ballot, *row),
                )
                connection.commit()
    return seconds[0]
