"""A round as HR leads it through the console: draft, raters, launch, reminders, early end, cancellation."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared import audit
from shared.database import reading, transaction
from shared.service import Context
from survey_service.tables import invitation, letter, progress, round_
from survey_service.usecases import closing, directory, questionnaires
from tests.integration.console.conftest import OWN_UNIT, Watch, count, round_row, send, token_of

NEW = "/console/rounds/new"


def filled(page: str, **changes: str) -> dict[str, str]:
    """What a browser would send of the form on this page, with changes."""
    fields = dict(re.findall(r'<input[^>]* name="([\w_]+)"[^>]*? value="([^"]*)"', page))
    fields = {
        name: value
        for name, value in fields.items()
        if not re.search(rf'type="checkbox"[^>]* name="{name}"(?![^>]*checked)', page)
    }
    for name, options in re.findall(r'<select id="(\w+)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        fields[name] = chosen.group(1) if chosen else ""
    return fields | changes


def start(hr: FlaskClient, organised: Context, **changes: str) -> dict[str, str]:
    with organised.engine.connect() as connection:
        questionnaire = connection.execute(questionnaires.questionnaire.select()).first()
    given = {"name": "Tahun 2026", "authority": "Surat 1/2026", "questionnaire_id": str(questionnaire.id)}
    return filled(hr.get(NEW).text, **given | changes)


def test_without_people_the_first_page_says_to_import_them(hr: FlaskClient) -> None:
    page = hr.get("/console/").text
    assert "Belum ada putaran" in page
    assert 'href="/console/people/import"' in page
    assert NEW not in page


def test_a_draft_is_made_with_what_is_usual(hr: FlaskClient, organised: Context) -> None:
    answer = hr.post(NEW, data=start(hr, organised))
    assert answer.status_code == 303
    row = round_row(organised.engine, UUID(answer.location.rsplit("/", 1)[1]))
    assert (row.name, row.state, row.threshold, row.timezone) == ("Tahun 2026", "draft", 3, "Asia/Jakarta")
    assert row.groups["peer"] == {"minimum": 3, "target": 5, "maximum": 8, "cap": None}
    assert "self" not in row.groups
    assert row.opens_at.hour == 1, "08:00 in Jakarta"


def test_every_fault_of_a_draft_is_shown_beside_its_field_and_nothing_typed_is_lost(
    hr: FlaskClient, organised: Context
) -> None:
    given = start(
        hr, organised, name="  ", period_start="x", peer_minimum="many", authority="<b>Surat</b>", threshold="99"
    )
    answer = hr.post(NEW, data=given)
    assert answer.status_code == 422
    for field in ("name", "period_start", "peer_minimum", "threshold"):
        assert f'id="{field}-fault"' in answer.text
    assert "&lt;b&gt;Surat&lt;/b&gt;" in answer.text and 'value="many"' in answer.text
    assert count(organised.engine, round_) == 0


def test_the_rules_of_a_round_are_said_in_the_language_of_the_page(hr: FlaskClient, organised: Context) -> None:
    given = start(hr, organised, threshold="99", peer_minimum="9", peer_target="5", closes_at="2020-01-01T08:00")
    answer = hr.post(NEW, data=given)
    assert "Gunakan angka 1 sampai 20" in answer.text
    assert "Masa pengisian ditutup sebelum dibuka." in answer.text
    assert "harus berurutan naik, dari 0 sampai 50." in answer.text
    answer = hr.post(f"{NEW}?lang=en", data=given)
    assert "Use a number from 1 to 20; 3 is usual." in answer.text


def test_a_taken_name_is_said(hr: FlaskClient, organised: Context, draft: UUID) -> None:
    answer = hr.post(NEW, data=start(hr, organised, name="Triwulan IV 2026"))
    assert answer.status_code == 422
    assert "Nama ini sudah dipakai putaran lain" in answer.text


def test_an_unchanged_draft_stays_as_it_was(hr: FlaskClient, organised: Context, draft: UUID) -> None:
    before = round_row(organised.engine, draft)
    answer = hr.post(f"/console/rounds/{draft}/edit", data=filled(hr.get(f"/console/rounds/{draft}/edit").text))
    assert answer.status_code == 303
    after = round_row(organised.engine, draft)
    assert after.revision == before.revision + 1
    same = ("name", "groups", "seed", "policy", "questionnaire_id", "period_end", "threshold", "contact")
    assert all(getattr(after, name) == getattr(before, name) for name in same)
    assert after.opens_at == before.opens_at.replace(second=0, microsecond=0)


def test_two_people_who_edit_one_draft_do_not_overwrite_each_other(
    hr: FlaskClient, organised: Context, draft: UUID
) -> None:
    address = f"/console/rounds/{draft}/edit"
    page = hr.get(address).text
    assert hr.post(address, data=filled(page, name="Pertama")).status_code == 303
    second = hr.post(address, data=filled(page, name="Kedua"))
    assert second.status_code == 409
    assert "Orang lain sudah mengubah putaran ini" in second.text and 'value="Kedua"' in second.text
    assert round_row(organised.engine, draft).name == "Pertama"


def test_a_copy_asks_for_name_and_dates_anew(hr: FlaskClient, organised: Context, draft: UUID) -> None:
    page = hr.get(f"/console/rounds/{draft}/copy").text
    fields = filled(page)
    assert fields["name"] == "" and fields["period_start"] == ""
    assert fields["authority"] == "Surat Kepala BKD 800/1/2026" and fields["policy"] == "pp30-360"
    assert "revision" not in fields


def test_the_plan_names_who_lacks_raters_and_writes_nothing(
    hr: FlaskClient, organised: Context, draft: UUID
) -> None:
    before = count(organised.engine, audit.entry)
    page = hr.get(f"/console/rounds/{draft}/plan").text
    assert "Perkiraan" in page and "60 %" in page
    assert "Yang kurang pemberi umpan baliknya" in page
    assert count(organised.engine, invitation) == 0
    assert count(organised.engine, audit.entry) == before


def test_a_launch_needs_the_tick(hr: FlaskClient, organised: Context, draft: UUID) -> None:
    address = f"/console/rounds/{draft}"
    send(hr, f"{address}/launch", page=address)
    assert round_row(organised.engine, draft).state == "draft"
    assert "centang dahulu" in hr.get(address).text


def test_a_launch_pressed_twice_launches_once(signed_in, organised: Context, draft: UUID) -> None:
    address = f"/console/rounds/{draft}"
    first, second = signed_in("hr"), signed_in("hr")
    tokens = {client: token_of(client.get(address).text) for client in (first, second)}

    def press(client: FlaskClient) -> int:
        given = {"csrf_token": tokens[client], "sure": "yes"}
        return client.post(f"{address}/launch", data=given).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(press, (first, second))) == [303, 303]
    said = first.get(address).text + second.get(address).text
    assert said.count("Putaran diluncurkan:") == 1
    assert said.count("Putaran ini sudah diluncurkan.") == 1
    assert round_row(organised.engine, draft).state == "preparing"
    with organised.engine.connect() as connection:
        acts = [row.action for row in connection.execute(audit.entry.select())]
    assert acts.count("round.launched") == 1


def test_a_launch_that_is_not_possible_says_why(
    hr: FlaskClient, organised: Context, draft: UUID, watch: Watch
) -> None:
    watch.pass_by(timedelta(days=15))
    hr = _again(hr)
    address = f"/console/rounds/{draft}"
    page = hr.get(address).text
    assert "Masa pengisian sudah lewat" in page and re.search(r"<button[^>]* disabled", page)
    hr.post(f"{address}/launch", data={"csrf_token": token_of(page), "sure": "yes"})
    assert "pilih waktu yang baru" in hr.get(address).text


def test_an_open_round_shows_progress_in_steps_and_what_acceptance_means(hr: FlaskClient, opened: UUID) -> None:
    page = hr.get(f"/console/rounds/{opened}").text
    assert "Keadaan per" in page and "ditampilkan bertahap" in page
    assert "bukan berarti sampai" in page
    assert "Kirim pengingat" in page and "Tutup lebih awal" in page
    assert "Luncurkan" not in page and "/edit" not in page


def test_no_page_shows_a_count_that_is_not_a_step(
    hr: FlaskClient, opened: UUID, organised: Context, watch: Watch
) -> None:
    with transaction(organised.engine) as session:
        session.execute(progress.update().values(answered=7, invited=40))
    page = hr.get(f"/console/rounds/{opened}").text
    assert ">7 /" not in page and ">5 / 40<" in page
    lines = count(organised.engine, progress)
    home = hr.get("/console/").text
    assert str(lines * 7) not in re.findall(r"Masuk: (\S+)", home)


def test_reminders_are_asked_for_once_a_day(
    hr: FlaskClient, opened: UUID, organised: Context, watch: Watch
) -> None:
    address = f"/console/rounds/{opened}"
    watch.pass_by(timedelta(days=1))
    hr = _again(hr)
    send(hr, f"{address}/remind", page=address)
    assert "pengingat akan dikirim" in hr.get(address).text
    send(hr, f"{address}/remind", page=address)
    assert "Tidak ada pengingat yang perlu dikirim" in hr.get(address).text
    with organised.engine.connect() as connection:
        wanted = {row.wanted for row in connection.execute(letter.select())}
    assert "reminder" in wanted


def test_closing_early_asks_once_more_and_closes(hr: FlaskClient, opened: UUID, organised: Context) -> None:
    address = f"/console/rounds/{opened}/close"
    assert "Tutup putaran sekarang?" in hr.get(address).text
    assert round_row(organised.engine, opened).state == "open"
    assert send(hr, address).status_code == 303
    assert round_row(organised.engine, opened).state == "closed"
    assert hr.get(address).location == f"/console/rounds/{opened}"
    assert "sedang diserahkan" in hr.get(f"/console/rounds/{opened}").text


def test_a_round_is_cancelled_only_by_its_name(hr: FlaskClient, opened: UUID, organised: Context) -> None:
    address = f"/console/rounds/{opened}/cancel"
    wrong = send(hr, address, name="Triwulan 4")
    assert wrong.status_code == 422
    assert "bukan nama putarannya" in wrong.text and 'value="Triwulan 4"' in wrong.text
    assert round_row(organised.engine, opened).state == "open"
    assert send(hr, address, name=" Triwulan IV 2026 ").status_code == 303
    assert round_row(organised.engine, opened).state == "cancelled"


def test_a_closed_round_cannot_be_cancelled(
    hr: FlaskClient, opened: UUID, organised: Context, watch: Watch
) -> None:
    with transaction(organised.engine) as session:
        closing.close(session, opened, watch(), "test")
    send(hr, f"/console/rounds/{opened}/cancel", name="Triwulan IV 2026")
    page = hr.get(f"/console/rounds/{opened}").text
    assert "dari situ tidak dapat menjadi dibatalkan" in page


def test_a_counted_round_says_that_nobody_can_open_the_answers(
    hr: FlaskClient, opened: UUID, organised: Context, watch: Watch
) -> None:
    with transaction(organised.engine) as session:
        closing.close(session, opened, watch(), "test")
        while closing.hand_over(session, watch()):
            pass
        root = round_row_in(session, opened).merkle_root
        closing.counted(session, opened, root, 321, 2, watch())
    page = hr.get(f"/console/rounds/{opened}").text
    assert "Kunci putaran telah dimusnahkan" in page and ">321<" in page and root in page


def test_a_unit_administrator_sees_the_own_units_only(signed_in, opened: UUID, organised: Context) -> None:
    page = signed_in("unit_admin").get(f"/console/rounds/{opened}").text
    assert OWN_UNIT in page
    shown = set(re.findall(r'<tr><th scope="row">([^<]+)</th>', page))
    assert shown
    with reading(organised.engine) as session:
        assert shown <= set(session.scalars(directory.below(OWN_UNIT)))
    assert "Kirim pengingat" not in page


@pytest.mark.parametrize("role", ["viewer", "auditor", "unit_admin"])
@pytest.mark.parametrize("act", ["launch", "remind", "close", "cancel"])
def test_only_hr_acts(app: Flask, signed_in, opened: UUID, organised: Context, role: str, act: str) -> None:
    client = signed_in(role)
    answer = send(client, f"/console/rounds/{opened}/{act}", page="/console/", sure="yes", name="Triwulan IV 2026")
    assert answer.status_code == 403
    assert round_row(organised.engine, opened).state == "open"


def test_an_unknown_round_has_a_page_with_a_next_step(hr: FlaskClient, organised: Context) -> None:
    answer = hr.get("/console/rounds/00000000-0000-4000-8000-000000000000")
    assert answer.status_code == 404
    assert "Putaran ini tidak ada." in answer.text and 'href="/console/"' in answer.text


def test_questionnaires_are_listed_and_shown_in_both_languages(hr: FlaskClient, organised: Context) -> None:
    page = hr.get("/console/questionnaires").text
    assert "7 perilaku, 21 pernyataan" in page
    address = re.search(r'href="(/console/questionnaires/[^"]+)"', page).group(1)
    assert "Berorientasi Pelayanan" in hr.get(address).text
    assert "Service Oriented" in hr.get(f"{address}?lang=en").text


def _again(hr: FlaskClient) -> FlaskClient:
    """Sign in once more after the clock went far ahead."""
    from tests.integration.console.conftest import LOGINS, PASSWORD

    send(hr, "/console/sign-in", login=LOGINS["hr"], password=PASSWORD)
    return hr


def round_row_in(session, round_id: UUID):
    return session.execute(round_.select().where(round_.c.id == round_id)).one()
