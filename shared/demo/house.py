"""All three services in this process, on fresh data and a free port, for as long as a demonstration takes."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from shared.config import load
from shared.database import transaction
from shared.demo.api import Api
from shared.host import Host, now
from shared.logs import configure
from shared.service import Clock
from shared.web.access import create_client
from shared.web.serving import serving

SURVEY_SCOPES = ("people:write", "questionnaires:read", "rounds:read", "rounds:write")
SCORING_SCOPES = ("results:read", "results:write")


@dataclass(frozen=True, slots=True)
class House:
    """A running Cermin with keys for its APIs."""

    host: Host
    url: str
    survey: Api
    scoring: Api
    feed_key: str
    """What an appraisal system gets: it may read scores and nothing else."""


@contextmanager
def open_house(
    data: Path, mail: Path, clock: Clock = now, settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[House]:
    """Migrate, start workers and pages, make keys; all of it ends with the block. The environment is not read.

    ``settings`` are added to those of the house, such as the URLs of servers.
    """
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        host = Host(load({**_environment(data, mail, url), **settings}), clock=clock)
        configure("WARNING")
        host.migrate()
        stop = threading.Event()
        threads = host.start(stop)
        try:
            with serving(host.wsgi(), sockets=[door]):
                yield House(
                    host,
                    url,
                    Api(url, _key(host, "survey", SURVEY_SCOPES)),
                    Api(url, _key(host, "scoring", SCORING_SCOPES)),
                    _key(host, "scoring", ("scores:read",)),
                )
        finally:
            stop.set()
            for thread in threads:
                thread.join(timeout=10)
            host.close()


def _environment(data: Path, mail: Path, url: str) -> dict[str, str]:
    return {
        "CERMIN_DATA_DIR": str(data),
        "CERMIN_MAIL_URL": f"maildir:{mail}",
        "CERMIN_PUBLIC_URL": url,
        "CERMIN_AGENCY": "Badan Kepegawaian Kabupaten Lintang Raya",
        "CERMIN_MAIL_FROM": "Cermin <cermin@lintangraya.example.com>",
        "CERMIN_MAILS_PER_MINUTE": "1000000",
        "CERMIN_MAILS_PER_MINUTE_PER_DOMAIN": "1000000",
    }


def _key(host: Host, service: str, scopes: Sequence[str]) -> str:
    with transaction(host.services[service].engine) as session:
        return create_client(session, f"demo {' '.join(scopes)}", scopes, host.clock())
