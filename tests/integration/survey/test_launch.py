import json
import threading
from collections import Counter
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from shared import sealing
from shared.errors import Refused
from shared.events import band
from survey_service import tokens
from survey_service.domain.raters import Group
from survey_service.tables import box, invitation, letter, questionnaire, ratee, round_
from survey_service.usecases import closing, launch, opening, rounds
from tests.integration.survey.conftest import PUBLIC_URL, SECRETS, Office
from tests.people_files import agency, cells, nip


def test_a_launch_freezes_ratees_and_writes_empty_boxes_for_every_relation(office: Office) -> None:
    round_id = office.launched()
    assert office.count(ratee) == 25
    found = office.ask(sa.select(box.c.ratee, box.c.relation, box.c.ballots))
    assert Counter(row.relation for row in found) == dict.fromkeys(
        ("supervisor", "peer", "subordinate", "self"), 25
    )
    assert {row.ballots for row in found} == {b""}
    assert office.ask(sa.select(round_.c.state, round_.c.launched_at)) == [("preparing", office.now)]
    assert office.ask(sa.select(questionnaire.c.code).where(questionnaire.c.locked)) == [("pp30",)]
    assert {row.round_id for row in office.ask(sa.select(letter.c.round_id))} == {round_id}


def test_ratees_stay_as_they_were_at_launch(office: Office) -> None:
    office.launched()
    office.hire([cells(0, Unit_Kerja="Kota", Unit_Induk="", Jenjang="jpt", Memimpin_Tim="ya", Nama="Lain")])
    assert office.ask(sa.select(ratee.c.name).where(ratee.c.number == nip(0))) == [("Pegawai 0",)]


def test_each_rater_gets_one_letter_that_only_the_notifier_can_open(office: Office) -> None:
    office.launched()
    opener = sealing.Opener(office.notifier_key)
    rows = office.ask(sa.select(letter))
    assert len({row.rater for row in rows}) == len(rows)
    digests = {row.id: row for row in office.ask(sa.select(invitation))}
    seen = 0
    for row in rows:
        text = json.loads(opener.open(row.sealed, sealing.letter_info(row.id)))
        assert text["to"] == f"pegawai{int(row.rater[-4:])}@kota.go.id" and text["language"] == "id"
        for link in text["links"]:
            stored = digests[UUID(link["invitation"])]
            assert stored.rater == row.rater and stored.letter_id == row.id
            assert link["sole"] == (stored.relation == "supervisor") and link["relation"] == stored.relation
            secret = tokens.read_code(link["code"])
            assert link["link"] == tokens.link(PUBLIC_URL, secret, SECRETS)
            if several := text.get("list"):
                root = tokens.read_list_code(several["code"])
                assert tokens.secret_of(root, UUID(link["invitation"])) == secret
                assert several["link"] == tokens.list_link(PUBLIC_URL, root, SECRETS)
                assert row.token_digest == tokens.digest_of(tokens.list_token_of(root))
            assert stored.token_digest == tokens.digest_of(tokens.token_of(secret))
            seen += 1
        assert ("list" in text) == (len(text["links"]) > 1) == (row.token_digest is not None)
    assert seen == len(digests)
    other = sealing.Opener(sealing.make_key())
    with pytest.raises(sealing.CannotOpen):
        other.open(rows[0].sealed, sealing.letter_info(rows[0].id))
    with pytest.raises(sealing.CannotOpen):
        opener.open(rows[0].sealed, sealing.letter_info(rows[1].id))


def test_nothing_in_the_database_opens_a_link(office: Office) -> None:
    office.launched()
    opener = sealing.Opener(office.notifier_key)
    [first, *_] = office.ask(sa.select(letter))
    text = json.loads(opener.open(first.sealed, sealing.letter_info(first.id)))
    secret = tokens.read_code(text["links"][0]["code"])
    everything = repr([office.ask(sa.select(table)) for table in (letter, invitation, ratee, box, round_)])
    for trace in (text["links"][0]["code"], text["links"][0]["link"], sealing.b64(secret), repr(secret)):
        assert trace not in everything


