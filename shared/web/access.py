"""Who may call a route: API clients by key and scope, staff by a signed cookie and role.

Every view says it with exactly one of ``requires``, ``staff`` or ``open_to_all``; a test reads the routes and fails
on a view that says nothing. Keys are shown once and stored as SHA-256; scopes look like ``people:write``.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode
from uuid import uuid4

import sqlalchemy as sa
from flask import current_app, g, redirect, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from shared.database import Json, UTCDateTime, insert_new, metadata, reading
from shared.errors import Refused, conflict, invalid
from shared.staff import ROLES, STAFF_SESSION, STAFF_TTL, Staff

ACCESS = metadata()

api_client = sa.Table(
    "api_client",
    ACCESS,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
)

SCOPES_OF: Mapping[str, tuple[str, ...]] = {
    "survey": (
        "people:read",
        "people:write",
        "questionnaires:read",
        "questionnaires:write",
        "rounds:read",
        "rounds:write",
    ),
    "scoring": ("results:read", "results:write", "assessments:write", "scores:read", "policies:read"),
}
"""Which service owns which scope."""
SCOPES = tuple(scope for scopes in SCOPES_OF.values() for scope in scopes)
STAFF_COOKIE = "cermin_staff"
STAFF_PATH = "/console"
"""The part of the site that cookies of staff are sent to: they never reach a page of a rater."""
Answer = TypeVar("Answer", bound=Response)
View = TypeVar("View", bound=Callable[..., Any])


def create_client(session: Session, name: str, scopes: Sequence[str], now: datetime, key: str | None = None) -> str:
    """A new API client; returns its key, which is not stored. Raises ``Refused``: unknown scope, name taken.

    ``key`` is one that ``new_key`` made, for a client of both services.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise invalid("unknown_scope", f"Give one or more of: {', '.join(SCOPES)}.")
    key = key or new_key()
    row = {"id": uuid4(), "name": name, "digest": _digest(key), "scopes": sorted(set(scopes)), "created_at": now}
    if not insert_new(session, api_client, [row], "name"):
        raise conflict("client_name_taken", "Another API client has this name: choose another.")
    return key


def clients(session: Session) -> Sequence[sa.Row[Any]]:
    """Every API client with name, scopes and when it was made, by name."""
    query = sa.select(api_client.c.name, api_client.c.scopes, api_client.c.created_at)
    return list(session.execute(query.order_by(api_client.c.name)))


def revoke_client(session: Session, name: str) -> bool:
    """Take the key of a client away at once; returns whether there was one. Its name may be given again."""
    gone = sa.delete(api_client).where(api_client.c.name == name).returning(api_client.c.id)
    return session.execute(gone).first() is not None


def new_key() -> str:
    """A key for an API client: 256 random bits."""
    return f"cermin_{secrets.token_urlsafe(32)}"


def requires(scope: str) -> Callable[[View], View]:
    """Only an API client whose key carries ``scope`` (``Authorization: Bearer KEY``)."""
    if scope not in SCOPES:
        raise ValueError(f"unknown scope {scope}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.client = _client(scope)
            return view(*args, **kwargs)

        guarded.access = f"scope {scope}"  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def staff(*roles: str) -> Callable[[View], View]:
    """Only signed-in staff with one of ``roles``; others are sent to the sign-in page or refused."""
    if not roles or set(roles) - set(ROLES):
        raise ValueError(f"unknown roles {roles}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            person = present_staff()
            if person is None:
                return redirect(f"/console/sign-in?{urlencode({'next': request.full_path.rstrip('?')})}")
            if person.role not in roles:
                raise Refused("forbidden", "role", "Your role does not allow this. Ask the personnel office.")
            g.staff = person
            return view(*args, **kwargs)

        guarded.access = f"staff {' '.join(roles)}"  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def open_to_all(view: View) -> View:
    """Anybody; the view itself refuses what it must."""
    view.access = "everyone"  # type: ignore[attr-defined]
    return view


def cookie_is_secure() -> bool:
    """Whether cookies may travel over https only: decided by the settings, like every address of ours."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def staff_cookie(person: Staff) -> str:
    """The signed value of the staff cookie: readable, so it holds an account id and no NIP."""
    return _serializer().dumps([person.id, person.name, person.role, person.session])


def present_staff() -> Staff | None:
    """Who is signed in, None when nobody, or when the cookie has to be renewed.

    The service that owns the accounts looks the session up each time (``cermin_staff_known``), so a revoked one
    ends there at once and elsewhere after ``STAFF_TTL``. Elsewhere a page is renewed long before, so that whoever
    fills in its form does not lose it.
    """
    value = request.cookies.get(STAFF_COOKIE)
    if not value:
        return None
    known: Callable[[Staff], bool] | None = current_app.extensions.get("cermin_staff_known")
    believed = STAFF_SESSION if known else STAFF_TTL if request.method == "POST" else STAFF_TTL / 3
    try:
        person = Staff(*_serializer().loads(value, max_age=int(believed.total_seconds())))
    except (BadSignature, TypeError):
        return None
    return person if known is None or known(person) else None


def keep_signed_in(response: Answer, person: Staff) -> Answer:
    """Give the browser a fresh cookie; it goes with the browser window and never leaves ``/console``."""
    response.set_cookie(
        STAFF_COOKIE,
        staff_cookie(person),
        path=STAFF_PATH,
        secure=cookie_is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(response: Answer) -> Answer:
    """Take the cookie back."""
    response.delete_cookie(STAFF_COOKIE, path=STAFF_PATH)
    return response


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        list(reversed(current_app.extensions["cermin"].settings.service_secrets)),
        salt="cermin.staff",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def _client(scope: str) -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise Refused("unauthorised", "key_missing", "Send your key as `Authorization: Bearer KEY`.")
    with reading(current_app.extensions["cermin"].engine) as session:
        found = session.execute(
            sa.select(api_client.c.name, api_client.c.scopes).where(api_client.c.digest == _digest(key.strip()))
        ).first()
    if found is None:
        raise Refused("unauthorised", "key_unknown", "This key is unknown or revoked. Ask the personnel office.")
    if scope not in found.scopes:
        raise Refused("forbidden", "scope_missing", f"This key lacks the scope {scope}.")
    return str(found.name)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
