"""Who may call what, tried out: every route of both web services with every role, every scope and foreign objects.

``routes.txt`` says who may; it is compared with the routes there are, so a new route without a line fails.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from scoring_service.service import build as build_scoring
from shared.config import load
from shared.database import connect, reading, transaction
from shared.host import now
from shared.migrate import upgrade
from shared.service import Context
from shared.staff import ROLES
from shared.web.access import SCOPES_OF, STAFF_COOKIE, create_client, staff_cookie
from shared.web.app import create_app
from survey_service.service import build as build_survey
from survey_service.tables import person, unit
from survey_service.usecases import accounts, directory, questionnaires, staff, uploads
from tests.integration.console import conftest as world

TABLE = Path(__file__).with_name("routes.txt")
OWN_UNIT, OTHER_UNIT = "Sekretariat", "Bidang Pelayanan"


def table() -> dict[tuple[str, str], tuple[str, ...]]:
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {(method, address): tuple(who) for method, address, *who in lines}


MAY = table()


class House:
    """Both web services over databases with people of two units, a draft and an open round."""

    def __init__(self, folder: Path) -> None:
        self.keys: dict[str, dict[str, str]] = {}
        self.apps: dict[str, Flask] = {}
        settings = load({"CERMIN_DATA_DIR": str(folder)})
        self.watch = world.Watch()
        for name, build, url in (
            ("survey", build_survey, settings.survey_database_url),
            ("scoring", build_scoring, settings.scoring_database_url),
        ):
            context = Context(settings, connect(url), self.watch)
            upgrade(context.engine, f"{name}_service.migrations")
            self.apps[name] = create_app(build(context), context)
            with transaction(context.engine) as session:
                self.keys[name] = {
                    scope: create_client(session, scope, [scope], now()) for scope in SCOPES_OF[name]
                }
        self.survey: Context = self.apps["survey"].extensions["cermin"]
        self._furnish()

    def _furnish(self) -> None:
        with transaction(self.survey.engine) as session:
            session.execute(unit.insert().values(name=OWN_UNIT, parent=None))
            self.accounts = {
                role: accounts.add_account(
                    session,
                    f"of-{role}",
                    f"Canary of {role}",
                    role,
                    OWN_UNIT if role == "unit_admin" else None,
                    world.PASSWORD,
                    now(),
                )
                for role in ROLES
            }
            self.stranger, self.owner = (
                accounts.add_account(session, login, login, "viewer", None, world.PASSWORD, now())
                for login in ("stranger", "owner")
            )
        world.organised.__wrapped__(self.apps["survey"], self.survey)
        self.round = world.draft.__wrapped__(self.survey)
        world.opened.__wrapped__(self.survey, self.round, self.watch)
        with transaction(self.survey.engine) as session:
            self.form = questionnaires.listing(session)[0].id
            self.foreign_upload = uploads.keep(session, str(self.owner), "f.csv", b"NIP\n", self.watch())

    def routes(self) -> Iterator[tuple[str, str, str]]:
        for name, app in self.apps.items():
            for rule in app.url_map.iter_rules():
                if not rule.endpoint.endswith("static"):
                    yield from ((name, method, rule.rule) for method in rule.methods - {"HEAD", "OPTIONS"})

    def visitor(self, service: str, role: str | None) -> FlaskClient:
        client = self.apps[service].test_client()
        if role:
            with transaction(self.survey.engine) as session:
                secret = accounts.secret_of(session, f"of-{role}")
                person_ = accounts.sign_in(session, secret, b"x", f"of-{role}", "", self.watch())
            with self.apps[service].app_context():
                client.set_cookie(STAFF_COOKIE, staff_cookie(person_), path="/console")
        return client

    def address(self, rule: str, **ids: object) -> str:
        """A route with real objects where there are some; ids that nobody has for the others."""
        known = {"round_id": self.round, "questionnaire_id": self.form, "account_id": self.stranger} | ids
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known.get(found[1], uuid4())), rule)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    for app in made.apps.values():
        app.extensions["cermin"].engine.dispose()


def test_every_route_is_in_the_table_and_nothing_else(house: House) -> None:
    there_are = {(method, rule) for _, method, rule in house.routes()}
    assert not there_are - MAY.keys(), "routes without a line in tests/rules/routes.txt"
    assert not MAY.keys() - there_are, "lines in tests/rules/routes.txt without a route"


def test_the_table_is_what_the_views_say_of_themselves(house: House) -> None:
    for app in house.apps.values():
        for rule in app.url_map.iter_rules():
            said = getattr(app.view_functions[rule.endpoint], "access", "").split()
            for method in rule.methods - {"HEAD", "OPTIONS"} if said else ():
                who = [one.removeprefix("scope:") for one in MAY[method, rule.rule]]
                assert who == [one for one in said if one not in ("staff", "scope")], rule.rule


def test_what_changes_something_is_for_hr_alone_or_for_the_own_account(house: House) -> None:
    own = ("/console/sign-in", "/console/sign-out", "/console/choose-password", "/console/account/")
    for (method, rule), who in MAY.items():
        if rule.startswith("/console") and method != "GET" and who != ("hr",):
            assert rule.startswith(own), rule


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_page_keeps_its_word_to(house: House, role: str | None) -> None:
    for service, method, rule in sorted(house.routes()):
        who = MAY[method, rule]
        if not rule.startswith("/console") or who == ("everyone",):
            continue
        client = house.visitor(service, role)
        home = "/console/account" if role else "/console/sign-in"
        page = house.visitor("survey", role)
        token = world.token_of(page.get(home).text)
        if cookie := page.get_cookie("cermin_console", path="/console"):
            client.set_cookie("cermin_console", cookie.value, path="/console")
        sent = {"csrf_token": token} if method == "POST" else None
        status = client.open(house.address(rule, round_id=uuid4()), method=method, data=sent).status_code
        if role is None:
            assert status == 302, (method, rule, status)
        elif role in who:
            assert status in (200, 303, 404, 410, 422), (method, rule, status)
        else:
            assert status == 403, (method, rule, status)


@pytest.mark.parametrize("service", ["survey", "scoring"])
def test_every_call_keeps_its_word_to_every_key(house: House, service: str) -> None:
    client = house.apps[service].test_client()
    scopes = {(method, rule): who[0] for (method, rule), who in MAY.items() if rule.startswith("/api/")}
    ours = {(method, rule) for name, method, rule in house.routes() if name == service}
    for method, rule in sorted(ours & scopes.keys()):
        needed = scopes[method, rule].removeprefix("scope:")
        address = house.address(rule, round_id=uuid4())
        if needed != "everyone":
            assert client.open(address, method=method).status_code == 401, (method, rule)
        for scope, key in house.keys[service].items():
            headers = {"Authorization": f"Bearer {key}"}
            status = client.open(address, method=method, headers=headers).status_code
            assert (status == 403) == (needed not in ("everyone", scope)), (method, rule, scope, status)
            assert status != 401 and status < 500, (method, rule, scope, status)


def test_a_key_of_one_service_opens_nothing_in_the_other(house: House) -> None:
    pairs = (("survey", "scoring", "/api/v1/results"), ("scoring", "survey", "/api/v1/rounds"))
    for owner, other, address in pairs:
        for key in house.keys[owner].values():
            answer = house.apps[other].test_client().get(address, headers={"Authorization": f"Bearer {key}"})
            assert answer.status_code == 401


def test_a_unit_administrator_never_reads_about_another_unit(house: House) -> None:
    with reading(house.survey.engine) as session:
        units = directory.units(session, OTHER_UNIT)
        names = session.scalars(sa.select(person.c.name).where(person.c.unit.in_(units))).all()
    canaries = [*names, *units]
    assert len(names) > 10 and len(units) > 2
    client = house.visitor("survey", "unit_admin")
    asked = 0
    for (method, rule), who in MAY.items():
        if method == "GET" and "unit_admin" in who:
            for more in ("", f"?unit={OTHER_UNIT}", f"?q={names[0]}"):
                page = re.sub(r'value="[^"]*"', "", client.get(house.address(rule) + more).text)
                assert not [one for one in canaries if one in page], (rule, more)
                asked += 1
    assert asked >= 9
    assert OTHER_UNIT in house.visitor("survey", "hr").get("/console/people").text


def test_what_belongs_to_somebody_else_is_not_there(house: House) -> None:
    client = house.visitor("survey", "hr")
    token = world.token_of(client.get("/console/account").text)
    with transaction(house.survey.engine) as session:
        secret = accounts.secret_of(session, "owner")
        theirs = accounts.sign_in(session, secret, b"x", "owner", "", house.watch())
    address = f"/console/people/import/{house.foreign_upload}"
    assert client.get(address).location == "/console/people/import"
    assert client.post(address, data={"csrf_token": token}).location == "/console/people/import"
    client.post(f"/console/account/sign-ins/{theirs.session}/end", data={"csrf_token": token})
    wrong = house.accounts["viewer"]
    client.post(f"/console/accounts/{wrong}/sign-ins/{theirs.session}/end", data={"csrf_token": token})
    with reading(house.survey.engine) as session:
        assert [one.id for one in staff.sign_ins(session, house.owner, house.watch())] == [UUID(theirs.session)]
