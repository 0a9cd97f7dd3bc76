"""Every route of a service says who may call it, and keeps its word to every role."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import Rule

from shared.config import load
from shared.database import connect, transaction
from shared.host import now
from shared.migrate import upgrade
from shared.service import Context
from shared.staff import ROLES
from shared.web.access import STAFF_COOKIE, staff_cookie
from shared.web.app import create_app
from survey_service.service import build
from survey_service.tables import unit
from survey_service.usecases import accounts

PASSWORD = "kuda lumping di pasar"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    settings = load({"CERMIN_DATA_DIR": str(tmp_path_factory.mktemp("pages"))})
    engine = connect(settings.survey_database_url)
    upgrade(engine, "survey_service.migrations")
    context = Context(settings, engine, now)
    made = create_app(build(context), context)
    with transaction(engine) as session:
        session.execute(unit.insert().values(name="Dinas", parent=None))
        for role in ROLES:
            of = "Dinas" if role == "unit_admin" else None
            accounts.add_account(session, f"of-{role}", role, role, of, PASSWORD, now())
    yield made
    engine.dispose()


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if not rule.endpoint.endswith("static")]


def access(app: Flask, rule: Rule) -> str | None:
    view = app.view_functions[rule.endpoint]
    return getattr(view, "access", None) or getattr(getattr(view, "view_class", None), "access", None)


def test_every_view_says_who_may_call_it(app: Flask) -> None:
    silent = [rule.rule for rule in rules(app) if rule.rule.startswith("/console") and not access(app, rule)]
    assert not silent


def test_only_signing_in_is_open_to_all_in_the_console(app: Flask) -> None:
    everyone = {
        rule.rule for rule in rules(app) if rule.rule.startswith("/console") and access(app, rule) == "everyone"
    }
    assert everyone == {"/console/sign-in"}


def test_whoever_may_only_look_has_no_page_that_changes_anything(app: Flask) -> None:
    for rule in rules(app):
        if rule.rule.startswith("/console") and "POST" in rule.methods:
            assert access(app, rule) in ("staff hr", "everyone", f"staff {' '.join(ROLES)}"), rule.rule
            if access(app, rule) != "staff hr":
                assert rule.rule in ("/console/sign-in", "/console/sign-out")


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_page_keeps_its_word(app: Flask, role: str | None) -> None:
    context = app.extensions["cermin"]
    for rule in rules(app):
        said = access(app, rule) or ""
        if not rule.rule.startswith("/console") or not said.startswith("staff"):
            continue
        client = app.test_client()
        if role:
            with transaction(context.engine) as session:
                secret = accounts.secret_of(session, f"of-{role}")
                person = accounts.sign_in(session, secret, b"x", f"of-{role}", "", now())
            with app.app_context():
                client.set_cookie(STAFF_COOKIE, staff_cookie(person), path="/console")
        address = rule.rule.replace("<uuid:", "<")
        for argument in rule.arguments:
            address = address.replace(f"<{argument}>", str(uuid4()))
        for method in rule.methods & {"GET", "POST"}:
            page = client.get("/console/" if role else "/console/sign-in").text
            token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
            sent = {"csrf_token": token} if method == "POST" else None
            status = client.open(address, method=method, data=sent).status_code
            if role is None:
                assert status == 302, (method, address)
            elif role in said.split()[1:]:
                assert status in (200, 303, 404, 410, 422), (method, address, status)
            else:
                assert status == 403, (method, address, status)
