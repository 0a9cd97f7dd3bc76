"""The console after the count: who is awaited, links that did not arrive, receipts on paper, the end of a round."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from scoring_service.tables import notice, objection, ratee, receipt, round_
from scoring_service.usecases import objections, receipts
from scoring_service.usecases.receipts import Calendar
from scoring_service.usecases.shelf import Shelf
from shared import audit
from shared.database import transaction
from tests.integration.report_links import Letterbox, press
from tests.integration.scoring_world import CHIEF, HEAD, MIGRATIONS, Survey, World, answers, full, released
from tests.integration.test_assessments import survey as assessed  # noqa: F401
from tests.integration.test_results_pages import enter, send

A, B = "198501012010011001", "198501012010011002"
WHY = "Penilaian tidak memuat tugas tambahan saya."


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


@pytest.fixture
def app(world: World) -> Flask:
    return world.app()


@pytest.fixture
def survey(world: World) -> Survey:
    made = Survey((A, B), ballots={A: full(4), B: {"supervisor": [answers(4)], "peer": [answers(5)] * 2}})
    released(world, made)
    return made


def undelivered(world: World) -> Letterbox:
    """Every link is on its way and no mail server takes it."""
    box = Letterbox(world)
    world.work("send notices")
    with transaction(world.engine) as session:
        session.execute(notice.update().values(state="permanent"))
    return box


def objected(world: World, survey: Survey) -> None:
    calendar = Calendar(Shelf(world.settings.data_dir / "policies"), world.settings.timezone)
    with transaction(world.engine) as session:
        receipts.opened(session, survey.round_id, A, 1, calendar, world.now)
        objections.raise_(session, survey.round_id, A, WHY, world.now)


def test_the_assessors_that_are_awaited_are_named(app: Flask, world: World, assessed: Survey) -> None:  # noqa: F811
    hr, address = enter(app), f"/console/results/{assessed.round_id}"
    page = hr.get(address).text
    assert "Pejabat penilai yang ditunggu" in page and "Kepala Bidang" in page and CHIEF in page
    assert "2 pegawai masih menunggu kategori" in hr.get(f"{address}/release").text
    score = hr.get(f"{address}/scores/{A}").text
    assert "4,5" not in score and "Menunggu kategori dari pejabat penilai" in score, "HR sees no recommendation yet"


def test_a_link_that_did_not_arrive_goes_again_or_on_paper(app: Flask, world: World, survey: Survey) -> None:
    undelivered(world)
    hr, address = enter(app), f"/console/results/{survey.round_id}"
    page = hr.get(address).text
    assert "tidak ada alamat yang berlaku: 3" in page and "Kepala Bidang" in page
    again, paper = (re.search(rf'action="([^"]+/{act})"', page).group(1) for act in ("again", "print"))  # type: ignore[union-attr]
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    assert hr.post(again, data={"csrf_token": token}).status_code == 303
    assert [one.state for one in world.rows(notice)].count("wanted") == 1
    said = hr.post(paper, data={"csrf_token": token}, follow_redirects=True).text
    assert "sudah diganti" in said, "the first one of the list was replaced by a mail"
    page = hr.get(address).text
    paper = re.search(r'action="([^"]+/print)"', page).group(1)  # type: ignore[union-attr]
    shown = hr.post(paper, data={"csrf_token": token})
    link = html.unescape(re.search(r'<p class="code">([^<]+)</p>', shown.text).group(1))  # type: ignore[union-attr]
    assert app.test_client().get(urlsplit(link).path).status_code == 200
    actions = [(one.action, one.actor) for one in world.rows(audit.entry)][-2:]
    assert [action for action, _ in actions] == ["link.sent_again", "link.printed"]
    assert link.rsplit("/", 1)[1] not in hr.get(address).text, "shown once"


def test_a_link_that_was_mailed_is_never_shown(app: Flask, world: World, survey: Survey) -> None:
    Letterbox(world)
    world.work("send notices")
    with transaction(world.engine) as session:
        session.execute(notice.update().values(state="accepted"))
    hr, address = enter(app), f"/console/results/{survey.round_id}"
    page = hr.get(f"{address}/scores/{A}").text
    assert "/again" in page and "/print" not in page
    one = next(one for one in world.rows(notice) if one.ratee == A)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    answer = hr.post(f"{address}/notices/{one.id}/print", data={"csrf_token": token})
    assert answer.status_code == 303 and "link.printed" not in [row.action for row in world.rows(audit.entry)]


def test_what_is_done_with_a_printed_link_is_marked(app: Flask, world: World, survey: Survey) -> None:
    objected(world, survey)
    undelivered(world)
    hr, address = enter(app), f"/console/results/{survey.round_id}"
    page = hr.get(f"{address}/scores/{A}").text
    decision = next(one for one in world.rows(notice) if one.purpose == "decision")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    shown = hr.post(f"{address}/notices/{decision.id}/print", data={"csrf_token": token}).text
    link = urlsplit(html.unescape(re.search(r'<p class="code">([^<]+)</p>', shown).group(1))).path  # type: ignore[union-attr]
    done = {"outcome": "stands", "reason": "Nilai sudah sesuai dengan bukti.", "sure": "yes"}
    visit = app.test_client()
    assert visit.post(press(visit, link), data=done).status_code == 303
    assert world.one(objection).on_paper
    facts = [one.facts for one in world.rows(audit.entry) if one.action == "objection.decided"]
    assert facts == [{"state": "dismissed", "version": None, "on_paper": True}]
    assert "Dilakukan dengan tautan yang dicetak" in hr.get(f"{address}/scores/{A}").text


def test_a_paper_receipt_and_a_decider_are_noted_on_the_page_of_a_score(
    app: Flask, world: World, survey: Survey
) -> None:
    hr, address = enter(app), f"/console/results/{survey.round_id}/scores/{A}"
    page = hr.get(address).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    for on, said in (
        ("", "Isi tanggalnya."),
        ("2026-11-30", "antara rilis dan hari ini"),
        ("2026-11-23", "dicatat"),
    ):
        hr.post(f"{address}/handed", data={"csrf_token": token, "on": on})
        assert said in hr.get(address).text, on
    assert world.one(receipt).handed_at
    with transaction(world.engine) as session:
        objections.raise_(session, survey.round_id, A, WHY, world.now)
    assert WHY in hr.get(address).text and "Kepala Dinas" in hr.get(address).text
    given = {"csrf_token": token, "number": "196001011985011001", "name": "Sekretaris Daerah"}
    hr.post(f"{address}/decider", data=given)
    assert world.one(objection).decider_name == "Sekretaris Daerah"
    hr.post(f"{address}/decider", data=given | {"number": A})
    assert "tidak dapat memutuskan keberatan ini" in hr.get(address).text
    viewer = enter(app, "viewer").get(address).text
    assert "/decider" not in viewer and "/handed" not in viewer


def test_where_nobody_assesses_somebody_is_named_on_the_page_of_the_score(
    app: Flask,
    world: World,
    assessed: Survey,  # noqa: F811
) -> None:
    nobody = ratee.update().values(assessor=None, assessor_name=None, superior=None)
    with transaction(world.engine) as session:
        session.execute(nobody.where(ratee.c.number == A))
    hr, address = enter(app), f"/console/results/{assessed.round_id}"
    page = hr.get(address).text
    assert "belum mempunyai pejabat penilai" in page and f'href="{address}/scores/{A}"' in page
    page = hr.get(f"{address}/scores/{A}").text
    assert "Belum ada dalam data pegawai" in page
    assert "/assessor" not in hr.get(f"{address}/scores/{B}").text, "the chart names one"
    assert "/assessor" not in enter(app, "viewer").get(f"{address}/scores/{A}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)  # type: ignore[union-attr]
    given = {"csrf_token": token, "number": A, "name": "Diri Sendiri"}
    hr.post(f"{address}/scores/{A}/assessor", data=given)
    assert "tidak dapat menjadi pejabat penilainya" in hr.get(f"{address}/scores/{A}").text
    hr.post(f"{address}/scores/{A}/assessor", data=given | {"number": HEAD, "name": "Kepala Dinas"})
    page = hr.get(f"{address}/scores/{A}").text
    assert "Pejabat penilai sudah ditunjuk" in page and "ditunjuk petugas kepegawaian" in page
    assert "belum mempunyai pejabat penilai" not in hr.get(address).text


def test_a_round_is_made_final_only_when_nobody_may_object(app: Flask, world: World, survey: Survey) -> None:
    hr, address = enter(app), f"/console/results/{survey.round_id}"
    page = hr.get(f"{address}/final").text
    assert "1 laporan belum diterima" in page.replace("\n", " ") and 'name="sure"' not in page
    objected(world, survey)
    page = hr.get(address).text
    assert "Menunggu keputusan" in page and "Kepala Dinas" in page
    with transaction(world.engine) as session:
        shelf = Shelf(world.settings.data_dir / "policies")
        objections.decide(session, survey.round_id, A, HEAD, WHY, None, shelf, world.now)
    assert send(hr, f"{address}/final").status_code == 422
    assert send(hr, f"{address}/final", sure="yes").status_code == 303
    page = hr.get(address).text
    assert world.one(round_).state == "final" and "Final sejak" in page and "Unduh CSV" in page
    assert "Putaran ini tidak sedang dirilis" in hr.get(f"{address}/final").text
