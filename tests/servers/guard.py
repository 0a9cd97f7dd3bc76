"""Holds one server for a whole test run: ``python -m tests.servers.guard postgres|rabbit FOLDER PID``.

It ends, and the server with it, on SIGTERM or as soon as process PID is gone, however that came about.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

from tests.servers import postgres, rabbit
from tests.servers.processes import ServerFailed, ServerMissing


def main(name: str, folder: Path, pid: int) -> None:
    """Start the server, tell how to reach it in ``FOLDER/NAME.json``, wait for the end."""
    end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with (postgres if name == "postgres" else rabbit).server() as server:
            _tell(folder, name, {"url": server.url, **_more(server)})
            while not end.wait(0.5) and _alive(pid):
                pass
    except ServerMissing as error:
        _tell(folder, name, {"missing": str(error)})
    except ServerFailed as error:
        _tell(folder, name, {"failed": str(error)})


def _more(server: "postgres.Postgres | rabbit.Rabbit") -> dict[str, object]:
    if isinstance(server, postgres.Postgres):
        return {}
    return {"home": str(server.home) if server.home else None, "environment": server.environment}


def _tell(folder: Path, name: str, found: dict[str, object]) -> None:
    draft = folder / f"{name}.draft"
    draft.write_text(json.dumps({"guard": os.getpid(), **found}))
    draft.rename(folder / f"{name}.json")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
