"""A link to a report on its way: made by scoring, addressed by survey, mailed by the notifier, else secret."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scoring_service.tables import notice, receipt
from shared.config import load
from shared.database import reading, transaction
from shared.events import Event, NoticeAddressed, NoticeMailed, NoticeRequested, NotifierKey, event_id, read
from shared.messaging.broker import Delivery, Done
from shared.messaging.envelope import encode
from shared.messaging.inbox import receiver
from shared.messaging.tables import outbox
from shared.service import Context
from survey_service.domain.raters import Group
from survey_service.domain.rounds import Draft
from survey_service.service import build
from survey_service.tables import person, round_, unit
from survey_service.usecases import questionnaires, rounds
from tests.integration.scoring_world import CHIEF, MIGRATIONS, Survey, World, full, released
from tests.post_office import MIGRATIONS as NOTIFIER
from tests.post_office import Office, part

CONTACT = "Subbagian Umum dan Kepegawaian, telepon 100"
A, B = "198501012010011001", "198501012010011002"


def waiting(engine: Engine, kind: str) -> list[Event]:
    """The events of one type in an outbox."""
    with reading(engine) as session:
        rows = session.execute(sa.select(outbox).where(outbox.c.type == kind).order_by(outbox.c.position)).all()
    return [Event(row.type, row.event_id, row.subject, row.time, read(kind, json.loads(row.data))) for row in rows]


class Chain:
    """The three services, each with its own database, and this test as the broker between them."""

    def __init__(self, new_engine: Callable[..., Engine], home: Path) -> None:
        self.scoring = World(new_engine(MIGRATIONS), home / "scoring")
        self.notifier = Office(new_engine(NOTIFIER), home / "notifier", clock=lambda: self.scoring.now)
        self.engine = new_engine("survey_service.migrations")
        settings = load({"CERMIN_DATA_DIR": str(home / "survey")})
        service = build(Context(settings, self.engine, lambda: self.scoring.now))
        self._survey = receiver(service, settings.event_secrets, lambda: self.scoring.now)
        self._secrets = settings.event_secrets
        key = waiting(self.notifier.engine, NotifierKey.type)
        assert self.survey(*key) == [Done()] and self.scoring.hear(*key) == [Done()]

    def survey(self, *events: Event) -> list[Any]:
        return list(self._survey([Delivery(one.type, one.id, encode(one, self._secrets)) for one in events]))

    def people(self, **emails: str | None) -> None:
        """The personnel file: number (with an underscore in front) to address."""
        fixed = {"unit": "Dinas", "post": "Analis", "tier": "pelaksana", "leads": False, "employment": "pns"}
        with transaction(self.engine) as session:
            session.execute(unit.insert().values(name="Dinas"))
            for number, email in emails.items():
                row = {"number": number[1:], "name": f"Nama {number[1:]}", "email": email, "language": "id"}
                session.execute(person.insert().values(**fixed, **row, outside=False))

    def round(self, round_id: UUID) -> None:
        """The round that the survey service launched."""
        at = self.scoring.now
        with transaction(self.engine) as session:
            questionnaires.load_shipped(session)
            draft = Draft(
                name="Triwulan IV",
                period_start=at.date(),
                period_end=at.date(),
                opens_at=at,
                closes_at=at + timedelta(days=7),
                timezone="Asia/Jakarta",
                questionnaire_id=questionnaires.listing(session)[0].id,
                policy="pp30-360",
                threshold=3,
                groups={"supervisor": Group(1, 1, 1)},
                seed=1,
                authority="Surat 800/1",
                contact=CONTACT,
            )
            made = rounds.create(session, draft, at, "hr")
            session.execute(sa.update(round_).where(round_.c.id == made).values(id=round_id))

    def mails(self) -> list[Any]:
        return self.notifier.mails() if (self.notifier.folder / "mail" / "new").is_dir() else []

    def carry(self) -> None:
        """Everything that waits goes one round."""
        self.scoring.work("send notices")
        asked = waiting(self.scoring.engine, NoticeRequested.type)
        assert set(self.survey(*asked)) <= {Done()}
        assert set(self.notifier.hear(*waiting(self.engine, NoticeAddressed.type))) <= {Done()}
        self.notifier.empty()
        assert set(self.scoring.hear(*waiting(self.notifier.engine, NoticeMailed.type))) <= {Done()}


@pytest.fixture
def chain(new_engine: Callable[..., Engine], tmp_path: Path) -> Chain:
    found = Chain(new_engine, tmp_path)
    survey = Survey((A, B), ballots={A: full(4), B: full(3)})
    released(found.scoring, survey)
    found.round(survey.round_id)
    return found


def test_a_link_reaches_its_person_and_the_mail_is_the_receipt(chain: Chain) -> None:
    chain.people(**{f"_{A}": "a@kantor.test", f"_{B}": "b@kantor.test", f"_{CHIEF}": "chief@kantor.test"})
    chain.carry()
    found = {str(one["To"]): one for one in chain.notifier.mails()}
    assert set(found) == {"a@kantor.test", "b@kantor.test", "chief@kantor.test"}
    assert all(CONTACT in part(one, kind) for one in found.values() for kind in ("plain", "html"))
    links = {to: re.search(r"http\S+/reports/\S+", part(one, "plain")).group() for to, one in found.items()}  # type: ignore[union-attr]
    assert "/reports/own/" in links["a@kantor.test"] and "/reports/team/" in links["chief@kantor.test"]
    assert {one.state for one in chain.scoring.rows(notice)} == {"accepted"}
    assert all(one.mailed_at and one.until for one in chain.scoring.rows(receipt))
    assert {(one.sealed, one.enclosed) for one in chain.notifier.rows().values()} == {(None, None)}


def test_only_the_notifier_can_read_a_link(chain: Chain) -> None:
    """No link or reference is found in a database or an event, and no address outside the survey service."""
    chain.people(**{f"_{A}": "a@kantor.test", f"_{B}": "b@kantor.test", f"_{CHIEF}": "chief@kantor.test"})
    chain.carry()
    tokens = [re.search(r"/reports/\w+/(\S+)", part(one, "plain")).group(1) for one in chain.notifier.mails()]  # type: ignore[union-attr]
    events = [
        encode(one, ["x" * 40]).decode()
        for engine, kind in (
            (chain.scoring.engine, NoticeRequested.type),
            (chain.engine, NoticeAddressed.type),
            (chain.notifier.engine, NoticeMailed.type),
        )
        for one in waiting(engine, kind)
    ]
    stored = repr(chain.scoring.rows(notice)) + repr(chain.notifier.rows().values())
    for token in tokens:
        assert not [one for one in events if token in one or token.split(".")[0] in one]
        assert token not in stored
    assert not [one for one in events if "@kantor.test" in one]


@pytest.mark.parametrize(
    "emails",
    [
        {A: None},
        {A: "same@kantor.test", "1": "Same@kantor.test"},
        {},
    ],
    ids=["no address", "shared address", "unknown person"],
)
def test_without_an_address_of_ones_own_nothing_is_mailed_and_it_is_said(
    chain: Chain, emails: dict[str, str | None]
) -> None:
    chain.people(**{f"_{number}": email for number, email in emails.items()})
    chain.carry()
    assert chain.mails() == []
    assert {one.state for one in chain.scoring.rows(notice)} == {"permanent"}
    assert not [one for one in chain.scoring.rows(receipt) if one.until], "nobody has received anything"


def test_before_the_notifier_has_a_key_notices_wait(new_engine: Callable[..., Engine], tmp_path: Path) -> None:
    world = World(new_engine(MIGRATIONS), tmp_path)
    released(world, Survey((A,), ballots={A: full(4)}))
    world.work("send notices")
    assert {one.state for one in world.rows(notice)} == {"wanted"} and waiting(
        world.engine, NoticeRequested.type
    ) == []


def test_a_notice_that_overtakes_the_key_is_tried_again(chain: Chain) -> None:
    chain.scoring.work("send notices")
    one, *_ = waiting(chain.scoring.engine, NoticeRequested.type)
    other = Event(one.type, event_id("x", 1), one.subject, one.time, dict(one.data) | {"fingerprint": "0" * 64})
    assert [type(outcome).__name__ for outcome in chain.survey(other)] == ["Retry"]


def test_two_replicas_send_a_notice_once(chain: Chain) -> None:
    other = chain.scoring.replica()
    for world in (chain.scoring, other):
        world.work("send notices")
    assert len(waiting(chain.scoring.engine, NoticeRequested.type)) == 3
    other.engine.dispose()
