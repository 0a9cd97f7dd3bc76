"""Pages behind signed links in a real browser: accessible, whole on a phone and on a desk, without a script."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from scoring_service.tables import assessment, objection
from tests.browser.pages import DESKTOP, PHONE, served
from tests.browser.pages import sound as sound_here
from tests.integration.report_links import Letterbox
from tests.integration.scoring_world import CHIEF, HEAD, MIGRATIONS, Survey, World, answers, counted, released, some
from tests.integration.test_assessments import VALUES

pytestmark = pytest.mark.browser
A, B = "198501012010011001", "198501012010011002"


@pytest.fixture
def world(new_engine: Any, tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


@pytest.fixture
def base(world: World) -> Iterator[str]:
    with served(world.app()) as address:
        yield address


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def page(request: pytest.FixtureRequest, browser: Browser, base: str) -> Iterator[Page]:
    """No script runs, nothing is fetched elsewhere, the content policy has nothing to complain of."""
    scheme = "dark" if request.param is PHONE else "light"
    visit = browser.new_context(
        viewport=request.param, color_scheme=scheme, locale="id-ID", java_script_enabled=True
    )
    found = visit.new_page()
    wrong: list[str] = []
    home = urlsplit(base).netloc
    found.on("request", lambda asked: wrong.append(asked.url) if urlsplit(asked.url).netloc != home else None)
    found.on("request", lambda asked: wrong.append(asked.url) if asked.resource_type == "script" else None)
    found.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    found.on("response", lambda got: wrong.append(f"{got.status} {got.url}") if got.status >= 500 else None)
    yield found
    assert visit.cookies() == []
    visit.close()
    assert not wrong


def sound(page: Page) -> None:
    """Sound in both languages."""
    for language in ("id", "en"):
        page.goto(f"{page.url.partition('?')[0]}?lang={language}")
        sound_here(page)
    page.goto(f"{page.url.partition('?')[0]}?lang=id")


def test_a_ratee_reads_and_objects_and_the_superior_decides(page: Page, base: str, world: World) -> None:
    whole = {"supervisor": [some(1)], "peer": [some(2), some(3), some(4)], "self": [[5] * 8 + [255] * 2]}
    whole["subordinate"] = [some(5), some(6), some(7)]
    released(world, Survey((A, B), ballots={A: whole, B: {"peer": [answers(5)] * 2}}))
    box = Letterbox(world)
    page.goto(base + box.path("report", A, A))
    sound(page)
    page.get_by_role("button", name="Terima dan buka laporan").click()
    expect(page.get_by_role("heading", name="Kekuatan dan titik buta")).to_be_visible()
    assert page.locator(".radar img").evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    sound(page)
    page.get_by_role("link", name="Ajukan keberatan").click()
    sound(page)
    page.get_by_label("Alasan keberatan").fill("kurang")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Kirim keberatan").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Alasan keberatan")).to_have_value("kurang")
    page.get_by_label("Alasan keberatan").fill("Nilai tidak memuat tugas tambahan saya.")
    page.get_by_role("button", name="Kirim keberatan").click()
    expect(page.get_by_text("Menunggu keputusan Kepala Dinas")).to_be_visible()
    page.goto(base + box.path("decision", HEAD, A))
    sound(page)
    page.get_by_role("button", name="Buka keberatan").click()
    sound(page)
    page.get_by_label("Nilai diubah").check()
    page.get_by_label("Nilai perilaku kerja yang baru").fill("88,25")
    page.get_by_label("Alasan keputusan").fill("Tugas tambahan terbukti.")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Putuskan").click()
    expect(page.get_by_text("Keberatan ini sudah diputuskan.")).to_be_visible()
    sound(page)
    assert world.one(objection).state == "upheld"
    for path in (
        box.path("report", A, A),
        box.path("report", B, B),
        box.path("supervisor", CHIEF),
        "/reports/own/x",
    ):
        page.goto(base + path)
        sound(page)
        if not path.endswith("/x"):
            page.get_by_role("button").click()
            sound(page)


def test_an_assessor_chooses_with_the_keyboard(page: Page, base: str, world: World) -> None:
    ballots = {A: {"peer": [[4] * 14] * 3, "subordinate": [[5] * 14] * 3, "self": [[3] * 14]}}
    counted(world, Survey((A, B), policy="permen6", aspects=VALUES, ballots=ballots))
    page.goto(base + Letterbox(world).path("assessment", CHIEF))
    sound(page)
    page.get_by_role("button", name="Buka daftar pegawai").press("Enter")
    sound(page)
    page.get_by_role("link", name=re.compile("Tetapkan")).first.press("Enter")
    sound(page)
    for group in page.get_by_role("group").all():
        group.get_by_label("Sesuai ekspektasi").press("Space")
    page.get_by_role("button", name="Simpan kategori").press("Enter")
    expect(page.get_by_text("Kategori tersimpan.")).to_be_visible()
    assert world.one(assessment).overall == "meets"
