"""A scoring service on a real database and key store, and the survey service's side of the talk."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scoring_service.service import build
from shared import sealing
from shared.config import load
from shared.database import connect, reading
from shared.events import (
    BallotsSealed,
    ContractClass,
    Event,
    RoundAbandoned,
    RoundLaunched,
    RoundRoster,
    RoundSealed,
    event_id,
    read,
)
from shared.keystore import open_keystore
from shared.messaging.broker import Delivery, Outcome
from shared.messaging.envelope import encode
from shared.messaging.inbox import receiver
from shared.messaging.tables import outbox
from shared.service import Context
from shared.web.app import create_app

MIGRATIONS = "scoring_service.migrations"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ASPECTS = ("orientasi_pelayanan", "komitmen", "inisiatif_kerja", "kerja_sama", "kepemimpinan")
ITEMS = 10
CHIEF, HEAD = "197001012000011001", "196501011990011001"
Answers = Sequence[int]


class World:
    """One replica of the scoring service. ``home`` may be shared by several: it holds the key store."""

    def __init__(self, engine: Engine, home: Path) -> None:
        self.engine = engine
        self.now = NOW
        self.settings = load({"CERMIN_DATA_DIR": str(home)})
        self.context = Context(self.settings, engine, lambda: self.now)
        self.service = build(self.context)
        self.keystore = open_keystore(self.settings.keystore_url)
        self._receive = receiver(self.service, self.settings.event_secrets, self.context.clock)

    def replica(self) -> "World":
        """Another replica: an engine of its own on the same database, the same key store."""
        url = self.engine.url.render_as_string(hide_password=False)
        return World(connect(url), self.settings.data_dir)

    def hear(self, *events: Event) -> Sequence[Outcome]:
        """Deliver encoded events as one batch."""
        secrets = self.settings.event_secrets
        return self._receive([Delivery(event.type, event.id, encode(event, secrets)) for event in events])

    def work(self, *names: str) -> None:
        """Run jobs until none of them has anything left to do."""
        jobs = [job for job in self.service.jobs if not names or job.name in names]
        while sum([job.run() for job in jobs]):
            pass

    def said(self, contract: ContractClass) -> list[Mapping[str, Any]]:
        """Data of the events of one type that wait in the outbox, in order."""
        query = sa.select(outbox.c.data).where(outbox.c.type == contract.type).order_by(outbox.c.position)
        with reading(self.engine) as session:
            return [read(contract.type, json.loads(data)) for data in session.scalars(query)]

    def rows(self, table: sa.Table) -> list[Any]:
        with reading(self.engine) as session:
            return list(session.execute(sa.select(table)).all())

    def one(self, table: sa.Table) -> Any:
        found = self.rows(table)
        assert len(found) == 1
        return found[0]

    def app(self) -> Any:
        return create_app(self.service, self.context)


@dataclass
class Survey:
    """The survey service's side of one round. ``ballots`` holds answers by ratee and relation."""

    ratees: Sequence[str] = ("198501012010011001",)
    policy: str = "pp30-360"
    aspects: Sequence[str] = ASPECTS
    threshold: int = 3
    part_size: int = 500
    leaders: Sequence[str] = ()
    round_id: UUID = field(default_factory=uuid4)
    ballots: dict[str, dict[str, list[Answers]]] = field(default_factory=dict)
    boxes: dict[str, dict[str, list[bytes]]] = field(default_factory=dict)
    asked: Mapping[str, int] = field(
        default_factory=lambda: {"supervisor": 1, "peer": 5, "subordinate": 3, "self": 1}
    )

    def questionnaire(self) -> dict[str, Any]:
        sections = [
            {
                "aspect": aspect,
                "title": {"id": aspect, "en": aspect},
                "leadership_only": aspect == "kepemimpinan",
                "items": [f"{aspect}-1", f"{aspect}-2"],
            }
            for aspect in self.aspects
        ]
        return {"code": "pp30", "version": 1, "digest": "a" * 64, "points": 5, "sections": sections}

    def launched(self) -> Event:
        data = {
            "round_id": self.round_id,
            "name": "Triwulan IV 2026",
            "period": {"start": date(2026, 10, 1), "end": date(2026, 12, 31)},
            "questionnaire": self.questionnaire(),
            "policy": self.policy,
            "threshold": self.threshold,
            "ratees": len(self.ratees),
            "roster_parts": len(self._parts()),
        }
        return self._event(RoundLaunched, data, self.round_id)

    def roster(self) -> list[Event]:
        parts = self._parts()
        return [
            self._event(
                RoundRoster,
                {
                    "round_id": self.round_id,
                    "part": at,
                    "parts": len(parts),
                    "ratees": [self._person(one) for one in part],
                },
                self.round_id,
                at,
            )
            for at, part in enumerate(parts, start=1)
        ]

    def seal(self, public: bytes) -> None:
        """Put every ballot into its box, sealed to the round's key."""
        sealer = sealing.Sealer(public)
        for ratee in self.ratees:
            for relation, given in self.ballots.get(ratee, {}).items():
                info = sealing.ballot_info(self.round_id, ratee, relation)
                for answers in given:
                    plain = sealing.encode_answers(answers, sealing.ballot_length(2 * len(self.aspects)))
                    self.put(ratee, relation, sealer.seal(plain, info))

    def put(self, ratee: str, relation: str, sealed: bytes) -> None:
        """One more sealed ballot, whatever it holds."""
        self.boxes.setdefault(ratee, {}).setdefault(relation, []).append(sealed)

    def sealed(self, ratee: str) -> Event:
        boxes = {
            relation: [sealing.b64(one) for one in sorted(given, key=_leaf)]
            for relation, given in self.boxes.get(ratee, {}).items()
        }
        return self._event(
            BallotsSealed, {"round_id": self.round_id, "ratee": ratee, "boxes": boxes}, self.round_id, ratee
        )

    def all_sealed(self) -> list[Event]:
        return [self.sealed(ratee) for ratee in self.ratees]

    def manifest(self, **other: Any) -> Event:
        leaves = [_leaf(one) for boxes in self.boxes.values() for box in boxes.values() for one in box]
        data = {
            "round_id": self.round_id,
            "messages": len(self.ratees),
            "ballots": len(leaves),
            "merkle_root": sealing.merkle_root(leaves),
        }
        return self._event(RoundSealed, data | other, self.round_id)

    def abandoned(self) -> Event:
        return self._event(RoundAbandoned, {"round_id": self.round_id}, self.round_id)

    def _parts(self) -> list[Sequence[str]]:
        return [self.ratees[at : at + self.part_size] for at in range(0, len(self.ratees), self.part_size)]

    def _person(self, number: str) -> dict[str, Any]:
        return {
            "ratee": number,
            "name": f"Pegawai {number}",
            "unit": "Bidang Mutasi" if self.ratees.index(number) % 2 else "Sekretariat",
            "tier": "pelaksana",
            "leadership": number in self.leaders,
            "assessor": {"number": CHIEF, "name": "Kepala Bidang"},
            "superior": {"number": HEAD, "name": "Kepala Dinas"},
            "invited": dict(self.asked),
        }

    def _event(self, contract: ContractClass, data: Mapping[str, Any], *facts: object) -> Event:
        return Event.make(
            contract, id=event_id(contract.type, *facts), subject="/".join(map(str, facts)), time=NOW, data=data
        )


