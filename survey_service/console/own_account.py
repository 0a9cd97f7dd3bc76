"""One's own account: another password, where one is signed in, and the first choice of a password."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, session

from shared.database import reading, transaction
from shared.errors import Refused
from shared.staff import ROLES
from shared.web.access import keep_signed_in, open_to_all, staff
from shared.web.sentences import say
from shared.web.texts import t
from survey_service.console.forms import actor, faults_of, here, tell
from survey_service.usecases import accounts
from survey_service.usecases import staff as personnel

CHOOSE = "/console/choose-password"
HOME = "/console/account"
_CHOOSING = "choosing"


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/account", view_func=own, endpoint="own_account")
    blueprint.add_url_rule("/account/password", view_func=change, methods=["POST"], endpoint="own_password")
    blueprint.add_url_rule(
        "/account/sign-ins/<uuid:session_id>/end", view_func=end, methods=["POST"], endpoint="own_end"
    )
    blueprint.add_url_rule(
        "/choose-password", view_func=choose, methods=["GET", "POST"], endpoint="choose_password"
    )


def let_choose(login: str, secret: accounts.Secret) -> Any:
    """Send whoever came with a temporary password to choose another; nothing else is open to them."""
    session.clear()
    session[_CHOOSING] = [login, _mark(secret)]
    return redirect(CHOOSE, 303)


@open_to_all
def choose() -> Any:
    """The page between a temporary password and the console; only for a browser that ``let_choose`` sent."""
    login, mark = session.get(_CHOOSING) or ("", "")
    with reading(here().engine) as db:
        secret = accounts.secret_of(db, login)
    if not secret.temporary or _mark(secret) != mark:
        session.clear()
        return redirect("/console/sign-in", 303)
    if request.method == "GET":
        return render_template("console/choose_password.html", errors={})
    errors = _chosen(login, secret)
    if errors:
        return render_template("console/choose_password.html", errors=errors), 422
    return _signed_in(login)


@staff(*ROLES)
def own() -> Any:
    """The own account."""
    return _page({})


@staff(*ROLES)
def change() -> Any:
    """Another password; every other sign-in of the account ends."""
    with reading(here().engine) as db:
        row = personnel.find(db, UUID(actor()))
        secret = accounts.secret_of(db, row.login)
    if not accounts.fits(secret, request.form.get("present", "")[:200]):
        return _page({"present": t("password.wrong")}), 422
    errors = _chosen(row.login, secret, keep=g.staff.session)
    if errors:
        return _page(errors), 422
    flash(t("password.done"), "good")
    return redirect(HOME, 303)


@staff(*ROLES)
def end(session_id: UUID) -> Any:
    """End one of the own sign-ins."""
    try:
        with transaction(here().engine) as db:
            personnel.end_sign_in(db, UUID(actor()), session_id, here().clock(), actor())
        flash(t("sign_ins.ended"), "good")
    except Refused as refusal:
        tell(refusal)
    return redirect(HOME, 303)


def _page(errors: Mapping[str, str]) -> str:
    with reading(here().engine) as db:
        row = personnel.find(db, UUID(actor()))
        found = personnel.sign_ins(db, row.id, here().clock())
    return render_template(
        "console/own_account.html", account=row, sign_ins=found, errors=errors, present=UUID(g.staff.session)
    )


def _chosen(login: str, secret: accounts.Secret, keep: str = "") -> dict[str, str]:
    """Keep the password of the form; what is wrong with it, by field."""
    password, again = (request.form.get(name, "") for name in ("password", "again"))
    try:
        accounts.check_password(login, password)
        if password != again:
            return {"again": say("The two passwords differ: type the same twice.")}
        hashed = accounts.hashed(password)
        with transaction(here().engine) as db:
            personnel.choose_password(db, secret, hashed, here().clock(), keep)
    except Refused as refusal:
        return faults_of(refusal, {"form": "password"})
    return {}


def _signed_in(login: str) -> Any:
    pepper = here().settings.service_secrets[0].encode()
    with transaction(here().engine) as db:
        secret = accounts.secret_of(db, login)
        person = accounts.sign_in(db, secret, pepper, login, request.remote_addr or "", here().clock(), browser())
    session.clear()
    return keep_signed_in(redirect("/console/", 303), person)


def browser() -> str:
    """The browser of this request in a few words, "Firefox, Windows"; what it says of itself is not kept."""
    said = request.headers.get("User-Agent", "")
    name = next((name for mark, name in _BROWSERS if mark in said), "")
    system = next((name for mark, name in _SYSTEMS if mark in said), "")
    return ", ".join(part for part in (name, system) if part)


_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def _mark(secret: accounts.Secret) -> str:
    return hashlib.sha256(secret.hash.encode()).hexdigest()[:32]
