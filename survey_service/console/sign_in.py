"""Signing in and out."""

import re
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, session

from shared.database import reading, transaction
from shared.errors import Refused
from shared.service import Context
from shared.staff import ROLES, Staff
from shared.web.access import forget, keep_signed_in, open_to_all, present_staff, staff
from shared.web.texts import t
from survey_service.console.own_account import browser, let_choose
from survey_service.usecases import accounts

HOME = "/console/"
_OWN = re.compile(r"/console(/[\w./-]*)?(\?[\w.,:%&=+~-]*)?\Z", re.ASCII)


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    blueprint.add_url_rule("/sign-in", view_func=sign_in, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-out", view_func=sign_out, methods=["POST"])


@open_to_all
def sign_in() -> Any:
    """The form; a browser whose sign-in still lives is renewed and sent on without asking."""
    onward = own_address(request.args.get("next", ""))
    person = present_staff()
    if person is not None:
        return keep_signed_in(redirect(onward, 303), person)
    if request.method == "GET":
        return _form(200, "")
    try:
        login = request.form.get("login", "")[:200]
        secret = _compared(login, request.form.get("password", "")[:200])
        if secret is not None and secret.temporary:
            return let_choose(login, secret)
        person = None if secret is None else _signed_in(login, secret)
    except Refused as refusal:
        return _form(429 if refusal.kind == "busy" else 409, t(f"sign_in.{refusal.code}"))
    if person is None:
        return _form(401, t("sign_in.wrong"))
    session.clear()
    return keep_signed_in(redirect(onward, 303), person)


@staff(*ROLES)
def sign_out() -> Any:
    """End the sign-in on the server and in the browser."""
    context: Context = current_app.extensions["cermin"]
    with transaction(context.engine) as db:
        accounts.sign_out(db, g.staff, context.clock())
    session.clear()
    return forget(redirect("/console/sign-in", 303))


def own_address(wanted: str) -> str:
    """``wanted`` when it is a plain address inside the console, else the first page: never another site."""
    return wanted if _OWN.match(wanted) and "//" not in wanted else HOME


def _compared(login: str, password: str) -> accounts.Secret | None:
    """What the password fits, None when it fits nothing. The slow comparison holds no transaction."""
    context: Context = current_app.extensions["cermin"]
    with transaction(context.engine) as db:
        accounts.count_try(db, _pepper(context), login, request.remote_addr or "", context.clock())
    with reading(context.engine) as db:
        secret = accounts.secret_of(db, login)
    return secret if accounts.fits(secret, password) else None


def _signed_in(login: str, secret: accounts.Secret) -> Staff:
    context: Context = current_app.extensions["cermin"]
    address = request.remote_addr or ""
    with transaction(context.engine) as db:
        return accounts.sign_in(db, secret, _pepper(context), login, address, context.clock(), browser())


def _pepper(context: Context) -> bytes:
    return context.settings.service_secrets[0].encode()


def _form(status: int, fault: str) -> Any:
    return render_template("console/sign_in.html", values=request.form, fault=fault), status
