"""Answering on both databases: a link is spent once, for a complete ballot, while its round is open."""

import hashlib
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shared.database import reading, transaction
from shared.errors import Refused
from survey_service.tables import box, invitation, round_
from survey_service.usecases import accepting, answering, closing
from tests.asked import NOW, Asked


@pytest.fixture
def asked(new_engine, tmp_path) -> Asked:
    return Asked(new_engine("survey_service.migrations"), tmp_path)


def submit(asked: Asked, link, ballot: bytes, now=NOW) -> str:
    """``received``, or the code of the refusal."""
    try:
        with transaction(asked.engine) as session:
            accepting.submit(session, link.token, ballot, now)
    except Refused as refusal:
        return refusal.code
    return "received"


def standing(asked: Asked, link, now=NOW) -> str:
    with reading(asked.engine) as session:
        return answering.look(session, link.token, now).standing


def test_a_ballot_joins_its_box_in_the_order_of_hashes(asked):
    links = [asked.invite() for _ in range(6)]
    ballots = [asked.ballot(answer=place % 5 + 1) for place, _ in enumerate(links)]
    assert {submit(asked, link, ballot) for link, ballot in zip(links, ballots, strict=True)} == {"received"}
    assert asked.sealed() == sorted(ballots, key=lambda one: hashlib.sha256(one).digest())
    assert asked.sealed("supervisor") == []
    assert {asked.state(link) for link in links} == {("answered", None)}


def test_the_same_ballot_again_is_received_again_and_another_is_not(asked):
    link, ballot = asked.invite(), asked.ballot()
    assert [submit(asked, link, one) for one in (ballot, ballot, asked.ballot())] == [
        "received",
        "received",
        "already_received",
    ]
    assert asked.sealed() == [ballot]


def test_a_ballot_that_is_in_another_box_is_not_received_here(asked):
    peer, subordinate = asked.invite("peer"), asked.invite("subordinate")
    ballot = asked.ballot()
    submit(asked, peer, ballot)
    submit(asked, subordinate, asked.ballot("subordinate"))
    assert submit(asked, subordinate, ballot) == "already_received"


@pytest.mark.parametrize("spoil", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b"\x02" + b[1:], lambda b: b""])
def test_a_ballot_of_another_form_spends_nothing(asked, spoil):
    link = asked.invite()
    assert submit(asked, link, spoil(asked.ballot())) == "bad_ballot"
    assert asked.state(link) == ("pending", None)
    assert asked.sealed() == []


def test_64_parallel_submissions_of_one_link_leave_one_ballot(asked):
    link = asked.invite()
    ballots = [asked.ballot(answer=place % 5 + 1) for place in range(64)]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda ballot: submit(asked, link, ballot), ballots))
    assert Counter(found) == {"received": 1, "already_received": 63}
    assert asked.sealed() == [ballots[found.index("received")]]


def test_64_parallel_tries_of_one_ballot_are_all_received(asked):
    link, ballot = asked.invite(), asked.ballot()
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: submit(asked, link, ballot), range(64)))
    assert found == {"received"}
    assert asked.sealed() == [ballot]


def test_parallel_raters_of_one_box_lose_none(asked):
    links = [asked.invite() for _ in range(24)]
    ballots = [asked.ballot() for _ in links]
    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(lambda pair: submit(asked, *pair), zip(links, ballots, strict=True))) == {"received"}
    assert sorted(asked.sealed()) == sorted(ballots)


def test_a_submission_that_races_with_close_is_in_the_box_or_refused(asked):
    links = [asked.invite() for _ in range(24)]
    begin = threading.Barrier(len(links) + 1)

    def answer(link) -> str:
        begin.wait()
        return submit(asked, link, asked.ballot())

    with ThreadPoolExecutor(len(links)) as pool:
        waiting = [pool.submit(answer, link) for link in links]
        begin.wait()
        with transaction(asked.engine) as session:
            closing.close(session, asked.round_id, NOW, "test")
        at_close = len(asked.sealed())
        found = Counter(one.result() for one in waiting)
    assert set(found) <= {"received", "closed"}
    assert found["received"] == at_close == len(asked.sealed())


@pytest.mark.postgresql
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_who_comes_after_somebody_waits_to_close_does_not_pass(asked):
    first, second = asked.invite(), asked.invite()

    def close() -> None:
        with transaction(asked.engine) as session:
            closing.close(session, asked.round_id, NOW, "test")

    with ThreadPoolExecutor(2) as pool:
        with transaction(asked.engine) as session:
            accepting.submit(session, first.token, asked.ballot(), NOW)
            ends = pool.submit(close)
            wait_until(lambda: waiting_for_locks(asked) == 1)
            late = pool.submit(submit, asked, second, asked.ballot())
            wait_until(lambda: waiting_for_locks(asked) == 2)
            assert not ends.done() and not late.done()
        ends.result()
        assert late.result() == "closed"
    assert len(asked.sealed()) == 1


@pytest.mark.postgresql
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_hr_and_the_clock_that_close_at_once_do_not_wait_for_each_other(asked):
    link, late = asked.invite(), NOW + timedelta(days=30)

    def by_hand() -> str:
        try:
            with transaction(asked.engine) as session:
                closing.close(session, asked.round_id, late, "hr")
        except Refused as refusal:
            return refusal.code
        return "closed"

    def by_the_clock() -> int:
        with transaction(asked.engine) as session:
            return closing.close_due(session, late)

    with ThreadPoolExecutor(2) as pool:
        with transaction(asked.engine) as session:
            accepting.submit(session, link.token, asked.ballot(), NOW)
            clock = pool.submit(by_the_clock)
            wait_until(lambda: waiting_for_locks(asked) == 1)
            hand = pool.submit(by_hand)
            wait_until(lambda: waiting_for_locks(asked, "transactionid", "tuple") == 1)
        assert (clock.result(), hand.result()) == (1, "round_step")


