"""Pages that are kept and filled in: what is put in is escaped, stays in its place, and nothing of it is kept."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from survey_service.respond.filling import MOST, filled
from tests.asked import Asked


@pytest.fixture
def asked(new_engine: Callable[..., Engine], tmp_path: Path) -> Asked:
    return Asked(new_engine("survey_service.migrations"), tmp_path)


@pytest.fixture
def app(asked: Asked) -> Flask:
    return asked.app()


def page(app: Flask, kind: object = "page", **values: str) -> str:
    with app.test_request_context("/s"):
        return filled(
            kind, values, lambda marks: f"<p title='{marks['name']}'>{marks['name']}, {marks['post']}</p>"
        )


def test_values_are_escaped_and_stay_in_their_place(app: Flask) -> None:
    assert page(app, name="A & <b>'", post="x") == "<p title='A &amp; &lt;b&gt;&#39;'>A &amp; &lt;b&gt;&#39;, x</p>"
    assert page(app, name="\ue000post\ue001", post="secret").count("secret") == 1


def test_a_page_is_rendered_once_for_each_kind_and_language(app: Flask) -> None:
    rendered: list[str] = []

    def render(_marks: object) -> str:
        rendered.append("once")
        return "x"

    for address in ("/s?lang=id", "/s?lang=id", "/s?lang=en"):
        with app.test_request_context(address):
            filled("kind", {}, render)
    assert len(rendered) == 2


def test_what_is_kept_is_bounded_and_holds_no_value(app: Flask) -> None:
    for at in range(2 * MOST):
        page(app, kind=at, name="CANARY", post="x")
    kept = app.extensions["cermin_filled"]
    assert len(kept) <= MOST
    assert "CANARY" not in repr(kept)


def test_the_filled_survey_is_the_rendered_one(asked: Asked) -> None:
    client, link = asked.app().test_client(), asked.invite()
    first = client.post("/s/open", data=link.form).text
    again = client.post("/s/open", data=link.form).text
    assert bare(first) == bare(again)
    direct = client.post("/s/answer", data=link.form | {"to": "id", "q0": "9"}).text
    assert bare(direct) == bare(first)


def bare(text: str) -> str:
    """Without what differs each time: the ticket, and the noise in the place of a draft."""
    return re.sub(r'(name="ticket" value|data-draft)="[^"]*"', "", text)
