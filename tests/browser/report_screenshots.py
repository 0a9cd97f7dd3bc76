"""Pictures of the pages behind signed links, for ``make screenshots``: landing, report, assessor, decision.

The scoring service is real, with ballots of two small rounds; the test plays the survey service and the notifier.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser

from scoring_service.tables import ratee
from scoring_service.usecases import assessments, objections
from scoring_service.usecases.rules import Choice
from scoring_service.usecases.shelf import Shelf
from shared.database import connect, transaction
from shared.migrate import upgrade
from tests.browser.pages import DESKTOP, PHONE, served
from tests.integration.report_links import Letterbox, press
from tests.integration.scoring_world import CHIEF, HEAD, MIGRATIONS, Survey, World, counted, released, some

NUMBERS = [f"19850101201001100{number}" for number in range(1, 6)]
SCORED, HELD, CORRECTED, OBJECTED, FRESH = NUMBERS
PEOPLE = ("Dewi Lestari", "Bagus Pratama", "Siti Rahmawati", "Yohanes Wenda", "Rina Marlina")
TITLES = {
    "orientasi_pelayanan": ("Orientasi pelayanan", "Service orientation"),
    "komitmen": ("Komitmen", "Commitment"),
    "inisiatif_kerja": ("Inisiatif kerja", "Initiative"),
    "kerja_sama": ("Kerja sama", "Cooperation"),
    "kepemimpinan": ("Kepemimpinan", "Leadership"),
    "berorientasi_pelayanan": ("Berorientasi pelayanan", "Service-oriented"),
    "akuntabel": ("Akuntabel", "Accountable"),
    "kompeten": ("Kompeten", "Competent"),
    "harmonis": ("Harmonis", "Harmonious"),
    "loyal": ("Loyal", "Loyal"),
    "adaptif": ("Adaptif", "Adaptive"),
    "kolaboratif": ("Kolaboratif", "Collaborative"),
}
VALUES = tuple(TITLES)[5:]
WHY = "Nilai ini tidak memuat tugas tambahan saya sebagai ketua tim layanan terpadu sejak Juli."
BECAUSE = "Surat tugas membuktikan tugas tambahan itu, dan hasilnya baik."


class _Named(Survey):
    """A survey whose sections have the titles that people read."""

    def questionnaire(self) -> dict[str, object]:
        made = super().questionnaire()
        for section in made["sections"]:
            section["title"] = dict(zip(("id", "en"), TITLES[section["aspect"]], strict=True))
        return made


def main(browser: Browser, out: Path, *names: str) -> None:
    """Write what a desk shows at first sight; of the pages that are NAMEd all of it, on a phone too."""
    with tempfile.TemporaryDirectory() as folder:
        for app, pages in (_reports(Path(folder) / "reports"), _assessing(Path(folder) / "assessing")):
            wanted = {name: path for name, path in pages.items() if not names or any(one in name for one in names)}
            for size, viewport in (("desk", DESKTOP), ("phone", PHONE)):
                if wanted and (size == "desk" or names):
                    _take(browser, app, wanted, out, size, viewport, bool(names))


def _take(
    browser: Browser, app: Flask, pages: dict[str, str], out: Path, size: str, viewport: dict[str, int], whole: bool
) -> None:
    with served(app) as base, _page(browser, viewport) as page:
        for name, path in pages.items():
            for language in ("id", "en"):
                page.goto(f"{base}{path}?lang={language}")
                page.screenshot(path=out / f"{name}.{language}.{size}.png", full_page=whole, animations="disabled")


@contextmanager
def _page(browser: Browser, viewport: dict[str, int]) -> Iterator[object]:
    context = browser.new_context(viewport=viewport, locale="id-ID")
    yield context.new_page()
    context.close()


def _world(folder: Path) -> World:
    folder.mkdir()
    engine = connect(f"sqlite:///{folder / 'scoring.db'}")
    upgrade(engine, MIGRATIONS)
    return World(engine, folder / "home")


def _names(world: World) -> None:
    with transaction(world.engine) as session:
        for number, name in zip(NUMBERS, PEOPLE, strict=True):
            session.execute(sa.update(ratee).where(ratee.c.number == number).values(name=name))


def _reports(folder: Path) -> tuple[Flask, dict[str, str]]:
    """A released round: scored with a predicate, held, corrected on an objection, and an objection to decide."""
    world, ballots = _world(folder), {}
    for seed, number in enumerate(NUMBERS):
        groups = {"supervisor": 1, "peer": 3, "subordinate": 3} if number != HELD else {"peer": 2}
        dice = iter(range(seed * 10 + 1, seed * 10 + 10))
        ballots[number] = {group: [some(next(dice)) for _ in range(count)] for group, count in groups.items()}
        ballots[number]["self"] = [[5] * 8 + [255] * 2]
    survey = _Named(NUMBERS, ballots=ballots)
    shelf = Shelf(world.settings.data_dir / "policies")
    released(world, survey)
    _names(world)
    box, client = Letterbox(world), world.app().test_client()
    pages = {
        "60-report-link": box.path("report", FRESH, FRESH),
        "61-report": press(client, box.path("report", SCORED, SCORED)),
        "62-report-held": press(client, box.path("report", HELD, HELD)),
        "64-team-link": box.path("supervisor", CHIEF),
        "65-team": press(client, box.path("supervisor", CHIEF)),
    }
    form = client.get(pages["61-report"]).text.partition('href="/reports/open/objection/')[2].partition("?")[0]
    pages["66-objection"] = f"/reports/open/objection/{form}"
    for number in (CORRECTED, OBJECTED):
        press(client, box.path("report", number, number))
        with transaction(world.engine) as session:
            objections.raise_(session, survey.round_id, number, WHY, world.now)
    pages["69-decision-link"] = box.path("decision", HEAD, OBJECTED)
    pages["70-decision"] = press(client, pages["69-decision-link"])
    with transaction(world.engine) as session:
        objections.decide(session, survey.round_id, CORRECTED, HEAD, BECAUSE, Fraction(355, 4), shelf, world.now)
    pages["63-report-corrected"] = press(client, box.path("report", CORRECTED, CORRECTED))
    pages["71-decided"] = press(client, box.path("decision", HEAD, CORRECTED))
    return world.app(), pages


def _assessing(folder: Path) -> tuple[Flask, dict[str, str]]:
    """A counted round whose assessor has chosen for one of five."""
    world = _world(folder)
    say = {"peer": [[4] * 14] * 2 + [[5] * 14], "subordinate": [[5] * 14] * 3, "self": [[3] * 14]}
    ballots = {number: say if number != HELD else {"peer": [[4] * 14]} for number in NUMBERS}
    survey = _Named(NUMBERS, policy="permen6", aspects=VALUES, ballots=ballots)
    counted(world, survey)
    _names(world)
    shelf = Shelf(world.settings.data_dir / "policies")
    choice = Choice("meets", dict.fromkeys(VALUES, "meets") | {"kolaboratif": "above"})
    with transaction(world.engine) as session:
        assessments.take(session, survey.round_id, SCORED, choice, shelf, CHIEF, world.now)
    world.work("score")
    client, link = world.app().test_client(), Letterbox(world).path("assessment", CHIEF)
    pages = {"67-assess-link": link, "68-assess": press(client, link)}
    rows = client.get(pages["68-assess"]).text.split('href="/reports/open/assess/')[2:]
    for name, row in zip(("68-assess-new-held", "68-assess-given", "68-assess-new"), rows, strict=False):
        pages[name] = urlsplit("/reports/open/assess/" + row.partition('"')[0]).path
    return world.app(), pages
