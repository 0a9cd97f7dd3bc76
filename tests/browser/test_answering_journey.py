"""A rater with a real browser: phone, keyboard only, without JavaScript, with a network that fails."""

import hashlib
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.asked import RATEE, Asked
from tests.browser.pages import PHONE

pytestmark = pytest.mark.browser

START = "#landing [data-go]"
NEXT = "section.step:not([hidden]) [data-next]"
COUNT = "section.step:not([hidden]) .step-count"


@pytest.fixture
def visit(browser, base):
    """Opens contexts that watch for errors of the page and for requests to anybody else."""
    contexts, wrong = [], []

    def open_page(**options) -> Page:
        context = browser.new_context(**({"viewport": PHONE, "locale": "id-ID"} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None
        )
        page.on(
            "request", lambda request: request.url.startswith((base, "blob:", "data:")) or wrong.append(request.url)
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def go(page: Page, base: str, link) -> None:
    page.goto(f"{base}/s#{link.fragment}")
    expect(page.locator("[data-page=survey]")).to_be_visible()


def choose_everything(page: Page, value: int = 4) -> None:
    """From the landing to the review, as a finger would."""
    page.get_by_role("link", name=re.compile("Mulai|Start")).click()
    for step in range(7):
        expect(page.locator(COUNT)).to_have_text(re.compile(f"{step + 1} (dari|of) 7"))
        for fieldset in page.locator("section.step:not([hidden]) fieldset").all():
            fieldset.locator(f'label:has(input[value="{value}"])').click()
        page.locator(NEXT).click()
    expect(page.locator("#review")).to_be_visible()


@pytest.mark.parametrize(("language", "thanks"), [("id", "Terima kasih"), ("en", "Thank you")])
def test_a_phone_from_link_to_receipt(visit, asked: Asked, base, language, thanks):
    link = asked.invite(language=language)
    page = visit()
    go(page, base, link)
    assert page.url == f"{base}/s"
    assert page.evaluate("document.documentElement.lang") == language
    assert link.fragment not in page.content()
    assert page.locator(".no-seal:visible").count() == 0
    choose_everything(page)
    page.locator("[data-send]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(thanks)
    assert asked.opened() == [[4] * asked.items]
    receipt = hashlib.sha256(asked.sealed()[0]).hexdigest()
    assert page.locator("#receipt").text_content() == receipt
    with page.expect_download() as download:
        page.locator("a[download]").click()
    place = f"{asked.settings.public_url}/s/receipts/{asked.round_id}"
    assert download.value.path().read_text().split() == [receipt, place]
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.locator("#by-code")).to_be_visible()


def test_the_server_never_sees_the_secret_or_an_answer(visit, asked: Asked, base):
    link = asked.invite()
    page, sent = visit(), []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    go(page, base, link)
    choose_everything(page, 2)
    page.locator("[data-send]").click()
    expect(page.locator("[data-page=done]")).to_be_visible()
    assert len(sent) > 4
    assert [line for line in sent if link.fragment.split(".")[0] in line or "q0" in line or RATEE in line] == []


def test_the_keyboard_alone_is_enough(visit, asked: Asked, base):
    page = visit()
    go(page, base, asked.invite())
    focused = "document.activeElement.matches(':focus-visible, h1, h2') && document.activeElement"

    def tab_to(selector: str) -> None:
        for _ in range(60):
            if page.evaluate(f"({focused})?.matches?.({selector!r})"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {selector}")

    tab_to(START)
    page.keyboard.press("Enter")
    for step in range(7):
        assert page.evaluate("document.activeElement.tagName") == "H2"
        for item in range(3):
            tab_to(f"input[name=q{step * 3 + item}]")
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
        tab_to("[data-next]")
        page.keyboard.press("Enter")
    tab_to("[data-send]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-page=done]")).to_be_visible()
    assert asked.opened() == [[2] * asked.items]


def test_enter_in_a_question_goes_on_and_sends_nothing(visit, asked: Asked, base):
    link = asked.invite()
    page = visit()
    go(page, base, link)
    page.locator(START).click()
    page.locator("input[name=q0][value='3']").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(COUNT)).to_have_text("Langkah 2 dari 7")
    assert asked.state(link) == ("pending", None)


def test_review_marks_what_is_missing_and_leads_there_and_back(visit, asked: Asked, base):
    link = asked.invite()
    page = visit()
    go(page, base, link)
    choose_everything(page)
    page.evaluate("document.querySelector('input[name=q10]:checked').checked = false")
    page.go_back()
    page.go_forward()
    expect(page.locator(".unanswered")).to_have_count(1)
    page.locator("[data-send]").click()
    expect(page.locator("#review-faults")).to_contain_text("Satu pertanyaan belum dijawab")
    assert asked.state(link) == ("pending", None)
    page.locator("#review-faults button").click()
    expect(page.locator(COUNT)).to_have_text("Langkah 4 dari 7")
    page.locator("#q10 label", has_text="Belum pernah saya amati").click()
    page.locator(NEXT).click()
    expect(page.locator(".unanswered")).to_have_count(0)
    page.locator("[data-send]").click()
    expect(page.locator("[data-page=done]")).to_be_visible()
    assert asked.opened()[0][10] == 0


def test_back_goes_one_screen_back_and_language_keeps_place_and_answers(visit, asked: Asked, base):
    page = visit()
    go(page, base, asked.invite())
    page.locator(START).click()
    page.locator("#q1 label", has_text="Jarang").click()
    page.locator(NEXT).click()
    page.go_back()
    expect(page.locator(COUNT)).to_have_text("Langkah 1 dari 7")
    page.get_by_role("button", name="English").click()
    expect(page.locator(COUNT)).to_have_text("Step 1 of 7")
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.locator("input[name=q1][value='2']")).to_be_checked()
    page.go_back()
    expect(page.locator("#landing")).to_be_visible()


