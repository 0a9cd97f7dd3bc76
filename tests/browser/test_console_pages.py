"""The console in a real browser: accessible, whole on a phone and on a desk, in both languages."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from shared.database import transaction
from shared.service import Context
from survey_service.console.steps import STEPS
from survey_service.tables import outage
from survey_service.usecases import advancing, closing
from tests.browser.pages import DESKTOP, PHONE, served, sound
from tests.integration.console.conftest import (  # noqa: F401
    LOGINS,
    ORGANISATION,
    PASSWORD,
    Watch,
    app,
    context,
    draft,
    engine,
    opened,
    organised,
    round_row,
    watch,
    work,
)
from tests.integration.console.test_data_pages import finished

pytestmark = pytest.mark.browser


@pytest.fixture
def base(app: Flask) -> Iterator[str]:  # noqa: F811
    with served(app) as address:
        yield address


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def page(request: pytest.FixtureRequest, browser: Browser, base: str) -> Iterator[Page]:
    """A page whose every request stays at home and whose console stays silent."""
    scheme = "dark" if request.param is PHONE else "light"
    visit = browser.new_context(viewport=request.param, color_scheme=scheme, locale="id-ID")
    found = visit.new_page()
    strangers: list[str] = []
    complaints: list[str] = []
    home = urlsplit(base).netloc
    found.on("request", lambda asked: strangers.append(asked.url) if urlsplit(asked.url).netloc != home else None)
    found.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    yield found
    visit.close()
    assert not strangers
    assert not complaints


def enter(page: Page, base: str) -> None:
    page.goto(f"{base}/console/sign-in")
    page.fill("#login", LOGINS["hr"])
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{base}/console/")


def test_the_pages_before_there_is_anything(page: Page, base: str) -> None:
    for language in ("id", "en"):
        page.goto(f"{base}/console/sign-in?lang={language}")
        sound(page)
    page.fill("#login", "nobody")
    page.fill("#password", "wrong")
    page.click("main button")
    expect(page.get_by_role("alert")).to_be_visible()
    sound(page)
    enter(page, base)
    for address in ("", "people", "people/import", "questionnaires", "audit", "accounts", "account", "nowhere"):
        page.goto(f"{base}/console/{address}?lang=id")
        sound(page)


def test_the_pages_of_a_draft(page: Page, base: str, draft: UUID) -> None:  # noqa: F811
    enter(page, base)
    for address in ("", "people", "people?q=zzz", "questionnaires", "rounds/new"):
        page.goto(f"{base}/console/{address}")
        sound(page)
    steps = [f"/steps/{step.name}" for step in STEPS]
    for address in ("", *steps, "/plan", "/cancel"):
        for language in ("id", "en"):
            page.goto(f"{base}/console/rounds/{draft}{address}?lang={language}")
            sound(page)


def test_the_pages_of_an_open_round(page: Page, base: str, opened: UUID) -> None:  # noqa: F811
    enter(page, base)
    page.goto(f"{base}/console/rounds/{opened}/mails")
    page.get_by_role("row").nth(1).get_by_role("link").click()
    rater = urlsplit(page.url).path.removeprefix("/console/")
    changes = [
        urlsplit(link.get_attribute("href") or "").path.removeprefix("/console/")
        for link in page.locator("main table a").all()[:2]
    ]
    mails = f"rounds/{opened}/mails"
    for address in ("", f"rounds/{opened}", f"rounds/{opened}/close", "audit", mails, rater, *changes):
        for language in ("id", "en"):
            page.goto(f"{base}/console/{address}{'&' if '?' in address else '?'}lang={language}")
            sound(page)


def test_after_the_close_the_page_follows_the_work(page: Page, base: str, organised, opened: UUID) -> None:  # noqa: F811
    enter(page, base)
    page.goto(f"{base}/console/rounds/{opened}/close")
    page.get_by_role("button", name="Ya, tutup sekarang").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("diserahkan")
    sound(page)
    with transaction(organised.engine) as session:
        closing.hand_over(session, organised.clock(), 10)
    expect(page.locator("[data-count]")).to_contain_text("10 /")
    page.reload()
    expect(page.locator("[data-count]")).to_contain_text("10 /")
    with transaction(organised.engine) as session:
        while closing.hand_over(session, organised.clock()):
            pass
    expect(page.locator("[aria-current=step]")).to_contain_text("dibuka dan dihitung")
    sound(page)
    root = str(round_row(organised.engine, opened).merkle_root)
    with transaction(organised.engine) as session:
        closing.counted(session, opened, root, 0, 0, organised.clock())
    expect(page.locator("[aria-current=step]")).to_contain_text("Nilai sementara")
    sound(page)
    with transaction(organised.engine) as session:
        advancing.advance(session, opened, "scored")
    expect(page.get_by_text("Berikutnya: impor hasil kerja")).to_be_visible()
    sound(page)


def test_the_offer_after_an_outage(page: Page, base: str, organised: Context, opened: UUID, watch: Watch) -> None:  # noqa: F811
    ended = watch()
    with transaction(organised.engine) as session:
        gap = {"began_at": ended - timedelta(hours=2, minutes=5), "ended_at": ended}
        session.execute(outage.insert().values(round_id=opened, **gap))
    enter(page, base)
    for language in ("en", "id"):
        for address in ("", f"rounds/{opened}"):
            page.goto(f"{base}/console/{address}?lang={language}")
            sound(page)
    page.get_by_role("button", name="Perpanjang 2 jam 5 menit").click()
    expect(page.get_by_role("status")).to_contain_text("Batas waktu sekarang")
    sound(page)


def test_the_pages_of_what_is_kept(page: Page, base: str, organised, opened: UUID) -> None:  # noqa: F811
    enter(page, base)
    for language in ("id", "en"):
        page.goto(f"{base}/console/data?lang={language}")
        sound(page)
    finished(organised, opened)
    page.goto(f"{base}/console/data?lang=id")
    sound(page)
    page.get_by_role("link", name="Arsipkan").click()
    sound(page)
    page.fill("#name", "bukan ini")
    page.get_by_role("button", name="Arsipkan").click()
    expect(page.locator("#name-fault")).to_be_visible()
    sound(page)
    page.fill("#name", "Triwulan IV 2026")
    page.get_by_role("button", name="Arsipkan").click()
    expect(page.get_by_text("Putaran diarsipkan.")).to_be_visible()
    for query in ("?action=people.read", "?since=kemarin", "?until=2001-01-01"):
        page.goto(f"{base}/console/audit{query}")
        sound(page)


def test_hr_edits_a_questionnaire(page: Page, base: str, organised) -> None:  # noqa: F811
    enter(page, base)
    page.goto(f"{base}/console/questionnaires")
    page.locator("main .card a").first.click()
    page.get_by_role("button", name="Buat versi baru").click()
    page.wait_for_url("**/edit")
    sound(page)
    page.fill("#title_id", "")
    page.get_by_role("button", name="Tambah pernyataan").first.click()
    assert page.input_value("#title_id") == ""
    page.get_by_role("button", name="Simpan sebagai selesai").click()
    expect(page.get_by_role("alert")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="Hapus: Pernyataan 1").first.click()
    page.fill("#title_id", "Kuesioner kami")
    for empty in page.locator("textarea").all():
        if not empty.input_value():
            empty.fill("Mendengarkan sebelum memutuskan")
    page.get_by_role("button", name="Simpan sebagai selesai").click()
    expect(page.get_by_role("heading", name="Kuesioner kami")).to_be_visible()
    sound(page)


def test_a_questionnaire_is_seen_as_a_rater_sees_it(page: Page, base: str, organised) -> None:  # noqa: F811
    enter(page, base)
    page.goto(f"{base}/console/questionnaires")
    page.locator("main .card a").last.click()
    page.get_by_role("link", name="Lihat seperti pemberi umpan balik").click()
    page.select_option("#relation", "supervisor")
    page.get_by_label("memimpin tim").check()
    page.get_by_role("button", name="Tampilkan").click()
    assert page.get_by_label("memimpin tim").is_checked()
    sound(page)
    for language, start, onward, back in (
        ("Bahasa Indonesia", "Mulai", "Lanjut", "Kembali"),
        ("English", "Start", "Next", "Back"),
    ):
        phone = page.frame_locator(f"iframe[title*='{language}']")
        phone.get_by_role("link", name=start).click()
        expect(phone.locator("[data-step='1']")).to_be_visible()
        phone.get_by_role("button", name=onward, exact=True).click()
        expect(phone.locator("[data-step='2']")).to_be_visible()
        phone.get_by_role("button", name=back, exact=True).locator("visible=true").click()
        expect(phone.locator("[data-step='1']")).to_be_visible()
    assert page.evaluate("document.querySelector('iframe').contentWindow.innerWidth") <= 390
    with page.expect_popup() as opened_:
        page.get_by_role("link", name=re.compile("Buka tersendiri.*English")).click()
    alone = opened_.value
    sound(alone)
    alone.get_by_role("button", name="I cannot").click()
    expect(alone.get_by_text("This is a preview")).to_be_visible()
    assert "/screens/en" in alone.url
    alone.close()


def test_hr_goes_from_an_empty_console_to_a_launched_round(page: Page, base: str, organised) -> None:  # noqa: F811
    enter(page, base)
    page.goto(f"{base}/console/people/import")
    bad = b"NIP;Nama\n1.98501E+17;Budi\n"
    page.set_input_files("#file", files=[{"name": "salah.csv", "mimeType": "text/csv", "buffer": bad}])
    page.click("main form button")
    expect(page.get_by_text("Berkas sedang diperiksa")).to_be_visible()
    sound(page)
    page.reload()
    expect(page.locator("progress")).to_be_visible()
    work(organised)
    expect(page.get_by_role("alert")).to_contain_text("perlu diperbaiki")
    sound(page)
    page.set_input_files("#file", str(ORGANISATION))
    page.click("main form button")
    work(organised)
    expect(page.get_by_text("tidak ada yang perlu disimpan")).to_be_visible()
    sound(page)
    page.goto(f"{base}/console/rounds/new")
    page.fill("#name", "Tahun 2026")
    page.click("text=Simpan dan lanjut")
    page.wait_for_url("**/steps/form")
    page.click("text=Simpan dan lanjut")
    page.wait_for_url("**/steps/raters")
    page.fill("#peer_minimum", "9")
    page.click("text=Simpan dan lanjut")
    expect(page.get_by_role("alert")).to_contain_text("berurutan naik")
    assert page.input_value("#peer_minimum") == "9"
    sound(page)
    page.fill("#peer_minimum", "3")
    page.click("text=Simpan dan hitung ulang")
    expect(page.get_by_text("Perubahan tersimpan.")).to_be_visible()
    for onward in ("small", "schedule", "messages"):
        page.click("text=Simpan dan lanjut")
        page.wait_for_url(f"**/steps/{onward}")
    page.fill("#authority", "Surat 800/1/2026")
    page.goto(f"{base}/console/")
    page.go_back()
    expect(page.get_by_text("kami kembalikan dari peramban ini")).to_be_visible()
    assert page.input_value("#authority") == "Surat 800/1/2026", "a half-made step loses nothing"
    page.fill("#contact", "Subbagian Kepegawaian")
    page.click("text=Simpan dan lanjut")
    page.wait_for_url("**/console/rounds/*-*")
    page.check("#sure")
    page.get_by_role("button", name="Luncurkan putaran").dblclick(no_wait_after=True)
    expect(page.get_by_text("Putaran sedang diluncurkan")).to_be_visible()
    sound(page)
    work(organised)
    expect(page.get_by_role("heading", name="Putaran diluncurkan")).to_be_visible()
    sound(page)
    page.get_by_role("link", name="Ke halaman putaran").click()
    expect(page.get_by_text("Disiapkan").first).to_be_visible()
    row = round_row(organised.engine, UUID(urlsplit(page.url).path.rsplit("/", 1)[1]))
    assert row.state == "preparing"
    page.get_by_role("link", name="English").click()
    expect(page.get_by_text("Preparing").first).to_be_visible()


TYPED = {
    "basics": {"#name": "Setengah jadi"},
    "form": {"#policy": "pp46"},
    "raters": {"#peer_minimum": "4", "#peer_cap": "7"},
    "small": {"#threshold": "5"},
    "schedule": {"#schedule_days": "9, 2", "#schedule_quiet_from": "21"},
    "messages": {"#authority": "Surat 1/2027", "#messages_reminder_id": "Mohon\nsegera."},
}


def type_in(page: Page, typed: dict[str, str]) -> None:
    for field, value in typed.items():
        select = page.locator(field).evaluate("one => one.tagName") == "SELECT"
        page.select_option(field, value) if select else page.fill(field, value)


def test_a_half_made_round_that_is_left_loses_nothing(page: Page, base: str, draft: UUID) -> None:  # noqa: F811
    assert set(TYPED) == {one.name for one in STEPS}
    enter(page, base)
    half = [(f"/console/rounds/{draft}/steps/{name}", typed) for name, typed in TYPED.items()]
    half.append(("/console/rounds/new", TYPED["basics"]))
    for path, typed in half:
        page.goto(base + path)
        type_in(page, typed)
    page.goto(f"{base}/console/people")
    for path, typed in half:
        page.goto(base + path)
        expect(page.get_by_text("kami kembalikan dari peramban ini")).to_be_visible()
        assert {field: page.input_value(field) for field in typed} == typed, path
    page.goto(f"{base}/console/people")
    page.get_by_role("button", name="Keluar").click()
    page.wait_for_url(f"{base}/console/sign-in")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_a_step_that_did_not_arrive_or_was_refused_is_still_there(page: Page, base: str, draft: UUID) -> None:  # noqa: F811
    enter(page, base)
    address = f"{base}/console/rounds/{draft}/steps/basics"
    page.goto(address)
    page.fill("#name", "Tanpa jaringan")
    page.context.set_offline(True)
    page.get_by_text("Simpan dan lanjut").click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.goto(address)
    assert page.input_value("#name") == "Tanpa jaringan"
    page.fill("#period_end", "2020-01-01")
    page.get_by_text("Simpan dan lanjut").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto(f"{base}/console/")
    page.goto(address)
    assert page.input_value("#period_end") == "2020-01-01" and page.input_value("#name") == "Tanpa jaringan"
    page.fill("#period_end", "2026-12-31")
    page.get_by_text("Simpan dan lanjut").click()
    page.wait_for_url("**/steps/form")
    page.goto(address)
    expect(page.get_by_text("kami kembalikan dari peramban ini")).to_be_hidden()
    assert page.input_value("#name") == "Tanpa jaringan"


def test_a_round_that_was_made_is_not_proposed_again(page: Page, base: str, organised) -> None:  # noqa: F811
    enter(page, base)
    page.goto(f"{base}/console/rounds/new")
    page.fill("#name", "Tahun 2026")
    page.get_by_text("Simpan dan lanjut").click()
    page.wait_for_url("**/steps/form")
    page.goto(f"{base}/console/rounds/new")
    assert page.input_value("#name") == ""


def test_signing_out_leaves_nothing_behind(page: Page, base: str) -> None:
    enter(page, base)
    page.get_by_role("button", name="Keluar").click()
    page.wait_for_url(f"{base}/console/sign-in")
    page.goto(f"{base}/console/people")
    assert urlsplit(page.url).path == "/console/sign-in"
    assert not [one for one in page.context.cookies() if one["name"] == "cermin_staff"]


def test_hr_adds_an_account_whose_owner_chooses_a_password(page: Page, base: str, organised) -> None:  # noqa: F811
    enter(page, base)
    page.goto(f"{base}/console/accounts/new")
    page.fill("#name", "Dewi Lestari")
    page.fill("#login", "dewi")
    page.get_by_text("Pengamat:").click()
    page.select_option("#unit", "Sekretariat")
    page.click("main form button")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.input_value("#name") == "Dewi Lestari"
    sound(page)
    page.select_option("#unit", "")
    page.click("main form button")
    password = page.locator("code.whole").inner_text()
    sound(page)
    page.get_by_text("Sudah saya catat").click()
    sound(page)
    page.get_by_role("button", name="Keluar").click()
    page.fill("#login", "dewi")
    page.fill("#password", password)
    page.click("main button")
    page.wait_for_url(f"{base}/console/choose-password")
    sound(page)
    for field in ("#password", "#again"):
        page.fill(field, "sepeda tua di garasi")
    page.click("main button")
    page.wait_for_url(f"{base}/console/")
    expect(page.get_by_text("Dewi Lestari")).to_be_visible()
