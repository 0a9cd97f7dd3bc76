"""Every address that a rater reaches, with every method and every error: the same headers, and nobody's name in it.

The routes are read from the app, so a new one is walked too.
"""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from shared.database import transaction
from shared.sealing import b64
from survey_service.usecases import answering, closing
from tests.asked import ADDRESS, NOW, RATEE, RATER, Asked, Link, complete, ticket_in

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
KEPT = re.compile(r"/s/receipts/[0-9a-f-]+\.txt$|/static/")
"""What may be kept by a cache: the same for everybody."""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def asked(new_engine, tmp_path) -> Asked:
    return Asked(new_engine("survey_service.migrations"), tmp_path)


def told(link: Link) -> list[str]:
    """What no answer may contain."""
    secrets = [b64(link.token), b64(link.secret), link.token.hex(), link.secret.hex(), link.code, str(link.id)]
    return [RATEE, RATER, ADDRESS, "Wahyu Rater", link.form["signature"], *secrets]


def check(path: str, page: TestResponse, link: Link) -> None:
    headers = page.headers
    assert headers["Content-Security-Policy"] == CSP, path
    assert headers["Referrer-Policy"] == "no-referrer", path
    assert headers["X-Robots-Tag"] == "noindex, nofollow", path
    assert headers["X-Content-Type-Options"] == "nosniff", path
    assert "Set-Cookie" not in headers, path
    kept = page.status_code == 200 and KEPT.search(path) and not path.startswith("OPTIONS")
    assert (headers["Cache-Control"] == "no-store") != bool(kept), (path, headers["Cache-Control"])
    text = page.get_data(as_text=True)
    assert [word for word in told(link) if word in text or word in str(headers)] == [], path
    if page.mimetype == "text/html":
        assert re.findall(r'(?:src|href|action)="(?!/|#|data:text/plain,)[^"]*"', text) == [], path
        assert "<script>" not in text and "<style" not in text and " style=" not in text, path


def routes(app: Flask, asked: Asked) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/s") and not rule.rule.startswith("/static"):
            for round_id in (asked.round_id, uuid4()) if "round_id" in rule.arguments else (None,):
                for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS"):
                    yield (
                        method,
                        rule.rule.replace("<uuid:round_id>", str(round_id)),
                    )


def bodies(asked: Asked, link: Link, ticket: str) -> list[dict]:
    """What a person, a browser, a program and a fool might send."""
    ballot = {"ballot": b64(asked.ballot())}
    return [
        {},
        {"data": link.form},
        {"data": {"code": link.code}},
        {"data": {"ticket": ticket, "asked": "1", "to": "en"}},
        {"data": {"ticket": ticket, "q0": "<b>", "q1": "99999"}},
        {"data": {"ticket": "gAAAAAforged"}},
        {"data": link.form | {"signature": "x" * 43}},
        {"data": {"address": ADDRESS}},
        {"data": {"address": "x@y.id\r\nBcc: z@y.id"}},
        {"json": link.form | {"draft": "AAAA", "over": ""}},
        {"json": link.form | {"signature": ""} | ballot},
        {"json": [1]},
        {"data": b"{", "content_type": "application/json"},
        {"data": b"\xff\xfe" * 40_000, "content_type": "application/x-www-form-urlencoded"},
        {"data": {"code": link.code + link.code[:4]}},
    ]


def test_every_route_and_error_has_the_headers_and_names_nobody(asked: Asked) -> None:
    app = asked.app()
    client, link = app.test_client(), asked.invite()
    ticket = ticket_in(client.post("/s/open", data=link.form).text)
    walked = list(routes(app, asked))
    assert len(walked) > 40
    statuses = set()
    for method, path in [*walked, ("GET", "/s/nothing"), ("GET", "/s/promise/"), ("GET", "/"), ("GET", "/none")]:
        for body in bodies(asked, link, ticket) if method == "POST" else [{}]:
            page = client.open(path, method=method, **body)
            statuses.add(page.status_code)
            check(f"{method} {path}", page, link)
    assert statuses >= {200, 302, 404, 405, 410, 413, 422}, statuses
    assert 500 not in statuses


def test_a_fault_of_ours_has_them_too(asked: Asked) -> None:
    app = asked.app()
    link = asked.invite()
    asked.engine.dispose()
    with asked.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE invitation RENAME TO gone")
    for path, body in (("/s/open", {"data": link.form}), ("/s/submit", {"json": link.form | {"ballot": "AAAA"}})):
        page = app.test_client().post(path, **body)
        assert page.status_code == 500
        check(path, page, link)


def test_every_state_of_a_link_has_them_too(asked: Asked) -> None:
    client = asked.app().test_client()

    def look(link: Link, status: int, path: str = "/s/open", **values: str) -> str:
        page = client.post(path, data=link.form | values)
        assert page.status_code == status
        check(path, page, link)
        return page.text

    for state in ("revoked", "answered", "declined", "wrong_relation"):
        look(asked.invite(state=state), 409)
    link = asked.invite()
    ticket = ticket_in(look(link, 200))
    done = client.post("/s/answer", data={"ticket": ticket} | complete(asked))
    check("/s/answer", done, link)
    check("/s/open", client.post("/s/open", data=link.form), link)
    with transaction(asked.engine) as session:
        answering.look(session, link.token, NOW)
        closing.close(session, asked.round_id, NOW, "test")
    for _ in range(2):
        with transaction(asked.engine) as session:
            closing.hand_over(session, NOW)
    for path in (f"/s/receipts/{asked.round_id}", f"/s/receipts/{asked.round_id}.txt"):
        page = client.get(path)
        assert page.status_code == 200
        check(path, page, link)


def test_static_files_have_them_too(asked: Asked) -> None:
    client, link = asked.app().test_client(), asked.invite()
    page = client.post("/s/open", data=link.form)
    parts = set(re.findall(r'"(/static/[^"]+)"', page.text))
    assert len(parts) >= 7
    for part in [*parts, "/static/survey/respond/none.js", "/static/none.css"]:
        with client.get(part) as found:
            check(part if found.status_code == 200 else "missing", found, link)
