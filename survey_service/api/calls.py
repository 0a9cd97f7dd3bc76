"""What every call has in common: who may make it, what it may answer, which database it uses."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import current_app, g
from flask_smorest import Blueprint
from sqlalchemy.engine import Engine

from shared.service import Context
from shared.web.access import requires
from shared.web.problems import ProblemSchema

View = TypeVar("View", bound=Callable[..., Any])

REASONS = {
    400: "The request cannot be read.",
    401: "No key, or one that is unknown or revoked.",
    403: "The key lacks the scope.",
    404: "There is no such thing.",
    409: "The present state does not allow this; the code and detail say why.",
    413: "The body is too large.",
    415: "The body has another content type than this call takes.",
    422: "The input does not fit; every fault is listed.",
}


def call(blueprint: Blueprint, scope: str, *statuses: int) -> Callable[[View], View]:
    """A view for API clients with ``scope``; ``statuses`` are the refusals it knows besides 401 and 403."""

    def decorate(view: View) -> View:
        wrapped = requires(scope)(view)
        for status in sorted({401, 403, *statuses}):
            wrapped = blueprint.alt_response(
                status, schema=ProblemSchema, content_type="application/problem+json", description=REASONS[status]
            )(wrapped)
        return cast(View, blueprint.doc(security=[{"key": []}])(wrapped))

    return decorate


def context() -> Context:
    """What this service was built from."""
    return cast(Context, current_app.extensions["cermin"])


def engine() -> Engine:
    """The service's database."""
    return context().engine


def now() -> datetime:
    """The present moment."""
    return context().clock()


def actor() -> str:
    """Who calls, as the audit trail says it."""
    return f"api {g.client}"[:200]