def test_scoring_is_told_who_is_assessed_and_never_who_is_asked(office: Office) -> None:
    round_id = office.launched()
    [launched] = office.events("round.launched.v1")
    assert launched.data["ratees"] == 25 and launched.data["roster_parts"] == 1
    assert launched.data["questionnaire"]["code"] == "pp30"
    assert [s["leadership_only"] for s in launched.data["questionnaire"]["sections"]] == [False] * 4 + [True]
    [roster] = office.events("round.roster.v1")
    invited = {one["ratee"]: one["invited"] for one in roster.data["ratees"]}
    counted: dict[str, Counter[str]] = {number: Counter() for number in invited}
    for row in office.ask(sa.select(invitation.c.ratee, invitation.c.relation)):
        counted[row.ratee][row.relation] += 1
    assert invited == counted
    superiors = {one["ratee"]: one["superior"] for one in roster.data["ratees"]}
    assert superiors[nip(2)]["number"] == nip(0) and superiors[nip(1)] is None
    assert roster.data["round_id"] == round_id


def test_the_roster_leaves_in_parts(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "ROSTER_PART", 10)
    office.launched()
    parts = office.events("round.roster.v1")
    assert [(one.data["part"], one.data["parts"], len(one.data["ratees"])) for one in parts] == [
        (1, 3, 10),
        (2, 3, 10),
        (3, 3, 5),
    ]
    assert office.events("round.launched.v1")[0].data["roster_parts"] == 3
    assert len({one.id for one in parts}) == 3


def test_no_letter_is_asked_for_before_the_round_has_its_key(office: Office) -> None:
    round_id = office.launched()
    assert office.dispatch() == 0 and office.events("letter.requested.v1") == []
    office.give_key(round_id)
    assert office.dispatch() == office.count(letter)
    requests = office.events("letter.requested.v1")
    assert len(requests) == office.count(letter)
    [row] = office.ask(sa.select(round_.c.opens_at, round_.c.closes_at))
    assert {one.data["not_before"] for one in requests} == {row.opens_at}
    assert {one.data["kind"] for one in requests} == {"invitation"}
    assert sum(len(one.data["pending"]) for one in requests) == office.count(invitation)


def test_people_without_an_address_or_sharing_one_get_paper(office: Office) -> None:
    rows = agency()
    mail = rows[0].index("pegawai0@kota.go.id")
    rows[3][mail], rows[4][mail], rows[5][mail] = "", "bersama@kota.go.id", "Bersama@kota.go.id"
    office.hire(rows)
    office.meet_notifier()
    round_id = office.create()
    assert office.launch(round_id).without_address == 3
    found = {row.rater: row for row in office.ask(sa.select(letter).where(letter.c.state == "no_address"))}
    assert {number: row.reason for number, row in found.items()} == {
        nip(3): "no_address",
        nip(4): "shared_address",
        nip(5): "shared_address",
    }
    assert all(row.sealed for row in found.values())
    office.give_key(round_id)
    assert office.dispatch() == office.count(letter) - 3


def test_without_the_notifiers_key_nothing_is_written(office: Office) -> None:
    office.hire()
    round_id = office.create()
    with pytest.raises(Refused, match="notifier_key_missing"):
        office.launch(round_id)
    assert office.count(letter) == office.count(ratee) == 0
    assert office.ask(sa.select(round_.c.state)) == [("draft",)]


def test_a_launch_without_people_is_refused(office: Office) -> None:
    office.meet_notifier()
    with pytest.raises(Refused, match="nobody_to_ask"):
        office.launch(office.create())


def test_a_launch_after_the_window_is_refused(office: Office) -> None:
    office.hire()
    office.meet_notifier()
    round_id = office.create()
    office.now = office.draft().closes_at
    with pytest.raises(Refused, match="round_over"):
        office.launch(round_id)


def test_of_two_launches_at_once_one_wins(office: Office) -> None:
    office.hire()
    office.meet_notifier()
    round_id = office.create()
    together, codes = threading.Barrier(4), []

    def attempt() -> None:
        together.wait()
        try:
            office.launch(round_id)
            codes.append("launched")
        except Refused as refusal:
            codes.append(refusal.code)

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["launched", "round_step", "round_step", "round_step"]
    assert office.count(ratee) == 25 and len(office.events("round.launched.v1")) == 1