def answers(value: int, leader: bool = False) -> Answers:
    """The same answer to every item; leadership is not asked of somebody who does not lead."""
    return [value] * 8 + [value if leader else 255] * 2


def some(seed: int, leader: bool = False) -> Answers:
    """Answers that differ from item to item."""
    dice = random.Random(seed)
    return [dice.randint(2, 5) for _ in range(8)] + (
        [dice.randint(2, 5) for _ in range(2)] if leader else [255, 255]
    )


def full(value: int = 4) -> dict[str, list[Answers]]:
    """Boxes of a ratee whom everybody assessed: 1 supervisor, 3 peers, 3 subordinates, self."""
    return {
        "supervisor": [answers(value)],
        "peer": [answers(value)] * 3,
        "subordinate": [answers(value)] * 3,
        "self": [answers(5)],
    }


def opened(world: World, survey: Survey) -> None:
    """Launch the round and seal its ballots to the key that came back."""
    assert_done(world.hear(survey.launched(), *survey.roster()))
    with reading(world.engine) as session:
        query = sa.select(outbox.c.data).where(outbox.c.type == "round.key.v1")
        keys = {data["round_id"]: data for data in map(json.loads, session.scalars(query))}
    survey.seal(sealing.unb64(keys[str(survey.round_id)]["public_key"]))


def counted(world: World, survey: Survey) -> None:
    """Bring a round to the end of counting and scoring."""
    opened(world, survey)
    assert_done(world.hear(*survey.all_sealed(), survey.manifest()))
    world.work("count", "score")


def released(world: World, survey: Survey, counting: bool = True) -> None:
    """Bring a round to its release, from the start or from where it is counted."""
    from scoring_service.usecases.release import release
    from shared.database import transaction

    if counting:
        counted(world, survey)
    world.work("score")
    with transaction(world.engine) as session:
        release(session, survey.round_id, world.now, "HR")
    world.work("release")


def assert_done(outcomes: Sequence[Outcome]) -> None:
    """Every event was applied."""
    assert [outcome for outcome in outcomes if type(outcome).__name__ != "Done"] == []


def _leaf(sealed: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(sealed).digest()
