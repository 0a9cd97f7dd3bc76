"""The composition root: builds services by name and runs them. The only module that knows both brokers.

Name all three services and it is the embedded product in one process; name one and it is a container. There is
no mode flag: URLs in the settings decide what keeps the data and carries the events.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import structlog
from flask import Flask
from werkzeug.wrappers import Request

from shared import health
from shared.config import SERVICES, Settings
from shared.database import connect
from shared.events import heard_by
from shared.messaging.broker import Broker, Queue
from shared.messaging.inbox import prune, receiver
from shared.messaging.outbox import relay
from shared.migrate import upgrade
from shared.service import PACKAGES, Clock, Context, Job, Service
from shared.unavailable import trace
from shared.web.app import create_app

log = structlog.get_logger(__name__)
Wsgi = Callable[..., Iterable[bytes]]

MODULES = {name: f"{package}.service" for name, package in PACKAGES.items()}


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def make_broker(url: str) -> Broker:
    """The broker that ``url`` names; nothing is connected yet."""
    if url.startswith("sqlite:"):
        from shared.messaging.local import LocalBroker

        return LocalBroker(url.removeprefix("sqlite:///"))
    from shared.messaging.rabbit import RabbitBroker

    return RabbitBroker(url)


def queue_of(service: str) -> Queue:
    """The queue of one of our services: everything that ``shared.events`` says it listens to."""
    return Queue(f"cermin.{service}", tuple((contract.exchange, contract.type) for contract in heard_by(service)))


class Host:
    """Services built from settings, with their broker, workers and web application."""

    def __init__(self, settings: Settings, names: Sequence[str] = SERVICES, clock: Clock = now) -> None:
        self.settings = settings
        self.clock = clock
        self.broker = make_broker(settings.broker_url)
        self._contexts = {name: Context(settings, connect(settings.database_url(name)), clock) for name in names}
        self.services: dict[str, Service] = {
            name: import_module(MODULES[name]).build(context) for name, context in self._contexts.items()
        }

    def migrate(self) -> None:
        """Bring every database of this host to the newest form."""
        for service in self.services.values():
            upgrade(service.engine, service.migrations)

    def declare(self) -> None:
        """Declare the queues of all our services: whoever starts first makes them durable for the others."""
        self.broker.declare([queue_of(name) for name in SERVICES])

    def app(self, name: str) -> Flask:
        """The Flask app of one service."""
        app = create_app(self.services[name], self._contexts[name])
        health.install(app, self.services.values(), self.broker)
        return app

    def wsgi(self) -> Wsgi:
        """One web application for all services that have pages: requests go by URL prefix."""
        apps = {name: self.app(name) for name, service in self.services.items() if service.register}
        if not apps:
            return self.app(next(iter(self.services)))
        routes = sorted(
            ((prefix, apps[name]) for name in apps for prefix in self.services[name].prefixes),
            key=lambda route: -len(route[0]),
        )
        fallback = next(iter(apps.values()))

        def dispatch(environ: dict[str, object], start: Any) -> Iterable[bytes]:
            path = Request(environ).path
            app = next((app for prefix, app in routes if _under(path, prefix)), fallback)
            return app.wsgi_app(environ, start)

        return dispatch

    def start(self, stop: threading.Event) -> list[threading.Thread]:
        """Start relay, consumer and jobs of every service, each in a thread that ends when ``stop`` is set."""
        self.declare()
        threads = []
        for service in self.services.values():
            threads.append(self._thread(f"{service.name} relay", stop, self._relay, service))
            if service.handlers:
                threads.append(self._thread(f"{service.name} consumer", stop, self._consume, service))
                threads.append(self._thread(f"{service.name} inbox", stop, self._job, self._tidy(service)))
            threads += [self._thread(f"{service.name} {job.name}", stop, self._job, job) for job in service.jobs]
        for thread in threads:
            thread.start()
        return threads

    def close(self) -> None:
        """Give back connections."""
        self.broker.close()
        for service in self.services.values():
            service.engine.dispose()

    def _thread(
        self, name: str, stop: threading.Event, work: Callable[..., None], what: object
    ) -> threading.Thread:
        return threading.Thread(target=work, args=(what, stop), name=name, daemon=True)

    def _relay(self, service: Service, stop: threading.Event) -> None:
        secrets = self.settings.event_secrets
        _repeat(lambda: relay(service.engine, self.broker, secrets, self.clock), 0.2, stop, f"{service.name} relay")

    def _consume(self, service: Service, stop: threading.Event) -> None:
        consumer = receiver(service, self.settings.event_secrets, self.clock)
        self.broker.consume(queue_of(service.name).name, consumer, stop)

    def _tidy(self, service: Service) -> Job:
        return Job(f"{service.name} inbox", timedelta(hours=1), lambda: prune(service.engine, self.clock))

    def _job(self, job: Job, stop: threading.Event) -> None:
        _repeat(job.run, job.every.total_seconds(), stop, job.name)


def _repeat(work: Callable[[], int], pause: float, stop: threading.Event, name: str) -> None:
    """Do ``work`` again at once while it does something, else after ``pause`` seconds; a fault is logged."""
    while not stop.is_set():
        try:
            did = work()
        except Exception as error:
            log.error(
                "work stumbled and will be tried again",
                work=name,
                error=type(error).__name__,
                exc_info=trace(error),
            )
            did = 0
            stop.wait(1)
        if not did:
            stop.wait(pause)


def _under(path: str, prefix: str) -> bool:
    return not prefix or path == prefix or path.startswith(prefix + "/")
