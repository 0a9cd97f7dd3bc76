"""What was promised: the rows of the table, what must hold and what is aimed at."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """One row. ``least``: the ratio shall be at least these; otherwise at most."""

    what: str
    against: str
    least: bool
    must: float
    aim: float

    def verdict(self, ratio: float) -> str:
        """``aim``, ``must`` or ``MISSED``."""
        good = (lambda limit: ratio >= limit) if self.least else (lambda limit: ratio <= limit)
        return "aim" if good(self.aim) else "must" if good(self.must) else "MISSED"


@dataclass(frozen=True, slots=True)
class Measured:
    """One row as it was measured. ``ratio`` is the figure itself where there is no reference."""

    target: Target
    figure: str
    reference: str
    ratio: float
    peaks: tuple[tuple[str, float], ...] = ()
    """Peak memory in MiB by process of the product."""
    note: str = ""

    @property
    def verdict(self) -> str:
        return self.target.verdict(self.ratio)


JOURNEY = Target(
    "answer: open the page, send the sealed ballot; 4 clients", "psycopg, the same two writes", True, 0.10, 0.22
)
SUBMIT = Target("the sealed ballot alone; 4 clients", "psycopg, the same two writes", True, 0.20, 0.40)
CPU = Target("CPU of server and database per journey (ms)", "-", False, 4.0, 2.2)
TAIL = Target("p99 at 16 clients / median at 1 client", "median at 1 client", False, 25, 10)
LAUNCH = Target("launch, 8 raters each", "mint, hash, sign, seal, COPY", False, 3.0, 1.5)
MAILS = Target("invitation mails over 1 connection", "smtplib, ready-made bytes", True, 0.4, 0.7)
RELAY = Target("outbox relay to a quorum queue", "pika, confirms in a window of 1,000", True, 0.3, 0.6)
INBOX = Target("scoring inbox in batches (empty boxes)", "one event per transaction", True, 5, 10)
OPENING = Target("scoring inbox in batches (8 ballots to open)", "one event per transaction", True, 5, 10)
SCORES = Target("close to all scores, 21 items", "opening alone + one SQL scan", False, 3.0, 1.5)
PEOPLE = Target("people import", "reading the file + COPY", False, 8, 4)
MEMORY = Target("peak memory of any process of ours (MiB)", "-", False, 400, 250)
EMBEDDED = Target("embedded: accepted answers, 16 writers", "sqlite3, one writer", True, 0.4, 0.7)
WAIT = Target("embedded: worst wait of one of 16 writers (s)", "-", False, 1.0, 1.0)


def table(rows: Sequence[Measured]) -> str:
    """The rows as a Markdown table."""
    head = ("what", "figure", "reference", "ratio", "must", "aim", "verdict")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in (lines[0], rule, *lines[1:])
    )


def _cells(row: Measured) -> tuple[str, ...]:
    sign = "≥" if row.target.least else "≤"
    ratio = f"{row.ratio:.2f}" if row.ratio < 100 else f"{row.ratio:.0f}"
    limits = (f"{sign} {row.target.must:g}", f"{sign} {row.target.aim:g}")
    return (row.target.what, row.figure, f"{row.reference} ({row.target.against})", ratio, *limits, row.verdict)
