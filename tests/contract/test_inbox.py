"""First time only: effect and memory of an event are one commit; one bad event holds up no other."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from shared.database import reading, transaction
from shared.errors import conflict
from shared.events import Event, MailAccepted, RoundKey
from shared.messaging.broker import Bury, Delivery, Done, Retry
from shared.messaging.envelope import encode
from shared.messaging.inbox import KEEP, prune, receiver
from shared.messaging.tables import MESSAGING, inbox
from shared.service import Service
from tests.contract import samples

START = datetime(2026, 10, 1, tzinfo=UTC)
effect = sa.Table("effect", sa.MetaData(), sa.Column("what", sa.String(80)))


class Subject:
    """A service whose handler writes down what it applied, and stumbles over what it is told to."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.stumble: dict[str, Exception] = {}
        self.batches: list[list[str]] = []
        handlers = {"mail.accepted.v1": self.apply, "round.key.v1": self.apply}
        self.service = Service("survey", MESSAGING, "survey_service.migrations", engine, handlers)
        self.receive = receiver(self.service, samples.SECRETS, lambda: START)

    def apply(self, session: Session, events: Sequence[Event]) -> None:
        self.batches.append([event.id for event in events])
        for event in events:
            session.execute(effect.insert().values(what=event.id))
            if event.id in self.stumble:
                raise self.stumble[event.id]

    def effects(self) -> list[str]:
        with reading(self.engine) as session:
            return list(session.scalars(sa.select(effect.c.what)))

    def known(self) -> list[str]:
        with reading(self.engine) as session:
            return sorted(session.scalars(sa.select(inbox.c.event_id)))


@pytest.fixture
def subject(new_engine: Callable[..., Engine]) -> Subject:
    engine = new_engine("survey_service.migrations")
    effect.metadata.create_all(engine)
    return Subject(engine)


def mail(id: str, kind: str = "reminder", letter: Any = None) -> Event:
    data = {"letter_id": letter or uuid4(), "kind": kind}
    return Event.make(MailAccepted, id=id, subject="letter", time=START, data=data)


def key(id: str) -> Event:
    return Event.make(RoundKey, id=id, subject="x", time=START, data=samples.event("round.key.v1").data)


def delivered(*events: Event) -> list[Delivery]:
    return [Delivery(event.type, event.id, encode(event, samples.SECRETS)) for event in events]


def test_a_batch_is_applied_in_order_by_runs_of_one_type(subject: Subject) -> None:
    assert subject.receive(delivered(mail("a"), mail("b"), key("c"), mail("d"))) == [Done()] * 4
    assert subject.effects() == ["a", "b", "c", "d"]
    assert subject.batches == [["a", "b"], ["c"], ["d"]]
    assert subject.known() == ["a", "b", "c", "d"]


def test_a_repetition_has_no_second_effect(subject: Subject) -> None:
    first = mail("a")
    assert subject.receive(delivered(first, first)) == [Done(), Done()]
    assert subject.receive(delivered(first, mail("b"))) == [Done(), Done()]
    assert subject.effects() == ["a", "b"]


def test_a_repetition_may_be_published_at_another_time(subject: Subject) -> None:
    letter = uuid4()
    again = Event.make(
        MailAccepted,
        id="a",
        subject="letter",
        time=START + timedelta(days=1),
        data={"letter_id": letter, "kind": "reminder"},
    )
    assert subject.receive(delivered(mail("a", letter=letter))) == [Done()]
    assert subject.receive(delivered(again)) == [Done()]
    assert subject.effects() == ["a"]


def test_the_same_id_with_other_content_is_buried(
    subject: Subject, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert subject.receive(delivered(mail("a"))) == [Done()]
    [outcome, good] = subject.receive(delivered(mail("a", kind="resend"), mail("b")))
    assert outcome == Bury("the same id came before with other content")
    assert good == Done()
    [_, second] = subject.receive(delivered(mail("c"), mail("c", kind="resend")))
    assert isinstance(second, Bury)
    assert subject.effects() == ["a", "b", "c"]
    assert "other content" in "".join([*capsys.readouterr(), caplog.text])  # wherever logs go in this process


def test_the_unreadable_is_buried_with_its_reason(subject: Subject) -> None:
    outcomes = subject.receive([Delivery("x", "x", b"not JSON"), *delivered(mail("a"))])
    assert isinstance(outcomes[0], Bury)
    assert "not a CloudEvent" in outcomes[0].reason
    assert outcomes[1] == Done()


def test_a_type_without_handler_is_buried(subject: Subject) -> None:
    [outcome, good] = subject.receive(delivered(samples.event("round.cancelled.v1"), mail("a")))
    assert isinstance(outcome, Bury)
    assert "does not listen" in outcome.reason
    assert good == Done()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (conflict("no_such_round", "There is no such round."), Bury),
        (RuntimeError("not yet"), Retry),
        (sa.exc.IntegrityError("x", {}, Exception()), Retry),
    ],
)
def test_poison_among_good_stands_alone(subject: Subject, fault: Exception, outcome: type) -> None:
    subject.stumble["bad"] = fault
    outcomes = subject.receive(delivered(mail("a"), mail("bad"), mail("b")))
    assert [type(one) for one in outcomes] == [Done, outcome, Done]
    assert subject.effects() == ["a", "b"], "the effect of the bad one is undone"
    assert subject.known() == ["a", "b"], "so that it can be tried again"
    del subject.stumble["bad"]
    assert subject.receive(delivered(mail("bad"))) == [Done()]


def test_a_database_that_is_away_is_nobodys_fault(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("SELECT", {}, Exception("connection refused"))

    monkeypatch.setattr(subject.engine, "connect", away)
    subject.stumble["a"] = sa.exc.OperationalError("INSERT", {}, Exception("server closed the connection"))
    with pytest.raises(sa.exc.OperationalError):
        subject.receive(delivered(mail("a")))


def test_a_statement_that_fails_on_a_living_database_is_counted(subject: Subject) -> None:
    subject.stumble["a"] = sa.exc.OperationalError("INSERT", {}, Exception("too complex"))
    assert subject.receive(delivered(mail("a"))) == [Retry("OperationalError")]


def test_a_large_batch_of_repetitions_is_one_question(subject: Subject) -> None:
    events = delivered(*[mail(f"event-{number}") for number in range(200)])
    subject.receive(events)
    statements: list[str] = []
    sa.event.listen(subject.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert subject.receive(events) == [Done()] * 200
    assert len(statements) <= 5


def test_old_ids_are_forgotten_after_thirty_days(subject: Subject) -> None:
    subject.receive(delivered(mail("old"), mail("new")))
    with transaction(subject.engine) as session:
        days = START.date() - KEEP - timedelta(days=1)
        session.execute(sa.update(inbox).where(inbox.c.event_id == "old").values(day=days))
    assert prune(subject.engine, lambda: START) == 1
    assert prune(subject.engine, lambda: START) == 0
    assert subject.known() == ["new"]
