"""A running round is put right for single people, without telling who has answered."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shared import audit
from shared.errors import Refused
from shared.sealing import Opener, address_info, letter_info, unb64
from survey_service.tables import draft, invitation, letter, person
from survey_service.usecases import closing, letters, mail_queue, replacing
from tests.integration.survey.conftest import PUBLIC_URL, SECRETS, Office
from tests.people_files import nip


def one(office: Office, round_id, relation: str = "peer"):
    where = (invitation.c.round_id == round_id, invitation.c.relation == relation, invitation.c.ratee == nip(2))
    return office.ask(sa.select(invitation).where(*where).order_by(invitation.c.ratee, invitation.c.rater))[0]


def state(office: Office, found) -> str:
    return str(office.ask(sa.select(invitation.c.state).where(invitation.c.id == found.id))[0][0])


def replace(office: Office, round_id, found, rater: str) -> None:
    keys = {"public_url": PUBLIC_URL, "service_secrets": SECRETS}
    office.do(replacing.replace, round_id, found.id, rater, office.now, "hr", **keys)


def candidates(office: Office, round_id, found) -> list[str]:
    def look(session) -> list[str]:
        return [p.number for p in replacing.candidates(session, replacing.find(session, round_id, found.id))]

    return office.do(look)


def test_another_rater_of_the_same_group_gets_a_letter_and_a_link_of_their_own(office: Office) -> None:
    round_id = office.open()
    found = one(office, round_id)
    other = candidates(office, round_id, found)[0]
    before = office.count(draft)
    replace(office, round_id, found, other)
    assert state(office, found) == "revoked"
    [new] = office.ask(sa.select(invitation).where(invitation.c.ratee == found.ratee, invitation.c.rater == other))
    assert (new.relation, new.state) == ("peer", "pending")
    assert new.token_digest != found.token_digest and new.letter_id != found.letter_id
    office.dispatch()
    sent = [event for event in office.events("letter.requested.v1") if event.data["letter_id"] == new.letter_id]
    plain = json.loads(Opener(office.notifier_key).open(unb64(sent[0].data["sealed"]), letter_info(new.letter_id)))
    assert [link["invitation"] for link in plain["links"]] == [str(new.id)]
    assert office.count(draft) == before, "its place is in a row that was there"
    counts = office.do(replacing.invited, round_id, found.ratee)
    assert counts["peer"] == len(
        office.ask(
            sa.select(invitation.c.id).where(
                invitation.c.ratee == found.ratee, invitation.c.relation == "peer", invitation.c.state == "pending"
            )
        )
    )


def test_who_may_be_asked_instead_belongs_to_the_group_and_is_not_asked_yet(office: Office) -> None:
    round_id = office.open()
    found = one(office, round_id)
    fitting = candidates(office, round_id, found)
    people = {row.number: row for row in office.ask(sa.select(person))}
    about = people[found.ratee]
    asked = {row.rater for row in office.ask(sa.select(invitation).where(invitation.c.ratee == found.ratee))}
    assert fitting and not set(fitting) & (asked | {found.ratee, about.supervisor})
    assert {people[number].tier for number in fitting} == {about.tier}
    stranger = next(number for number in people if number not in fitting)
    with pytest.raises(Refused, match="rater_unfit"):
        replace(office, round_id, found, stranger)
    assert state(office, found) == "pending"


@pytest.mark.parametrize("spent", ["answered", "revoked"])
def test_a_spent_link_is_neither_replaced_nor_taken_back(office: Office, spent: str) -> None:
    round_id = office.open()
    found = one(office, round_id)
    other = candidates(office, round_id, found)[0]
    letters_before = office.count(letter)
    office.set_states(round_id, spent, invitation.c.id == found.id)
    with pytest.raises(Refused, match="link_spent"):
        replace(office, round_id, found, other)
    with pytest.raises(Refused, match="link_spent"):
        office.do(replacing.revoke, round_id, found.id, office.now, "hr")
    assert office.count(letter) == letters_before


def test_after_the_deadline_nobody_is_replaced(office: Office) -> None:
    round_id = office.open()
    found = one(office, round_id)
    other = candidates(office, round_id, found)[0]
    office.now += timedelta(days=30)
    with pytest.raises(Refused, match="link_spent"):
        replace(office, round_id, found, other)


def test_somebody_who_declined_can_be_replaced(office: Office) -> None:
    round_id = office.open()
    found = one(office, round_id)
    office.set_states(round_id, "declined", invitation.c.id == found.id)
    replace(office, round_id, found, candidates(office, round_id, found)[0])
    assert state(office, found) == "revoked"


def test_an_invitation_of_another_round_is_not_there(office: Office) -> None:
    round_id = office.open()
    found = one(office, round_id)
    other = office.create(name="Lain")
    with pytest.raises(Refused, match="invitation_unknown"):
        office.do(replacing.revoke, other, found.id, office.now, "hr")
    with pytest.raises(Refused, match="letter_unknown"):
        office.do(mail_queue.find, other, found.letter_id)


def test_more_time_for_one_keeps_the_round_open_and_tells_nothing_about_answers(office: Office) -> None:
    round_id = office.open()
    found = one(office, round_id)
    closes = office.now + timedelta(days=7)
    until = closes + timedelta(days=3)
    office.do(replacing.extend, round_id, found.rater, until, office.now, "hr")
    office.now = closes + timedelta(hours=1)
    assert office.do(closing.close_due, office.now) == 0
    office.set_states(round_id, "answered")
    office.do(replacing.extend, round_id, found.rater, until + timedelta(days=1), office.now, "hr")
    assert office.do(closing.close_due, office.now) == 1


@pytest.mark.parametrize("days", [-1, 0, 60])
def test_more_time_is_after_the_end_and_not_for_ever(office: Office, days: int) -> None:
    round_id = office.open()
    found = one(office, round_id)
    until = office.now + timedelta(days=days if days < 1 else 60)
    with pytest.raises(Refused, match="extension_unfit"):
        office.do(replacing.extend, round_id, found.rater, until, office.now, "hr")


def test_a_refused_mail_is_tried_again_at_the_mended_address(office: Office) -> None:
    round_id = office.open()
    found = one(office, round_id)
    office.do(letters.settle_mails, [(found.letter_id, "permanent")])
    office.do(
        lambda session: session.execute(
            sa.update(person).where(person.c.number == found.rater).values(email="baru@kota.go.id")
        )
    )
    office.now += timedelta(days=1)
    assert office.do(mail_queue.retry, round_id, office.now, office.now.date(), "hr") == 1
    office.dispatch()
    [event] = [one_ for one_ in office.events("letter.requested.v1") if one_.data["kind"] == "resend"]
    opened = Opener(office.notifier_key).open(unb64(event.data["address"]), address_info(found.letter_id))
    assert opened == b"baru@kota.go.id"
    assert office.do(mail_queue.retry, round_id, office.now, office.now.date(), "hr") == 0, "once a day"


def test_the_trail_never_holds_a_rater_with_a_ratee(office: Office) -> None:
    round_id = office.open()
    found, second = one(office, round_id), one(office, round_id, "supervisor")
    replace(office, round_id, found, candidates(office, round_id, found)[0])
    office.do(replacing.revoke, round_id, second.id, office.now, "hr")
    office.do(replacing.extend, round_id, found.rater, office.now + timedelta(days=9), office.now, "hr")
    office.do(mail_queue.resend_one, round_id, found.letter_id, office.now, office.now.date(), "hr")
    entries = office.ask(audit.entry.select().where(audit.entry.c.action.not_like("round.launched")))
    acts = {entry.action for entry in entries}
    assert acts >= {"invitation.replaced", "invitation.revoked", "round.extended_for_one", "letter.resent"}
    for entry in entries:
        words = json.dumps(entry.facts)
        assert not ("ratee" in entry.facts and "rater" in entry.facts)
        assert not (found.rater in words and found.ratee in words)
