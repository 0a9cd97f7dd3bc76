"""People in the console: searching, and importing a file in two steps."""

import html
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from shared.database import reading
from shared.service import Context
from shared.web.language import LANGUAGE_COOKIE
from survey_service.tables import person, upload
from survey_service.usecases import directory
from tests.integration.console.conftest import ORGANISATION, OWN_UNIT, Watch, count, file, send, token_of, work
from tests.unit.survey.test_broken_files import BROKEN, ENGLISH

IMPORT = "/console/people/import"
HEAD = "NIP;Nama;Unit Kerja;Jabatan;Jenjang;Memimpin Tim;NIP Atasan\n"
ONE = HEAD + "198501012010011001;Budi <b>;Dinas A;Kepala;jpt;ya;\n"


def upload_to(client: FlaskClient, content: str | bytes, **more: str):
    answer = send(client, IMPORT, file=file(content), **more)
    work(client.application.extensions["cermin"])
    return answer


def keep(client: FlaskClient, address: str) -> str:
    """Confirm what ``address`` shows; the page that says what was kept."""
    answer = client.post(address, data={"csrf_token": token_of(client.get(address).text)})
    work(client.application.extensions["cermin"])
    return client.get(answer.location).text


def test_a_file_is_looked_at_first_and_kept_after_the_confirmation(hr: FlaskClient, context: Context) -> None:
    shown = upload_to(hr, ORGANISATION.read_bytes())
    assert shown.status_code == 303
    page = hr.get(shown.location).text
    assert "Pegawai baru" in page and "pegawai.csv" in page
    assert count(context.engine, person) == 0
    assert "Data pegawai tersimpan" in keep(hr, shown.location)
    assert count(context.engine, person) > 100
    assert count(context.engine, upload) == 0


def test_the_same_file_again_has_nothing_to_keep(hr: FlaskClient, organised: Context) -> None:
    page = hr.get(upload_to(hr, ORGANISATION.read_bytes()).location).text
    assert "tidak ada yang perlu disimpan" in page
    assert "Simpan perubahan ini" not in page


def test_a_difference_names_people_and_what_changes(hr: FlaskClient, organised: Context) -> None:
    changed = ORGANISATION.read_text().replace("Lukman Ginting", "Lukman Ginting SE")
    page = hr.get(upload_to(hr, changed).location).text
    assert re.search(r"Lukman Ginting</th>.*?nama", page, re.DOTALL)


@pytest.mark.parametrize(
    ("language", "where", "what"),
    [("id", "baris 2, kolom NIP", "sudah diubah oleh program spreadsheet"), ("en", "row 2, column NIP", "as Text")],
)
def test_a_bad_file_shows_every_fault_by_row_and_column_and_imports_nothing(
    hr: FlaskClient, context: Context, language: str, where: str, what: str
) -> None:
    bad = HEAD + "1.98501E+17;Budi;Dinas A;Kepala;jpt;ya;\n198501012010011002;Siti;;Staf;bos;ya;\n"
    hr.get(f"/console/?lang={language}")
    answer = hr.get(upload_to(hr, bad).location)
    assert answer.status_code == 422
    assert where in answer.text and what in answer.text
    assert len(re.findall(r'<th scope="row" class="fit">', answer.text.partition("<form class")[0])) == 3
    assert count(context.engine, person) == 0


@pytest.mark.parametrize(
    ("language", "told"), [("id", {name: of[1] for name, of in BROKEN.items()}), ("en", ENGLISH)]
)
def test_every_broken_file_is_told_on_the_page_what_is_wrong_and_where(
    hr: FlaskClient, context: Context, language: str, told: dict[str, list[str]]
) -> None:
    hr.set_cookie(LANGUAGE_COOKIE, language, path="/")
    for name, (content, _) in BROKEN.items():
        answer = hr.get(upload_to(hr, content).location)
        rows = re.findall(r'<tr><th scope="row" class="fit">([^<]+)</th><td>([^<]+)</td></tr>', answer.text)
        assert answer.status_code == 422, name
        assert [": ".join(html.unescape(part) for part in row) for row in rows] == told[name], name
    assert count(context.engine, person) == 0


def test_a_bad_file_cannot_be_confirmed_either(hr: FlaskClient, context: Context) -> None:
    shown = upload_to(hr, HEAD + "x;;;;;;\n")
    token = token_of(hr.get(IMPORT).text)
    assert hr.post(shown.location, data={"csrf_token": token}).status_code == 422
    assert count(context.engine, person) == 0


def test_no_file_is_said_beside_the_field(hr: FlaskClient) -> None:
    answer = send(hr, IMPORT)
    assert answer.status_code == 422
    assert 'id="file-fault"' in answer.text


def test_an_upload_is_kept_for_an_hour_and_belongs_to_who_sent_it(
    hr: FlaskClient, signed_in, context: Context, watch: Watch
) -> None:
    shown = upload_to(hr, ONE).location
    assert hr.get(shown).status_code == 200
    watch.pass_by(timedelta(minutes=61))
    gone = hr.get(shown)
    assert gone.location == IMPORT
    assert "Unggah lagi" in hr.get(IMPORT).text


def test_what_is_in_the_file_is_text_and_never_markup(hr: FlaskClient, context: Context) -> None:
    shown = upload_to(hr, ONE).location
    keep(hr, shown)
    page = hr.get("/console/people?q=%3Cb%3E").text
    assert "Budi &lt;b&gt;" in page and "<b>" not in page


def test_people_who_are_not_in_the_file_can_be_excluded(hr: FlaskClient, organised: Context) -> None:
    shown = upload_to(hr, ONE, exclude_absent="yes").location
    page = hr.get(shown).text
    assert "akan dikecualikan" in page
    keep(hr, shown)
    assert "tidak ada dalam berkas pegawai" in hr.get("/console/people").text


def test_people_are_found_by_name_number_and_unit(hr: FlaskClient, organised: Context) -> None:
    assert "Lukman Ginting" in hr.get("/console/people?q=lukman").text
    assert "Lukman Ginting" in hr.get("/console/people?q=1974070819").text
    assert "Lukman Ginting" not in hr.get("/console/people?q=zzz").text
    assert "Tidak ada yang cocok" in hr.get("/console/people?q=%25").text
    page = hr.get(f"/console/people?unit={OWN_UNIT}").text
    assert "Lukman Ginting" in page and "Krisna Gunawan" not in re.sub("data-label.*", "", page)


def test_a_long_list_comes_in_pages(hr: FlaskClient, organised: Context) -> None:
    first = hr.get("/console/people").text
    second = hr.get("/console/people?from=50").text
    names = [set(re.findall(r'<th scope="row">([^<]+)', page)) for page in (first, second)]
    assert "1–50 dari" in first and "51–100 dari" in second
    assert len(names[0] & names[1]) < 5


def test_a_unit_administrator_sees_nobody_of_another_unit(signed_in, organised: Context) -> None:
    client = signed_in("unit_admin")
    with reading(organised.engine) as session:
        below = set(session.scalars(directory.below(OWN_UNIT)))
        everything = set(directory.units(session))
    assert len(below) < len(everything)
    for address in ("/console/people", "/console/people?unit=Kabupaten Lintang Raya", "/console/people?unit=x"):
        page = client.get(address).text
        units = set(re.findall(r'data-label="Unit kerja">([^<]+)', page))
        assert units and units <= below
