"""Results in the console in a real browser: quality of the instrument and distribution, beside list and score."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from scoring_service.tables import ratee
from scoring_service.usecases import work_results
from scoring_service.usecases.shelf import Shelf
from shared.database import transaction
from tests.browser.pages import DESKTOP, PHONE, served
from tests.browser.test_console_pages import sound
from tests.integration.report_links import Letterbox
from tests.integration.scoring_world import MIGRATIONS, Survey, World, answers, counted, released, some
from tests.integration.test_results_pages import STAFF_COOKIE, enter

pytestmark = pytest.mark.browser
PEOPLE = tuple(f"1985010120100110{at:02}" for at in range(24))
SMALL, HELD = PEOPLE[:3], PEOPLE[5]


@pytest.fixture
def world(new_engine: Any, tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


@pytest.fixture
def base(world: World) -> Iterator[str]:
    with served(world.app()) as address:
        yield address


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def page(request: pytest.FixtureRequest, browser: Browser, base: str, world: World) -> Iterator[Page]:
    """A page that is signed in, asks nobody else and breaks no rule of its own."""
    scheme = "dark" if request.param is PHONE else "light"
    visit = browser.new_context(viewport=request.param, color_scheme=scheme, locale="id-ID")
    cookie = enter(world.app()).get_cookie(STAFF_COOKIE, path="/console")
    assert cookie is not None
    visit.add_cookies([{"name": STAFF_COOKIE, "value": cookie.value, "url": f"{base}/console"}])
    found, wrong, home = visit.new_page(), [], urlsplit(base).netloc
    found.on("request", lambda asked: wrong.append(asked.url) if urlsplit(asked.url).netloc != home else None)
    found.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    yield found
    visit.close()
    assert not wrong


def office(world: World) -> Survey:
    """Two dozen people in two units and a unit of three, released with work results; one is held."""
    ballots = {
        one: {"supervisor": [some(at)], "peer": [some(100 * at + each) for each in range(4)]}
        for at, one in enumerate(PEOPLE)
    } | {HELD: {"supervisor": [answers(4)], "peer": [answers(5)]}}
    survey = Survey(PEOPLE, ballots=ballots)
    counted(world, survey)
    given = [work_results.Entry(one, f"{90 + at}", at > 20, "", "") for at, one in enumerate(PEOPLE)]
    with transaction(world.engine) as session:
        session.execute(sa.update(ratee).where(ratee.c.number.in_(SMALL)).values(unit="UPT Pasar"))
        work_results.take(session, survey.round_id, given, Shelf(Path()), "HR", world.now)
    released(world, survey, counting=False)
    Letterbox(world)
    world.work("send notices")
    return survey


def test_quality_and_distribution_are_read_in_the_console(page: Page, base: str, world: World) -> None:
    survey = office(world)
    results = f"{base}/console/results/{survey.round_id}"
    for language in ("id", "en"):
        for address in ("", "/figures", f"/scores/{PEOPLE[8]}", f"/scores/{HELD}", "/final"):
            page.goto(f"{results}{address}?lang={language}")
            sound(page)
    page.goto(f"{results}?lang=id")
    page.get_by_role("link", name="Angka per unit kerja dan mutu survei").click()
    units, quality = (page.get_by_role("region").nth(at) for at in (0, 1))
    rows = {row.locator("th").inner_text(): row.inner_text() for row in units.locator("tbody tr").all()}
    assert set(rows) == {"Semua", "Bidang Mutasi", "Sekretariat", "UPT Pasar"}
    assert "%" in rows["Semua"] and "baik" in rows["Semua"]
    hidden = [name for name, said in rows.items() if "%" not in said]
    assert len(hidden) == 2 and "UPT Pasar" in hidden, "the next one is hidden too, or the small one would follow"
    assert quality.locator("tbody tr").count() == 4, "nobody here leads"
    cells = quality.locator("tbody td").all_inner_texts()
    assert cells and all(cell.lstrip("≥ ").replace(",", "").isdigit() or not cell[0].isdigit() for cell in cells)
    expect(page.get_by_text("Pegawai 19850")).to_have_count(0)


def test_without_enough_ratees_the_page_says_so(page: Page, base: str, world: World) -> None:
    survey = Survey(PEOPLE[:2], ballots={PEOPLE[0]: {"supervisor": [answers(4)], "peer": [answers(4)] * 3}})
    counted(world, survey)
    page.goto(f"{base}/console/results/{survey.round_id}/figures?lang=id")
    expect(page.get_by_text("paling sedikit 20 pegawai")).to_be_visible()
    assert page.get_by_role("region").count() == 0
    sound(page)
