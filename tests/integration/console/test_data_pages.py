"""What was deleted and what is kept, the archive, and the audit trail of reading."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shared import audit
from shared.audit import entry
from shared.database import reading, transaction
from shared.events import Event, RoundKeyDestroyed, event_id
from shared.service import Context
from survey_service.service import build
from survey_service.tables import box, draft, invitation, letter, progress, ratee, receipt_list, round_
from survey_service.usecases import advancing, closing, sweeping
from tests.integration.console.conftest import Watch, count, round_row, send

DATA = "/console/data"


def finished(context: Context, round_id: UUID) -> None:
    """Bring an open round to ``final`` as scoring would."""
    with transaction(context.engine) as session:
        closing.close(session, round_id, context.clock(), "test")
    with transaction(context.engine) as session:
        while closing.hand_over(session, context.clock()):
            pass
        root = session.scalar(sa.select(round_.c.merkle_root))
        closing.counted(session, round_id, str(root), 0, 0, context.clock())
        advancing.advance(session, round_id, "final")


def things(page: str) -> dict[str, str]:
    return dict(re.findall(r'<th scope="row">([^<]+)</th>\s*<td data-label="Now"><span class="badge (\w+)"', page))


def test_the_record_tells_what_is_there_now_and_when_the_rest_went(
    hr: FlaskClient, organised: Context, opened: UUID
) -> None:
    assert set(things(hr.get(f"{DATA}?lang=en").text).values()) == {"warn"}, "everything of an open round is there"
    with transaction(organised.engine) as session:
        session.execute(sa.update(letter).values(sealed=None))
    assert set(things(hr.get(DATA).text).values()) == {"warn"}, "that nothing is pending is not said before the end"
    finished(organised, opened)
    sweeping.sweep(organised.engine)
    page = hr.get(DATA).text
    found = things(page)
    assert [name for name, verdict in found.items() if verdict == "warn"] == [
        "Who was asked about whom, and whether they answered"
    ]
    assert [count(organised.engine, table) for table in (box, draft)] == [0, 0]
    with reading(organised.engine) as session:
        at = session.scalar(sa.select(entry.c.at).where(entry.c.action == "round.counted"))
    assert at is not None and str(at.year) in page
    assert "Sealed answers" in page and "Until" in page and "<code>invitation</code>" in page


def test_an_archived_round_forgets_its_raters_and_keeps_results(
    hr: FlaskClient, organised: Context, opened: UUID
) -> None:
    address = f"/console/rounds/{opened}/archive"
    assert hr.get(address).status_code == 303, "an open round is not archived"
    finished(organised, opened)
    sweeping.sweep(organised.engine)
    kept = {table: count(organised.engine, table) for table in (ratee, receipt_list, progress)}
    wrong = send(hr, address, name="Triwulan")
    assert wrong.status_code == 409 and 'id="name-fault"' in wrong.text and 'value="Triwulan"' in wrong.text
    assert count(organised.engine, invitation) > 0
    assert send(hr, address, name=" Triwulan IV 2026 ").status_code == 303
    assert [count(organised.engine, table) for table in (invitation, letter)] == [0, 0]
    assert {table: count(organised.engine, table) for table in kept} == kept
    row = round_row(organised.engine, opened)
    assert (row.state, row.swept) == ("archived", False)
    assert sweeping.sweep(organised.engine) == 1
    assert "warn" not in things(hr.get(f"{DATA}?lang=en").text).values()
    assert hr.get(f"/console/rounds/{opened}").status_code == 200
    assert hr.get(address).status_code == 303, "once is enough"


def test_an_english_page_names_the_office_in_english(hr: FlaskClient, organised: Context, draft: UUID) -> None:
    for address in (DATA, "/s", "/s/resend", "/console/nowhere"):
        assert "the personnel office of your unit" in hr.get(f"{address}?lang=en").text
        assert "petugas kepegawaian di unit kerja Anda" in hr.get(f"{address}?lang=id").text


def test_the_key_of_a_cancelled_round_is_gone_when_scoring_says_so(
    hr: FlaskClient, organised: Context, opened: UUID
) -> None:
    with transaction(organised.engine) as session:
        closing.cancel(session, opened, "Triwulan IV 2026", organised.clock(), "test")
    key = "Key that opens answers (at the scoring service)"
    assert things(hr.get(f"{DATA}?lang=en").text)[key] == "warn"
    event = Event.make(
        RoundKeyDestroyed,
        id=event_id(RoundKeyDestroyed.type, opened),
        subject=str(opened),
        time=organised.clock(),
        data={"round_id": opened, "fingerprint": "5e" * 32},
    )
    with transaction(organised.engine) as session:
        build(organised).handlers[event.type](session, [event])
    assert things(hr.get(f"{DATA}?lang=en").text)[key] == "good"
    assert "Key of a cancelled round destroyed" in hr.get("/console/audit?lang=en").text


@pytest.mark.parametrize(
    "state", ["draft", "preparing", "open", "closed", "counted", "scored", "released", "archived"]
)
def test_only_what_is_over_is_archived(hr: FlaskClient, organised: Context, opened: UUID, state: str) -> None:
    with transaction(organised.engine) as session:
        session.execute(sa.update(round_).values(state=state))
    before = count(organised.engine, invitation)
    answer = send(hr, f"/console/rounds/{opened}/archive", "/console/account", name="Triwulan IV 2026")
    assert answer.status_code == 409
    assert count(organised.engine, invitation) == before > 0


def reads(context: Context) -> list[tuple[str, str]]:
    with reading(context.engine) as session:
        query = sa.select(entry.c.action, entry.c.about).where(entry.c.action.like("%.read"))
        found = [(row.action, row.about) for row in session.execute(query.order_by(entry.c.position))]
        assert audit.broken_at(session) is None
    return found


def test_reading_is_recorded_once_a_day_and_names_no_rater(
    hr: FlaskClient, signed_in, organised: Context, opened: UUID, watch: Watch
) -> None:
    with reading(organised.engine) as session:
        one = session.scalars(sa.select(letter.c.id)).first()
    pages = ("/console/people", "/console/people?q=a", f"/console/rounds/{opened}/mails")
    for address in (*pages, *pages, f"/console/rounds/{opened}/mails/{one}", "/console/", "/console/rounds/new"):
        assert hr.get(address).status_code == 200
    assert hr.get("/console/people/nobody").status_code == 404
    assert reads(organised) == [("people.read", "people"), ("letters.read", str(opened))]
    signed_in("viewer").get("/console/people")
    signed_in("auditor").get("/console/audit")
    assert reads(organised)[2:] == [("people.read", "people"), ("audit.read", "audit")]
    watch.pass_by(timedelta(days=1))
    signed_in("hr").get("/console/people")
    assert len(reads(organised)) == 5


def test_the_trail_is_filtered_by_person_act_and_day(hr: FlaskClient, organised: Context, draft: UUID) -> None:
    hr.get("/console/people")
    page = hr.get("/console/audit?lang=en&action=people.read").text
    rows = re.findall(r'data-label="What">([^<]+)', page)
    assert rows == ["People looked at"]
    assert "The chain is whole" in page
    assert '<option value="people.read" selected>' in page
    sari = re.search(r'<option value="([0-9a-f-]{36})">Sari</option>', page)
    assert sari, "people are chosen by name"
    whole = hr.get(f"/console/audit?actor={sari.group(1)}").text
    assert set(re.findall(r'data-label="Who">([^<]+)', whole)) == {"Sari"}
    assert "No entry fits" in hr.get("/console/audit?until=2001-01-01").text
    assert 'id="since-fault"' in hr.get("/console/audit?since=kemarin").text
