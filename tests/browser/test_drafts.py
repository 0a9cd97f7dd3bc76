"""Going on elsewhere: phone and desktop, two devices at once, a lost network, a closed tab, an old page."""

import re
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from playwright.sync_api import Page, expect

from shared import sealing
from shared.database import transaction
from survey_service.domain import drafts as places
from survey_service.tables import draft, round_
from survey_service.tokens import digest_of
from survey_service.usecases import closing, sweeping
from tests.asked import NOW, Asked, Link
from tests.browser.pages import DESKTOP, PHONE

pytestmark = pytest.mark.browser

START = "#landing [data-go]"
NEXT = "section.step:not([hidden]) [data-next]"
COUNT = "section.step:not([hidden]) .step-count"


@pytest.fixture
def visit(browser, base):
    """A page of a device of its own, with nothing that any other device has."""
    contexts, wrong = [], []

    def open_page(**options) -> Page:
        context = browser.new_context(**({"viewport": PHONE, "locale": "id-ID"} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda one: one.url.startswith((base, "blob:", "data:")) or wrong.append(one.url))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def go(page: Page, base: str, link) -> None:
    page.goto(f"{base}/s#{link.fragment}")
    expect(page.locator("[data-page=survey]")).to_be_visible()


def choose(page: Page, at: int, value: int) -> None:
    page.locator(f"#q{at} label:has(input[value='{value}'])").click()


def saved(page: Page) -> None:
    expect(page.locator("#saved[data-state=saved], #saved[data-state=merged]")).to_be_visible()


def files(asked: Asked) -> bytes:
    path = Path(str(asked.engine.url.database))
    return b"".join(one.read_bytes() for one in path.parent.glob(path.name + "*"))


def held(asked: Asked) -> bytes:
    with asked.engine.connect() as connection:
        return connection.scalar(sa.select(draft.c.held))


def read(asked: Asked, link: Link) -> bytes:
    """The draft as its rater could read it with other tools than ours; raises ``InvalidTag`` for noise."""
    size = places.length(sealing.ballot_length(asked.items))
    kept = places.find(held(asked), digest_of(link.token), size)
    key = HKDF(SHA256(), 32, salt=None, info=b"cermin draft key v1").derive(link.secret)
    return AESGCM(key).decrypt(kept[:12], kept[12:], b"cermin draft v1")


def test_begun_on_a_phone_finished_on_a_desktop_and_the_receipt_found_after_close(visit, asked: Asked, base):
    link = asked.invite()
    before = held(asked)
    phone = visit(device_scale_factor=3, is_mobile=True, has_touch=True)
    go(phone, base, link)
    phone.locator(START).tap()
    given = [2, 3, 5, 1, 4, 0]
    for at, value in enumerate(given):
        choose(phone, at, value)
        if at == 2:
            phone.locator(NEXT).tap()
    saved(phone)
    phone.context.close()
    plain = bytes([1, *given])
    assert held(asked) != before
    assert len(held(asked)) == len(before)
    assert plain not in files(asked)
    assert bytes(given[:4]) + b"\xff" not in files(asked)
    assert read(asked, link) == plain.ljust(sealing.ballot_length(asked.items), b"\xff")

    desk = visit(viewport=DESKTOP, locale="en-GB")
    go(desk, base, link)
    expect(desk.locator("#resumed")).to_be_visible()
    expect(desk.locator(START)).to_have_text("Lanjutkan mengisi")
    desk.locator(START).click()
    expect(desk.locator(COUNT)).to_have_text("Langkah 3 dari 7")
    for step in range(2, 7):
        for at in range(step * 3, step * 3 + 3):
            choose(desk, at, 4)
        desk.locator(NEXT).click()
    desk.locator("[data-send]").click()
    expect(desk.locator("[data-page=done]")).to_be_visible()
    whole = [*given, *[4] * 15]
    assert asked.opened() == [whole]
    with pytest.raises(InvalidTag):
        read(asked, link)
    assert bytes(whole) not in files(asked)
    receipt = desk.locator("#receipt").text_content()
    place = desk.get_by_role("link", name=re.compile("tanda terima")).get_attribute("href")

    with transaction(asked.engine) as session:
        closing.close(session, asked.round_id, NOW, "test")
    for _ in range(3):
        with transaction(asked.engine) as session:
            closing.hand_over(session, NOW)
    with transaction(asked.engine) as session:
        root = session.scalar(sa.select(round_.c.merkle_root))
        closing.counted(session, asked.round_id, root, 1, 0, NOW)
    sweeping.sweep(asked.engine)
    desk.goto(base + place)
    desk.locator("#receipt").fill(receipt)
    desk.locator("#check button").click()
    expect(desk.locator("[data-verdict=inside]")).to_contain_text("baris 1 dari 1")
    expect(desk.locator("[data-verdict=root]")).to_be_visible()
    assert root in desk.content()


def test_two_devices_at_once_lose_no_choice(visit, asked: Asked, base):
    link = asked.invite()
    one, two = visit(), visit(viewport=DESKTOP)
    for page in (one, two):
        go(page, base, link)
        page.locator(START).click()
    choose(one, 0, 1)
    saved(one)
    choose(two, 1, 2)
    expect(two.locator("#saved[data-state=merged]")).to_be_visible()
    expect(two.locator("#q0 input[value='1']")).to_be_checked()
    choose(one, 2, 3)
    expect(one.locator("#q1 input[value='2']")).to_be_checked()
    saved(one)
    three = visit()
    go(three, base, link)
    expect(three.locator("#resumed")).to_be_visible()
    assert [three.locator(f"#q{at} input:checked").get_attribute("value") for at in range(3)] == ["1", "2", "3"]


def test_a_typed_code_goes_on_where_the_link_stopped_and_is_never_sent(visit, asked: Asked, base):
    link = asked.invite()
    page = visit()
    go(page, base, link)
    page.locator(START).click()
    choose(page, 0, 5)
    saved(page)
    other, sent = visit(), []
    other.on("request", lambda one: sent.append(one.url + (one.post_data or "")))
    other.goto(f"{base}/s")
    other.get_by_label("Kode undangan").fill(link.code.lower().replace("-", " ").replace("o", "0"))
    other.get_by_role("button", name="Buka survei").click()
    expect(other.locator("#resumed")).to_be_visible()
    expect(other.locator("#q0 input[value='5']")).to_be_checked()
    assert not [line for line in sent if re.search(link.code[:9].replace("-", ".?"), line, re.IGNORECASE)]
    mistyped = visit()
    mistyped.goto(f"{base}/s")
    mistyped.get_by_label("Kode undangan").fill(link.code[:-1])
    mistyped.get_by_role("button", name="Buka survei").click()
    expect(mistyped.locator("[data-code=unknown_link]")).to_be_visible()


def test_what_was_chosen_without_a_network_is_saved_once_it_is_back(visit, asked: Asked, base):
    link = asked.invite()
    page = visit()
    go(page, base, link)
    page.locator(START).click()
    page.context.set_offline(True)
    choose(page, 0, 4)
    expect(page.locator("#saved[data-state=unsaved]")).to_be_visible()
    choose(page, 1, 3)
    page.context.set_offline(False)
    saved(page)
    other = visit()
    go(other, base, link)
    expect(other.locator("#q1 input[value='3']")).to_be_checked()


def test_a_closed_tab_and_a_reload_without_a_network_lose_nothing(visit, asked: Asked, base):
    link = asked.invite()
    page = visit()
    page.on("dialog", lambda dialog: dialog.accept())
    go(page, base, link)
    page.locator(START).click()
    choose(page, 0, 2)
    saved(page)
    page.close()
    again = page.context.new_page()
    again.on("dialog", lambda dialog: dialog.accept())
    go(again, base, link)
    expect(again.locator("#q0 input[value='2']")).to_be_checked()
    again.locator(START).click()
    again.route("**/s/draft", lambda route: route.abort())
    choose(again, 1, 5)
    expect(again.locator("#saved[data-state=unsaved]")).to_be_visible()
    again.unroute("**/s/draft")
    again.reload()
    expect(again.locator("#resumed")).to_be_visible()
    expect(again.locator("#q1 input[value='5']")).to_be_checked()


def test_another_link_in_the_same_tab_sees_nothing_of_the_one_before(visit, asked: Asked, base):
    page = visit()
    go(page, base, asked.invite())
    page.locator(START).click()
    choose(page, 0, 3)
    saved(page)
    page.goto("about:blank")
    go(page, base, asked.invite())
    page.locator(START).click()
    assert page.locator("input:checked").count() == 0


def test_a_save_whose_answer_was_lost_is_not_taken_for_another_device(visit, asked: Asked, base):
    page = visit()
    go(page, base, asked.invite())
    page.locator(START).click()
    lost = []

    def lose(route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch())
            route.abort()

    page.route("**/s/draft", lose)
    choose(page, 0, 3)
    expect(page.locator("#saved[data-state=unsaved]")).to_be_visible()
    choose(page, 0, 1)
    saved(page)
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
    expect(page.locator("#q0 input[value='1']")).to_be_checked()


def test_a_program_that_clicks_everything_leaves_no_draft(visit, asked: Asked, base):
    link = asked.invite()
    before = held(asked)
    page = visit()
    go(page, base, link)
    page.evaluate("document.querySelectorAll('#answers input[type=radio]').forEach((one) => one.click())")
    page.wait_for_timeout(1200)
    assert held(asked) == before


def test_a_page_without_javascript_that_grew_too_old_keeps_what_was_chosen(visit, asked: Asked, base, monkeypatch):
    link = asked.invite()
    page = visit(java_script_enabled=False)
    page.goto(f"{base}/s")
    page.get_by_label("Kode undangan").fill(link.code)
    page.get_by_role("button", name="Buka survei").click()
    for at in range(asked.items):
        choose(page, at, 4)
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 13 * 3600)
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.locator("[data-code=expired]")).to_be_visible()
    page.get_by_label("Kode undangan").fill(link.code)
    page.get_by_role("button", name="Buka survei").click()
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.locator("[data-page=done]")).to_be_visible()
    assert asked.opened() == [[4] * asked.items]


