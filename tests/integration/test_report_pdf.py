"""The report as PDF: tagged, in the language asked for, behind the same link, with the same words and no others."""

import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from sqlalchemy.engine import Engine

from scoring_service.reports import printing
from scoring_service.tables import receipt
from shared import audit
from shared.database import transaction
from tests.integration.report_links import Letterbox, press
from tests.integration.scoring_world import CHIEF, MIGRATIONS, Survey, World, answers, full, released

A, B = "198501012010011001", "198501012010011002"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(scope="session", autouse=True)
def pango() -> None:
    try:
        import weasyprint  # noqa: F401
    except OSError as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"Pango is not installed: {error}")


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


@pytest.fixture
def app(world: World) -> Flask:
    return world.app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def box(world: World) -> Letterbox:
    """One ratee is scored, one held; links are on their way."""
    own = full(4) | {"self": [answers(5)]}
    released(world, Survey((A, B), ballots={A: own, B: {"supervisor": [answers(4)], "peer": [answers(5)] * 2}}))
    return Letterbox(world)


def read(client: FlaskClient, page: str, language: str = "id") -> tuple[PdfReader, str]:
    answer = client.get(f"{page}/report.pdf?lang={language}")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
    found = PdfReader(io.BytesIO(answer.data))
    return found, " ".join(part.extract_text() for part in found.pages)


def tags(node: DictionaryObject, found: list[DictionaryObject]) -> list[DictionaryObject]:
    found.append(node)
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        one = kid.get_object()
        if isinstance(one, DictionaryObject):
            tags(one, found)
    return found


def test_the_pdf_is_tagged_speaks_its_language_and_describes_its_picture(
    box: Letterbox, client: FlaskClient
) -> None:
    page = press(client, box.path("report", A, A))
    for language, title in (("id", "Laporan perilaku kerja"), ("en", "Work behaviour report")):
        pdf, text = read(client, page, language)
        root = pdf.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == language and pdf.metadata is not None
        assert pdf.metadata.title == title and title in text
        assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
        kinds = [(one.get("/S"), one.get("/Alt")) for one in tags(root["/StructTreeRoot"], [])]
        assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L"} <= {kind for kind, _ in kinds}
        assert [alt for kind, alt in kinds if kind == "/Figure" and alt and "adar" in alt], "the radar has words"


def test_the_pdf_says_what_the_page_says(box: Letterbox, client: FlaskClient) -> None:
    page = press(client, box.path("report", A, A))
    _, text = read(client, page)
    for words in (f"Pegawai {A}", "80", "Titik buta", "kelipatan 5", "PP 30/2019", "sampai akhir 7 Desember 2026"):
        assert words in text, words
    for button in ("Ajukan keberatan", "Unduh", "Lewati", "peramban"):
        assert button not in text, button
    assert f'href="{page}/report.pdf?lang=id"' in client.get(page).text


def test_a_held_report_on_paper_shows_no_number(box: Letterbox, client: FlaskClient) -> None:
    _, text = read(client, press(client, box.path("report", B, B)))
    assert "Pemberi umpan balik terlalu sedikit" in text
    assert not re.search(r"\d+[.,]\d", text.replace("15.00 WIB", "")) and "100" not in text.replace(B, "")


def test_nothing_is_printed_before_the_receipt(box: Letterbox, world: World, client: FlaskClient) -> None:
    page = press(client, box.path("report", A, A))
    with transaction(world.engine) as session:
        session.execute(receipt.update().values(opened_at=None))
    assert client.get(f"{page}/report.pdf").status_code == 404
    assert client.get(page).status_code == 303, "a version that came since wants its own receipt"
    link = box.path("report", A, A)
    assert client.get(f"{link}/report.pdf").status_code == 404


def test_a_supervisor_prints_the_report_of_the_own_people_and_it_is_recorded(
    box: Letterbox, world: World, client: FlaskClient
) -> None:
    team = press(client, box.path("supervisor", CHIEF))
    member = re.search(r'href="(/reports/open/team/[^"?]+/[^"?]+)\?', client.get(team).text)
    assert member is not None
    before = len(world.rows(audit.entry))
    _, text = read(client, member[1])
    assert f"Pegawai {A}" in text
    (entry,) = world.rows(audit.entry)[before:]
    assert (entry.actor, entry.action) == (CHIEF, "report.read")


@pytest.mark.parametrize("address", ["https://example.org/x.png", "file:///etc/passwd", "/static/cermin.css"])
def test_nothing_is_fetched(address: str) -> None:
    from weasyprint.urls import FatalURLFetchingError

    page = f'<!doctype html><html lang="id"><title>x</title><body><img src="{address}" alt="x"></body></html>'
    with pytest.raises(FatalURLFetchingError):
        printing.rendered(page, {})


def test_without_the_library_the_page_says_so_and_can_be_printed(
    box: Letterbox, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = press(client, box.path("report", A, A))
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    answer = client.get(f"{page}/report.pdf")
    assert answer.status_code == 503 and "PDF tidak dapat dibuat di server ini" in answer.text
    assert "perintah cetak peramban" in client.get(page).text
