"""Slips for people without an address: asked for once, told to the notifier alone, audited without names."""

import pytest
import sqlalchemy as sa

from shared.audit import entry
from shared.errors import Refused
from survey_service.tables import letter
from survey_service.usecases import letters
from tests.integration.survey.conftest import Office
from tests.people_files import agency


@pytest.fixture
def paper(office: Office):
    rows = agency()
    mail = rows[0].index("pegawai0@kota.go.id")
    rows[3][mail], rows[4][mail], rows[5][mail] = "", "bersama@kota.go.id", "Bersama@kota.go.id"
    office.hire(rows)
    office.meet_notifier()
    round_id = office.create()
    office.launch(round_id)
    office.give_key(round_id)
    office.dispatch()
    return round_id


def slips(office: Office) -> list:
    return [one for one in office.events("letter.requested.v1") if one.data["kind"] == "slip"]


def test_each_letter_is_asked_for_once(office: Office, paper) -> None:
    assert office.do(letters.unprinted, paper) == 3 and slips(office) == []
    assert office.do(letters.want_slips, paper, office.now, "hr") == 3
    office.dispatch()
    told = slips(office)
    assert len(told) == 3 and {one.data["not_before"] for one in told} == {office.now}
    assert not any("address" in one.data for one in told)
    assert office.do(letters.unprinted, paper) == 0
    assert office.do(letters.want_slips, paper, office.now, "hr") == 0
    office.dispatch()
    assert len(slips(office)) == 3
    states = office.ask(sa.select(letter.c.state).where(letter.c.reason.is_not(None)))
    assert [row.state for row in states] == ["no_address"] * 3


def test_the_audit_says_how_many_and_nobody(office: Office, paper) -> None:
    office.do(letters.want_slips, paper, office.now, "ani")
    [row] = office.ask(sa.select(entry).where(entry.c.action == "letter.slips_wanted"))
    assert (row.actor, row.about, row.facts) == ("ani", str(paper), {"letters": 3})


def test_slips_are_made_only_while_the_round_runs(office: Office) -> None:
    office.hire()
    with pytest.raises(Refused, match="slips are made only while it runs"):
        office.do(letters.want_slips, office.create(), office.now, "hr")
