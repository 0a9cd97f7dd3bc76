"""Pictures of the pages for the guides: ``make screenshots`` writes ``docs/screenshots/*.png``.

Everything is real: the sample office of ``cermin demo``, whose round is released, and beside it a draft and an open
round. Needs chromium. ``python -m tests.browser.screenshots OUT [NAME…]`` takes only pages whose name holds a NAME.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from playwright.sync_api import Browser, Page
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from shared.database import reading, transaction
from shared.demo import journey, mails, organisation
from shared.demo.api import wait
from shared.demo.house import House, open_house
from shared.demo.journey import Place
from shared.demo.mails import Asked
from shared.sealing import unb64
from survey_service import tokens
from survey_service.domain.raters import Group
from survey_service.domain.rounds import DEFAULT_GROUPS, Draft
from survey_service.domain.schedule import USUAL
from survey_service.tables import account, invitation, progress, task
from survey_service.usecases import accounts, launch, questionnaire_versions, questionnaires, rounds, tasks
from survey_service.usecases import progress as counting
from tests.browser import report_screenshots
from tests.browser.pages import DESKTOP, PHONE, chromium

OUT = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
PASSWORD = "kuda lumping di pasar"
PEOPLE = 120


@dataclass(frozen=True, slots=True)
class Scene:
    """The sample office with one round in each of the states that HR meets."""

    house: House
    draft: UUID
    open: UUID
    released: UUID
    form: UUID
    link: str
    """Of somebody who was asked about a peer in the open round."""
    own: UUID
    importing: UUID

    def pages(self) -> Iterator[tuple[str, str]]:
        """Names of pictures with their addresses."""
        yield "01-rounds", "/console/"
        yield "02-people", "/console/people"
        yield "03-import", "/console/people/import"
        yield "03-importing", f"/console/tasks/{self.importing}"
        steps = ("basics", "form", "raters", "small", "schedule", "messages")
        for number, step in enumerate(steps, start=4):
            yield f"{number:02}-step-{step}", f"/console/rounds/{self.draft}/steps/{step}"
        yield "10-plan", f"/console/rounds/{self.draft}/plan"
        yield "11-launch", f"/console/rounds/{self.draft}"
        yield "12-open", f"/console/rounds/{self.open}"
        yield "12-raters", f"/console/rounds/{self.open}/mails"
        yield "13-close", f"/console/rounds/{self.open}/close"
        yield "14-cancel", f"/console/rounds/{self.open}/cancel"
        yield "20-questionnaires", "/console/questionnaires"
        yield "21-questionnaire", f"/console/questionnaires/{self.form}"
        yield "22-questionnaire-edit", f"/console/questionnaires/{self.own}/edit"
        yield "23-questionnaire-preview", f"/console/questionnaires/{self.form}/preview"
        yield "30-results", "/console/results/"
        yield "31-result", f"/console/results/{self.released}"
        yield "40-audit", "/console/audit"
        yield "40-audit-results", "/console/results/audit"
        yield "44-data", "/console/data"
        yield "41-accounts", "/console/accounts"
        yield "42-account-new", "/console/accounts/new"
        yield "43-own-account", "/console/account"


def main(out: Path, *names: str) -> None:
    """Write what a desk shows at first sight; of the pages that are NAMEd all of it, on a phone too."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _scene(Path(folder)) as scene, chromium() as browser:
        for size, viewport in (("desk", DESKTOP), ("phone", PHONE)):
            for language in ("id", "en"):
                page = _enter(browser, scene.house.url, viewport)
                for name, address in scene.pages():
                    if names and not any(part in name for part in names):
                        continue
                    page.goto(f"{scene.house.url}{address}?lang={language}", wait_until="networkidle")
                    if size == "desk" or names:
                        path = out / f"{name}.{language}.{size}.png"
                        page.screenshot(path=path, full_page=bool(names), animations="disabled")
                page.context.close()
        report_screenshots.main(browser, out, *names)
        for language in ("id", "en"):
            _rater(browser, scene.link, language, out)


def _rater(browser: Browser, link: str, language: str, out: Path) -> None:
    """What a rater sees on a phone: the landing page and the first behaviour."""
    page = browser.new_context(viewport=PHONE, locale="id-ID").new_page()
    page.goto(link.replace("/s#", f"/s?lang={language}#"))
    page.wait_for_selector('[data-page="survey"]')
    page.screenshot(path=out / f"50-landing.{language}.phone.png", animations="disabled")
    page.click("[data-go='1']")
    page.screenshot(path=out / f"51-question.{language}.phone.png", animations="disabled")
    page.context.close()


@contextmanager
def _scene(folder: Path) -> Iterator[Scene]:
    office = organisation.make(PEOPLE, 1)
    organisation.write_people(folder / "people.csv", office)
    organisation.write_work_results(folder / "work.csv", office, 1)
    files = [(folder / name).read_bytes() for name in ("people.csv", "work.csv")]
    with open_house(folder / "data", folder / "mail") as house:
        told = journey.tell(Place(house.survey, house.scoring, folder / "mail", 120), files[0], files[1], 1)
        known = set((folder / "mail" / "new").iterdir())
        yield _furnished(house, UUID(told.round_id), folder / "mail" / "new", known)


