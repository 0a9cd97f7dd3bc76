from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from shared import sealing
from shared.errors import Refused
from shared.events import Event
from survey_service.tables import invitation, letter
from survey_service.usecases import closing, letters
from tests.integration.survey.conftest import Office
from tests.people_files import nip


def letter_of(office: Office, rater: str) -> sa.Row[object]:
    [row] = office.ask(sa.select(letter).where(letter.c.rater == rater))
    return row


def requests(office: Office, **facts: object) -> list[Event]:
    return [
        one
        for one in office.events("letter.requested.v1")
        if all(one.data[name] == value for name, value in facts.items())
    ]


def pending_of(office: Office, rater: str) -> set[object]:
    query = sa.select(invitation.c.id).where(invitation.c.rater == rater, invitation.c.state == "pending")
    return {row.id for row in office.ask(query)}


def test_a_reminder_goes_to_those_who_have_not_answered_and_names_only_what_is_pending(office: Office) -> None:
    round_id = office.open()
    office.set_states(round_id, "answered", invitation.c.rater == nip(2))
    office.set_states(round_id, "answered", invitation.c.rater == nip(3), invitation.c.relation == "peer")
    office.set_states(round_id, "declined", invitation.c.rater == nip(4))
    day = office.now.date() + timedelta(days=1)
    assert office.do(letters.remind, round_id, office.now, day) == 23
    office.dispatch()
    reminders = {
        one.data["letter_id"]: one for one in office.events("letter.requested.v1") if one.data["kind"] == "reminder"
    }
    assert letter_of(office, nip(2)).id not in reminders and letter_of(office, nip(4)).id not in reminders
    assert set(reminders[letter_of(office, nip(3)).id].data["pending"]) == pending_of(office, nip(3))
    assert len(reminders) == 23


def test_a_reminder_carries_the_same_sealed_links(office: Office) -> None:
    round_id = office.open()
    office.do(letters.remind, round_id, office.now, office.now.date() + timedelta(days=1))
    office.dispatch()
    found = [
        one for one in office.events("letter.requested.v1") if one.data["letter_id"] == letter_of(office, nip(5)).id
    ]
    assert [one.data["kind"] for one in found] == ["invitation", "reminder"]
    assert found[0].data["sealed"] == found[1].data["sealed"] and found[0].id != found[1].id


def test_at_most_one_mail_a_day(office: Office) -> None:
    round_id = office.open()
    today = office.now.date()
    assert office.do(letters.remind, round_id, office.now, today) == 0, "the invitation left today"
    tomorrow = today + timedelta(days=1)
    assert office.do(letters.remind, round_id, office.now, tomorrow) == 25
    assert office.do(letters.remind, round_id, office.now, tomorrow) == 0
    office.dispatch()
    assert office.do(letters.remind, round_id, office.now, tomorrow) == 0
    assert office.do(letters.resend, [letter_of(office, nip(5)).id], tomorrow) == 0
    assert office.do(letters.resend, [letter_of(office, nip(5)).id], tomorrow + timedelta(days=1)) == 1


def test_who_answers_after_the_reminder_was_asked_for_gets_none(office: Office) -> None:
    round_id = office.open()
    office.do(letters.remind, round_id, office.now, office.now.date() + timedelta(days=1))
    office.set_states(round_id, "answered", invitation.c.rater == nip(2))
    office.dispatch()
    asked = [
        one.data["letter_id"] for one in office.events("letter.requested.v1") if one.data["kind"] == "reminder"
    ]
    assert len(asked) == 24 and letter_of(office, nip(2)).id not in asked
    assert letter_of(office, nip(2)).wanted is None


def test_only_an_open_round_reminds(office: Office) -> None:
    round_id = office.launched()
    with pytest.raises(Refused, match="round_not_open"):
        office.do(letters.remind, round_id, office.now, office.now.date())


def test_mails_set_the_state_of_their_letter_and_the_last_word_counts(office: Office) -> None:
    office.open()
    one, two, three = (letter_of(office, nip(number)).id for number in (1, 2, 3))
    outcomes = [(one, None), (two, "permanent"), (three, "temporary"), (three, None), (uuid4(), None)]
    office.do(letters.settle_mails, outcomes)
    found = [(letter_of(office, nip(n)).state, letter_of(office, nip(n)).reason) for n in (1, 2, 3, 4)]
    assert found == [("accepted", None), ("refused", "permanent"), ("accepted", None), ("requested", None)]


def test_sealed_links_go_when_nothing_is_pending(office: Office) -> None:
    round_id = office.open()
    assert office.do(letters.forget_done) == 0
    office.set_states(round_id, "answered", invitation.c.rater == nip(2))
    assert office.do(letters.forget_done) == 1
    assert letter_of(office, nip(2)).sealed is None and letter_of(office, nip(3)).sealed is not None
    office.do(closing.close, round_id, office.now, "hr")
    assert office.count(letter, letter.c.sealed.is_not(None)) == 0


def test_letters_leave_in_bounded_batches(office: Office) -> None:
    round_id = office.launched()
    office.give_key(round_id)
    assert [office.do(letters.dispatch, office.now, 10) for _ in range(4)] == [10, 10, 5, 0]
    ids = [one.data["letter_id"] for one in office.events("letter.requested.v1")]
    assert len(ids) == len(set(ids)) == 25


def retired(office: Office) -> list[object]:
    return [one.data["fingerprint"] for one in office.events("notifier.key.retired.v1")]


def test_the_key_of_letters_is_retired_when_no_open_round_needs_it(office: Office) -> None:
    first = office.open()
    second = office.create(
        name="Survei kedua", opens_at=office.now + timedelta(days=1), closes_at=office.now + timedelta(days=9)
    )
    office.launch(second)
    office.do(closing.close, first, office.now, "hr")
    assert retired(office) == [], "the second round has letters that still open with it"
    office.do(closing.cancel, second, "Survei kedua", office.now, "hr")
    name = sealing.fingerprint(sealing.public_part(office.notifier_key))
    assert retired(office) == [name]
    third = office.create(
        name="Survei ketiga", opens_at=office.now + timedelta(days=1), closes_at=office.now + timedelta(days=9)
    )
    with pytest.raises(Refused, match="notifier_key_missing"):
        office.launch(third)
    office.notifier_key = sealing.make_key()
    office.meet_notifier()
    office.launch(third)


def test_a_key_that_no_letter_was_sealed_to_stays(office: Office) -> None:
    first = office.open()
    office.notifier_key = sealing.make_key()
    office.meet_notifier()
    office.do(closing.close, first, office.now, "hr")
    assert retired(office) == []
    office.launch(office.create(name="Survei kedua"))
