"""``make attack``: the trial at full size on both deployments; exits with 1 when a promise is broken."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.attack import table
from tests.attack.trial import Trial, on_servers, on_sqlite, run
from tests.servers import postgres, rabbit
from tests.servers.processes import ServerMissing

PEOPLE = int(os.environ.get("ATTACK_PEOPLE", "480"))
SEED = int(os.environ.get("ATTACK_SEED", "1"))


def trials(folder: Path) -> Iterator[Trial]:
    """The embedded product, then separate services on servers of their own."""
    with on_sqlite(folder / "embedded", PEOPLE, SEED) as (copier, round_):
        yield run(copier, round_)
    with ExitStack() as stack:
        try:
            database = stack.enter_context(postgres.server())
            node = stack.enter_context(rabbit.server())
        except ServerMissing as missing:
            print(f"without separate services: {missing}", file=sys.stderr)
            return
        urls = [database.database() for _ in range(4)]
        place = on_servers(folder / "separate", PEOPLE, SEED, urls, node.vhosts(1)[0], node.home)
        copier, round_ = stack.enter_context(place)
        yield run(copier, round_)


def main() -> int:
    """Print a table for each deployment and every broken promise."""
    broken = []
    with tempfile.TemporaryDirectory(prefix="cermin-attack-") as folder:
        for trial in trials(Path(folder)):
            print("\n".join(table.lines(trial)), end="\n\n", flush=True)
            broken += [f"{trial.deployment}: {failure}" for failure in table.failures(trial)]
    print("\n".join(broken) or "Every promise held, and every strategy broke the naive schema.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