def _furnished(house: House, released: UUID, mail: Path, known: set[Path]) -> Scene:
    survey, now = house.host.services["survey"].engine, house.host.clock()
    with transaction(survey) as session:
        for login, name, role, unit in (
            ("sari", "Sari Dewi", "hr", None),
            ("umar", "Umar Bakri", "unit_admin", "Sekretariat"),
            ("ayu", "Ayu Lestari", "auditor", None),
            ("vino", "Vino Bastian", "viewer", None),
        ):
            accounts.add_account(session, login, name, role, unit, PASSWORD, now)
        form = questionnaires.listing(session)[0].id
        old = rounds.draft_of(rounds.find(session, released))
        groups = {**DEFAULT_GROUPS, "peer": Group(3, 5, 8, cap=6)}
        draft, opened = (
            rounds.create(session, _draft(old, name, days, now, groups), now, "operator")
            for name, days in (("Perilaku Kerja Triwulan I 2027", 30), ("Perilaku Kerja Triwulan IV 2026", 0))
        )
        settings = house.host.settings
        launch.launch(
            session,
            opened,
            now,
            public_url=settings.public_url,
            service_secrets=settings.service_secrets,
            actor="operator",
        )
    wait("the round to open", lambda: _state(house, opened) == "open", 60)
    wait("the mails", lambda: _mailed(house, opened), 120)
    asked = [one for path in sorted(set(mail.iterdir()) - known) for one in mails.asked(path.read_bytes())]
    with transaction(survey) as session:
        some = (
            sa.select(invitation.c.id).where(invitation.c.round_id == opened).order_by(invitation.c.id).limit(210)
        )
        session.execute(sa.update(invitation).where(invitation.c.id.in_(some)).values(state="answered"))
        session.execute(sa.delete(progress).where(progress.c.round_id == opened))
        counting.recount(session, now)
        own = questionnaire_versions.branch(session, form, now, "operator")
        importing = _importing(session, now)
    return Scene(house, draft, opened, released, form, _pending(survey, opened, asked), own, importing)


def _pending(survey: Engine, round_id: UUID, asked: list[Asked]) -> str:
    """A link about a peer that was not answered; the pages of the others are dead ends."""
    with reading(survey) as session:
        found = sa.select(invitation.c.token_digest).where(
            invitation.c.round_id == round_id, invitation.c.state == "pending", invitation.c.relation == "peer"
        )
        digests = set(session.scalars(found))
    secret = {one.link: one.link.partition("#")[2].partition(".")[0] for one in asked}
    return next(link for link, text in secret.items() if tokens.digest_of(tokens.token_of(unb64(text))) in digests)


def _importing(session: Session, now: datetime) -> UUID:
    """An import that is half done and stays so: its worker holds it."""
    sari = session.execute(sa.select(account.c.id).where(account.c.login == "sari")).scalar_one()
    found = tasks.ask(session, "import", uuid4(), str(sari), {}, now)
    held = {"state": "running", "done": 23_000, "total": 40_000, "leased_until": now + timedelta(hours=1)}
    session.execute(sa.update(task).where(task.c.id == found).values(held))
    return found


def _draft(old: Draft, name: str, days: int, now, groups) -> Draft:
    begin = now + timedelta(days=days)
    return Draft(
        **{field: getattr(old, field) for field in ("period_start", "period_end", "questionnaire_id", "threshold")},
        name=name,
        opens_at=begin,
        closes_at=begin + timedelta(days=14),
        timezone="Asia/Jakarta",
        policy="pp30-360",
        groups=groups,
        seed=7,
        authority="Surat Kepala BKD Nomor 800/123/2026",
        contact="Subbagian Kepegawaian, ruang 12, telepon 100",
        schedule=USUAL if days else Draft.__dataclass_fields__["schedule"].default,
        messages={"invitation": {"id": "Kami mohon kesediaan Anda.", "en": "We kindly ask for your help."}},
    )


def _state(house: House, round_id: UUID) -> str:
    with reading(house.host.services["survey"].engine) as session:
        return str(rounds.find(session, round_id).state)


def _mailed(house: House, round_id: UUID) -> bool:
    with reading(house.host.services["survey"].engine) as session:
        letters = counting.show(session, round_id).letters
    return letters.get("accepted", 0) > 0 and not letters.get("waiting") and not letters.get("requested")


def _enter(browser: Browser, base: str, viewport) -> Page:
    page = browser.new_context(viewport=viewport, locale="id-ID").new_page()
    page.goto(f"{base}/console/sign-in")
    page.fill("#login", "sari")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{base}/console/")
    return page


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT, *sys.argv[2:])
