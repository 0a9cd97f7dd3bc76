import hashlib
import os
import threading
import time
from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from shared import sealing
from shared.database import transaction
from shared.errors import Refused
from survey_service.domain import boxes
from survey_service.tables import box, invitation, letter, round_
from survey_service.tokens import digest_of
from survey_service.usecases import accepting, closing, progress, questionnaires
from tests.integration.survey.conftest import Office
from tests.people_files import nip

NAME = "Semester II 2026"


def size_of(office: Office) -> int:
    body = office.do(lambda session: questionnaires.listing(session))[1].body
    assert body["code"] == "pp30"
    return questionnaires.ballot_size(body)


def answer(office: Office, round_id: UUID, ratee: str, relation: str, ballots: int) -> list[bytes]:
    """Put ballots into a box as submissions do."""
    made = [os.urandom(size_of(office)) for _ in range(ballots)]
    content = boxes.join(made)
    where = (box.c.round_id == round_id, box.c.ratee == ratee, box.c.relation == relation)
    office.do(lambda session: session.execute(sa.update(box).where(*where).values(ballots=content)))
    return made


def hand_over(office: Office, limit: int = 7) -> int:
    steps = 0
    while office.do(closing.hand_over, office.now, limit):
        steps += 1
    return steps


def closed(office: Office) -> tuple[UUID, dict[tuple[str, str], list[bytes]]]:
    round_id = office.open()
    filled = {
        (nip(2), "peer"): answer(office, round_id, nip(2), "peer", 4),
        (nip(2), "supervisor"): answer(office, round_id, nip(2), "supervisor", 1),
        (nip(9), "peer"): answer(office, round_id, nip(9), "peer", 3),
    }
    office.set_states(round_id, "answered", invitation.c.ratee == nip(2))
    office.do(closing.close, round_id, office.now, "hr")
    return round_id, filled


def test_every_ratee_leaves_once_with_all_boxes_also_when_empty(office: Office) -> None:
    _, filled = closed(office)
    hand_over(office)
    events = office.events("ballots.sealed.v1")
    assert Counter(one.data["ratee"] for one in events) == dict.fromkeys(map(nip, range(25)), 1)
    for one in events:
        assert set(one.data["boxes"]) == {"supervisor", "peer", "subordinate", "self"}
        for relation, ballots in one.data["boxes"].items():
            expected = filled.get((one.data["ratee"], relation), [])
            assert [sealing.unb64(text) for text in ballots] == sorted(
                expected, key=lambda ballot: hashlib.sha256(ballot).digest()
            )


def test_the_manifest_comes_last_and_commits_to_every_ballot(office: Office) -> None:
    round_id, filled = closed(office)
    hand_over(office)
    hashes = [hashlib.sha256(ballot).digest() for ballots in filled.values() for ballot in ballots]
    [manifest], [told] = office.events("round.sealed.v1"), office.events("round.closed.v1")
    assert manifest.data == {
        "round_id": round_id,
        "messages": 25,
        "ballots": 8,
        "merkle_root": sealing.merkle_root(hashes),
    }
    assert told.data["merkle_root"] == manifest.data["merkle_root"]
    answered = office.count(invitation, invitation.c.state == "answered")
    assert (told.data["answered"], told.data["invited"]) == (answered, office.count(invitation))


def test_completed_surveys_are_told_in_bands(office: Office) -> None:
    closed(office)
    hand_over(office)
    told = {one.data["ratee"]: one.data["groups"] for one in office.events("survey.completed.v1")}
    assert told[nip(2)] == {
        "supervisor": {"invited": "1-2", "answered": "1-2"},
        "peer": {"invited": "3-4", "answered": "3-4"},
    }
    assert set(told) == set(map(nip, range(25)))
    assert all(
        group["answered"] == "0" for number, groups in told.items() if number != nip(2) for group in groups.values()
    )


