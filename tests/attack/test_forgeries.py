"""Active attacks: forged and crossed tokens, damaged ballots, foreign keys and events: refused, and nothing lost.

Proven elsewhere and not repeated: 64 parallel submissions and those that race with close
(``tests/integration/test_answering.py``), every other way to spoil a ballot (``test_hostile_ballots.py``), every
way to spoil an event (``tests/contract/test_envelope.py``), two replicas and lost keys (``test_round_keys.py``).
"""

from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from itsdangerous import Signer
from sqlalchemy.engine import Engine

from scoring_service.usecases.ballots import Sheet, open_boxes
from shared import sealing
from shared.config import load
from shared.database import transaction
from shared.errors import Refused
from shared.events import BallotsSealed, Event, RoundKey, event_id
from shared.messaging.broker import Bury, Delivery, Done
from shared.messaging.envelope import encode
from shared.messaging.inbox import receiver
from shared.sealing import b64
from shared.service import Context
from survey_service.respond.tickets import Tickets
from survey_service.service import build
from survey_service.tables import SURVEY, invitation, round_
from survey_service.usecases import accepting, answering, opening
from tests.asked import NOW, RATEE, Asked, Link

FORGERIES = 10_000


@pytest.fixture
def asked(new_engine: Callable[..., Engine], tmp_path: Path) -> Asked:
    return Asked(new_engine("survey_service.migrations"), tmp_path)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    found: list[str] = []

    def note(*args: object) -> None:
        found.append(str(args[2]))

    sa.event.listen(engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(engine, "before_cursor_execute", note)


def everything(engine: Engine) -> list[list[sa.Row[tuple[object, ...]]]]:
    with engine.connect() as connection:
        return [list(connection.execute(sa.select(table)).all()) for table in SURVEY.sorted_tables]


def forgeries(link: Link, luck: Random) -> Iterator[dict[str, str]]:
    """Credentials that were never issued: bits and letters changed, parts swapped, all made up."""
    good = link.form
    while True:
        name = luck.choice(["token", "signature"])
        at = luck.randrange(len(good[name]))
        raw = bytearray(urlsafe_b64decode(good[name] + "=" * (-len(good[name]) % 4)))
        raw[luck.randrange(len(raw))] ^= 1 << luck.randrange(8)
        letter = luck.choice("ABCDEFGHIJabcdefghij0123456789-_")
        signer = Signer(luck.randbytes(32), salt="cermin.link", key_derivation="hmac", digest_method="sha256")
        yield good | {name: b64(bytes(raw))}
        yield good | {name: good[name][:at] + letter + good[name][at + 1 :]}
        yield good | {name: good[name][:at]}
        yield good | {name: good[name] + letter}
        yield {"token": good["signature"], "signature": good["token"]}
        yield {"token": b64(luck.randbytes(32)), "signature": b64(luck.randbytes(32))}
        yield good | {"signature": signer.get_signature(link.token).decode()}
        yield {"secret": b64(luck.randbytes(16)), "signature": good["signature"]}
        yield {"ticket": b64(luck.randbytes(100))}


@pytest.mark.parametrize("database_kind", ["sqlite"])  # the database is never asked
def test_10_000_forged_tokens_are_refused_without_a_look_at_the_database(asked: Asked) -> None:
    link, luck = asked.invite(), Random(1)
    made = (one for one in forgeries(link, luck) if one != link.form)
    tries = [next(made) for _ in range(FORGERIES)]
    client, before = asked.app().test_client(), everything(asked.engine)
    with statements(asked.engine) as found:
        codes = Counter(client.post("/s/open", data=one).status_code for one in tries)
    assert set(codes) == {404, 410}, "unknown link, or a ticket that is none"
    assert codes.total() == FORGERIES
    assert found == []
    assert everything(asked.engine) == before
    assert client.post("/s/open", data=link.form).status_code == 200


def test_a_signature_has_one_spelling(asked: Asked) -> None:
    """The last letter of 32 bytes in base64 holds two bits that decoders ignore."""
    link, client = asked.invite(), asked.app().test_client()
    *most, last = link.form["signature"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = ["".join([*most, letter]) for letter in letters if letter != last] + [link.form["signature"] + "="]
    assert {client.post("/s/open", data=link.form | {"signature": one}).status_code for one in others} == {404}


def test_no_forgery_reaches_any_other_route_either(asked: Asked) -> None:
    link, luck = asked.invite(), Random(2)
    made = (one for one in forgeries(link, luck) if one != link.form)
    client, ballot = asked.app().test_client(), b64(asked.ballot())
    with statements(asked.engine) as found:
        for _ in range(100):
            one = next(made)
            answers = [client.post(path, data=one | {"reason": "lainnya", "asked": "1"}) for path in _posts(asked)]
            answers.append(client.post("/s/submit", json=one | {"ballot": ballot}))
            assert {answer.status_code for answer in answers} <= {404, 410, 422}, one
    assert found == []
    assert asked.state(link) == ("pending", None)


def _posts(asked: Asked) -> list[str]:
    """Every POST of the rater's pages that names a link."""
    rules = [rule for rule in asked.app().url_map.iter_rules() if rule.endpoint.startswith("respond.")]
    paths = {rule.rule for rule in rules if "POST" in (rule.methods or ()) and not rule.arguments}
    assert len(paths) >= 6
    return sorted(paths - {"/s/resend", "/s/submit"})


@pytest.fixture
def client(asked: Asked) -> FlaskClient:
    return asked.app().test_client()


def test_a_link_answers_for_its_own_ratee_and_relation_only(asked: Asked, client: FlaskClient) -> None:
    """A ballot sealed for another box is accepted unread (nobody can look), and refused when it is opened."""
    supervisor, peer = asked.invite("supervisor"), asked.invite("peer")
    for link, relation in ((supervisor, "peer"), (peer, "subordinate")):
        answer = client.post("/s/submit", json=link.form | {"ballot": b64(asked.ballot(relation, 1))})
        assert answer.status_code == 200
    assert [len(asked.sealed(relation)) for relation in ("supervisor", "peer", "subordinate")] == [1, 1, 0]
    boxes = {relation: [b64(one) for one in asked.sealed(relation)] for relation in ("supervisor", "peer")}
    opened = open_boxes(sealing.Opener(asked.private), asked.round_id, RATEE, boxes, _sheet(asked))
    assert dict(opened.refused) == {"cannot_open": 2}


def test_the_form_cannot_name_another_ratee_relation_or_round(asked: Asked, client: FlaskClient) -> None:
    link = asked.invite("peer")
    more = {
        "ratee": "199001012015011007",
        "relation": "supervisor",
        "round_id": str(uuid4()),
        "round": str(uuid4()),
    }
    client.post("/s/submit", json=link.form | more | {"ballot": b64(asked.ballot("peer"))})
    assert (len(asked.sealed("peer")), len(asked.sealed("supervisor"))) == (1, 0)


def test_a_link_of_another_deployment_or_purpose_is_none(asked: Asked, client: FlaskClient, tmp_path: Path) -> None:
    link = asked.invite()
    elsewhere = Link(link.secret, load({"CERMIN_DATA_DIR": str(tmp_path / "elsewhere")}))
    salts = ("cermin.staff", "cermin.event.round.key.v1", "cermin.subscriber", "itsdangerous.Signer", "")
    secret = asked.settings.service_secrets[0]
    crossed = [
        Signer(secret, salt=salt, key_derivation="hmac", digest_method="sha256").get_signature(link.token)
        for salt in salts
    ]
    foreign = Tickets(elsewhere.settings.service_secrets).issue(link.token)
    tries = [elsewhere.form, {"ticket": foreign}, *(link.form | {"signature": one.decode()} for one in crossed)]
    assert {client.post("/s/open", data=one).status_code for one in tries} == {404, 410}


def test_a_link_of_another_round_is_not_known_here(asked: Asked, client: FlaskClient) -> None:
    """Same deployment, so the signature is genuine; the round it belonged to is gone or was never here."""
    stranger = asked.invite()
    with transaction(asked.engine) as session:
        session.execute(sa.delete(invitation).where(invitation.c.id == stranger.id))
    answer = client.post("/s/submit", json=stranger.form | {"ballot": b64(asked.ballot())})
    assert answer.status_code == 404
    assert asked.sealed() == []


@pytest.mark.parametrize("database_kind", ["sqlite"])  # opening knows no database
def test_10_000_flipped_bits_open_nothing_and_spoil_nothing(asked: Asked) -> None:
    luck, good = Random(3), [asked.ballot("peer", 1 + at % 5) for at in range(20)]
    spoiled = [_flipped(luck.choice(good), luck) for _ in range(FORGERIES)]
    boxes = {"peer": [b64(one) for one in sorted([*good, *spoiled])]}
    opened = open_boxes(sealing.Opener(asked.private), asked.round_id, RATEE, boxes, _sheet(asked))
    assert len(opened.leaves) == FORGERIES + len(good)
    assert sum(opened.refused.values()) == FORGERIES
    assert set(opened.refused) <= {"cannot_open", "duplicate"}
    given = sorted(map(tuple, opened.answers["peer"]))
    assert given == sorted((1 + at % 5,) * asked.items for at in range(20))


def _flipped(ballot: bytes, luck: Random) -> bytes:
    at, bit = luck.randrange(len(ballot)), 1 << luck.randrange(8)
    return ballot[:at] + bytes([ballot[at] ^ bit]) + ballot[at + 1 :]


def _sheet(asked: Asked) -> Sheet:
    return Sheet.of(asked.body, asked.leadership)


def test_a_second_round_key_is_refused_and_the_first_stays(asked: Asked) -> None:
    asked.set_round(state="preparing")
    before = everything(asked.engine)
    other = sealing.public_part(sealing.make_key())
    with pytest.raises(Refused, match="round_key_differs"), transaction(asked.engine) as session:
        opening.keep_round_key(session, asked.round_id, other, sealing.fingerprint(other))
    with pytest.raises(Refused, match="key_invalid"), transaction(asked.engine) as session:
        opening.keep_round_key(session, asked.round_id, other, "0" * 64)
    assert everything(asked.engine) == before


def test_a_forged_key_event_is_buried_before_any_handler_sees_it(asked: Asked) -> None:
    """From a broker that somebody else can write to: unsigned, signed with another secret, for another type."""
    asked.set_round(state="preparing", public_key=None, fingerprint=None)
    service = build(Context(asked.settings, asked.engine, asked.clock))
    receive = receiver(service, asked.settings.event_secrets, asked.clock)
    public = sealing.public_part(sealing.make_key())
    data = {"round_id": asked.round_id, "public_key": b64(public), "fingerprint": sealing.fingerprint(public)}
    name = event_id(RoundKey.type, asked.round_id)
    event = Event.make(RoundKey, id=name, subject=str(asked.round_id), time=NOW, data=data)
    genuine = encode(event, asked.settings.event_secrets)
    signature = genuine.partition(b'"signature":"')[2].partition(b'"')[0]
    other = Event.make(
        BallotsSealed,
        id=name,
        subject=str(asked.round_id),
        time=NOW,
        data={"round_id": asked.round_id, "ratee": RATEE, "boxes": {}},
    )
    crossed = encode(other, asked.settings.event_secrets).partition(b'"signature":"')[2].partition(b'"')[0]
    forged = [
        genuine.replace(b'"signature":"' + signature + b'",', b""),
        encode(event, ("a-secret-of-somebody-else-entirely-1",)),
        genuine.replace(signature, crossed),
        genuine.replace(b64(public).encode(), b64(sealing.public_part(sealing.make_key())).encode()),
    ]
    outcomes = receive([Delivery(RoundKey.type, name, body) for body in forged])
    assert [type(outcome) for outcome in outcomes] == [Bury] * len(forged)
    assert _key_of(asked) is None
    assert receive([Delivery(RoundKey.type, name, genuine)]) == [Done()]
    assert _key_of(asked) == public


def _key_of(asked: Asked) -> bytes | None:
    with asked.engine.connect() as connection:
        return connection.scalar(sa.select(round_.c.public_key).where(round_.c.id == asked.round_id))


def test_a_ballot_sealed_on_the_server_leaves_no_answer_in_the_database(asked: Asked) -> None:
    """Without JavaScript the answers pass through the service; what is stored is sealed all the same."""
    link = asked.invite()
    with transaction(asked.engine) as session:
        invited = answering.look(session, link.token, NOW)
    ballot = answering.seal(invited, [4, 1, 5, 2, 5, 1, 3] * 3)
    with transaction(asked.engine) as session:
        accepting.submit(session, link.token, ballot, NOW)
    stored = repr(everything(asked.engine)).encode()
    assert bytes([4, 1, 5, 2, 5, 1, 3]) not in stored and b"4, 1, 5, 2, 5" not in stored
    assert asked.opened() == [[4, 1, 5, 2, 5, 1, 3] * 3]