def test_a_lost_answer_from_the_server_is_asked_for_with_the_same_bytes(visit, asked: Asked, base):
    page, tries = visit(), []

    def lose(route: Route) -> None:
        tries.append(route.request.post_data_json["ballot"])
        if len(tries) <= 2:
            route.fetch()  # it arrives; its answer is lost on the way back
            route.abort()
        else:
            route.continue_()

    go(page, base, asked.invite())
    choose_everything(page)
    page.route("**/s/submit", lose)
    page.locator("[data-send]").click()
    expect(page.locator("#trouble")).to_be_visible()
    expect(page.locator("[data-send]")).to_have_text("Kirim lagi")
    page.locator("[data-send]").click()
    expect(page.locator("[data-page=done]")).to_be_visible()
    assert len(tries) == 3
    assert len(set(tries)) == 1
    assert asked.opened() == [[4] * asked.items]


def test_a_link_that_cannot_be_opened_now_can_be_tried_again(visit, asked: Asked, base):
    page = visit()
    page.route("**/s/open", lambda route: route.abort())
    page.goto(f"{base}/s#{asked.invite().fragment}")
    expect(page.locator("#stuck")).to_be_visible()
    page.unroute("**/s/open")
    page.locator("[data-retry]").click()
    expect(page.locator("[data-page=survey]")).to_be_visible()


def test_a_reload_opens_the_same_link_in_this_tab_only(visit, asked: Asked, base):
    page = visit()
    go(page, base, asked.invite())
    page.reload()
    expect(page.locator("[data-page=survey]")).to_be_visible()
    other = page.context.new_page()
    other.goto(f"{base}/s")
    expect(other.locator("#by-code")).to_be_visible()


def test_unsaved_answers_are_not_left_without_a_question(visit, asked: Asked, base):
    page, asked_back = visit(), []
    page.on("dialog", lambda dialog: (asked_back.append(dialog.type), dialog.accept()))
    go(page, base, asked.invite())
    page.reload()
    assert asked_back == []
    page.locator(START).click()
    page.locator("#q0 label").first.click()
    page.reload()
    assert asked_back == ["beforeunload"]


