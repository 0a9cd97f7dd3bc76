"""Single raters of a running round, through the pages."""

import re
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from flask.testing import FlaskClient

from shared.database import reading, transaction
from shared.service import Context
from survey_service.tables import invitation, letter
from survey_service.usecases import replacing
from tests.integration.console.conftest import Watch, send


def a_peer(context: Context, round_id: UUID):
    """A peer whose ratee could be assessed by somebody else as well."""
    with reading(context.engine) as session:
        rows = session.execute(sa.select(invitation.c.id).where(invitation.c.relation == "peer").limit(30)).all()
        for row in rows:
            one = replacing.find(session, round_id, row.id)
            if found := replacing.candidates(session, one):
                return session.execute(sa.select(invitation).where(invitation.c.id == one.id)).one(), found[
                    0
                ].number
    raise AssertionError("nobody to ask instead")


def test_answered_and_not_answered_look_the_same(hr: FlaskClient, organised: Context, opened: UUID) -> None:
    one, _ = a_peer(organised, opened)
    address = f"/console/rounds/{opened}/mails/{one.letter_id}"

    def page() -> str:
        return re.sub(r'name="csrf_token" value="[^"]+"', "", hr.get(address).text)

    before = page()
    with transaction(organised.engine) as session:
        session.execute(sa.update(invitation).where(invitation.c.id == one.id).values(state="answered"))
    assert page() == before
    with transaction(organised.engine) as session:
        session.execute(sa.update(invitation).where(invitation.c.id == one.id).values(state="declined"))
    assert "Tidak bersedia" in page()


def test_a_rater_is_replaced_and_the_forecast_is_shown_again(
    hr: FlaskClient, organised: Context, opened: UUID
) -> None:
    one, other = a_peer(organised, opened)
    address = f"/console/rounds/{opened}/invitations/{one.id}/replace"
    assert "Jika yang mengisi" in hr.get(address).text
    refused = send(hr, address, rater="123")
    assert refused.status_code == 422 and 'id="rater-fault"' in refused.text and 'value="123"' in refused.text
    assert send(hr, address, rater=other).status_code == 303
    with reading(organised.engine) as session:
        assert session.scalar(sa.select(invitation.c.state).where(invitation.c.id == one.id)) == "revoked"


def test_a_link_is_taken_back_after_one_more_question(hr: FlaskClient, organised: Context, opened: UUID) -> None:
    one, _ = a_peer(organised, opened)
    address = f"/console/rounds/{opened}/invitations/{one.id}/revoke"
    assert "tidak dapat diurungkan" in hr.get(address).text
    assert send(hr, address).status_code == 303
    send(hr, address)
    assert "tidak dapat ditarik" in hr.get(f"/console/rounds/{opened}").text


def test_more_time_says_what_does_not_fit_beside_the_field(
    hr: FlaskClient, organised: Context, opened: UUID, watch: Watch
) -> None:
    one, _ = a_peer(organised, opened)
    page = f"/console/rounds/{opened}/mails/{one.letter_id}"
    for until in ("besok", watch().strftime("%Y-%m-%dT%H:%M")):
        refused = send(hr, f"{page}/extend", page=page, until=until)
        assert refused.status_code == 422 and 'id="until-fault"' in refused.text
    later = (watch() + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M")
    assert send(hr, f"{page}/extend", page=page, until=later).status_code == 303
    with reading(organised.engine) as session:
        assert session.scalar(sa.select(invitation.c.extended_to).where(invitation.c.id == one.id))


def test_refused_mails_are_found_and_tried_again(
    hr: FlaskClient, organised: Context, opened: UUID, watch: Watch
) -> None:
    one, _ = a_peer(organised, opened)
    with transaction(organised.engine) as session:
        chosen = sa.update(letter).where(letter.c.id == one.letter_id)
        session.execute(chosen.values(state="refused", reason="permanent", requested_on=None))
    page = f"/console/rounds/{opened}/mails"
    found = hr.get(f"{page}?state=refused").text
    assert found.count('scope="row"') == 1 and "alamat salah" in found
    assert "Perbaiki alamatnya" in hr.get(f"{page}/{one.letter_id}").text
    send(hr, f"{page}/retry", page=page)
    assert "kelipatan lima: &lt;5" in hr.get(page).text, "an exact number would tell who has answered"
    assert "bukan berarti sampai" in hr.get(page).text