def test_handing_over_goes_on_after_a_crash(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    closed(office)
    real, calls = closing.outbox.publish, count(1)

    def stumble(*args: Any) -> None:
        real(*args)
        if next(calls) % 3 == 0:
            raise RuntimeError("power cut")

    monkeypatch.setattr(closing.outbox, "publish", stumble)
    for _ in range(100):
        try:
            if not office.do(closing.hand_over, office.now, 4):
                break
        except RuntimeError:
            continue
    ids = [one.id for kind in ("ballots.sealed.v1", "round.sealed.v1") for one in office.events(kind)]
    assert len(ids) == len(set(ids)) == 26


def test_two_workers_hand_over_nothing_twice(office: Office) -> None:
    closed(office)

    def work() -> None:
        for _ in range(60):
            office.do(closing.hand_over, office.now, 2)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(office.events("ballots.sealed.v1")) == 25 and len(office.events("round.sealed.v1")) == 1


def test_an_open_round_hands_over_nothing(office: Office) -> None:
    office.open()
    assert office.do(closing.hand_over, office.now) == 0


def test_the_clock_closes_but_not_before_the_last_personal_extension(office: Office) -> None:
    round_id = office.open()
    end = office.ask(sa.select(round_.c.closes_at))[0].closes_at
    later = end + timedelta(days=1)
    extend = sa.update(invitation).where(invitation.c.rater == nip(3)).values(extended_to=later)
    office.do(lambda session: session.execute(extend))
    assert office.do(closing.close_due, end - timedelta(seconds=1)) == 0
    assert office.do(closing.close_due, end) == 0
    office.set_states(round_id, "answered", invitation.c.rater == nip(3))
    assert office.do(closing.close_due, end) == 1
    assert office.do(closing.close_due, end) == 0


def test_an_extension_ends_with_its_time(office: Office) -> None:
    office.open()
    later = office.draft().closes_at + timedelta(days=1)
    extend = sa.update(invitation).where(invitation.c.rater == nip(3)).values(extended_to=later)
    office.do(lambda session: session.execute(extend))
    assert office.do(closing.close_due, later) == 1


def test_counted_deletes_boxes_and_links(office: Office) -> None:
    round_id, _ = closed(office)
    hand_over(office)
    [row] = office.ask(sa.select(round_.c.merkle_root))
    with pytest.raises(Refused, match="merkle_root_differs"):
        office.do(closing.counted, round_id, "0" * 64, 8, 0, office.now)
    assert office.count(box) == 100
    office.do(closing.counted, round_id, row.merkle_root, 7, 1, office.now)
    assert office.count(box) == 0 and office.count(letter, letter.c.sealed.is_not(None)) == 0
    assert office.ask(sa.select(round_.c.state, round_.c.counted, round_.c.refused)) == [("counted", 7, 1)]
    with pytest.raises(Refused, match="round_step"):
        office.do(closing.counted, round_id, row.merkle_root, 7, 1, office.now)


def test_counted_before_everything_left_is_refused(office: Office) -> None:
    round_id, _ = closed(office)
    with pytest.raises(Refused, match="merkle_root_differs"):
        office.do(closing.counted, round_id, "0" * 64, 0, 0, office.now)
    assert office.count(box) == 100


def test_closing_twice_is_refused(office: Office) -> None:
    round_id, _ = closed(office)
    with pytest.raises(Refused, match="The round is closed; from there it cannot become closed"):
        office.do(closing.close, round_id, office.now, "hr")


def test_cancelling_asks_for_the_name_and_deletes_ballots_and_links(office: Office) -> None:
    round_id = office.open()
    answer(office, round_id, nip(2), "peer", 2)
    with pytest.raises(Refused, match="round_name_differs"):
        office.do(closing.cancel, round_id, "semester ii 2026", office.now, "hr")
    office.do(closing.cancel, round_id, NAME, office.now, "hr")
    assert office.count(box) == 0 and office.count(letter, letter.c.sealed.is_not(None)) == 0
    assert len(office.events("round.cancelled.v1")) == 1
    with pytest.raises(Refused, match="round_step"):
        office.do(closing.cancel, round_id, NAME, office.now, "hr")


def test_a_cancelled_draft_is_told_to_nobody(office: Office) -> None:
    office.do(closing.cancel, office.create(), NAME, office.now, "hr")
    assert office.events("round.cancelled.v1") == []


def test_a_closed_round_cannot_be_cancelled(office: Office) -> None:
    round_id, _ = closed(office)
    with pytest.raises(Refused, match="round_step"):
        office.do(closing.cancel, round_id, NAME, office.now, "hr")


def give_tokens(office: Office) -> list[bytes]:
    """Tokens that fit the invitations, in any order."""
    found = office.ask(sa.select(invitation.c.id).order_by(invitation.c.id))
    tokens = {one.id: os.urandom(32) for one in found}
    digests = [{"which": one, "digest": digest_of(token)} for one, token in tokens.items()]
    named = sa.update(invitation).where(invitation.c.id == sa.bindparam("which"))
    office.do(
        lambda session: session.connection().execute(named.values(token_digest=sa.bindparam("digest")), digests)
    )
    return list(tokens.values())


def test_submissions_racing_with_close_are_in_the_batch_or_refused(office: Office) -> None:
    """Raters follow each other without a gap, so that whoever closes always finds somebody inside."""
    round_id, size, tokens = office.open(), size_of(office), give_tokens(office)
    accepted: list[bytes] = []
    refused: list[str] = []

    def rate(part: list[bytes]) -> None:
        for token in part:
            ballot = b"\x04" + os.urandom(size - 1)
            try:
                with transaction(office.engine) as session:
                    accepting.submit(session, token, ballot, office.now)
                    time.sleep(0.01)
            except Refused as refusal:
                refused.append(refusal.code)
            else:
                accepted.append(ballot)

    threads = [threading.Thread(target=rate, args=(tokens[at::6],)) for at in range(6)]
    for thread in threads:
        thread.start()
    while len(accepted) < 20:
        time.sleep(0.001)
    office.do(closing.close, round_id, office.now, "hr")
    hand_over(office)
    for thread in threads:
        thread.join()
    left = {
        sealing.unb64(text)
        for one in office.events("ballots.sealed.v1")
        for texts in one.data["boxes"].values()
        for text in texts
    }
    assert left == set(accepted) and 20 <= len(left) < len(tokens)
    assert set(refused) == {"closed"} and len(refused) + len(accepted) == len(tokens)
    assert office.events("round.sealed.v1")[0].data["ballots"] == len(accepted)


def test_progress_is_shown_in_steps_and_only_as_of_the_last_count(office: Office) -> None:
    round_id = office.open()
    assert office.do(progress.recount, office.now) > 0
    before = office.do(progress.show, round_id)
    office.set_states(round_id, "answered", invitation.c.relation == "peer")
    assert office.do(progress.show, round_id) == before, "the live state is not shown"
    assert office.do(progress.recount, office.now + timedelta(minutes=1)) == 0, "counted a moment ago"
    later = office.now + progress.EVERY
    assert office.do(progress.recount, later) > 0
    after = office.do(progress.show, round_id)
    assert after.as_of == later and after.state == "open"
    by_unit = {(line.unit, line.relation): line for line in after.lines}
    assert by_unit["Dinas 0", "peer"].answered == "20" and by_unit["Dinas 0", "supervisor"].answered == "<5"
    assert sum(after.letters.values()) == 25
