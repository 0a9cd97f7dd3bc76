"""A boss with many ratees: the whole list by keyboard, drafts, the way back, a code, no JavaScript, plain HTTP."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.asked import Asked
from tests.browser.pages import DESKTOP, PHONE
from tests.listed import Boss

pytestmark = pytest.mark.browser
FOCUSED = "document.activeElement.matches(':focus-visible, h1, h2') && document.activeElement"


@pytest.fixture
def page(browser, base):
    wrong: list[str] = []
    context = browser.new_context(viewport=PHONE, locale="id-ID")
    found = context.new_page()
    found.on("pageerror", lambda error: wrong.append(str(error)))
    found.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
    found.on("request", lambda request: request.url.startswith((base, "data:")) or wrong.append(request.url))
    yield found
    context.close()
    assert wrong == []


def tab_to(page: Page, selector: str) -> None:
    for _ in range(40):
        if page.evaluate(f"({FOCUSED})?.matches?.({selector!r})"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")


def arrive(page: Page, base: str, boss: Boss) -> None:
    page.goto(f"{base}/s#{boss.fragment}")
    expect(page.locator("[data-page=list]")).to_be_visible()


def open_first(page: Page) -> None:
    page.locator("[data-entry] button").first.click()
    expect(page.locator("#landing")).to_be_visible()


def test_a_boss_of_twelve_goes_through_the_list_by_keyboard(page: Page, asked: Asked, base: str) -> None:
    boss, sent = Boss(asked), []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    arrive(page, base, boss)
    assert page.url == f"{base}/s" and boss.fragment not in page.content()
    for done in range(12):
        expect(page.locator("[data-page=list] > .lead")).to_have_text(f"{done} dari 12 sudah selesai")
        tab_to(page, "[data-entry] button")
        page.keyboard.press("Enter")
        expect(page.locator("#landing h1")).to_contain_text(f"Bawahan {done + 1:02}")
        tab_to(page, "#landing [data-go]")
        page.keyboard.press("Enter")
        value = done % 5 + 1
        for chosen in page.locator(f"#answers input[value='{value}']").all():
            chosen.evaluate("input => (input.checked = true)")
        for _ in range(7):
            tab_to(page, "[data-next]")
            page.keyboard.press("Enter")
        tab_to(page, "[data-send]")
        page.keyboard.press("Enter")
        expect(page.locator("[data-page=done]")).to_be_visible()
        assert "Bawahan" not in page.content()
        if done < 11:
            expect(page.locator("[data-page=done]")).to_contain_text(f"Masih ada {11 - done} formulir")
            tab_to(page, "[data-list]")
            page.keyboard.press("Enter")
    assert boss.states() == ["answered"] * 12
    assert [boss.answers(at) for at in range(12)] == [[[at % 5 + 1] * asked.items] for at in range(12)]
    secrets = [part for link in boss.links for part in (link.fragment.split(".")[0], link.code)]
    assert [line for line in sent for one in (*secrets, boss.fragment.split(".")[1]) if one in line] == []


def test_what_was_begun_is_there_again_after_looking_at_the_list(
    page: Page, asked: Asked, base: str, browser
) -> None:
    boss = Boss(asked, 3)
    arrive(page, base, boss)
    open_first(page)
    page.locator("#landing [data-go]").click()
    with page.expect_response("**/s/draft"):
        page.locator("#q1 label", has_text="Jarang").click()
    page.go_back()
    page.locator("#landing [data-list]").click()
    expect(page.locator("[data-page=list] > .lead")).to_have_text("0 dari 3 sudah selesai")
    page.locator("[data-entry] button").nth(1).click()
    expect(page.locator("#resumed")).to_be_hidden()
    expect(page.locator("input[name=q1]:checked")).to_have_count(0)
    page.go_back()
    expect(page.locator("[data-page=list]")).to_be_visible()
    other = browser.new_context(viewport=PHONE).new_page()
    for window in (page, other):  # in this tab, and on another device
        if window is other:
            arrive(window, base, boss)
        open_first(window)
        expect(window.locator("#resumed")).to_be_visible()
        expect(window.locator("input[name=q1][value='2']")).to_be_checked()
    page.reload()
    expect(page.locator("input[name=q1][value='2']")).to_be_checked()
    other.context.close()


def test_what_could_not_be_saved_waits_in_the_tab(page: Page, asked: Asked, base: str) -> None:
    boss = Boss(asked, 2)
    arrive(page, base, boss)
    open_first(page)
    page.route("**/s/draft", lambda route: route.abort())
    page.locator("#landing [data-go]").click()
    page.locator("#q1 label", has_text="Jarang").click()
    page.go_back()
    page.locator("#landing [data-list]").click()
    expect(page.locator("[data-page=list]")).to_be_visible()
    open_first(page)
    expect(page.locator("input[name=q1][value='2']")).to_be_checked()


def test_a_lost_network_leaves_the_form_usable(page: Page, asked: Asked, base: str) -> None:
    boss = Boss(asked, 2)
    arrive(page, base, boss)
    open_first(page)
    page.route("**/s/list", lambda route: route.abort())
    page.locator("#landing [data-list]").click()
    expect(page.locator("#trouble")).to_be_visible()
    page.locator("#landing [data-go]").click()
    with page.expect_response("**/s/draft") as saved:
        page.locator("#q1 label", has_text="Jarang").click()
    assert saved.value.status == 204


def test_a_typed_code_and_the_other_language(page: Page, asked: Asked, base: str) -> None:
    boss = Boss(asked, 3)
    page.goto(f"{base}/s")
    page.locator("#code").fill(boss.code.lower())
    page.locator("#code-form button").click()
    expect(page.locator("[data-page=list]")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator("[data-page=list] > .lead")).to_have_text("0 of 3 done")
    open_first(page)
    expect(page.locator("#landing h1")).to_have_text("Behaviour assessment of Bawahan 01")
    page.locator("[formaction], .asides button").filter(has_text="I cannot assess").click()
    page.locator("input[name=reason]").first.check()
    page.locator("#sure").fill("yes")
    page.locator("[data-page=aside] .actions button").click()
    page.locator("[data-page=dead-end] [data-list]").click()
    expect(page.locator("[data-page=list] > .lead")).to_have_text("1 of 3 done")
    assert boss.states()[0] == "declined"


def test_without_javascript_and_on_plain_http(browser, asked: Asked, base: str) -> None:
    boss = Boss(asked, 3)
    plain = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    plain.goto(f"{base}/s")
    plain.locator("#code").fill(boss.code)
    plain.locator("#code-form button").click()
    plain.locator("[data-entry] button").nth(1).click()
    expect(plain.locator("#landing h1")).to_contain_text("Bawahan 02")
    plain.context.close()
    insecure = browser.new_context(viewport=PHONE)
    insecure.add_init_script("Object.defineProperty(globalThis, 'isSecureContext', { value: false })")
    page = insecure.new_page()
    arrive(page, base, boss)
    page.locator("[data-entry] button").nth(2).click()
    expect(page.locator("#landing h1")).to_contain_text("Bawahan 03")
    page.locator("#landing [data-list]").click()
    expect(page.locator("[data-page=list] > .lead")).to_have_text("0 dari 3 sudah selesai")
    insecure.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_list_fits_and_axe_finds_nothing(browser, asked: Asked, base: str, width: int, tmp_path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    boss = Boss(asked, 6, "en" if width == 1280 else "id")
    for at, state in ((1, "answered"), (2, "declined"), (3, "revoked")):
        boss.set_state(at, state)
    page = browser.new_context(viewport={**DESKTOP, "width": width}).new_page()
    arrive(page, base, boss)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert Axe().run(page).response["violations"] == []
    page.screenshot(path=tmp_path / f"list-{width}.png", full_page=True)
    assert re.search(r"2 (of|dari) 5", page.locator("[data-page=list] > .lead").text_content() or "")
    page.context.close()
