"""Sizes, and the table of what was seen: small in the test command, large with ``FAULTS=full``."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.faults.sink import Sink
from tests.servers.processes import free_port

FULL = os.environ.get("FAULTS") == "full"
HEADING = ("fault", "number", "lost", "doubled", "worst recovery", "target", "test")
Figure = Callable[..., None]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """``figure(fault, number, lost=…, doubled=…, seconds=…, target=…)``: a line of the table.

    ``number`` is how often the fault was brought about, ``seconds`` the longest until all was well again.
    """

    def note(
        fault: str,
        number: int,
        *,
        lost: int | None = None,
        doubled: int | None = None,
        seconds: float | None = None,
        target: str,
    ) -> None:
        counts = ["" if count is None else f"{count:,}" for count in (lost, doubled)]
        took = "" if seconds is None else f"{seconds:.1f} s"
        record_property("figure", [fault, f"{number:,}", *counts, took, target])

    return note


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of an embedded product whose mails arrive in ``mails.jsonl`` beside its databases."""
    folder, port = tmp_path / "data", free_port()
    folder.mkdir()
    controller = Controller(Sink(folder / "mails.jsonl"), hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("CERMIN_DATA_DIR", str(folder))
    monkeypatch.setenv("CERMIN_MAIL_URL", f"smtp://127.0.0.1:{port}?connections=1&starttls=never")
    yield folder
    controller.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table when the full sizes were asked for."""
    if not FULL:
        return
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    rows = [
        (*value, report.outcome)
        for report in reports
        if report.when == "call"
        for name, value in report.user_properties
        if name == "figure"
    ]
    widths = [max(len(row[at]) for row in (HEADING, *rows)) for at in range(len(HEADING))]
    terminalreporter.section("faults")
    for row in (HEADING, *sorted(rows)):
        terminalreporter.line(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
