"""Accounts in the console: made, changed, closed; temporary passwords; sign-ins that can be ended."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from shared import audit
from shared.database import reading, transaction
from shared.errors import Refused
from shared.service import Context
from survey_service.tables import account, staff_session
from survey_service.usecases import staff
from tests.integration.console.conftest import LOGINS, OWN_UNIT, PASSWORD, count, send, token_of

LIST, NEW, OWN = "/console/accounts", "/console/accounts/new", "/console/account"
OTHER_PASSWORD = "sepeda tua di garasi"


def row(engine: Engine, login: str):
    with engine.connect() as connection:
        return connection.execute(account.select().where(account.c.login == login)).one()


def made(hr: FlaskClient, login: str = "dewi", role: str = "viewer", **more: str) -> str:
    """A new account; its temporary password."""
    page = send(hr, NEW, login=login, name="Dewi Lestari", role=role, **more).text
    return re.search(r'<code class="whole">([^<]+)</code>', page).group(1)


def enter(client: FlaskClient, login: str, password: str):
    return send(client, "/console/sign-in", login=login, password=password)


def test_a_new_account_gets_a_password_that_only_lets_choose_another(
    hr: FlaskClient, visitor: FlaskClient, engine: Engine
) -> None:
    password = made(hr)
    assert password not in hr.get(LIST).text + hr.get(f"{LIST}/{row(engine, 'dewi').id}").text
    assert enter(visitor, "dewi", password).location == "/console/choose-password"
    assert visitor.get("/console/").status_code == 302, "nothing is open yet"
    page = visitor.get("/console/choose-password").text
    for given, field in (
        ({"password": "kurang", "again": "kurang"}, "password"),
        ({"password": OTHER_PASSWORD, "again": "lain"}, "again"),
    ):
        refused = visitor.post("/console/choose-password", data={"csrf_token": token_of(page), **given})
        assert refused.status_code == 422 and f'id="{field}-fault"' in refused.text
    given = {"csrf_token": token_of(page), "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert visitor.post("/console/choose-password", data=given).location == "/console/"
    assert "Dewi Lestari" in visitor.get("/console/").text
    assert not row(engine, "dewi").temporary
    assert visitor.get("/console/choose-password").location == "/console/sign-in"


def test_nobody_chooses_a_password_without_the_temporary_one(hr: FlaskClient, app: Flask) -> None:
    password = made(hr)
    stranger = app.test_client()
    assert stranger.get("/console/choose-password").location == "/console/sign-in"
    waiting = app.test_client()
    enter(waiting, "dewi", password)
    page = waiting.get("/console/choose-password").text
    with reading(app.extensions["cermin"].engine) as session:
        dewi = next(one for one in staff.listing(session, app.extensions["cermin"].clock()) if one.login == "dewi")
    send(hr, f"{LIST}/{dewi.id}/reset", page=f"{LIST}/{dewi.id}")
    given = {"csrf_token": token_of(page), "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert waiting.post("/console/choose-password", data=given).location == "/console/sign-in"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"login": "a b", "name": "A", "role": "hr"}, "login-fault"),
        ({"login": LOGINS["hr"], "name": "Sari", "role": "hr"}, "login-fault"),
        ({"login": "baru", "name": " ", "role": "hr"}, "name-fault"),
        ({"login": "baru", "name": "A", "role": "unit_admin"}, "unit-fault"),
        ({"login": "baru", "name": "A", "role": "hr", "unit": OWN_UNIT}, "unit-fault"),
        ({"login": "baru", "name": "A", "role": "raja"}, "role-fault"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    hr: FlaskClient, engine: Engine, given: dict[str, str], fault: str
) -> None:
    answer = send(hr, NEW, **given)
    assert answer.status_code == 422
    assert f'id="{fault}"' in answer.text
    assert f'value="{given["login"]}"' in answer.text
    assert count(engine, account) == len(LOGINS)


def test_another_role_ends_the_sign_ins_another_name_does_not(hr: FlaskClient, signed_in, engine: Engine) -> None:
    vino = signed_in("viewer")
    address = f"{LIST}/{row(engine, LOGINS['viewer']).id}"
    assert send(hr, address, name="Vino G. Bastian", role="viewer").status_code == 303
    assert vino.get("/console/").status_code == 200
    assert send(hr, address, name="Vino G. Bastian", role="unit_admin", unit=OWN_UNIT).status_code == 303
    assert vino.get("/console/").status_code == 302
    assert (row(engine, "vino").role, row(engine, "vino").unit) == ("unit_admin", OWN_UNIT)


def test_a_closed_account_is_signed_out_at_once_and_can_be_opened_again(
    hr: FlaskClient, signed_in, visitor: FlaskClient, engine: Engine
) -> None:
    ayu = signed_in("auditor")
    address = f"{LIST}/{row(engine, LOGINS['auditor']).id}"
    send(hr, f"{address}/disable", page=address)
    assert ayu.get("/console/").status_code == 302
    assert enter(visitor, LOGINS["auditor"], PASSWORD).status_code == 401
    send(hr, f"{address}/enable", page=address)
    assert enter(visitor, LOGINS["auditor"], PASSWORD).status_code == 303


def test_nobody_changes_or_closes_the_own_account(hr: FlaskClient, engine: Engine) -> None:
    address = f"{LIST}/{row(engine, LOGINS['hr']).id}"
    token = token_of(hr.get(address).text)
    assert hr.post(address, data={"csrf_token": token, "name": "Sari", "role": "viewer"}).status_code == 409
    hr.post(f"{address}/disable", data={"csrf_token": token})
    assert "mintalah rekan Anda" in hr.get(address).text
    assert (row(engine, "sari").role, row(engine, "sari").disabled) == ("hr", False)
    assert hr.post(address, data={"csrf_token": token, "name": "Sari Dewi", "role": "hr"}).status_code == 303


def test_the_personnel_office_cannot_be_locked_out(app: Flask, context: Context) -> None:
    with transaction(context.engine) as session:
        hr = next(one.id for one in staff.listing(session, context.clock()) if one.role == "hr")
        with pytest.raises(Refused, match="last_account"):
            staff.disable(session, hr, context.clock(), "somebody whose account is gone")


def test_sign_ins_are_listed_and_ended_one_by_one(app: Flask, engine: Engine) -> None:
    phone, desk = app.test_client(), app.test_client()
    phone.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"
    desk.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0; rv:132.0) Gecko/20100101 Firefox/132.0"
    for client in (phone, desk):
        enter(client, LOGINS["viewer"], PASSWORD)
    page = desk.get(OWN).text
    assert "Chrome, Android" in page and "Firefox, Windows" in page and "Peramban ini" in page
    [end] = re.findall(rf'action="({OWN}/sign-ins/[^"]+)"', page)
    assert desk.post(end, data={"csrf_token": token_of(page)}).location == OWN
    assert phone.get("/console/").status_code == 302
    assert desk.get("/console/").status_code == 200
    assert count(engine, staff_session) == 1


def test_a_change_of_the_own_password_ends_the_other_sign_ins(app: Flask, engine: Engine) -> None:
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        enter(client, LOGINS["viewer"], PASSWORD)
    wrong = send(here, f"{OWN}/password", page=OWN, present="bukan", password=OTHER_PASSWORD, again=OTHER_PASSWORD)
    assert wrong.status_code == 422 and 'id="present-fault"' in wrong.text
    given = {"present": PASSWORD, "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert send(here, f"{OWN}/password", page=OWN, **given).status_code == 303
    assert here.get("/console/").status_code == 200
    assert there.get("/console/").status_code == 302
    assert enter(there, LOGINS["viewer"], PASSWORD).status_code == 401
    assert enter(there, LOGINS["viewer"], OTHER_PASSWORD).status_code == 303


def test_what_happens_to_accounts_is_in_the_audit_trail_without_a_password(hr: FlaskClient, engine: Engine) -> None:
    password = made(hr)
    address = f"{LIST}/{row(engine, 'dewi').id}"
    for act in ("reset", "disable", "enable"):
        send(hr, f"{address}/{act}", page=address)
        assert hr.get(address).status_code == 200
    with engine.connect() as connection:
        entries = connection.execute(audit.entry.select()).all()
    acts = [one.action for one in entries]
    for action in ("staff.added", "staff.password_reset", "staff.disabled", "staff.enabled"):
        assert acts.count(action) >= 1
    assert password not in repr(entries)
    assert {one.actor for one in entries if one.action == "staff.enabled"} == {str(row(engine, "sari").id)}
    page = re.sub('value="[^"]*"', "", hr.get("/console/audit").text)
    assert "Kata sandi sementara dibuat" in page and "staff." not in page


def test_an_auditor_sees_the_accounts_and_changes_none(signed_in) -> None:
    page = signed_in("auditor").get(LIST).text
    assert "Sari" in page and NEW not in page
