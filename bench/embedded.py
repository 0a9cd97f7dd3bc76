"""The embedded product on SQLite: 16 raters at once, against one writer with sqlite3 and the same durability."""

import sqlite3
import threading
import time
from pathlib import Path

from bench import apart, province, raters
from bench.servers import SECRET, Servers, migrate
from bench.targets import EMBEDDED, WAIT, Measured
from shared.config import load
from shared.database import transaction
from shared.host import Host
from survey_service.usecases import accepting

WRITERS = 16


def measure(servers: Servers, ratees: int) -> list[Measured]:
    """Two rows: how many answers are accepted, and the longest that a single one waited."""
    home = servers.folder / "embedded"
    product = {
        "CERMIN_DATA_DIR": str(home),
        "CERMIN_EVENT_SECRETS": SECRET,
        "CERMIN_SERVICE_SECRETS": SECRET,
        "CERMIN_LOG_LEVEL": "WARNING",
    }
    apart.run(migrate, product)
    apart.run(province.imported, product, province.people_file(ratees))
    (_, round_id), _ = apart.run(province.launched, product)
    everybody, _ = apart.run(raters.opened, product, round_id)
    part = min(len(everybody) // 2, 8_000)
    (seconds, worst), peak = apart.run(accepted, product, everybody[:part])
    floor, _ = apart.run(written, home / "survey.db", everybody[part : 2 * part])
    rate, reference = part / seconds, part / floor
    return [
        Measured(EMBEDDED, f"{rate:.0f}/s", f"{reference:.0f}/s", rate / reference, (("embedded", peak),)),
        Measured(WAIT, f"{worst * 1000:.0f} ms", "", worst),
    ]


def accepted(environment: dict[str, str], several: list[raters.Rater]) -> tuple[float, float]:
    """Accept every ballot with 16 writers; seconds in all, and the longest wait of one."""
    host = Host(load(environment), ["survey"])
    engine, taken = host.services["survey"].engine, [0.0] * WRITERS
    faults: list[BaseException] = []

    def work(which: int) -> None:
        try:
            for rater in several[which::WRITERS]:
                begun = time.perf_counter()
                with transaction(engine) as session:
                    accepting.submit(session, rater.token, rater.ballot, host.clock())
                taken[which] = max(taken[which], time.perf_counter() - begun)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(which,)) for which in range(WRITERS)]
    with apart.stopwatch() as seconds:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if faults:
        raise faults[0]
    host.close()
    return seconds[0], max(taken)


def written(path: Path, several: list[raters.Rater]) -> float:
    """Spend each token and put its ballot into the box, one durable commit each; seconds."""
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {setting}").fetchone()
    with apart.stopwatch() as seconds:
        for rater in several:
            connection.execute("BEGIN IMMEDIATE")
            spent = connection.execute(
                "UPDATE invitation SET state = 'answered' WHERE token_digest = ? AND state = 'pending'"
                " RETURNING round_id, ratee, relation",
                (rater.digest,),
            ).fetchall()
            connection.execute(
                "UPDATE box SET ballots = ballots || ? WHERE round_id = ? AND ratee = ? AND relation = ?",
                (rater.ballot, *spent[0]),
            )
            connection.execute("COMMIT")
    connection.close()
    return seconds[0]
