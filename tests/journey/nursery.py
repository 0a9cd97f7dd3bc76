"""Starts ``cermin`` processes without reading all its code again: a parent that has read it forks one on request.

Each is a process like any other, with its own environment and log, and dies by itself when the nursery ends.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path


class Nursery:
    """Speaks with the parent; ``start`` and ``kill`` may be called from any thread."""

    def __init__(self, parent: subprocess.Popen[str]) -> None:
        self._parent = parent
        self._turn = threading.Lock()

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
        """Begin ``cermin ARGUMENTS``; its process id."""
        assert self._parent.stdin and self._parent.stdout
        order = {"arguments": list(arguments), "environment": dict(environment), "log": str(log)}
        with self._turn:
            print(json.dumps(order), file=self._parent.stdin, flush=True)
            return int(self._parent.stdout.readline())


@contextlib.contextmanager
def nursery() -> Iterator[Nursery]:
    """One parent for the block."""
    command = [sys.executable, "-m", "tests.journey.nursery"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        try:
            yield Nursery(parent)
        finally:
            assert parent.stdin
            parent.stdin.close()


def alive(pid: int) -> bool:
    """Whether a process that a nursery started is still there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def end(pid: int, how: signal.Signals, seconds: float = 20) -> None:
    """Send ``how``, and SIGKILL when that does not end it in time; return when it is gone."""
    deadline = time.monotonic() + seconds
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)
        while alive(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)


def _main() -> None:
    for name in ("shared.cli", "survey_service.service", "scoring_service.service", "notifier.service"):
        import_module(name)
    for name in ("shared.messaging.rabbit", "sqlalchemy.dialects.postgresql.psycopg", "waitress.server"):
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever dies is gone at once
    children: list[int] = []
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(order)
        children.append(child)
        print(child, flush=True)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def _live(order: dict[str, object]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(str(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[arg-type, call-overload]
    code = 1
    try:
        import_module("shared.cli").main(order["arguments"], prog_name="cermin")
    except SystemExit as found:
        code = found.code if isinstance(found.code, int) else int(found.code is not None)
    finally:
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    _main()
