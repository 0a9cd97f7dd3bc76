"""Drafts on both databases: kept over what was seen, gone with answer and round, alike for everybody."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shared import sealing
from shared.database import reading, transaction
from shared.errors import Refused
from survey_service.domain import drafts as places
from survey_service.tables import draft, invitation
from survey_service.tokens import digest_of
from survey_service.usecases import accepting, answering, closing, drafts
from tests.asked import NOW, Asked, Link


@pytest.fixture
def asked(new_engine, tmp_path) -> Asked:
    return Asked(new_engine("survey_service.migrations"), tmp_path)


def look(asked: Asked, link: Link) -> bytes:
    with reading(asked.engine) as session:
        return answering.draft_of(session, link.token, answering.look(session, link.token, NOW))


def keep(asked: Asked, link: Link, content: bytes, over: bytes, now=NOW) -> bytes | None:
    with transaction(asked.engine) as session:
        return answering.keep_draft(session, link.token, content, hashlib.sha256(over).digest(), now)


def new(asked: Asked) -> bytes:
    return os.urandom(places.length(sealing.ballot_length(asked.items)))


def test_a_draft_replaces_what_was_seen_and_no_other(asked):
    link, other = asked.invite(), asked.invite()
    untouched, first = look(asked, other), look(asked, link)
    one, two = new(asked), new(asked)
    assert keep(asked, link, one, first) is None
    assert look(asked, link) == one
    assert keep(asked, link, two, first) == one, "whoever has not seen the last one is shown it"
    assert look(asked, link) == one
    assert keep(asked, link, one, first) is None, "the same again, because the answer was lost"
    assert keep(asked, link, two, one) is None
    assert look(asked, other) == untouched


def test_of_many_devices_at_once_one_is_faster(asked):
    link = asked.invite()
    seen = look(asked, link)
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda one: keep(asked, link, one, seen), [new(asked) for _ in range(24)]))
    assert found.count(None) == 1
    assert set(found) == {None, look(asked, link)}


def test_drafts_that_share_a_row_do_not_lose_each_other(asked):
    links = [asked.invite() for _ in range(24)]
    contents = [new(asked) for _ in links]
    seen = [look(asked, link) for link in links]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda one: keep(asked, *one), zip(links, contents, seen, strict=True)))
    assert [look(asked, link) for link in links] == contents


def test_an_answer_takes_the_draft_away_and_a_decline_leaves_it(asked):
    link, decliner = asked.invite(), asked.invite()
    kept = {one: new(asked) for one in ("answered", "declined")}
    keep(asked, link, kept["answered"], look(asked, link))
    keep(asked, decliner, kept["declined"], look(asked, decliner))
    with transaction(asked.engine) as session:
        accepting.submit(session, link.token, asked.ballot(), NOW)
        answering.decline(session, decliner.token, "lainnya", NOW)
    with asked.engine.connect() as connection:
        held = b"".join(connection.scalars(sa.select(draft.c.held)))
    assert kept["answered"] not in held
    assert kept["declined"] in held
    with pytest.raises(Refused, match="already_received"):
        keep(asked, link, new(asked), b"")
    with pytest.raises(Refused, match="declined"):
        keep(asked, decliner, new(asked), kept["declined"])


def test_close_and_cancel_delete_all_drafts(asked):
    link = asked.invite()
    keep(asked, link, new(asked), look(asked, link))
    with transaction(asked.engine) as session:
        closing.close(session, asked.round_id, NOW, "test")
    with asked.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(draft)) == 0
    with pytest.raises(Refused, match="closed"):
        keep(asked, link, new(asked), b"")


def test_nothing_is_kept_once_the_places_are_gone_though_the_round_was_just_seen_open(asked):
    link = asked.invite()
    with transaction(asked.engine) as session:
        drafts.forget_round(session, asked.round_id)
        plain = sealing.ballot_length(asked.items)
        with pytest.raises(Refused, match="closed"):
            drafts.keep(session, asked.round_id, digest_of(link.token), new(asked), b"", plain)


@pytest.mark.parametrize("spoil", [lambda d: d[:-1], lambda d: d + b"\0", lambda d: b""])
def test_a_draft_of_another_length_is_refused(asked, spoil):
    link = asked.invite()
    with pytest.raises(Refused, match="bad_draft"):
        keep(asked, link, spoil(new(asked)), look(asked, link))


@pytest.mark.parametrize(
    ("facts", "moved", "code"),
    [
        ({"state": "revoked"}, timedelta(0), "replaced"),
        ({}, timedelta(days=9), "closed"),
        ({}, -timedelta(days=9), "not_open"),
    ],
)
def test_a_link_that_is_not_open_keeps_no_draft(asked, facts, moved, code):
    link = asked.invite(**facts)
    with pytest.raises(Refused, match=code):
        keep(asked, link, new(asked), look(asked, link), NOW + moved)


def test_launch_gives_every_link_a_place_that_looks_like_a_draft(asked):
    digests = [os.urandom(32) for _ in range(200)]
    plain = sealing.ballot_length(asked.items)
    with transaction(asked.engine) as session:
        drafts.forget_round(session, asked.round_id)
        drafts.prepare(session, asked.round_id, digests, plain)
    with asked.engine.connect() as connection:
        rows = connection.execute(sa.select(draft.c.held)).scalars().all()
        state = connection.execute(sa.select(invitation)).all()
    assert [len(row) // (32 + places.length(plain)) for row in rows] == [64, 64, 64, 8]
    assert state == []
    with reading(asked.engine) as session:
        seen = {drafts.look(session, asked.round_id, digest, plain) for digest in digests}
    assert len(seen) == 200
    assert {len(one) for one in seen} == {places.length(plain)}
