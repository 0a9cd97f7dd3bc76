"""A link in a mail is opened by machines before any person sees it: nothing they do may spend it.

``tests/integration/test_answering_pages.py`` has the hundred visits without a browser.
"""

import contextlib
from collections.abc import Iterator

import pytest
from flask import Response
from playwright.sync_api import Browser, Error

from shared.sealing import b64
from tests.asked import ADDRESS, RATEE, RATER, Asked
from tests.attack import scanner
from tests.browser.pages import served

pytestmark = pytest.mark.browser
VISITS = {scanner.looks: 10, scanner.clicks_at_once: 3, scanner.clicks_like_a_person: 1, scanner.declines: 2}


@pytest.fixture
def bodies() -> list[str]:
    """Everything that the server said."""
    return []


@pytest.fixture
def base(asked: Asked, bodies: list[str]) -> Iterator[str]:
    app = asked.app()

    @app.after_request
    def note(response: Response) -> Response:
        if not response.direct_passthrough:
            bodies.append(f"{response.headers}{response.get_data(as_text=True)}")
        return response

    with served(app) as address:
        yield address


@pytest.mark.parametrize("manner", scanner.MANNERS, ids=lambda manner: manner.__name__)
def test_a_scanner_spends_nothing_and_sees_nobody(
    browser: Browser, asked: Asked, base: str, bodies: list[str], manner: scanner.Manner
) -> None:
    link = asked.invite()
    told = bodies
    for _ in range(VISITS[manner]):
        told += scanner.visit(browser, f"{base}/s#{link.fragment}", manner)
    assert asked.state(link) == ("pending", None)
    assert asked.sealed() == []
    secrets = [RATEE, RATER, ADDRESS, link.code, b64(link.secret), b64(link.token), link.token.hex(), str(link.id)]
    assert [word for word in secrets for body in told if word in body] == []
    assert any("Siti Rahmawati" in body for body in told), "it was the survey that was looked at"


def test_without_the_guard_the_same_scanner_spends_the_link(browser: Browser, asked: Asked, base: str) -> None:
    """The scanner is one: with a script that trusts every click it sends an answer."""
    link = asked.invite()
    context = browser.new_context()
    page = context.new_page()

    def trusting(route) -> None:
        answer = route.fetch()
        body = answer.text().replace("byPerson = event.isTrusted", "byPerson = true")
        route.fulfill(response=answer, body=body)

    page.route("**/answer.js*", trusting)
    page.goto(f"{base}/s#{link.fragment}")
    page.locator("[data-page=survey]").wait_for()
    with contextlib.suppress(Error):  # the page goes away under it
        scanner.clicks_at_once(page)
    page.wait_for_timeout(500)
    context.close()
    assert asked.state(link) == ("answered", None)
