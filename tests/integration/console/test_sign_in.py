"""Signing in, staying signed in, and what is refused on the way."""

import statistics
import time
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from shared import audit
from shared.database import transaction
from shared.web.access import STAFF_COOKIE
from survey_service.tables import guess, staff_session
from survey_service.usecases import accounts
from tests.integration.console.conftest import LOGINS, PASSWORD, Watch, count, send, token_of

SIGN_IN = "/console/sign-in"


def enter(client: FlaskClient, login: str = LOGINS["hr"], password: str = PASSWORD, onward: str = ""):
    return send(client, SIGN_IN + onward, login=login, password=password)


def test_a_stranger_is_sent_to_the_sign_in_page_and_from_there_to_where_they_wanted(visitor: FlaskClient) -> None:
    sent = visitor.get("/console/audit?before=7")
    assert sent.status_code == 302
    assert sent.location == "/console/sign-in?next=%2Fconsole%2Faudit%3Fbefore%3D7"
    assert enter(visitor, onward="?next=%2Fconsole%2Faudit%3Fbefore%3D7").location == "/console/audit?before=7"
    assert visitor.get("/console/audit").status_code == 200


@pytest.mark.parametrize("login", [LOGINS["hr"], "nobody"])
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(visitor: FlaskClient, login: str) -> None:
    answer = enter(visitor, login, "not the password")
    assert answer.status_code == 401
    assert "tidak cocok" in answer.text
    assert f'value="{login}"' in answer.text
    assert "not the password" not in answer.text
    assert visitor.get("/console/").status_code == 302


def test_an_unknown_login_takes_as_long_as_a_wrong_password(app: Flask, engine: Engine) -> None:
    def seconds(login: str) -> float:
        times = []
        for _ in range(5):
            with transaction(engine) as session:
                secret = accounts.secret_of(session, login)
            begin = time.perf_counter()
            assert not accounts.fits(secret, "not the password")
            times.append(time.perf_counter() - begin)
        return statistics.median(times)

    seconds("nobody")
    assert 0.3 < seconds("nobody") / seconds(LOGINS["hr"]) < 3


def test_guessing_is_slowed_down_and_a_right_password_does_not_help_then(
    app: Flask, visitor: FlaskClient, watch: Watch, engine: Engine
) -> None:
    for _ in range(5):
        assert enter(visitor, password="not the password").status_code == 401
    assert enter(visitor).status_code == 429
    assert enter(app.test_client(), LOGINS["auditor"]).status_code == 303
    watch.pass_by(timedelta(minutes=16))
    assert enter(visitor).status_code == 303
    assert count(engine, guess) == 1


def test_one_address_may_not_guess_at_many_accounts(visitor: FlaskClient, engine: Engine, app: Flask) -> None:
    with transaction(engine) as session:
        for number in range(50):
            accounts.count_try(
                session, _pepper(app), f"login{number}", "127.0.0.1", app.extensions["cermin"].clock()
            )
    assert enter(visitor).status_code == 429


def test_what_is_counted_cannot_be_read_from_the_table(visitor: FlaskClient, engine: Engine) -> None:
    enter(visitor, "ibu-sari", "not the password")
    with engine.connect() as connection:
        kept = b"".join(row.key for row in connection.execute(guess.select()))
    assert len(kept) == 3 * 32
    assert b"sari" not in kept and b"127.0.0.1" not in kept


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/console/\\evil.example",
        "/console//evil.example",
        "/consoled",
        "/s",
        "javascript:alert(1)",
        "/console/\nLocation: x",
    ],
)
def test_the_way_onward_never_leads_to_another_site(visitor: FlaskClient, onward: str) -> None:
    token_page = visitor.get(SIGN_IN).text
    answer = visitor.post(
        SIGN_IN,
        query_string={"next": onward},
        data={"csrf_token": token_of(token_page), "login": LOGINS["hr"], "password": PASSWORD},
    )
    assert answer.status_code == 303
    assert answer.location == "/console/"


def test_a_form_without_its_token_is_refused(visitor: FlaskClient, hr: FlaskClient) -> None:
    assert visitor.post(SIGN_IN, data={"login": LOGINS["hr"], "password": PASSWORD}).status_code == 400
    assert hr.post("/console/sign-out").status_code == 400
    assert hr.get("/console/").status_code == 200


def test_the_token_of_one_browser_does_not_serve_another(hr: FlaskClient, signed_in) -> None:
    other = signed_in("viewer")
    token = token_of(other.get("/console/").text)
    assert hr.post("/console/sign-out", data={"csrf_token": token}).status_code == 400