def waiting_for_locks(asked: Asked, *kinds: str) -> int:
    kinds = kinds or ("advisory",)
    here = "pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
    of_kind = ", ".join(f"'{kind}'" for kind in kinds)
    waiting = f"SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ({of_kind}) AND {here}"
    with reading(asked.engine) as session:
        return session.scalar(sa.text(waiting))


def wait_until(reached, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


def test_a_link_stands_as_its_round_and_its_own_state_say(asked):
    link = asked.invite()
    until = NOW + timedelta(days=7, hours=6)
    assert standing(asked, link) == "open"
    assert standing(asked, link, NOW - timedelta(days=2)) == "not_open"
    assert standing(asked, link, until) == "closed"
    found = {}
    for state in ("preparing", "closed", "counted", "released", "cancelled"):
        asked.set_round(state=state)
        found[state] = submit(asked, link, asked.ballot())
    assert found == {
        "preparing": "not_open",
        "closed": "closed",
        "counted": "closed",
        "released": "closed",
        "cancelled": "cancelled",
    }
    assert asked.state(link) == ("pending", None)


def test_whoever_answered_sees_so_after_close_too(asked):
    link, ballot = asked.invite(), asked.ballot()
    submit(asked, link, ballot)
    asked.set_round(state="closed")
    assert standing(asked, link) == "already_received"
    assert submit(asked, link, ballot) == "received"


def test_a_personal_extension_keeps_one_link_open(asked):
    extended = asked.invite(extended_to=NOW + timedelta(days=9))
    other = asked.invite()
    late = NOW + timedelta(days=8)
    assert submit(asked, extended, asked.ballot(), late) == "received"
    assert submit(asked, other, asked.ballot(), late) == "closed"


def test_a_revoked_link_and_an_unknown_one_are_refused(asked):
    revoked = asked.invite(state="revoked")
    assert submit(asked, revoked, asked.ballot()) == "replaced"
    stranger = asked.invite()
    stranger.secret = bytes(16)
    assert submit(asked, stranger, asked.ballot()) == "unknown_link"


def test_declining_can_be_taken_back_until_close(asked):
    link = asked.invite()
    with transaction(asked.engine) as session:
        answering.decline(session, link.token, "konflik_kepentingan", NOW)
    assert asked.state(link) == ("declined", "konflik_kepentingan")
    assert submit(asked, link, asked.ballot()) == "declined"
    with transaction(asked.engine) as session:
        answering.take_back(session, link.token, NOW)
    assert asked.state(link) == ("pending", None)
    assert submit(asked, link, asked.ballot()) == "received"
    with pytest.raises(Refused, match="already_received"), transaction(asked.engine) as session:
        answering.decline(session, link.token, "lainnya", NOW)
    with pytest.raises(Refused, match="already_received"), transaction(asked.engine) as session:
        answering.take_back(session, link.token, NOW)


def test_what_was_declined_stays_so_after_close(asked):
    link = asked.invite(state="declined", reason="lainnya")
    asked.set_round(state="closed")
    with pytest.raises(Refused, match="closed"), transaction(asked.engine) as session:
        answering.take_back(session, link.token, NOW)
    assert asked.state(link) == ("declined", "lainnya")


def test_a_wrong_relationship_is_reported_with_a_fixed_word(asked):
    link = asked.invite()
    with pytest.raises(Refused, match="unknown_reason"), transaction(asked.engine) as session:
        answering.report_relation(session, link.token, "sepupu", NOW)
    with transaction(asked.engine) as session:
        answering.report_relation(session, link.token, "atasan", NOW)
    assert asked.state(link) == ("wrong_relation", "atasan")
    assert standing(asked, link) == "wrong_relation"


def test_a_supervisor_is_told_when_there_is_no_other(asked):
    first = asked.invite("supervisor")
    with reading(asked.engine) as session:
        assert answering.look(session, first.token, NOW).sole
    second = asked.invite("supervisor")
    with reading(asked.engine) as session:
        assert not answering.look(session, first.token, NOW).sole
    with transaction(asked.engine) as session:
        session.execute(sa.update(invitation).where(invitation.c.id == second.id).values(state="revoked"))
    with reading(asked.engine) as session:
        assert answering.look(session, first.token, NOW).sole


def test_the_server_seals_so_that_only_the_round_key_opens(asked):
    link = asked.invite("subordinate")
    with reading(asked.engine) as session:
        invited = answering.look(session, link.token, NOW)
    ballot = answering.seal(invited, [3] * asked.items)
    assert submit(asked, link, ballot) == "received"
    assert asked.opened("subordinate") == [[3] * asked.items]


def test_looking_a_hundred_times_changes_no_row(asked):
    link = asked.invite()

    def everything() -> list:
        with asked.engine.connect() as connection:
            return [connection.execute(sa.select(table)).all() for table in (invitation, box, round_)]

    before = everything()
    assert {standing(asked, link) for _ in range(100)} == {"open"}
    assert everything() == before
