"""``python -m bench [--size small|full] [ROW …]``: measure and print the table."""

import argparse
import signal
import sys
import time
from collections.abc import Callable

from bench import answers, embedded, inbox, launch, machine, mails, people, relay, scores
from bench.servers import Servers, servers
from bench.targets import MEMORY, Measured, table

SIZES = {"small": 2_000, "full": 40_000}


def province(run: Servers, ratees: int) -> list[Measured]:
    """Import, launch and count one province."""
    rows, product = people.measure(run, ratees)
    more, round_id = launch.measure(run, ratees, product)
    return rows + more + scores.measure(run, ratees, product, round_id)


PARTS: dict[str, Callable[[Servers, int], list[Measured]]] = {
    "answers": lambda run, ratees: answers.measure(run, min(ratees, 10_000)),
    "province": province,
    "relay": relay.measure,
    "inbox": lambda run, ratees: inbox.measure(run, min(ratees, 20_000)),
    "mails": mails.measure,
    "embedded": lambda run, ratees: embedded.measure(run, min(ratees, 4_000)),
}


def main() -> None:
    """Measure the chosen parts (all when none is named); ends with status 1 when a must is missed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    given = parser.parse_args()
    begun = time.monotonic()
    rows: list[Measured] = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers are stopped whatever happens
    with servers() as run:
        print("\n".join(machine.describe(run.names())), flush=True)
        for name in given.parts or PARTS:
            found = PARTS[name](run, SIZES[given.size])
            rows += found
            print(table(found), flush=True)
    rows += memory(rows)
    print(f"\n{table(rows)}\n{time.monotonic() - begun:.0f} s in all")


def memory(rows: list[Measured]) -> list[Measured]:
    """The row about the largest process of ours among all that was measured."""
    peaks = [(size, name) for row in rows for name, size in row.peaks]
    if not peaks:
        return []
    size, name = max(peaks)
    return [Measured(MEMORY, f"{size:.0f} MiB ({name})", "", size)]


if __name__ == "__main__":
    main()