def test_without_webcrypto_a_page_that_grew_too_old_keeps_what_was_chosen(visit, asked: Asked, base, monkeypatch):
    link = asked.invite()
    page = visit()
    page.add_init_script("Object.defineProperty(globalThis, 'isSecureContext', { value: false })")
    go(page, base, link)
    page.locator(START).click()
    for step in range(7):
        for at in range(step * 3, step * 3 + 3):
            choose(page, at, 2)
        page.locator(NEXT).click()
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 13 * 3600)
    page.locator("[data-send]").click()
    expect(page.locator("[data-code=expired]")).to_be_visible()
    page.get_by_label("Kode undangan").fill(link.code)
    page.get_by_role("button", name="Buka survei").click()
    expect(page.locator("#resumed")).to_be_visible()
    page.locator(START).click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-page=done]")).to_be_visible()
    assert asked.opened() == [[2] * asked.items]


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_of_receipts_can_be_used_by_everybody(visit, asked: Asked, base, width):
    from axe_playwright_python.sync_playwright import Axe

    with transaction(asked.engine) as session:
        closing.close(session, asked.round_id, NOW, "test")
    for _ in range(2):
        with transaction(asked.engine) as session:
            closing.hand_over(session, NOW)
    page = visit(viewport={"width": width, "height": 640}, bypass_csp=True)
    page.goto(f"{base}/s/receipts/{asked.round_id}")
    sent = []
    page.on("request", lambda one: sent.append(one.url + (one.post_data or "")))
    for typed, verdict in (("12 34", "malformed"), ("ab" * 32, "absent")):
        page.get_by_label("Tanda terima Anda").fill(typed)
        page.get_by_role("button", name="Periksa").click()
        expect(page.locator(f"[data-verdict={verdict}]")).to_be_visible()
    expect(page.locator("[data-verdict=root]")).to_be_visible()
    assert sent and not [line for line in sent if "abab" in line]
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
