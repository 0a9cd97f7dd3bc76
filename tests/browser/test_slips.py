"""The sheets as a browser prints them: one page for each rater, whatever the number of ratees."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from notifier.slips import SlipPrinter
from notifier.usecases import slips
from shared.database import reading
from shared.keystore import open_keystore
from tests.post_office import MIGRATIONS, Office, link

pytestmark = pytest.mark.browser
LIST = {
    "link": f"https://survei.kota.test/s#l.{'L' * 22}.{'S' * 43}",
    "code": "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4",
}


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_rater_gets_one_page(browser: Browser, new_engine, tmp_path: Path, language: str) -> None:
    office = Office(new_engine(MIGRATIONS), tmp_path)
    several = [link(f"{at:08}-0000-4000-8000-000000000001", relation="supervisor", sole=True) for at in range(70)]
    round_id = uuid4()
    events = [
        office.request("", kind="slip", links=links, whole=LIST, language=language, round_id=round_id)
        for links in (several, several[:2], several[:1])
    ]
    office.hear(*events)
    with reading(office.engine) as session:
        rows = slips(session, round_id, office.clock())
    key = open_keystore(office.settings.keystore_url).get("notifier")
    text, unread = SlipPrinter(office.settings.agency, lambda _: key).document(rows)
    assert unread == 0 and len(rows) == 3
    page = browser.new_page()
    page.set_content(text)
    printed = page.pdf(path=tmp_path / "slips.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 3
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1012})  # A4 without its margins, in CSS pixels
    page.screenshot(path=tmp_path / "slips.png", full_page=True)
    for sheet in page.locator(".sheet").all():
        used, room = sheet.evaluate("one => [one.scrollHeight, one.clientHeight]")
        assert used <= room
    page.close()
