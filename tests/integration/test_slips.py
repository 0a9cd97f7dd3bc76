"""Slips at the notifier: kept sealed, opened only to print, gone when answering ends."""

import stat
from pathlib import Path
from typing import Any

import pytest
import segno
import sqlalchemy as sa
from click.testing import CliRunner

from notifier.tables import mail, slip
from shared.database import reading
from tests.post_office import MIGRATIONS, NOON, Office, link

LIST = {"link": f"https://survey.test/s#l.{'L' * 22}.{'S' * 43}", "code": "LIST-CANARY"}
FIRST, SECOND = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"


@pytest.fixture
def office(new_engine: Any, tmp_path: Path) -> Office:
    return Office(new_engine(MIGRATIONS), tmp_path)


def ask(office: Office, **changes: Any) -> Any:
    return office.request("", kind="slip", **changes)


def run(office: Office, *arguments: str) -> Any:
    [command] = [one for one in office.service.commands if one.name == "slips"]
    return CliRunner().invoke(command, [str(one) for one in arguments])


def kept(office: Office) -> list[Any]:
    with reading(office.engine) as session:
        return list(session.execute(sa.select(slip)))


def test_a_slip_is_kept_and_never_mailed(office: Office) -> None:
    event = ask(office)
    office.hear(event)
    office.hear(event)
    office.empty()
    [row] = kept(office)
    with reading(office.engine) as session:
        assert session.execute(sa.select(mail)).all() == []
    assert "CANARY" not in repr(tuple(row)) and "Raterwati" not in repr(tuple(row))
    assert [kind for kind, _ in office.told() if kind.startswith("mail.")] == []


def test_the_sheet_has_what_its_reader_needs(office: Office, tmp_path: Path) -> None:
    event = ask(office, links=[link(FIRST, relation="supervisor", sole=True), link(SECOND)])
    office.hear(event)
    file = tmp_path / "slips.html"
    done = run(office, event.data["round_id"], "--out", file)
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page = file.read_text()
    for words in (
        "Rina Raterwati",
        "Ratee 11111111",
        "Ratee 22222222",
        "CODECANARY-11111111",
        "https://survey.test/s",
    ):
        assert words in page
    assert "satu-satunya pejabat penilai" in page and "Batas waktu: Senin, 30 November 2026" in page
    assert "http" not in page.replace("https://survey.test/s", "").replace("http://www.w3.org/2000/svg", "")
    again = run(office, event.data["round_id"], "--out", file)
    assert again.exit_code == 1 and "exists already" in again.output
    [printed] = [data for kind, data in office.told() if kind == "slips.printed.v1"]
    assert printed["sheets"] == 1 and printed["by"].startswith("operator")
    assert "Raterwati" not in repr(printed), "it was printed once: a file that is there already is none"


def test_several_ratees_are_one_code_and_one_qr(office: Office) -> None:
    links = [link(FIRST), link(SECOND)]
    event = office.request("", kind="slip", links=links, whole=LIST)
    office.hear(event)
    page = run(office, event.data["round_id"]).output
    assert LIST["code"] in page and "CODECANARY" not in page
    assert segno.make(LIST["link"], error="m").svg_inline(scale=4, border=4) in page


def test_slips_go_when_answering_ends_and_with_their_key(office: Office) -> None:
    event, later = ask(office), ask(office, closes_at=NOON.replace(month=12))
    office.hear(event, later)
    office.clock.pass_by(days=7)
    assert "There are no slips" in run(office, event.data["round_id"]).output
    office.work("tidying")
    assert [row.letter_id for row in kept(office)] == [later.data["letter_id"]]
    [name] = {row.fingerprint for row in kept(office)}
    from notifier.usecases import retire
    from shared.database import transaction

    with transaction(office.engine) as session:
        retire(session, [name], office.clock())
    assert kept(office) == []


def test_a_letter_that_cannot_be_opened_is_said_and_nothing_is_printed(office: Office) -> None:
    event = ask(office, fingerprint="0" * 64)
    office.hear(event)
    done = run(office, event.data["round_id"])
    assert done.exit_code == 1 and "cannot be opened" in done.output and "Raterwati" not in done.output
