"""A round for the tests of the rater's pages: rows made by hand, no launch; a key that only the test can open."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine

from shared import sealing
from shared.config import Settings, load
from shared.database import transaction
from shared.service import Context, Service
from shared.web.app import create_app
from survey_service import respond, tokens
from survey_service.domain import boxes
from survey_service.domain.drafts import LAST
from survey_service.domain.schedule import Schedule, schedule_to
from survey_service.tables import (
    SURVEY,
    box,
    draft,
    invitation,
    letter,
    person,
    questionnaire,
    ratee,
    round_,
    unit,
)
from survey_service.usecases import drafts

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
RATEE = "198501012010012001"
RATER = "199001012015011007"
ADDRESS = "wahyu.rater@dinas.example"


def berakhlak() -> dict[str, Any]:
    return questionnaire_body("berakhlak")


def questionnaire_body(name: str) -> dict[str, Any]:
    text = (resources.files("survey_service") / "questionnaires" / f"{name}.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Link:
    """One invitation with the secret that only the rater has."""

    secret: bytes
    settings: Settings
    id: UUID = field(default_factory=uuid4)

    @property
    def token(self) -> bytes:
        return tokens.token_of(self.secret)

    @property
    def form(self) -> dict[str, str]:
        signature = tokens.sign(self.token, self.settings.service_secrets)
        return {"token": sealing.b64(self.token), "signature": signature}

    @property
    def code(self) -> str:
        return tokens.code(self.secret)

    @property
    def url(self) -> str:
        return tokens.link(self.settings.public_url, self.secret, self.settings.service_secrets)

    @property
    def fragment(self) -> str:
        return self.url.partition("#")[2]


class Asked:
    """A round that is open at ``NOW`` until a week later, with one ratee and as many raters as one asks for."""

    def __init__(self, engine: Engine, folder: Path, body: dict[str, Any] | None = None, **facts: Any) -> None:
        self.engine = engine
        self.clock = Clock()
        self.settings = load({"CERMIN_DATA_DIR": str(folder), "CERMIN_AGENCY": "Dinas Contoh"})
        self.body = body or berakhlak()
        self.round_id = uuid4()
        self.leadership = bool(facts.pop("leadership", False))
        self.private = sealing.make_key()
        self.raters = 0
        with transaction(engine) as session:
            session.execute(unit.insert().values(name="Dinas Contoh"))
            self._person(session, RATEE, "Siti Rahmawati, S.Sos.", None)
            identity = uuid4()
            session.execute(
                questionnaire.insert().values(
                    id=identity, code="q", version=1, body=self.body, digest="0" * 64, locked=True, finished=True
                )
            )
            values = {
                "id": self.round_id,
                "name": "Triwulan IV 2026",
                "state": "open",
                "revision": 1,
                "period_start": date(2026, 10, 1),
                "period_end": date(2026, 12, 31),
                "opens_at": NOW - timedelta(days=1),
                "closes_at": NOW + timedelta(days=7, hours=6),
                "timezone": "Asia/Jakarta",
                "questionnaire_id": identity,
                "policy": "berakhlak",
                "threshold": 3,
                "groups": {},
                "seed": 1,
                "schedule": schedule_to(Schedule()),
                "messages": {},
                "authority": "Surat Sekretaris Daerah 800/123/2026",
                "contact": "Subbag Kepegawaian, 021-555-0101",
                "public_key": sealing.public_part(self.private),
            }
            session.execute(round_.insert().values(**(values | facts)))
            session.execute(
                ratee.insert().values(
                    round_id=self.round_id,
                    number=RATEE,
                    name="Siti Rahmawati, S.Sos.",
                    post="Analis Kebijakan Ahli Muda",
                    unit="Dinas Contoh",
                    tier="fungsional",
                    leadership=self.leadership,
                )
            )
            session.execute(
                box.insert(),
                [
                    {"round_id": self.round_id, "ratee": RATEE, "relation": relation, "ballots": b""}
                    for relation in ("supervisor", "peer", "subordinate", "self")
                ],
            )
            session.execute(draft.insert().values(round_id=self.round_id, upto=LAST, held=b""))

    def invite(self, relation: str = "peer", language: str = "id", **facts: Any) -> Link:
        link = Link(tokens.mint(), self.settings)
        number = RATER if not self.raters else f"19900101201601{self.raters:04}"
        address = ADDRESS if not self.raters else f"rater{self.raters}@dinas.example"
        self.raters += 1
        sealed = facts.pop("sealed", b"sealed letter")
        with transaction(self.engine) as session:
            self._person(session, number, "Wahyu Rater", address, language)
            letter_id = uuid4()
            session.execute(
                letter.insert().values(
                    id=letter_id,
                    round_id=self.round_id,
                    rater=number,
                    unit="Dinas Contoh",
                    state="accepted",
                    sealed=sealed,
                    fingerprint="f" * 64,
                    requests=1,
                    requested_on=NOW.date() - timedelta(days=2),
                )
            )
            values = {
                "id": link.id,
                "round_id": self.round_id,
                "ratee": RATEE,
                "rater": number,
                "relation": relation,
                "letter_id": letter_id,
                "token_digest": tokens.digest_of(link.token),
                "state": "pending",
            }
            session.execute(invitation.insert().values(**(values | facts)))
            drafts.forget(session, self.round_id, values["token_digest"], sealing.ballot_length(self.items))
        return link

    def app(self) -> Flask:
        service = Service("survey", SURVEY, "survey_service.migrations", self.engine, register=respond.install)
        return create_app(service, Context(self.settings, self.engine, self.clock))

    def ballot(self, relation: str = "peer", answer: int = 4) -> bytes:
        plain = sealing.encode_answers([answer] * self.items, sealing.ballot_length(self.items))
        info = sealing.ballot_info(self.round_id, RATEE, relation)
        return sealing.Sealer(sealing.public_part(self.private)).seal(plain, info)

    @property
    def items(self) -> int:
        return sum(len(section["items"]) for section in self.body["sections"])

    def opened(self, relation: str = "peer") -> list[list[int]]:
        """The answers in a box, as scoring would read them (format byte and padding taken off)."""
        opener = sealing.Opener(self.private)
        info = sealing.ballot_info(self.round_id, RATEE, relation)
        found = [opener.open(sealed, info) for sealed in self.sealed(relation)]
        assert all(plain[0] == 1 for plain in found)
        return [list(plain[1 : self.items + 1]) for plain in found]

    def sealed(self, relation: str = "peer") -> list[bytes]:
        with self.engine.connect() as connection:
            kept = connection.scalar(sa.select(box.c.ballots).where(box.c.relation == relation))
        return boxes.split(kept, sealing.sealed_length(sealing.ballot_length(self.items)))

    def state(self, link: Link) -> tuple[str, str | None]:
        with self.engine.connect() as connection:
            row = connection.execute(
                sa.select(invitation.c.state, invitation.c.reason).where(invitation.c.id == link.id)
            ).one()
        return row.state, row.reason

    def set_round(self, **facts: Any) -> None:
        with transaction(self.engine) as session:
            session.execute(sa.update(round_).values(**facts))

    @staticmethod
    def _person(session: Any, number: str, name: str, address: str | None, language: str = "id") -> None:
        session.execute(
            person.insert().values(
                number=number,
                name=name,
                email=address,
                language=language,
                unit="Dinas Contoh",
                post="Analis",
                tier="fungsional",
                leads=False,
                employment="pns",
                outside=False,
            )
        )


def complete(asked: Asked, answer: int = 4) -> dict[str, str]:
    """Form fields with the same answer to every item."""
    return {f"q{at}": str(answer) for at in range(asked.items)}


def ticket_in(page: str) -> str:
    return page.partition('name="ticket" value="')[2].partition('"')[0]
