"""Health, readiness and metrics: the same three routes on every service."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from flask import Flask, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.database import reading
from shared.messaging.broker import Broker
from shared.messaging.tables import outbox
from shared.migrate import behind
from shared.service import Service
from shared.web.access import open_to_all


def install(app: Flask, services: Iterable[Service], broker: Broker) -> None:
    """Add ``/health/live`` (the process answers), ``/health/ready`` (it can work) and ``/metrics``."""
    watched = list(services)

    @app.get("/health/live")
    @open_to_all
    def live() -> Response:
        return jsonify({"status": "ok"})

    @app.get("/health/ready")
    @open_to_all
    def ready() -> tuple[Response, int]:
        problems = {name: found for name, found in readiness(watched, broker) if found}
        return jsonify(
            {"status": "not ready" if problems else "ok", "problems": problems}
        ), 503 if problems else 200

    @app.get("/metrics")
    @open_to_all
    def metrics() -> Response:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def readiness(services: Iterable[Service], broker: Broker) -> Iterable[tuple[str, str | None]]:
    """Every check with its finding, None when all is well."""
    yield "broker", broker.check()
    for service in services:
        yield f"{service.name} database", _database(service)
        for name, check in service.checks.items():
            yield f"{service.name} {name}", _said(check)


def _said(check: Callable[[], str | None]) -> str | None:
    try:
        return check()
    except sa.exc.SQLAlchemyError as error:
        return f"cannot be told, the database does not answer: {type(error).__name__}"


def _database(service: Service) -> str | None:
    try:
        if behind(service.engine, service.migrations):
            return "migrations are missing: run `cermin migrate`"
        with reading(service.engine) as session:
            stuck = session.scalar(sa.select(sa.func.count()).select_from(outbox).where(outbox.c.attempts > 5))
    except sa.exc.SQLAlchemyError as error:
        return f"does not answer: {type(error).__name__}"
    return f"{stuck} event(s) could not be handed to the broker" if stuck else None
