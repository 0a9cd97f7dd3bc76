"""Pages behind signed links: what opens them, what they show, and what a form on them does."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from scoring_service import tokens
from scoring_service.tables import assessment, notice, objection, receipt, round_, score
from scoring_service.usecases import objections
from shared import audit
from shared.database import transaction
from tests.integration.report_links import Letterbox, press
from tests.integration.scoring_world import CHIEF, HEAD, MIGRATIONS, Survey, World, answers, counted, full, released
from tests.integration.test_assessments import VALUES
from tests.integration.test_assessments import survey as assessed  # noqa: F401

A, B = "198501012010011001", "198501012010011002"
WHY = "Penilaian tidak memuat tugas tambahan saya."


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


@pytest.fixture
def client(world: World) -> FlaskClient:
    found: FlaskClient = world.app().test_client()
    return found


@pytest.fixture
def box(world: World) -> Letterbox:
    """One ratee is scored, one held; links are on their way."""
    own = full(4) | {"self": [answers(5)]}
    released(world, Survey((A, B), ballots={A: own, B: {"supervisor": [answers(4)], "peer": [answers(5)] * 2}}))
    return Letterbox(world)


def main(text: str) -> str:
    return text.partition("<main")[2].partition("</main>")[0]


def test_looking_at_the_landing_page_does_nothing(box: Letterbox, world: World, client: FlaskClient) -> None:
    path = box.path("report", A, A)
    for _ in range(5):
        page = client.get(path)
        assert page.status_code == 200
        assert A not in page.text and f"Pegawai {A}" not in page.text and not re.search(r"\b80\b", main(page.text))
        assert client.head(path).status_code == 200
    assert client.get(f"{path}/radar.svg").status_code == 404, "no number before the receipt"
    assert world.one(receipt).opened_at is None


def test_no_link_shows_or_records_anything_before_its_button(
    box: Letterbox, world: World, client: FlaskClient
) -> None:
    press(client, box.path("report", A, A))
    with transaction(world.engine) as session:
        objections.raise_(session, world.one(round_).id, A, WHY, world.now)
    links = {
        "pegawai yang dinilai": box.path("report", A, A),
        "pejabat penilai dari pegawai yang dilaporkan": box.path("supervisor", CHIEF),
        "atasan pejabat penilai, atau pejabat yang ditunjuk": box.path("decision", HEAD, A),
    }
    known = len(world.rows(audit.entry))
    for role, path in links.items():
        page = client.get(path)
        assert page.status_code == 200 and role in page.text and page.text.count("<button") == 1
        assert "Periode penilaian" in page.text and "lang=en" in page.text
        for secret in (A, B, f"Pegawai {A}", "Kepala Dinas", WHY, "Ditunda", "/reports/open/"):
            assert secret not in page.text, (role, secret)
        assert not re.search(r"\b80\b", main(page.text)) and not re.search('href=.[^"?]*/reports/open', page.text)
        assert f"Pegawai {A}" in client.get(press(client, path)).text
    assert len(world.rows(audit.entry)) == known, "an opened list tells no more than that the button was pressed"


def test_an_opened_page_closes_after_a_day_and_the_link_opens_it_again(
    box: Letterbox, world: World, client: FlaskClient
) -> None:
    link = box.path("supervisor", CHIEF)
    page = press(client, link)
    world.now += timedelta(hours=23)
    assert client.get(page).status_code == 200
    world.now += timedelta(hours=2)
    closed = client.get(page)
    assert closed.status_code == 410 and "Buka lagi tautan dari surel" in closed.text
    assert client.get(press(client, link)).status_code == 200


def test_the_button_is_the_receipt_and_opens_the_report(box: Letterbox, world: World, client: FlaskClient) -> None:
    path = box.path("report", A, A)
    opened = press(client, path)
    assert world.one(receipt).opened_at == world.now
    assert [one.action for one in world.rows(audit.entry)][-1] == "report.received"
    page = main(client.get(opened).text)
    for words in (
        f"Pegawai {A}",
        "80",
        "Titik buta",
        "diri sendiri 100, rekan kerja setingkat 80, bawahan langsung 80",
        "kelipatan 5",
        "PP 30/2019",
    ):
        assert words in page, words
    assert "Anda dapat mengajukan keberatan sampai akhir 7 Desember 2026" in page
    english = main(client.get(f"{opened}?lang=en").text)
    assert "Blind spot" in english and "until the end of 7 December 2026" in english
    client.post(path)
    assert [one.action for one in world.rows(audit.entry)].count("report.received") == 1


def test_a_held_report_says_why_and_shows_no_number(box: Letterbox, client: FlaskClient) -> None:
    page = main(client.get(press(client, box.path("report", B, B))).text)
    assert "Pemberi umpan balik terlalu sedikit" in page and "tidak memuat angka" in page
    assert not re.search(r">\s*\d+([.,]\d+)?\s*<", page.replace(B, ""))
    assert "Ajukan keberatan" not in page


def test_every_page_is_guarded_by_headers_and_sets_no_cookie(box: Letterbox, client: FlaskClient) -> None:
    path = box.path("report", A, A)
    own, team = press(client, path), box.path("supervisor", CHIEF)
    for address in (path, own, f"{own}/radar.svg", team, press(client, team), "/reports/own/x"):
        answer = client.get(address)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        if "svg" not in address:
            assert not re.search(r"<script|style=|<style|\son\w+=|https?://", main(answer.text))


def test_a_link_opens_only_what_it_is_for(box: Letterbox, client: FlaskClient) -> None:
    links = box.path("report", A, A), box.path("supervisor", CHIEF)
    found = [path.removeprefix("/reports/") for link in links for path in (link, press(client, link))]
    tokens_of = {path.rsplit("/", 1)[0]: path.rsplit("/", 1)[1] for path in found}
    assert set(tokens_of) == {"own", "team", "open/own", "open/team"}
    pages = ("own", "team", "assess", "decide")
    for page in (*pages, *(f"open/{one}" for one in (*pages, "objection"))):
        for of, token in tokens_of.items():
            if page != of:
                answer = client.get(f"/reports/{page}/{token}")
                assert answer.status_code == 404 and "Tautan ini tidak dikenal" in answer.text, (page, of)


def test_a_changed_link_is_refused_without_asking_the_database(
    box: Letterbox, world: World, client: FlaskClient
) -> None:
    path = box.path("report", A, A)
    at = len(path) - 60
    for forged in (path[:-2], path[:at] + ("A" if path[at] != "A" else "B") + path[at + 1 :], path + "A"):
        assert client.get(forged).status_code == 404
    real = tokens.sign(b"x" * 16, "report", world.now + timedelta(days=1), ["another-secret" * 4])
    assert client.get(f"/reports/own/{real}").status_code == 404
    unknown = tokens.sign(b"x" * 16, "report", world.now + timedelta(days=1), world.settings.service_secrets)
    assert client.get(f"/reports/own/{unknown}").status_code == 404


def test_nobodys_number_can_be_read_in_a_link(box: Letterbox) -> None:
    import base64

    for purpose, person, ratee in (("report", A, A), ("supervisor", CHIEF, None)):
        token = box.path(purpose, person, ratee).rsplit("/", 1)[1]
        plain = base64.urlsafe_b64decode(token.split(".")[0] + "==")
        assert person.encode() not in plain and re.fullmatch(rb'\["[\w-]{22}",\d{10}\]', plain)


def test_a_link_ends(box: Letterbox, world: World, client: FlaskClient) -> None:
    path = box.path("report", A, A)
    world.now += timedelta(days=181)
    answer = client.get(path)
    assert answer.status_code == 410 and "Masa berlaku tautan ini sudah berakhir" in answer.text
    with transaction(world.engine) as session:
        session.execute(notice.update().values(not_after=world.now - timedelta(days=180)))
    world.now -= timedelta(days=100)
    assert "Tautan ini sudah diganti" in client.get(path).text


def test_an_objection_from_the_report_to_the_decision(box: Letterbox, world: World, client: FlaskClient) -> None:
    own = press(client, box.path("report", A, A))
    form = re.search(r'href="(/reports/open/objection/[^"]+)"', client.get(own).text).group(1).replace("&amp;", "&")  # type: ignore[union-attr]
    assert "Kepala Dinas" in client.get(form).text
    empty = client.post(form, data={"reason": "kurang", "sure": "yes"})
    assert empty.status_code == 422 and 'id="reason-fault"' in empty.text and ">kurang</textarea>" in empty.text
    unsure = client.post(form, data={"reason": WHY})
    assert unsure.status_code == 422 and 'id="sure-fault"' in unsure.text and WHY in unsure.text
    assert client.post(form, data={"reason": WHY, "sure": "yes"}).status_code == 303
    assert "Menunggu keputusan Kepala Dinas" in client.get(own).text
    assert client.post(form, data={"reason": WHY, "sure": "yes"}).status_code == 303, (
        "a second click changes nothing"
    )
    assert len(world.rows(objection)) == 1
    decision = press(client, box.path("decision", HEAD, A))
    page = client.get(decision).text
    assert WHY in page and "Dari 0 sampai 100; sekarang 80." in page
    assert 'id="outcome-fault"' in client.post(decision, data={"sure": "yes"}).text
    bad = client.post(decision, data={"outcome": "change", "behaviour": "180", "reason": WHY, "sure": "yes"})
    assert bad.status_code == 422 and 'id="behaviour-fault"' in bad.text
    done = {"outcome": "change", "behaviour": "87,5", "reason": "Tugas tambahan terbukti.", "sure": "yes"}
    assert client.post(decision, data=done).status_code == 303
    assert "Keberatan ini sudah diputuskan" in client.get(decision).text
    again = client.post(decision, data=done)
    assert again.status_code == 409 and "Tidak ada keberatan pegawai ini yang masih terbuka." in again.text
    report = main(client.get(press(client, box.path("report", A, A))).text)
    for words in (
        "87,5",
        "Tugas tambahan terbukti.",
        "Versi 2, setelah keberatan",
        "Versi 1, dari perhitungan: 80",
    ):
        assert words in report, words
    assert len([one for one in world.rows(score) if one.ratee == A]) == 2


def test_a_decider_who_was_replaced_decides_nothing(box: Letterbox, world: World, client: FlaskClient) -> None:
    own = press(client, box.path("report", A, A))
    form = re.search(r'href="(/reports/open/objection/[^"]+)"', client.get(own).text).group(1).replace("&amp;", "&")  # type: ignore[union-attr]
    client.post(form, data={"reason": WHY, "sure": "yes"})
    decision = press(client, box.path("decision", HEAD, A))
    with transaction(world.engine) as session:
        session.execute(objection.update().values(decider="196001011985011001"))
    answer = client.post(decision, data={"outcome": "stands", "reason": WHY, "sure": "yes"})
    assert answer.status_code == 410 and world.one(objection).state == "open"


def test_a_supervisor_reads_the_reports_of_the_own_people(
    box: Letterbox, world: World, client: FlaskClient
) -> None:
    team = press(client, box.path("supervisor", CHIEF))
    page = client.get(team).text
    assert f"Pegawai {A}" in page and "Pemberi umpan balik terlalu sedikit" in page
    member = re.search(r'href="(/reports/open/team/[^"?]+/[^"?]+)\?', page).group(1)  # type: ignore[union-attr]
    assert "Ajukan keberatan" not in client.get(member).text
    entry = world.rows(audit.entry)[-1]
    assert (entry.actor, entry.action) == (CHIEF, "report.read")
    assert world.one(receipt).opened_at is None, "the supervisor's reading is no receipt"
    token = team.rsplit("/", 1)[1]
    assert client.get(f"/reports/open/team/{token}/{'x' * 16}").status_code == 404
    assert client.get(f"{member}/radar.svg").mimetype == "image/svg+xml"


def test_an_assessor_chooses_on_one_page_for_all(
    world: World,
    assessed: Survey,  # noqa: F811
    client: FlaskClient,
) -> None:
    people = press(client, Letterbox(world).path("assessment", CHIEF))
    page = client.get(people).text
    assert page.count("Menunggu Anda") == 2
    one = re.search(r'href="(/reports/open/assess/[^"?]+/[^"?]+)\?', page).group(1)  # type: ignore[union-attr]
    form = client.get(one).text
    assert "4,5" in form and "Di atas ekspektasi" in form
    half = client.post(one, data={"overall": "meets", f"rating-{VALUES[0]}": "above"})
    assert half.status_code == 422 and half.text.count("-fault") >= 6 and "checked" in half.text
    assert world.rows(assessment) == []
    whole = {"overall": "meets"} | {f"rating-{code}": "meets" for code in VALUES}
    assert client.post(one, data=whole).status_code == 303
    page = client.get(people).text
    assert "1 dari 2 pegawai" in page and "Sesuai ekspektasi" in page
    world.work("score")
    assert "checked" in client.get(one).text, "a choice may be seen and changed until the release"
    assert world.one(assessment).overall == "meets"
    assert [one.actor for one in world.rows(audit.entry) if one.action == "assessment.given"] == [CHIEF]


def test_before_the_count_nothing_opens(world: World, client: FlaskClient) -> None:
    survey = Survey((A,), policy="permen6", aspects=VALUES, ballots={})
    counted(world, survey)
    people = press(client, Letterbox(world).path("assessment", CHIEF))
    with transaction(world.engine) as session:
        session.execute(score.delete())
    assert client.get(people).status_code == 200 and "Tidak ada pegawai" in client.get(people).text
