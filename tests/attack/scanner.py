"""A mail scanner with a real browser: it opens the link, runs the page's scripts and clicks everything it sees."""

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Browser, Error, Page

CLICKABLE = "a, button, summary, label, input, select, textarea, [role=button], [onclick], [data-go], [data-next]"
ALL_AT_ONCE = """selector => {
  for (const one of document.querySelectorAll(selector)) one.click();
  for (const form of document.forms) form.requestSubmit();
}"""
FILL = """() => {
  for (const field of document.querySelectorAll("input[type=text], input:not([type]), textarea, input[type=email]"))
    field.value = "scanner@example.com";
}"""
Manner = Callable[[Page], None]


def looks(page: Page) -> None:
    """Waits until all is quiet, like a preview."""
    page.wait_for_load_state("networkidle")


def clicks_at_once(page: Page) -> None:
    """Calls ``click()`` on everything and sends every form, again and again, as a script would."""
    for _ in range(6):
        with suppress(Error):  # the page goes away under it
            page.evaluate(FILL)
            page.evaluate(ALL_AT_ONCE, CLICKABLE)
        page.wait_for_timeout(60)


def clicks_like_a_person(page: Page) -> None:
    """Moves a mouse to everything it can see, in the order of the page, and goes on where that leads."""
    for _ in range(3):
        page.evaluate(FILL)
        for one in page.locator(CLICKABLE).all()[:60]:
            try:
                if one.is_visible():
                    one.click(timeout=150, no_wait_after=True)
            except Error:
                continue  # it went away, or something lies over it


def declines(page: Page) -> None:
    """Goes for the buttons nobody should press, with a real mouse, and sends what they ask for."""
    for kind in ("/s/decline", "/s/relation"):
        for button in page.locator(f"form[action='{kind}'] button").all():
            button.click(timeout=2000)
            page.locator("[data-page=aside]").wait_for(timeout=3000)
            for _ in range(2):
                page.locator("[data-page=aside] input[type=radio]").last.click(timeout=2000)
                page.evaluate(FILL)
                page.locator("[data-page=aside] form button").first.click(timeout=2000)
                page.wait_for_timeout(150)
            page.locator("[data-page=aside] form[action='/s/open'] button").click(timeout=2000)
            page.locator("[data-page=survey]").wait_for(timeout=3000)


MANNERS: tuple[Manner, ...] = (looks, clicks_at_once, clicks_like_a_person, declines)


def visit(browser: Browser, url: str, manner: Manner) -> list[str]:
    """One visit in a fresh profile, dialogs agreed to; what the page was made of, at first and at last."""
    context = browser.new_context()
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.on("popup", lambda other: other.close())
    try:
        page.goto(url)
        page.locator("[data-page=survey], [data-page=dead-end]").first.wait_for(state="attached")
        found = [page.content()]
        manner(page)
        with suppress(Error):  # on its way to another page
            found.append(page.content())
    finally:
        with suppress(Error):
            page.goto("about:blank")  # a window or question that is under way would meet the closing
        context.close()
    return found
