"""A slip from the console to the answer: asked for, printed, scanned or typed, answered, and seen in the audit."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import segno
import sqlalchemy as sa
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from notifier.tables import slip
from shared.database import reading, transaction
from shared.demo import organisation
from shared.demo.api import wait
from shared.demo.house import House, open_house
from survey_service import tokens
from survey_service.domain.rounds import DEFAULT_GROUPS, Draft
from survey_service.tables import invitation, notifier_key
from survey_service.usecases import accounts, launch, people, questionnaires, rounds
from tests.browser.pages import PHONE, sound

pytestmark = pytest.mark.browser
PASSWORD = "kuda lumping di pasar"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path / "data", tmp_path / "mail") as found:
        yield found


@pytest.fixture
def opened(house: House, tmp_path: Path) -> UUID:
    """A round that people of a small office are asked in, some of them without an address of their own."""
    organisation.write_people(tmp_path / "people.csv", organisation.make(41, 1))
    engine, now = house.host.services["survey"].engine, house.host.clock()
    wait("the notifier's key", lambda: _announced(house), 60)
    with transaction(engine) as session:
        accounts.add_account(session, "sari", "Sari", "hr", None, PASSWORD, now)
        people.import_people(session, (tmp_path / "people.csv").read_bytes(), now, "test")
        draft = Draft(
            name="Triwulan IV 2026",
            period_start=date(2026, 10, 1),
            period_end=date(2026, 12, 31),
            opens_at=now,
            closes_at=now + timedelta(days=14),
            timezone="Asia/Jakarta",
            questionnaire_id=next(one.id for one in questionnaires.listing(session) if one.code == "pp30"),
            policy="pp30-360",
            threshold=3,
            groups=DEFAULT_GROUPS,
            seed=1,
            authority="Surat 800/1/2026",
            contact="Subbagian Kepegawaian",
        )
        round_id = rounds.create(session, draft, now, "test")
        secrets = house.host.settings.service_secrets
        launch.launch(session, round_id, now, public_url=house.url, service_secrets=secrets, actor="test")
    wait("the round to open", lambda: _state(house, round_id) == "open", 60)
    return round_id


def _announced(house: House) -> bool:
    with reading(house.host.services["survey"].engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(notifier_key)) == 1


def _state(house: House, round_id: UUID) -> str:
    with reading(house.host.services["survey"].engine) as session:
        return str(rounds.find(session, round_id).state)


def _slips(house: House) -> int:
    with reading(house.host.services["notifier"].engine) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(slip)) or 0


def _answered(house: House) -> int:
    query = sa.select(sa.func.count()).select_from(invitation).where(invitation.c.state == "answered")
    with reading(house.host.services["survey"].engine) as session:
        return session.scalar(query) or 0


def behind(house: House, code: str) -> str:
    """The address that belongs to a code: what its QR code has to hold."""
    url, secrets = house.url, house.host.settings.service_secrets
    try:
        return tokens.link(url, tokens.read_code(code), secrets)
    except tokens.BadLink:
        return tokens.list_link(url, tokens.read_list_code(code), secrets)


def answer(page: Page) -> None:
    """From whatever a slip opens to the page that says thanks."""
    page.locator("[data-page=list], [data-page=survey]").first.wait_for()
    if page.locator("[data-page=list]").count():
        page.locator("[data-entry] button").first.click()
    page.locator("#landing [data-go]").click()
    for at in range(page.locator("[data-step]").count()):
        step = page.locator(f"[data-step='{at + 1}']")
        for item in step.locator("fieldset.item").all():
            item.locator("label").nth(3).click()
        step.locator("[data-next]").click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-page=done]")).to_be_visible()
    sound(page)


def test_a_slip_is_asked_for_printed_scanned_typed_and_answered(
    browser: Browser, house: House, opened: UUID, tmp_path: Path
) -> None:
    desk = browser.new_context(locale="id-ID").new_page()
    desk.goto(f"{house.url}/console/sign-in")
    desk.fill("#login", "sari")
    desk.fill("#password", PASSWORD)
    desk.click("main button")
    desk.wait_for_url(f"{house.url}/console/")
    desk.goto(f"{house.url}/console/rounds/{opened}/mails")
    desk.locator("form[action$='/slips'] button").click()
    expect(desk.get_by_role("status")).to_contain_text("cermin slips")
    sound(desk)
    wait("the slips", lambda: _slips(house) >= 2, 30)
    [command] = [one for one in house.host.services["notifier"].commands if one.name == "slips"]
    file = tmp_path / "slips.html"
    done = CliRunner().invoke(command, [str(opened), "--out", str(file)])
    assert done.exit_code == 0, done.output
    paper = browser.new_page()
    paper.goto(file.as_uri())
    sheets = [(one.locator(".code").inner_text(), one.locator("svg").evaluate("one => one.outerHTML"))
              for one in paper.locator(".sheet").all()]  # fmt: skip
    assert len(sheets) == _slips(house)
    (first, picture), (second, _) = sheets[:2]
    paper.set_content(segno.make(behind(house, first), error="m").svg_inline(scale=4, border=4))
    shown = paper.locator("svg").evaluate("one => one.outerHTML")
    assert picture == shown, "the QR code holds what the code leads to"
    for place in (behind(house, first), f"{house.url}/"):
        phone = browser.new_context(viewport=PHONE, locale="id-ID").new_page()
        phone.goto(place)
        if place.endswith("/"):
            phone.locator("#by-code input[name=code]").fill(second.lower().replace("-", " "))
            phone.locator("#by-code button").first.click()
        answer(phone)
        phone.context.close()
    assert _answered(house) == 2
    audit = f"{house.url}/console/audit"
    wait("the audit", lambda: "Lembar cetak dibuka" in (desk.goto(audit) and desk.content()), 20)
    row = desk.get_by_role("row").filter(has_text="Lembar cetak dibuka untuk dicetak")
    expect(row).to_contain_text(f"lembar {len(sheets)}")
    expect(row).to_contain_text("operator")
    assert desk.get_by_role("row").filter(has_text="Lembar cetak disiapkan").count() == 1
    sound(desk)
    desk.set_viewport_size(PHONE)
    for address in ("audit", "results/audit", "results/", f"results/{opened}"):
        for language in ("id", "en"):
            desk.goto(f"{house.url}/console/{address}?lang={language}")
            sound(desk)
    desk.goto(audit)
    for sheet, _ in sheets:
        assert not re.search(re.escape(sheet), desk.content()), "no code is ever in the console"
    desk.context.close()
    paper.close()