def test_the_first_round_key_counts(office: Office) -> None:
    round_id = office.launched()
    office.give_key(round_id)
    office.give_key(round_id)
    other = sealing.public_part(sealing.make_key())
    with pytest.raises(Refused, match="round_key_differs"):
        office.do(opening.keep_round_key, round_id, other, sealing.fingerprint(other))
    with pytest.raises(Refused, match="key_invalid"):
        office.do(opening.keep_round_key, round_id, other, "0" * 64)
    with pytest.raises(Refused, match="key_invalid"):
        office.do(opening.keep_round_key, round_id, b"no key", sealing.fingerprint(b"no key"))
    with pytest.raises(Refused, match="round_unknown"):
        office.do(opening.keep_round_key, uuid4(), other, sealing.fingerprint(other))


def test_a_key_for_a_round_that_was_not_launched_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="round_key_unexpected"):
        office.give_key(office.create())


def test_the_newest_notifier_key_seals(office: Office) -> None:
    office.meet_notifier()
    office.notifier_key = sealing.make_key()
    round_id = office.launched()
    assert office.count(round_, round_.c.id == round_id) == 1
    [row] = office.ask(sa.select(letter).limit(1))
    sealing.Opener(office.notifier_key).open(row.sealed, sealing.letter_info(row.id))


def test_a_round_opens_when_its_time_has_come_and_its_key_is_there(office: Office) -> None:
    round_id = office.launched()
    late = office.draft().opens_at
    assert office.do(opening.open_due, late) == 0
    office.give_key(round_id)
    assert office.do(opening.open_due, office.now) == 0
    assert office.do(opening.open_due, late) == 1
    assert office.do(opening.open_due, late) == 0
    [opened] = office.events("round.opened.v1")
    assert opened.data["invited"] == office.count(invitation) and opened.data["ratees"] == 25


def test_a_round_that_waits_too_long_for_its_key_is_named(office: Office) -> None:
    round_id = office.launched()
    late = office.now + opening.PATIENCE * 2
    assert office.do(opening.waiting_for_key, office.now) == []
    assert office.do(opening.waiting_for_key, late) == ["Semester II 2026"]
    office.give_key(round_id)
    assert office.do(opening.waiting_for_key, late) == []


def test_a_preview_writes_nothing_and_tells_what_a_launch_does(office: Office) -> None:
    office.hire()
    office.meet_notifier()
    round_id = office.create(groups={"supervisor": Group(1, 1, 1), "peer": Group(5, 6, 8)})
    plan = office.do(launch.preview, round_id)
    assert office.count(ratee) == 0
    made = office.launch(round_id)
    assert made.shortfalls == plan.shortfalls and made.shortfalls
    assert made.invitations == sum(len(names) for one in plan.ratees for names in one.raters.values())


def test_a_launched_round_cannot_be_edited(office: Office) -> None:
    round_id = office.launched()
    with pytest.raises(Refused, match="round_not_draft"):
        office.do(rounds.edit, round_id, 1, {"threshold": 1}, office.now, "hr")


def test_a_key_that_comes_after_cancelling_is_refused(office: Office) -> None:
    round_id = office.launched()
    office.do(closing.cancel, round_id, "Semester II 2026", office.now, "hr")
    with pytest.raises(Refused, match="round_key_unexpected"):
        office.give_key(round_id)


def test_bands_are_what_leaves() -> None:
    assert [band(count) for count in (0, 2, 4, 9, 10)] == ["0", "1-2", "3-4", "5-9", "10+"]


def test_a_supervisor_of_very_many_gets_one_letter_that_still_fits(office: Office) -> None:
    office.hire([cells(0), *(cells(number, NIP_Atasan=nip(0)) for number in range(1, 701))])
    office.meet_notifier()
    round_id = office.create(groups={"supervisor": Group(1, 1, 1)})
    office.launch(round_id)
    office.give_key(round_id)
    assert office.dispatch() == 1
    assert len(office.events("letter.requested.v1")[0].data["pending"]) == 700


def test_more_ratees_than_a_letter_holds_are_refused_by_name(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "MOST_LINKS", 4)
    office.hire()
    office.meet_notifier()
    round_id = office.create(groups={"supervisor": Group(1, 1, 1)})
    with pytest.raises(Refused, match="too_many_ratees") as refused:
        office.launch(round_id)
    assert [one.where for one in refused.value.problems] == [nip(1), nip(7), nip(13), nip(19)]
    assert office.count(letter) == 0 and office.do(rounds.find, round_id).state == "draft"
