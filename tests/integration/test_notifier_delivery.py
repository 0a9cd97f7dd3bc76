"""From a request to a mail and back to an event: with real files, on both databases."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from email.header import decode_header, make_header
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from notifier.domain.answers import DELAYS
from notifier.tables import NOTIFIER
from notifier.usecases import FINISH, LEASE, claim
from shared.config import BadSettings
from shared.database import jotting, transaction
from shared.events import Event, NotifierKeyRetired, event_id
from shared.messaging.broker import Done
from shared.messaging.tables import MESSAGING
from shared.migrate import downgrade
from shared.sealing import Sealer, address_info, b64, fingerprint, letter_info
from tests.post_office import MIGRATIONS, NOON, Clock, Office, link, part

NewEngine = Callable[..., Engine]


@pytest.fixture
def office(new_engine: NewEngine, tmp_path: Path) -> Office:
    return Office(new_engine(MIGRATIONS), tmp_path)


def test_the_key_is_announced_once(office: Office, tmp_path: Path) -> None:
    again = Office(office.engine, tmp_path)
    again.work("key announcement")
    assert [kind for kind, _ in again.told()] == ["notifier.key.v1"]
    assert again.told()[0][1]["public_key"] == b64(office.public) == b64(again.public)


def test_a_letter_becomes_one_mail_that_names_only_what_is_pending(office: Office) -> None:
    links = [link(str(uuid.uuid4())) for _ in range(3)]
    event = office.request(links=links, pending=[uuid.UUID(str(links[1]["invitation"]))])
    assert office.hear(event) == [Done()]
    assert office.work() == 1
    (mail,) = office.mails()
    assert mail["To"] == "rater@kantor.test"
    for kind in ("plain", "html"):
        assert str(links[1]["code"]) in part(mail, kind)
        assert str(links[0]["code"]) not in part(mail, kind)
    assert office.outcome(event) == ("accepted", "250")
    told = ("mail.accepted.v1", {"letter_id": str(event.data["letter_id"]), "kind": "invitation"})
    assert office.told()[1:] == [told]


def test_the_outcome_has_the_id_of_its_request(office: Office) -> None:
    event = office.request()
    office.hear(event)
    office.empty()
    with transaction(office.engine) as session:
        assert event_id("mail.accepted.v1", event.id) in session.scalars(
            sa.select(MESSAGING.tables["outbox"].c.event_id)
        )


def test_a_repeated_request_sends_nothing_more(office: Office) -> None:
    event = office.request()
    office.hear(event, event)
    office.empty()
    office.hear(event)
    office.empty()
    assert len(office.mails()) == 1
    assert len(office.told()) == 2


def test_an_outcome_is_recorded_when_the_database_is_back(office: Office) -> None:
    """The mail server has said yes and the database cannot be told: nobody gets that mail twice."""
    first, second = office.request(to="first@kantor.test"), office.request(to="second@kantor.test")
    office.hear(first, second)
    away = True

    def unplugged(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if away and "pending='[]'" in statement.replace(" ", ""):
            raise OSError("the database is away")

    sa.event.listen(office.engine, "before_cursor_execute", unplugged)
    for _ in range(3):
        with pytest.raises(OSError, match="away"):
            office.work()
    assert len(office.mails()) == 1
    assert {row.state for row in office.rows().values()} == {"waiting"}
    away = False
    office.empty()
    assert [row.state for row in office.rows().values()] == ["accepted"] * 2, "the other one waits for no lease"
    assert sorted(mail["To"] for mail in office.mails()) == ["first@kantor.test", "second@kantor.test"]
    assert [row.attempts for row in office.rows().values()] == [1, 1]
    assert [kind for kind, _ in office.told()[1:]] == ["mail.accepted.v1"] * 2


def test_outcomes_that_a_dead_process_did_not_tell_are_told_once(office: Office) -> None:
    events = [office.request() for _ in range(3)]
    office.hear(*events)
    accepted, refused, _ = events
    with jotting(office.engine) as jot:
        jot(FINISH, {"mail": accepted.id, "outcome": "accepted", "code": "250"})
        jot(FINISH, {"mail": refused.id, "outcome": "permanent", "code": "5.1.1"})
        assert jot(FINISH, {"mail": refused.id, "outcome": "accepted", "code": "250"}) == 0
    assert office.told()[1:] == []
    assert [office.work("telling"), office.work("telling")] == [2, 0]
    assert sorted((kind, data["letter_id"], data.get("status")) for kind, data in office.told()[1:]) == [
        ("mail.accepted.v1", str(accepted.data["letter_id"]), None),
        ("mail.refused.v1", str(refused.data["letter_id"]), "5.1.1"),
    ]
    assert office.rows()[accepted.id].sealed is None


def test_nothing_leaves_before_its_time(office: Office) -> None:
    office.hear(office.request(not_before=NOON + timedelta(hours=1)))
    assert office.work() == 0
    office.clock.pass_by(hours=1)
    assert office.work() == 1


def test_nothing_leaves_after_the_window_has_closed(office: Office) -> None:
    event = office.request(closes_at=NOON)
    office.hear(event)
    office.empty()
    assert office.outcome(event) == ("temporary", "late")


def test_a_poisoned_letter_stops_nobody_else(office: Office) -> None:
    good = [office.request() for _ in range(3)]
    bad = {
        "letter": office.request(sealed=b64(b"x" * 200)),
        "bent": office.request(sealed="A" * 201),
        "key": office.request(fingerprint="0" * 64),
        "nothing": office.request(pending=[uuid.uuid4()]),
        "writing": office.request(timezone="Asia/Atlantis"),
    }
    office.hear(good[0], *bad.values(), *good[1:])
    office.empty()
    assert [office.outcome(event)[0] for event in good] == ["accepted"] * 3
    assert {name: office.outcome(event) for name, event in bad.items()} == {
        "letter": ("technical", "letter"),
        "bent": ("technical", "letter"),
        "key": ("technical", "key"),
        "nothing": ("technical", "letter"),
        "writing": ("technical", "writing"),
    }
    assert len(office.mails()) == 3


def test_an_address_with_a_line_break_is_refused_for_good(office: Office) -> None:
    event = office.request(to="a@b.test\nBcc: victim@c.test")
    office.hear(event)
    office.empty()
    assert office.outcome(event) == ("permanent", "5.1.3")
    reported = {"reason": "permanent", "status": "5.1.3", "kind": "invitation"}
    assert office.told()[-1] == ("mail.refused.v1", reported | {"letter_id": str(event.data["letter_id"])})


def test_two_postmen_never_hold_the_same_mail(office: Office) -> None:
    office.hear(*(office.request() for _ in range(6)))
    with transaction(office.engine) as session:
        first = claim(session, NOON, 4)
    with transaction(office.engine) as session:
        second = claim(session, NOON, 4)
    assert (len(first), len(second)) == (4, 2)
    assert not {one.id for one in first} & {one.id for one in second}
    office.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    office.empty()
    assert len(office.mails()) == 6


def test_a_mail_that_kills_its_process_is_given_up_in_the_end(office: Office) -> None:
    event = office.request()
    office.hear(event)
    for _ in range(len(DELAYS) + 1):
        with transaction(office.engine) as session:
            assert claim(session, office.clock(), 1)
        office.clock.pass_by(seconds=LEASE.total_seconds() + 1)
    office.empty()
    assert office.outcome(event) == ("technical", "crash")


def test_a_mail_that_kills_its_process_takes_no_other_along(office: Office) -> None:
    """Whoever was in hand in two deaths is taken alone; only the one that brings death is given up."""
    deadly, *innocent = [office.request() for _ in range(4)]
    office.hear(deadly, *innocent)
    claims = []
    for _ in range(5 * len(DELAYS)):
        with transaction(office.engine) as session:
            taken = claim(session, office.clock(), 50)
        office.clock.pass_by(seconds=20)
        if taken:
            claims.append(len(taken))
        if deadly.id in {one.id for one in taken}:
            continue  # the process died with all it had in hand
        with jotting(office.engine) as jot:
            assert all(jot(FINISH, {"mail": one.id, "outcome": "accepted", "code": "250"}) for one in taken)
    assert claims[:3] == [4, 4, 1] and max(claims[2:]) == 1
    assert [office.outcome(one) for one in innocent] == [("accepted", "250")] * 3


def test_a_lease_from_before_the_clock_was_set_back_is_void(office: Office) -> None:
    event = office.request()
    office.hear(event)
    with transaction(office.engine) as session:
        assert claim(session, NOON + timedelta(hours=3), 1)
    office.empty()
    assert office.outcome(event)[0] == "accepted"


def test_the_pace_is_kept_and_costs_no_try(new_engine: NewEngine, tmp_path: Path) -> None:
    slow = Office(new_engine(MIGRATIONS), tmp_path, environ={"CERMIN_MAILS_PER_MINUTE_PER_DOMAIN": "30"})
    slow.hear(*(slow.request() for _ in range(5)), slow.request(to="one@elsewhere.test"))
    slow.empty()
    assert len(slow.mails()) == 2
    assert {row.attempts for row in slow.rows().values() if row.state == "waiting"} == {0}
    for _ in range(20):
        slow.clock.pass_by(seconds=2)
        slow.empty()
    assert len(slow.mails()) == 6


def test_a_full_disk_is_a_server_that_cannot_be_reached(office: Office, tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    first, second = office.request(), office.request()
    office.hear(first, second)
    office.work()
    assert [row.attempts for row in office.rows().values()] == [0, 0], "no mail is to blame"
    (tmp_path / "mail").unlink()
    assert office.work() == 0, "left alone for a while"
    office.clock.pass_by(minutes=2)
    office.empty()
    assert len(office.mails()) == 2


def test_no_address_name_or_link_is_in_any_file_but_the_mail(tmp_path: Path, new_engine: NewEngine) -> None:
    office = Office(new_engine(MIGRATIONS), tmp_path)
    events = [office.request(), office.request(to="bad address@kantor.test"), office.request(timezone="No/Where")]
    office.hear(*events)
    sealed = [row.sealed for row in office.rows().values()]
    office.empty()
    assert [row.sealed for row in office.rows().values()] == [None] * 3
    assert [row.pending for row in office.rows().values()] == [[]] * 3
    office.work("tidying")
    secrets = [b"kantor.test", b"Rina", b"CANARY", b"Ratee", *(blob[:40] for blob in sealed)]
    for file in tmp_path.rglob("*"):
        if file.is_file() and "mail" not in file.relative_to(tmp_path).parts:
            found = file.read_bytes()
            assert not [secret for secret in secrets if secret in found], file.name


def test_old_outcomes_are_forgotten(office: Office) -> None:
    office.hear(
        office.request(), office.request(not_before=NOON + timedelta(days=40), closes_at=NOON + timedelta(days=50))
    )
    office.empty()
    office.clock.pass_by(days=31)
    assert office.work("tidying") == 1
    assert [row.state for row in office.rows().values()] == ["waiting"]


def test_the_migration_makes_what_the_tables_say_and_takes_it_back(new_engine: NewEngine) -> None:
    engine = new_engine(MIGRATIONS)
    present = set(sa.inspect(engine).get_table_names())
    assert present - {"alembic_version"} == set(NOTIFIER.tables) | set(MESSAGING.tables)
    downgrade(engine, MIGRATIONS, "base")
    assert set(sa.inspect(engine).get_table_names()) == {"alembic_version"}


@pytest.mark.parametrize(
    "url", ["smtp://a.test?starttls=perhaps", "smtp://a.test?connections=0", "smtp://:x@", "smtp://a?b"]
)
def test_a_mail_url_that_means_nothing_is_refused_at_start(tmp_path: Path, url: str) -> None:
    engine = sa.create_engine("sqlite://")
    with pytest.raises(BadSettings, match="CERMIN_MAIL_URL"):
        Office(engine, tmp_path, mail_url=url, clock=Clock())
    engine.dispose()


def test_a_retired_key_serves_what_waits_and_is_then_destroyed(office: Office) -> None:
    before, waiting = office.public, office.request()
    office.hear(waiting)
    name = fingerprint(before)
    retired = Event.make(NotifierKeyRetired, id="r", subject=name, time=NOON, data={"fingerprint": name})
    assert office.hear(retired, retired) == [Done(), Done()]
    after = office.public
    assert after != before
    late = Event.make(NotifierKeyRetired, id="again", subject=name, time=NOON, data={"fingerprint": name})
    assert office.hear(late) == [Done()]
    assert office.public == after, "the next key is not the one that was retired"
    keys = [data["public_key"] for kind, data in office.told() if kind == "notifier.key.v1"]
    assert keys == [b64(before), b64(after)]
    store = office.folder / "keys"
    office.clock.pass_by(hours=2)
    office.work("tidying")
    assert len(list(store.glob("notifier*"))) == 2, "a mail waits for it"
    office.empty()
    assert office.outcome(waiting) == ("accepted", "250")
    office.work("tidying")
    assert [path.name for path in store.glob("notifier*")] == ["notifier"]
    more = office.request()
    office.hear(more)
    office.empty()
    assert office.outcome(more) == ("accepted", "250")


def test_a_mended_address_is_used_instead_of_the_one_in_the_letter(office: Office) -> None:
    letter_id = uuid.uuid4()
    sealed = Sealer(office.public).seal(b"baru@kantor.test", address_info(letter_id))
    event = office.request(kind="resend", address=b64(sealed))
    office.hear(event)
    office.work()
    assert office.outcome(event)[0] == "technical", "an address is bound to its letter"
    plain = {"to": "lama@kantor.test", "name": "Rina", "language": "id", "links": [link(str(uuid.uuid4()))]}
    changes = {
        "letter_id": letter_id,
        "sealed": b64(Sealer(office.public).seal(json.dumps(plain).encode(), letter_info(letter_id))),
        "pending": [uuid.UUID(str(plain["links"][0]["invitation"]))],
    }
    office.hear(office.request(kind="resend", address=b64(sealed), **changes))
    office.work()
    assert [mail["To"] for mail in office.mails()] == ["baru@kantor.test"]


def test_the_agencys_own_words_and_a_sample_reach_the_mail(office: Office) -> None:
    words = {"id": "Kami mohon\nbantuan <b>Anda</b>.", "en": "Please help."}
    office.hear(office.request(kind="trial", message=words))
    office.work()
    (mail,) = office.mails()
    assert "[Uji coba]" in str(make_header(decode_header(mail["Subject"])))
    assert "bantuan <b>Anda</b>." in part(mail, "plain")
    assert "<p>bantuan &lt;b&gt;Anda&lt;/b&gt;.</p>" in part(mail, "html")