def test_a_typed_code_opens_the_same_page_and_the_browser_seals(visit, asked: Asked, base):
    page = visit()
    page.goto(f"{base}/s")
    page.get_by_label("Kode undangan").fill(asked.invite().code.lower())
    page.get_by_role("button", name="Buka survei").click()
    choose_everything(page, 1)
    page.locator("[data-send]").click()
    expect(page.locator("[data-page=done]")).to_be_visible()
    assert asked.opened() == [[1] * asked.items]


def test_declining_with_a_reason_and_taking_it_back(visit, asked: Asked, base):
    link = asked.invite()
    page = visit()
    go(page, base, link)
    page.get_by_role("button", name="Saya tidak dapat memberi umpan balik").click()
    page.get_by_role("button", name="Kirim alasan").click()
    expect(page.locator(".fault")).to_have_count(2)
    page.get_by_label("Alasan lain").check()
    page.get_by_label("Ketik kata YA").fill("YA")
    page.get_by_role("button", name="Kirim alasan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anda memilih untuk tidak mengisi")
    assert asked.state(link) == ("declined", "lainnya")
    page.get_by_role("button", name="Batalkan").click()
    expect(page.locator("#landing")).to_be_visible()
    assert asked.state(link) == ("pending", None)


def test_without_javascript_one_long_page_is_enough(visit, asked: Asked, base):
    link = asked.invite()
    page = visit(java_script_enabled=False)
    page.goto(f"{base}/s#{link.fragment}")
    page.get_by_label("Kode undangan").fill(link.code)
    page.get_by_role("button", name="Buka survei").click()
    expect(page.locator(".no-seal").first).to_be_visible()
    for at in range(asked.items - 1):
        page.locator(f"#q{at} label", has_text="Sering").click()
    page.get_by_role("button", name="Kirim jawaban").click()
    expect(page.locator("#faults")).to_contain_text("Satu pertanyaan belum dijawab")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#q3 input:checked")).to_have_value("4")
    page.locator("#q20 label", has_text="I have not observed this").click()
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert asked.opened() == [[4] * 20 + [0]]


def test_without_webcrypto_the_server_seals_and_the_page_says_so(visit, asked: Asked, base):
    page = visit()
    page.add_init_script("Object.defineProperty(globalThis, 'isSecureContext', { value: false })")
    go(page, base, asked.invite())
    expect(page.locator("#landing .no-seal")).to_be_visible()
    choose_everything(page, 5)
    page.locator("[data-send]").click()
    expect(page.locator("[data-page=done]")).to_be_visible()
    assert asked.opened() == [[5] * asked.items]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_screen_scrolls_sideways_and_every_target_can_be_hit(visit, asked: Asked, base, width):
    page = visit(viewport={"width": width, "height": 640})
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    small = """[...document.querySelectorAll('button, a.button, label.choice, summary, .languages a')]
      .filter((one) => one.checkVisibility() && !one.classList.contains('unseen'))
      .filter((one) => { const box = one.getBoundingClientRect(); return box.height < 43.5 || box.width < 43.5; })
      .map((one) => one.outerHTML)"""

    def check() -> None:
        assert page.evaluate(sideways) <= 0
        assert page.evaluate(small) == []

    go(page, base, asked.invite("supervisor"))
    check()
    page.locator(START).click()
    check()
    for _ in range(7):
        page.locator(NEXT).click()
    page.locator("[data-send]").click()
    check()
    for path in ("/s", "/s/promise", "/s/resend"):
        page.goto("about:blank")
        page.goto(f"{base}{path}")
        check()


def test_no_screen_breaks_a_rule_of_accessibility(visit, asked: Asked, base):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(bypass_csp=True)

    def check() -> None:
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []

    go(page, base, asked.invite())
    check()
    page.locator(START).click()
    check()
    for _ in range(7):
        page.locator(NEXT).click()
    page.locator("[data-send]").click()
    check()
    page.goto(f"{base}/s/promise")
    check()
    page.goto(f"{base}/s/resend")
    check()
