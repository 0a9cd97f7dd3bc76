"""A round as HR leads it through the console: draft, raters, launch, reminders, early end, cancellation."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from shared import audit
from shared.database import reading, transaction
from shared.service import Context
from survey_service.console.steps import STEPS
from survey_service.domain.schedule import USUAL, schedule_to
from survey_service.tables import invitation, letter, progress, ratee, round_, task
from survey_service.usecases import accounts, advancing, closing, directory, outages, questionnaires
from tests.integration.console.conftest import OWN_UNIT, PASSWORD, Watch, count, round_row, send, token_of, work

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
    return filled(hr.get(NEW).text, **{"name": "Tahun 2026"} | changes)


def steps(round_id: UUID, name: str) -> str:
    return f"/console/rounds/{round_id}/steps/{name}"


def test_without_people_the_first_page_says_to_import_them(hr: FlaskClient) -> None:
    page = hr.get("/console/").text
    assert "Belum ada putaran" in page
    assert 'href="/console/people/import"' in page
    assert NEW not in page


def test_a_draft_is_made_with_what_is_usual(hr: FlaskClient, organised: Context) -> None:
    answer = hr.post(NEW, data=start(hr, organised))
    assert answer.status_code == 303 and answer.location.endswith("/steps/form")
    row = round_row(organised.engine, UUID(answer.location.split("/")[3]))
    assert (row.name, row.state, row.threshold, row.timezone) == ("Tahun 2026", "draft", 3, "Asia/Jakarta")
    assert row.groups["peer"] == {"minimum": 3, "target": 5, "maximum": 8, "cap": None}
    assert "self" not in row.groups
    assert row.opens_at.hour == 1, "08:00 in Jakarta"


def test_every_fault_of_a_draft_is_shown_beside_its_field_and_nothing_typed_is_lost(
    hr: FlaskClient, organised: Context
) -> None:
    given = start(hr, organised, name="  ", period_start="x", closes_at="2020-01-01T08:00")
    answer = hr.post(NEW, data=given)
    assert answer.status_code == 422
    for field in ("name", "period_start", "closes_at"):
        assert f'id="{field}-fault"' in answer.text
    assert 'value="2020-01-01T08:00"' in answer.text
    assert "Masa pengisian ditutup sebelum dibuka." in answer.text
    assert count(organised.engine, round_) == 0


@pytest.mark.parametrize(
    ("step", "typed", "faults"),
    [
        (
            "form",
            {"policy": "x", "questionnaire_id": "y"},
            {"policy": "Pilih salah satu", "questionnaire_id": "Pilih"},
        ),
        ("raters", {"peer_minimum": "many"}, {"peer_minimum": "Gunakan bilangan bulat."}),
        (
            "raters",
            {"peer_minimum": "9", "peer_target": "5"},
            {"groups_peer": "berurutan naik, dari 0 sampai 50"},
        ),
        ("raters", {"subordinate_cap": "0"}, {"groups_subordinate_cap": "Beban per orang paling sedikit 1"}),
        ("small", {"threshold": "99"}, {"threshold": "Gunakan angka 1 sampai 20"}),
        ("schedule", {"schedule_days": "besok"}, {"schedule_days": "Isi dengan angka hari"}),
        ("schedule", {"schedule_days": "99, 3"}, {"schedule_days": "masing-masing 1–60"}),
        ("schedule", {"schedule_hour": "22"}, {"schedule_hour": "pilih jam lain"}),
        ("messages", {"authority": " "}, {"authority": "Wajib diisi."}),
        ("messages", {"messages_reminder_id": "Mohon diisi"}, {"messages_reminder_en": "kedua bahasa"}),
        (
            "messages",
            {"messages_invitation_id": "klik www.contoh.id", "messages_invitation_en": "x"},
            {"messages_invitation_id": "Jangan memuat alamat"},
        ),
    ],
)
def test_every_step_names_its_faults_beside_the_field_and_keeps_what_was_typed(
    hr: FlaskClient, organised: Context, draft: UUID, step: str, typed: dict[str, str], faults: dict[str, str]
) -> None:
    with transaction(organised.engine) as session:
        session.execute(round_.update().values(schedule=schedule_to(USUAL)))
    before = round_row(organised.engine, draft)
    given = filled(hr.get(steps(draft, step)).text, **typed)
    answer = hr.post(steps(draft, step), data=given)
    assert answer.status_code == 422
    for field, words in faults.items():
        found = re.search(rf'<p class="fault" id="{field}(?:-fault)?">([^<]+)</p>', answer.text)
        assert found and words in found.group(1), (field, found)
    kept = filled(answer.text)
    assert step == "form" or all(
        kept.get(name) == value or f">{value}</textarea>" in answer.text for name, value in typed.items()
    )
    assert round_row(organised.engine, draft) == before
    assert "Something needs mending" in hr.post(f"{steps(draft, step)}?lang=en", data=given).text


def test_a_taken_name_is_said(hr: FlaskClient, organised: Context, draft: UUID) -> None:
    answer = hr.post(NEW, data=start(hr, organised, name="Triwulan IV 2026"))
    assert answer.status_code == 422
    assert "Nama ini sudah dipakai putaran lain" in answer.text


def test_an_unchanged_draft_stays_as_it_was(hr: FlaskClient, organised: Context, draft: UUID) -> None:
    before = round_row(organised.engine, draft)
    for step in STEPS:
        answer = hr.post(steps(draft, step.name), data=filled(hr.get(steps(draft, step.name)).text))
        assert answer.status_code == 303
    assert answer.location == f"/console/rounds/{draft}", "after the last step comes the checklist"
    after = round_row(organised.engine, draft)
    assert after.revision == before.revision + len(STEPS)
    same = (
        "name",
        "groups",
        "seed",
        "policy",
        "questionnaire_id",
        "period_end",
        "threshold",
        "contact",
        "schedule",
    )
    assert all(getattr(after, name) == getattr(before, name) for name in same)
    assert after.opens_at == before.opens_at.replace(second=0, microsecond=0)


def test_two_people_who_edit_one_draft_do_not_overwrite_each_other(
    hr: FlaskClient, organised: Context, draft: UUID
) -> None:
    address = steps(draft, "basics")
    page = hr.get(address).text
    assert hr.post(address, data=filled(page, name="Pertama")).status_code == 303
    second = hr.post(address, data=filled(page, name="Kedua"))
    assert second.status_code == 409
    assert "Orang lain sudah mengubah putaran ini" in second.text and 'value="Kedua"' in second.text
    assert round_row(organised.engine, draft).name == "Pertama"


def test_a_copy_asks_for_name_and_dates_anew(hr: FlaskClient, organised: Context, draft: UUID) -> None:
    fields = filled(hr.get(f"{NEW}?like={draft}").text)
    assert fields["name"] == "" and "revision" not in fields
    answer = hr.post(NEW, data=fields | {"name": "Triwulan I 2027"})
    old, new = round_row(organised.engine, draft), round_row(organised.engine, UUID(answer.location.split("/")[3]))
    same = ("policy", "questionnaire_id", "groups", "threshold", "authority", "contact", "schedule", "messages")
    assert all(getattr(old, name) == getattr(new, name) for name in same)
    assert new.seed != old.seed and new.period_end != old.period_end and new.state == "draft"


def test_the_plan_names_who_lacks_raters_and_writes_nothing(
    hr: FlaskClient, organised: Context, draft: UUID
) -> None:
    before = count(organised.engine, audit.entry)
    page = hr.get(f"/console/rounds/{draft}/plan").text
    assert "Perkiraan" in page and "60 %" in page
    assert "Yang kurang pemberi umpan baliknya" in page
    assert count(organised.engine, invitation) == 0
    assert count(organised.engine, audit.entry) == before + 1, "only that somebody looked"


INVITED_OF = sa.select(progress.c.unit, sa.func.sum(progress.c.invited).label("count")).group_by(progress.c.unit)


def tasks_of(context: Context) -> list[tuple[UUID, str]]:
    with context.engine.connect() as connection:
        return [(row.id, row.state) for row in connection.execute(task.select())]


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
    assert "sedang diluncurkan" in first.get(address).text
    work(organised)
    [(task_id, state)] = tasks_of(organised)
    assert state == "done"
    page = second.get(f"/console/tasks/{task_id}").text
    assert "Putaran diluncurkan" in page and "Surat undangan" in page
    assert press(first) == 303
    assert "Putaran ini sudah diluncurkan." in first.get(address).text
    assert len(tasks_of(organised)) == 1
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
    asked = hr.post(f"{address}/launch", data={"csrf_token": token_of(page), "sure": "yes"})
    work(organised)
    assert "pilih waktu yang baru" in hr.get(asked.location).text
    assert "Luncurkan" in hr.get(address).text, "the draft can be mended and launched"


def test_an_open_round_shows_progress_in_steps_and_what_acceptance_means(hr: FlaskClient, opened: UUID) -> None:
    page = hr.get(f"/console/rounds/{opened}").text
    assert "Keadaan per" in page and "ditampilkan bertahap" in page
    assert "bukan berarti sampai" in page
    assert "Kirim pengingat" in page and "Tutup lebih awal" in page
    assert "Luncurkan" not in page and "/steps/" not in page


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
    assert "Pengingat dikirim kepada" in hr.get(address).text
    send(hr, f"{address}/remind", page=address)
    assert "kelipatan lima: &lt;5" in hr.get(address).text
    with organised.engine.connect() as connection:
        wanted = {row.wanted for row in connection.execute(letter.select())}
    assert "reminder" in wanted


def test_after_an_outage_hr_is_offered_the_time_back_once(
    hr: FlaskClient, opened: UUID, organised: Context, watch: Watch
) -> None:
    address, end = f"/console/rounds/{opened}", round_row(organised.engine, opened).closes_at
    assert "Survei sempat tidak tersedia" not in hr.get(address).text
    gone = end - timedelta(hours=3)
    for at in (gone, gone + timedelta(hours=2)):
        with transaction(organised.engine) as session:
            outages.notice(session, at)
    watch.pass_by(gone + timedelta(hours=2) - watch())
    hr = _again(hr)
    assert "Perpanjang 2 jam<" in hr.get(address).text and "tidak berjalan selama 2 jam." in hr.get(address).text
    assert "Putuskan perpanjangannya" in hr.get("/console/").text
    send(hr, f"{address}/outage", page=address, answer="extend")
    assert round_row(organised.engine, opened).closes_at == end + timedelta(hours=2)
    assert "Batas waktu sekarang" in hr.get(address).text
    send(hr, f"{address}/outage", page=address, answer="extend")
    assert round_row(organised.engine, opened).closes_at == end + timedelta(hours=2)
    assert "Tidak ada gangguan yang perlu diputuskan" in hr.get(address).text


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


def test_a_policy_that_counts_other_behaviours_is_said_before_the_launch(
    hr: FlaskClient, draft: UUID, organised: Context
) -> None:
    page = f"/console/rounds/{draft}"
    assert "saling cocok" in hr.get(page).text
    send(hr, f"{page}/steps/form", questionnaire_id=_form(organised, "berakhlak"), policy="pp30-360", revision="1")
    text = hr.get(page).text
    assert "menghitung perilaku yang lain" in text and re.search(r'class="button large" disabled', text)
    assert f'href="{page}/steps/form"' in text


def _form(context: Context, code: str) -> str:
    with reading(context.engine) as session:
        return str(next(one.id for one in questionnaires.listing(session) if one.code == code))


def test_after_the_close_a_bar_follows_the_way_to_the_scores(
    hr: FlaskClient, opened: UUID, organised: Context, watch: Watch
) -> None:
    page, ratees = f"/console/rounds/{opened}", count(organised.engine, ratee)

    def seen(stage: str) -> dict[str, object]:
        text = hr.get(page).text
        assert f'data-task="{page}/way?in={stage}"' in text
        assert hr.get(f"{page}/way?in=nonsense").json == {"over": True}
        return hr.get(f"{page}/way?in={stage}").json

    def do(act: Callable[..., object], *values: object) -> None:
        with transaction(organised.engine) as session:
            act(session, *values)

    assert "data-task" not in hr.get(page).text
    send(hr, f"{page}/close")
    assert seen("handing") == {"over": False, "done": 0, "total": ratees}
    do(closing.hand_over, watch(), 10)
    assert seen("handing") == {"over": False, "done": 10, "total": ratees}
    do(closing.hand_over, watch(), ratees)
    do(closing.hand_over, watch())
    assert seen("counting") == {"over": False, "done": 0, "total": 0}
    root = str(round_row(organised.engine, opened).merkle_root)
    do(closing.counted, opened, root, 0, 0, watch())
    assert seen("scoring")["over"] is False and f"/console/results/{opened}" in hr.get(page).text
    do(advancing.advance, opened, "scored")
    assert hr.get(f"{page}/way?in=scoring").json == {"over": True}
    assert "data-task" not in hr.get(page).text


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


def test_the_list_of_rounds_counts_for_a_unit_administrator_the_own_units_only(
    app: Flask, hr: FlaskClient, opened: UUID, organised: Context
) -> None:
    with transaction(organised.engine) as session:
        own = set(session.scalars(directory.below("Sekretariat")))
        invited = {row.unit: row.count for row in session.execute(INVITED_OF).all()}
        accounts.add_account(session, "sekar", "Sekar", "unit_admin", "Sekretariat", PASSWORD, organised.clock())
    ours, everybody = sum(invited.get(unit, 0) for unit in own), sum(invited.values())
    assert 0 < ours < everybody
    sekar = app.test_client()
    send(sekar, "/console/sign-in", login="sekar", password=PASSWORD)
    for client, number in ((sekar, ours), (hr, everybody)):
        found = re.search(r"dari (\d+) undangan", client.get("/console/").text)
        assert found and found[1] == str(number)


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
