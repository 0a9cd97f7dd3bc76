"""The entry for a web server such as gunicorn: ``gunicorn "shared.wsgi:application('survey')"``.

Web pages only; `cermin work` runs the workers of the same service in a process of its own.
"""

from shared.clock import SteadyClock
from shared.config import SERVICES, load
from shared.host import Host, Wsgi
from shared.logs import configure


def application(*services: str) -> Wsgi:
    """The web application of ``services`` (default: all three), built from the environment.

    Raises ``BadSettings`` naming every fault, and ``ValueError`` for a service that does not exist.
    """
    unknown = sorted(set(services) - set(SERVICES))
    if unknown:
        raise ValueError(f"no such service: {', '.join(unknown)}; there are {', '.join(SERVICES)}")
    settings = load()
    configure(settings.log_level)
    return Host(settings, services or SERVICES, SteadyClock()).wsgi()
