"""A survey database with questionnaires, and a round that can be taken from state to state."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from shared import sealing
from shared.database import reading, transaction
from shared.events import Event, read
from shared.messaging.tables import outbox
from survey_service.domain.rounds import DEFAULT_GROUPS, Draft
from survey_service.tables import invitation, questionnaire
from survey_service.usecases import letters, opening, people, questionnaires, rounds
from survey_service.usecases.launch import Launched, launch
from tests.people_files import agency, csv_file

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECRETS = ("survey-secret-" + "x" * 32,)
PUBLIC_URL = "https://survei.kota.go.id"


@dataclass
class Office:
    """The personnel office: its database, its clock and the keys that would be elsewhere."""

    engine: Engine
    now: datetime = NOW
    notifier_key: bytes = field(default_factory=sealing.make_key)
    round_key: bytes = field(default_factory=sealing.make_key)

    def do(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with transaction(self.engine) as session:
            return work(session, *args, **kwargs)

    def ask(self, query: sa.Executable) -> Any:
        with reading(self.engine) as session:
            return session.execute(query).all()

    def count(self, table: sa.Table, *conditions: Any) -> int:
        return int(self.ask(sa.select(sa.func.count()).select_from(table).where(*conditions))[0][0])

    def events(self, kind: str) -> list[Event]:
        """What waits to be published, oldest first."""
        rows = self.ask(sa.select(outbox).where(outbox.c.type == kind).order_by(outbox.c.position))
        return [
            Event(row.type, row.event_id, row.subject, row.time, read(kind, json.loads(row.data))) for row in rows
        ]

    def hire(self, rows: list[list[str]] | None = None) -> None:
        self.do(people.import_people, csv_file(*(agency() if rows is None else rows)), self.now, "hr")

    def draft(self, **changes: Any) -> Draft:
        [found] = self.ask(sa.select(questionnaire.c.id).where(questionnaire.c.code == "pp30"))
        values: dict[str, Any] = {
            "name": "Semester II 2026",
            "period_start": date(2026, 7, 1),
            "period_end": date(2026, 12, 31),
            "opens_at": self.now + timedelta(days=1),
            "closes_at": self.now + timedelta(days=8),
            "timezone": "Asia/Jakarta",
            "questionnaire_id": found.id,
            "policy": "pp30-360",
            "threshold": 3,
            "groups": DEFAULT_GROUPS,
            "seed": 7,
            "authority": "Surat Edaran 1/2026",
            "contact": "BKD",
        }
        return Draft(**values | changes)

    def create(self, **changes: Any) -> UUID:
        made: UUID = self.do(rounds.create, self.draft(**changes), self.now, "hr")
        return made

    def meet_notifier(self) -> None:
        public = sealing.public_part(self.notifier_key)
        self.do(opening.keep_notifier_key, public, sealing.fingerprint(public))

    def launch(self, round_id: UUID) -> Launched:
        made: Launched = self.do(self.launching, round_id)
        return made

    def launching(self, session: Session, round_id: UUID) -> Launched:
        return launch(session, round_id, self.now, public_url=PUBLIC_URL, service_secrets=SECRETS, actor="hr")

    def launched(self, **changes: Any) -> UUID:
        self.hire()
        self.meet_notifier()
        round_id = self.create(**changes)
        self.launch(round_id)
        return round_id

    def give_key(self, round_id: UUID) -> None:
        public = sealing.public_part(self.round_key)
        self.do(opening.keep_round_key, round_id, public, sealing.fingerprint(public))

    def open(self, **changes: Any) -> UUID:
        round_id = self.launched(**changes)
        self.give_key(round_id)
        self.dispatch()
        self.now += timedelta(days=1, minutes=1)
        assert self.do(opening.open_due, self.now) == 1
        return round_id

    def dispatch(self) -> int:
        total = 0
        while done := self.do(letters.dispatch, self.now):
            total += done
        return total

    def set_states(self, round_id: UUID, state: str, *conditions: Any) -> int:
        where = (invitation.c.round_id == round_id, *conditions)
        return int(
            self.do(
                lambda session: session.execute(sa.update(invitation).where(*where).values(state=state)).rowcount
            )
        )


@pytest.fixture
def office(new_engine: Callable[..., Engine]) -> Office:
    made = Office(new_engine("survey_service.migrations"))
    made.do(questionnaires.load_shipped)
    return made
