"""Sizes, and the table of what was seen: small in the test command, large with ``FAULTS=full``."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.faults.sink import Sink
from tests.servers.processes import free_port

FULL = os.environ.get("FAULTS") == "full"
Figure = Callable[..., None]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """``figure(what, found, reference, target)``: a line of the table. ``target`` says what the figure must be."""

    def note(what: str, found: object, reference: object = "", target: str = "") -> None:
        record_property("figure", (what, str(found), str(reference), target))

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
    heading = ("what", "figure", "reference", "target", "test")
    widths = [max(len(str(row[at])) for row in (heading, *rows)) for at in range(len(heading))]
    terminalreporter.section("faults")
    for row in (heading, *rows):
        terminalreporter.line("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)))
