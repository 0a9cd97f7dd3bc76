"""Every page of a rater at three widths and in both languages: no scrolling sideways, nothing that axe finds."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from shared.database import transaction
from survey_service.tables import invitation
from tests.asked import NOW, Asked, Link
from tests.listed import Boss

pytestmark = pytest.mark.browser
WIDTHS = (320, 390, 1280)


def closed(asked: Asked) -> Link:
    link = asked.invite()
    asked.set_round(state="closed")
    return link


def in_state(asked: Asked, state: str) -> Link:
    link = asked.invite()
    with transaction(asked.engine) as session:
        session.execute(sa.update(invitation).where(invitation.c.id == link.id).values(state=state))
    return link


def in_round(asked: Asked, **facts: object) -> Link:
    link = asked.invite()
    asked.set_round(**facts)
    return link


ENDS: dict[str, Callable[[Asked], Link]] = {
    "not_open": lambda asked: in_round(asked, opens_at=NOW + timedelta(days=1)),
    "already_received": lambda asked: in_state(asked, "answered"),
    "declined": lambda asked: in_state(asked, "declined"),
    "wrong_relation": lambda asked: in_state(asked, "wrong_relation"),
    "replaced": lambda asked: in_state(asked, "revoked"),
    "closed": closed,
    "cancelled": lambda asked: in_round(asked, state="cancelled"),
    "key_missing": lambda asked: in_round(asked, public_key=None),
}


def check(page: Page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.fixture
def page(browser, base):  # closed before its server, which waits for connections
    context = browser.new_context(locale="id-ID", bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("code", ENDS)
def test_every_dead_end(page: Page, asked: Asked, base: str, code: str) -> None:
    link = ENDS[code](asked)
    for language in ("id", "en"):
        page.goto("about:blank")
        page.goto(f"{base}/s?lang={language}#{link.fragment}")
        expect(page.locator(f'[data-code="{code}"]')).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == language
        assert page.locator("[data-list]:visible").count() == 0
        check(page)


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_other_page(page: Page, asked: Asked, base: str, language: str) -> None:
    for path in ("/s", "/s/promise", "/s/resend", "/s/receipts/00000000-0000-4000-8000-000000000000"):
        page.goto(f"{base}{path}?lang={language}")
        check(page)
    page.goto(f"{base}/s?lang={language}")
    page.locator("#code").fill("ABCD-EFGH")
    page.locator("#code-form button").click()
    expect(page.locator('[data-code="unknown_link"]')).to_be_visible()
    check(page)
    page.goto("about:blank")
    page.goto(f"{base}/s?lang={language}#{asked.invite().fragment}")
    page.locator(".asides button").first.click()
    page.locator("[data-page=aside] .actions button").first.click()
    expect(page.locator(".fault").first).to_be_visible()
    check(page)


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_list_full_done_and_over_and_the_way_from_one_to_the_next(
    page: Page, asked: Asked, base: str, language: str
) -> None:
    boss = Boss(asked, 2)
    page.goto(f"{base}/s?lang={language}#{boss.fragment}")
    expect(page.locator("[data-page=list]")).to_be_visible()
    check(page)
    page.locator("[data-entry] button").first.click()
    page.locator("#landing [data-go]").click()
    page.evaluate("document.querySelectorAll('input[value=\"3\"]').forEach(one => (one.checked = true))")
    for _ in range(7):
        page.locator("section.step:not([hidden]) [data-next]").click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-page=done] [data-list]")).to_be_visible()
    check(page)
    boss.set_state(1, "answered")
    page.locator("[data-list]").click()
    expect(page.locator("[data-page=list] .notice")).to_be_visible()
    check(page)
    asked.set_round(state="cancelled")
    page.reload()
    expect(page.locator('[data-page="dead-end"]')).to_be_visible()
    check(page)