def test_the_cookie_is_kept_from_scripts_other_sites_and_rater_pages(visitor: FlaskClient) -> None:
    cookie = _cookie(enter(visitor))
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/console"
    assert not cookie["secure"] and not cookie["max-age"]


def test_under_https_the_cookies_are_secure_and_forms_still_work(app: Flask) -> None:
    app.config["SESSION_COOKIE_SECURE"] = True
    client = app.test_client()
    page = client.get(SIGN_IN, base_url="https://cermin.example")
    answer = client.post(
        SIGN_IN,
        base_url="https://cermin.example",
        data={"csrf_token": token_of(page.text), "login": LOGINS["hr"], "password": PASSWORD},
    )
    assert answer.status_code == 303
    assert _cookie(answer)["secure"]


def test_a_sign_in_lasts_a_working_day_and_every_page_renews_the_cookie(hr: FlaskClient, watch: Watch) -> None:
    before = hr.get_cookie(STAFF_COOKIE, path="/console").value
    watch.pass_by(timedelta(hours=11))
    assert hr.get("/console/").status_code == 200
    after = hr.get_cookie(STAFF_COOKIE, path="/console").value
    assert before and after
    watch.pass_by(timedelta(hours=2))
    assert hr.get("/console/").status_code == 302


def test_another_service_sends_an_old_cookie_back_and_it_is_renewed_without_a_password(
    app: Flask, hr: FlaskClient, watch: Watch
) -> None:
    with time_machine.travel(watch() + timedelta(minutes=16)):
        known = app.extensions.pop("cermin_staff_known")
        assert hr.get("/console/audit").status_code == 302, "a service without the accounts wants it renewed"
        app.extensions["cermin_staff_known"] = known
        renewed = hr.get("/console/sign-in?next=/console/audit")
        assert renewed.status_code == 303 and renewed.location == "/console/audit"
        del app.extensions["cermin_staff_known"]
        assert hr.get("/console/audit").status_code == 200


def test_signing_out_ends_every_copy_of_the_cookie(hr: FlaskClient, app: Flask, engine: Engine) -> None:
    copy = hr.get_cookie(STAFF_COOKIE, path="/console").value
    assert send(hr, "/console/sign-out", page="/console/").location == "/console/sign-in"
    thief = app.test_client()
    thief.set_cookie(STAFF_COOKIE, copy, path="/console")
    assert thief.get("/console/").status_code == 302
    assert count(engine, staff_session) == 0


@pytest.mark.parametrize("change", ["disable", "password", "session"])
def test_a_change_of_the_account_ends_its_sign_ins_at_once(
    hr: FlaskClient, engine: Engine, watch: Watch, change: str
) -> None:
    with transaction(engine) as session:
        if change == "disable":
            accounts.disable(session, LOGINS["hr"], watch())
        elif change == "password":
            accounts.set_password(session, LOGINS["hr"], "another long password", watch())
        else:
            session.execute(staff_session.delete())
    assert hr.get("/console/").status_code == 302


def test_a_disabled_account_cannot_sign_in(visitor: FlaskClient, engine: Engine, watch: Watch, app: Flask) -> None:
    with transaction(engine) as session:
        accounts.disable(session, LOGINS["hr"], watch())
    assert enter(visitor).status_code == 401


def test_a_forged_cookie_is_nobody(visitor: FlaskClient, hr: FlaskClient) -> None:
    value = hr.get_cookie(STAFF_COOKIE, path="/console").value
    for forged in ("x", value[:-2] + "AA", value.replace(".", "", 1)):
        visitor.set_cookie(STAFF_COOKIE, forged, path="/console")
        assert visitor.get("/console/").status_code == 302


def test_signing_in_and_out_is_in_the_audit_trail(hr: FlaskClient, engine: Engine) -> None:
    send(hr, "/console/sign-out", page="/console/")
    with engine.connect() as connection:
        actions = [row.action for row in connection.execute(audit.entry.select().order_by(audit.entry.c.position))]
    assert actions[-2:] == ["staff.signed_in", "staff.signed_out"]


def _cookie(answer):
    for header in answer.headers.getlist("Set-Cookie"):
        parsed = SimpleCookie(header)
        if STAFF_COOKIE in parsed:
            return parsed[STAFF_COOKIE]
    raise AssertionError("no staff cookie")


def _pepper(app: Flask) -> bytes:
    return app.extensions["cermin"].settings.service_secrets[0].encode()
