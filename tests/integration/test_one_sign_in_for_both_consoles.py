"""The survey service signs staff in; the results pages of the scoring service believe it, and nothing else does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from shared.config import load
from shared.database import transaction
from shared.host import Host, now
from survey_service.usecases import accounts, questionnaires

PASSWORD = "kuda lumping di pasar"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(load({"CERMIN_DATA_DIR": str(tmp_path)}))
    made.migrate()
    with transaction(made.services["survey"].engine) as session:
        accounts.add_account(session, "sari", "Sari", "hr", None, PASSWORD, now())
        questionnaires.load_shipped(session)
    yield made
    made.close()


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)


def test_one_sign_in_and_one_form_token_serve_both(host: Host) -> None:
    browser = Client(host.wsgi())
    wanted = browser.get("/console/results/")
    assert wanted.location == "/console/sign-in?next=%2Fconsole%2Fresults%2F"
    token = token_of(browser.get(wanted.location).text)
    sent = {"csrf_token": token, "login": "sari", "password": PASSWORD}
    assert browser.post(wanted.location, data=sent).location == "/console/results/"
    results = browser.get("/console/results/").text
    assert "Belum ada hasil" in results and "Sari" in results
    assert browser.get("/console/").status_code == 200
    gone = browser.post("/console/sign-out", data={"csrf_token": token_of(results)})
    assert gone.location == "/console/sign-in"
    assert browser.get("/console/results/").status_code == 302


def test_the_pages_of_raters_get_no_cookie_and_set_none(host: Host) -> None:
    browser = Client(host.wsgi())
    token = token_of(browser.get("/console/sign-in?lang=en").text)
    browser.post("/console/sign-in", data={"csrf_token": token, "login": "sari", "password": PASSWORD})
    own = browser.get("/console/")
    assert own.status_code == 200 and "cermin_staff" in own.request.headers["Cookie"]
    for address in ("/s", "/s/resend", "/api/v1/people"):
        answer = browser.get(address)
        assert "Cookie" not in answer.request.headers
        assert "Set-Cookie" not in answer.headers
