"""Results in the console of the scoring service: what is shown to whom, work results, release, export."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from scoring_service.tables import round_, score, work_result
from scoring_service.usecases.release import release
from shared import audit
from shared.database import transaction
from shared.host import now
from shared.staff import ROLES, Staff
from shared.web.access import STAFF_COOKIE, staff_cookie
from tests.integration.scoring_world import (
    CHIEF,
    MIGRATIONS,
    Survey,
    World,
    answers,
    counted,
    full,
    opened,
    released,
)

A, B = "198501012010011001", "198501012010011002"
HEAD = "NIP;Nilai SKP;Ide Baru\n"


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
    """One ratee is scored, one held for too few raters."""
    ballots = {A: full(4), B: {"supervisor": [answers(4)], "peer": [answers(5)] * 2}}
    return Survey((A, B), ballots=ballots)


def enter(app: Flask, role: str = "hr") -> FlaskClient:
    client = app.test_client()
    person = Staff("00000000-0000-4000-8000-000000000001", "Sari", role, "00000000-0000-4000-8000-000000000002")
    with app.app_context():
        client.set_cookie(STAFF_COOKIE, staff_cookie(person), path="/console")
    return client


def send(client: FlaskClient, address: str, **fields: Any):
    page = client.get(address).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
    return client.post(address, data={"csrf_token": token, **fields}, content_type="multipart/form-data")


def file(text: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(text.encode()), "skp.csv"


def test_without_rounds_the_page_says_when_there_will_be_some(app: Flask) -> None:
    assert "Belum ada hasil" in enter(app).get("/console/results/").text


def test_an_open_round_shows_no_number(app: Flask, world: World, survey: Survey) -> None:
    opened(world, survey)
    page = enter(app).get(f"/console/results/{survey.round_id}").text
    assert "Jawaban tersegel belum ada di sini" in page
    assert "Rilis nilai" not in page and "Unduh CSV" not in page and "Yang boleh ditampilkan" not in page


def test_the_bar_follows_the_work_until_there_are_scores(app: Flask, world: World, survey: Survey) -> None:
    hr, page = enter(app, "auditor"), f"/console/results/{survey.round_id}"

    def seen(state: str) -> dict[str, object]:
        text = hr.get(page).text
        assert f"{page}/way?in={state}" in text, text[600:]
        assert "Rilis nilai" not in text
        assert hr.get(f"{page}/way?in=nonsense").json == {"over": True}
        return hr.get(f"{page}/way?in={state}").json

    opened(world, survey)
    assert "data-task" not in hr.get(page).text, "people are still answering"
    world.hear(survey.sealed(A))
    assert seen("sealing") == {"over": False, "done": 1, "total": 2}
    world.hear(survey.sealed(B), survey.manifest())
    world.work("count")
    assert seen("counted") == {"over": False, "done": 0, "total": 2}
    world.work("score")
    assert "data-task" not in hr.get(page).text
    assert hr.get(f"{page}/way?in=counted").json == {"over": True}
    with transaction(world.engine) as session:
        release(session, survey.round_id, world.now, "HR")
    assert seen("releasing") == {"over": False, "done": 0, "total": 2}


def test_a_scored_round_shows_scores_and_why_others_are_held(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    hr = enter(app)
    assert "Triwulan IV 2026" in hr.get("/console/results/").text
    page = hr.get(f"/console/results/{survey.round_id}").text
    assert f"Pegawai {A}" in page and ">80<" in page
    assert "Pemberi umpan balik terlalu sedikit" in page
    assert "Rilis nilai" in page
    english = hr.get(f"/console/results/{survey.round_id}?lang=en").text
    assert "Too few raters" in english and "Release scores" in english


def test_scores_can_be_narrowed_to_a_unit(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    page = enter(app).get(f"/console/results/{survey.round_id}?unit=Sekretariat").text
    assert f"Pegawai {A}" in page and f"Pegawai {B}" not in page


def test_a_score_shows_how_it_was_made_and_its_reading_is_recorded(
    app: Flask, world: World, survey: Survey
) -> None:
    counted(world, survey)
    page = enter(app).get(f"/console/results/{survey.round_id}/scores/{A}").text
    assert "pp30-360" in page and "Bobot" in page and "n 3-4" in page
    entry = world.rows(audit.entry)[-1]
    assert (entry.action, entry.about) == ("score.read", f"{survey.round_id}/{A}")


def test_a_held_score_shows_no_number(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    page = enter(app).get(f"/console/results/{survey.round_id}/scores/{B}").text
    assert "tidak ada angka yang ditampilkan" in page
    main = page.partition("<main")[2]
    assert "Per perilaku" not in main and not re.search(r">\d{1,4}([.,]\d+)?<", main)


def test_an_auditor_sees_the_verdict_and_no_score_of_a_person(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    auditor = enter(app, "auditor")
    page = auditor.get(f"/console/results/{survey.round_id}").text
    assert "Yang boleh ditampilkan" in page and f"Pegawai {A}" not in page
    assert auditor.get(f"/console/results/{survey.round_id}/scores/{A}").status_code == 403


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_page_keeps_its_word(app: Flask, world: World, survey: Survey, role: str | None) -> None:
    counted(world, survey)
    client = enter(app, role) if role else app.test_client()
    pages = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console")]
    assert len(pages) == 16
    for rule in pages:
        said = app.view_functions[rule.endpoint].access.split()
        address = rule.rule.replace("<uuid:round_id>", str(survey.round_id)).replace("<string:ratee>", A)
        address = address.replace("<string:layout>.<string:kind>", "ekinerja.xlsx")
        address = address.replace("<uuid:notice_id>", str(survey.round_id))
        if "GET" not in rule.methods:
            assert client.get(address).status_code == 405
            continue
        status = client.get(address).status_code
        assert status == (302 if role is None else 200 if role in said[1:] else 403), rule.rule


def test_an_auditor_reads_the_trail_of_results_in_words(app: Flask, world: World, survey: Survey) -> None:
    released(world, survey)
    enter(app).get(f"/console/results/{survey.round_id}/scores/{A}")
    auditor, page = enter(app, "auditor"), "/console/results/audit"
    text = auditor.get(f"{page}?lang=en").text
    done = re.findall(r'data-label="What">([^<]+)', text)
    assert {"Round&#39;s key destroyed", "Scores released", "One person&#39;s score looked at"} == set(done)
    assert f"Pegawai {A} ({A}), Triwulan IV 2026" in text, "whose score was read, by name"
    assert "Account 00000000" in text and "/console/accounts/00000000-0000-4000" in text
    assert "The chain is whole" in text and 'href="/console/audit"' in text
    one = auditor.get(f"{page}?action=scores.released&lang=en").text
    assert re.findall(r'data-label="What">([^<]+)', one) == ["Scores released"]
    assert "Too few raters 1" in one
    assert "audit.read" in {row.action for row in world.rows(audit.entry)}


def test_the_trail_of_results_tells_an_auditor_no_rating_and_comes_in_pages(app: Flask, world: World) -> None:
    with transaction(world.engine) as session:
        for number in range(60):
            facts = {"overall": f"canary{number}", "on_paper": True}
            audit.record(session, world.now, CHIEF, "assessment.given", f"x/{number}", facts)
    auditor, page = enter(app, "auditor"), "/console/results/audit?lang=en"
    first = auditor.get(page).text
    assert "canary" not in first and "canary" in enter(app).get(page).text
    assert first.count("Category chosen</td>") == 50
    older = re.search(r'href="(/console/results/audit\?before=\d+)"', first).group(1)
    assert auditor.get(older).text.count("Category chosen</td>") == 10


def test_work_results_make_totals_and_predicates(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    hr = enter(app)
    address = f"/console/results/{survey.round_id}"
    assert send(hr, f"{address}/work-results", file=file(f"{HEAD}{A};115,5;ya\n")).location == address
    assert "Tersimpan: 1 baru" in hr.get(address).text
    world.work("score")
    page = hr.get(address).text
    assert ">101,3<" in page and ">baik<" in page
    assert "1 dari 2 pegawai sudah memiliki nilai SKP" in page


@pytest.mark.parametrize(
    ("language", "where", "what"),
    [
        ("id", "baris 2, kolom Nilai SKP", "Tulis angka di bawah 10000"),
        ("en", "row 2, column Nilai SKP", "Write a number below 10000"),
    ],
)
def test_bad_work_results_show_every_fault_and_import_nothing(
    app: Flask, world: World, survey: Survey, language: str, where: str, what: str
) -> None:
    counted(world, survey)
    hr = enter(app)
    hr.get(f"/console/results/?lang={language}")
    bad = f"{HEAD}{A};abc;ya\n999;90;ya\n"
    answer = send(hr, f"/console/results/{survey.round_id}/work-results", file=file(bad))
    assert answer.status_code == 422
    assert where in answer.text and what in answer.text
    assert len(re.findall(r'<th scope="row" class="fit">', answer.text)) == 2
    assert world.rows(work_result) == []


def test_a_file_that_is_missing_is_said_beside_the_field(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    answer = send(enter(app), f"/console/results/{survey.round_id}/work-results")
    assert answer.status_code == 422 and 'id="file-fault"' in answer.text


def test_a_release_needs_the_tick_and_happens_once(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    hr = enter(app)
    address = f"/console/results/{survey.round_id}/release"
    page = hr.get(address).text
    assert "1 nilai dan 1 pemberitahuan" in page and "2 pegawai belum memiliki nilai SKP" in page
    assert send(hr, address).status_code == 422
    assert world.one(round_).state == "scored"
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
    given = {"csrf_token": token, "sure": "yes"}
    assert [hr.post(address, data=given).status_code for _ in range(2)] == [303, 303]
    said = hr.get(f"/console/results/{survey.round_id}").text
    assert "Nilai sedang dirilis." in said and "sudah dirilis" in said
    assert [row.action for row in world.rows(audit.entry)].count("scores.released") == 1
    world.work("release")
    page = hr.get(f"/console/results/{survey.round_id}").text
    assert "Nilai sudah dirilis pada" in page and "Impor hasil kerja" not in page


def test_a_round_without_scores_cannot_be_released(app: Flask, world: World, survey: Survey) -> None:
    opened(world, survey)
    page = enter(app).get(f"/console/results/{survey.round_id}/release").text
    assert "belum dapat dirilis" in page and 'name="sure"' not in page


def test_an_export_is_recorded(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    answer = enter(app).get(f"/console/results/{survey.round_id}/scores.csv")
    assert answer.mimetype == "text/csv"
    assert answer.data.decode("utf-8-sig").splitlines()[0].startswith("ratee,status,reason")
    assert world.rows(audit.entry)[-1].action == "scores.exported"


def test_files_for_other_systems_are_offered_when_scores_are_released(
    app: Flask, world: World, survey: Survey
) -> None:
    counted(world, survey)
    hr, address = enter(app), f"/console/results/{survey.round_id}"
    assert "/files/" not in hr.get(address).text
    released(world, survey, counting=False)
    page = hr.get(f"{address}?unit=Sekretariat").text
    links = re.findall(r'href="([^"]+/files/[^"]+)"', page)
    assert [link.split("/files/")[1] for link in links] == [
        "ekinerja.xlsx?unit=Sekretariat",
        "ekinerja.csv?unit=Sekretariat",
        "siasn.csv?unit=Sekretariat",
    ]
    assert hr.get(links[0]).data.startswith(b"PK")
    assert hr.get(links[2]).data.startswith(b"\xef\xbb\xbfnip,tahun,")
    assert world.rows(audit.entry)[-1].facts["unit"] == "Sekretariat"
    assert hr.get(f"{address}/files/ekinerja.pdf").status_code == 404


def test_a_form_without_its_token_is_refused(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    answer = enter(app).post(f"/console/results/{survey.round_id}/release", data={"sure": "yes"})
    assert answer.status_code == 400
    assert world.one(round_).state == "scored"


def test_a_page_is_renewed_long_before_a_form_on_it_would_be_refused(
    app: Flask, world: World, survey: Survey
) -> None:
    counted(world, survey)
    hr = enter(app)
    address = f"/console/results/{survey.round_id}/release"
    page = hr.get(address).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
    with time_machine.travel(now() + timedelta(minutes=6)):
        assert hr.get(address).location == f"/console/sign-in?next={address.replace('/', '%2F')}"
        assert hr.post(address, data={"csrf_token": token, "sure": "yes"}).status_code == 303
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert hr.post(address, data={"csrf_token": token, "sure": "yes"}).status_code == 302


def test_a_name_is_text_and_never_markup(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    from scoring_service.tables import ratee
    from shared.database import transaction

    with transaction(world.engine) as session:
        session.execute(ratee.update().values(name="<script>alert(1)</script>"))
    page = enter(app).get(f"/console/results/{survey.round_id}").text
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert len(world.rows(score)) == 2


def test_figures_of_a_round_are_told_in_words_and_never_of_a_person(app: Flask, world: World) -> None:
    numbers = tuple(f"19850101201001{at:04}" for at in range(20))
    survey = Survey(numbers, ballots={one: full(3 + at % 3) for at, one in enumerate(numbers)})
    hr, address = enter(app), f"/console/results/{survey.round_id}/figures"
    counted(world, survey)
    page = hr.get(address).text
    assert "tampil setelah nilai dirilis" in page
    assert "≥ 0,9" in page, "perfect agreement is not told from much agreement"
    released(world, survey, counting=False)
    page = hr.get(address).text
    assert re.search(r"Semua</th>\s*<td[^>]*>20</td><td[^>]*>79", page)
    assert not [one for one in numbers if one in page]
    assert "Made of released scores" in enter(app).get(f"{address}?lang=en").text


def test_looking_at_results_is_recorded_once_a_day(app: Flask, world: World, survey: Survey) -> None:
    counted(world, survey)
    for role in ("viewer", "auditor"):
        client = enter(app, role)
        for place in ("", "?after=x", "/figures"):
            assert client.get(f"/console/results/{survey.round_id}{place}").status_code == 200
    client.get("/console/results/")
    looks = [one for one in world.rows(audit.entry) if one.action == "results.read"]
    assert [(one.about, one.facts) for one in looks] == [(str(survey.round_id), {})]
