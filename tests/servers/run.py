"""One test run: its servers are started once, by whichever pytest worker asks first, and shared by all."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER, PID = "TEST_RUN_FOLDER", "TEST_RUN_PID"
ROOT = Path(__file__).parents[2]


def begin() -> None:
    """Called once by the controlling pytest process; its workers inherit the environment."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="cermin-run-")
    os.environ[PID] = str(os.getpid())


def end() -> None:
    """Stop the servers of this run and wait until they are gone."""
    for found in _folder().glob("*.json"):
        _stop(json.loads(found.read_text())["guard"])
    shutil.rmtree(_folder(), ignore_errors=True)


def find(name: str) -> dict[str, Any]:
    """How to reach the server ``postgres`` or ``rabbit``, or why it is not there; starts it if need be."""
    told = _folder() / f"{name}.json"
    with turn(name):
        if not told.exists():
            _start_guard(name)
            deadline = time.monotonic() + 120
            while not told.exists():
                if time.monotonic() > deadline:
                    return {"failed": (_folder() / f"{name}.log").read_text()[-2000:]}
                time.sleep(0.05)
    found: dict[str, Any] = json.loads(told.read_text())
    return found


@contextlib.contextmanager
def turn(name: str) -> Iterator[Path]:
    """One worker at a time; gives a file in which they can leave something for each other."""
    path = _folder() / f"{name}.turn"
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def _folder() -> Path:
    return Path(os.environ[FOLDER])


def _start_guard(name: str) -> None:
    log = str(_folder() / f"{name}.log")
    command = [sys.executable, "-m", "tests.servers.guard", name, str(_folder()), os.environ[PID]]
    os.posix_spawn(
        sys.executable,
        command,
        {**os.environ, "PYTHONPATH": str(ROOT)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def _stop(pid: int) -> None:
    deadline = time.monotonic() + 40
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
            time.sleep(0.05)
