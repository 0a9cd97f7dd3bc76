"""Accounts of staff: who may do what, temporary passwords, where somebody is signed in."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request
from sqlalchemy.orm import Session

from shared.database import reading, transaction
from shared.errors import Refused
from shared.staff import ROLES
from shared.web.access import staff
from shared.web.texts import t
from survey_service.console.forms import actor, faults_of, here, tell
from survey_service.usecases import accounts, directory
from survey_service.usecases import staff as personnel


def add_to(blueprint: Blueprint) -> None:
    """Add the pages to the console."""
    one = "/accounts/<uuid:account_id>"
    blueprint.add_url_rule("/accounts", view_func=listing, endpoint="accounts")
    blueprint.add_url_rule("/accounts/new", view_func=new, methods=["GET", "POST"], endpoint="account_new")
    blueprint.add_url_rule(one, view_func=edit, methods=["GET", "POST"], endpoint="account_edit")
    blueprint.add_url_rule(f"{one}/reset", view_func=reset, methods=["POST"], endpoint="account_reset")
    blueprint.add_url_rule(f"{one}/disable", view_func=disable, methods=["POST"], endpoint="account_disable")
    blueprint.add_url_rule(f"{one}/enable", view_func=enable, methods=["POST"], endpoint="account_enable")
    blueprint.add_url_rule(
        f"{one}/sign-ins/<uuid:session_id>/end", view_func=end_sign_in, methods=["POST"], endpoint="account_end"
    )


@staff("hr", "auditor")
def listing() -> Any:
    """All accounts; an auditor looks only."""
    with reading(here().engine) as session:
        found = personnel.listing(session, here().clock())
    return render_template("console/accounts.html", found=found)


@staff("hr")
def new() -> Any:
    """A new account; its temporary password is shown once, on the page that answers."""
    if request.method == "GET":
        return _form({"role": "unit_admin"}, {})
    given, password = request.form, personnel.temporary_password()
    try:
        with transaction(here().engine) as session:
            account_id = accounts.add_account(
                session,
                given.get("login", ""),
                given.get("name", ""),
                given.get("role", ""),
                given.get("unit") or None,
                password,
                here().clock(),
                actor=actor(),
                temporary=True,
            )
    except Refused as refusal:
        return _form(given, _faults(refusal)), 422
    return _shown_once(account_id, password)


@staff("hr")
def edit(account_id: UUID) -> Any:
    """One account: name, role and unit, and where it is signed in."""
    with reading(here().engine) as session:
        row = personnel.find(session, account_id)
    if request.method == "GET":
        return _form(dict(row._mapping), {}, row)
    given = request.form
    try:
        with transaction(here().engine) as session:
            personnel.edit(
                session,
                account_id,
                given.get("name", ""),
                given.get("role", ""),
                given.get("unit") or None,
                here().clock(),
                actor(),
            )
    except Refused as refusal:
        return _form(given, _faults(refusal), row), 409 if refusal.kind == "conflict" else 422
    flash(t("account.kept"), "good")
    return redirect(f"/console/accounts/{account_id}", 303)


@staff("hr")
def reset(account_id: UUID) -> Any:
    """Another temporary password, shown once."""
    password = personnel.temporary_password()
    hashed = accounts.hashed(password)
    with transaction(here().engine) as session:
        personnel.reset(session, account_id, hashed, here().clock(), actor())
    return _shown_once(account_id, password)


@staff("hr")
def disable(account_id: UUID) -> Any:
    """Close an account."""
    return _done(account_id, lambda session: personnel.disable(session, account_id, here().clock(), actor()))


@staff("hr")
def enable(account_id: UUID) -> Any:
    """Open an account again."""
    return _done(account_id, lambda session: personnel.enable(session, account_id, here().clock(), actor()))


@staff("hr")
def end_sign_in(account_id: UUID, session_id: UUID) -> Any:
    """End somebody's sign-in."""
    return _done(
        account_id,
        lambda session: personnel.end_sign_in(session, account_id, session_id, here().clock(), actor()),
    )


def _done(account_id: UUID, work: Callable[[Session], None]) -> Any:
    try:
        with transaction(here().engine) as session:
            work(session)
        flash(t("account.kept"), "good")
    except Refused as refusal:
        tell(refusal)
    return redirect(f"/console/accounts/{account_id}", 303)


def _shown_once(account_id: UUID, password: str) -> str:
    with reading(here().engine) as session:
        row = personnel.find(session, account_id)
    return render_template("console/account_password.html", account=row, password=password)


def _form(values: Mapping[str, Any], errors: Mapping[str, str], row: Any = None) -> str:
    with reading(here().engine) as session:
        units = directory.units(session)
        found = personnel.sign_ins(session, row.id, here().clock()) if row else []
    return render_template(
        "console/account.html",
        values=values,
        errors=errors,
        account=row,
        units=units,
        roles=ROLES,
        sign_ins=found,
        own=row is not None and str(row.id) == actor(),
    )


def _faults(refusal: Refused) -> dict[str, str]:
    return faults_of(refusal, {"form": "login"} if refusal.code == "login_taken" else None)
