"""A whole round of six people in one thread, phase by phase: what it does can be stopped and taken up anywhere.

Each phase is something that a person does (again, when nothing came of it), and the work of our services that
follows from it, until nothing is left to do.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_string
from pathlib import Path
from threading import Event as Flag
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from scoring_service import tables as scoring
from scoring_service.usecases import release
from shared import audit, sealing
from shared.cli import main
from shared.config import SERVICES, load
from shared.database import reading, transaction
from shared.demo.mails import Asked, asked
from shared.events import ADVANCED, PUBLIC
from shared.host import Host, queue_of
from shared.messaging.broker import Delivery, Done, Outcome, Queue
from shared.messaging.inbox import receiver
from shared.messaging.outbox import relay
from shared.messaging.tables import outbox
from shared.service import Clock
from survey_service import tables as survey
from survey_service.domain.rounds import Draft, Group
from survey_service.usecases import answering, closing, launch, people, questionnaires, rounds
from tests.faults.death import Death
from tests.people_files import agency, csv_file

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LATER = timedelta(minutes=2)
"""What passes after a death: longer than any lease."""
SUBSCRIBER = Queue("subscriber", ((PUBLIC, "#"),))
GROUPS = {name: Group(1, 3, 8) for name in ("peer", "subordinate")} | {"supervisor": Group(1, 1, 1)}
PATIENCE = 30.0


@dataclass(frozen=True)
class Phase:
    """``act`` is what a person does, ``jobs`` what runs besides relays and consumers, ``done`` when it is over."""

    name: str
    act: Callable[["SmallRound"], None]
    jobs: tuple[str, ...]
    done: Callable[["SmallRound"], bool]
    dies: bool = True


class SmallRound:
    """One worker with all three services, and the people around it."""

    def __init__(self, host: Host, app: Flask, folder: Path, death: Death | None = None) -> None:
        self.host, self.app, self.folder = host, app, folder
        self.death = death
        self.survey, self.scoring, self.notifier = (host.services[name].engine for name in SERVICES)

    def run(self, phase: Phase) -> None:
        """Do a phase, or what is left of it."""
        phase.act(self)
        deadline = time.monotonic() + PATIENCE
        while self._work(phase.jobs) or not phase.done(self):
            assert time.monotonic() < deadline, f"{phase.name} does not come to an end"

    def _work(self, jobs: Sequence[str]) -> int:
        did = 0
        for service in self.host.services.values():
            did += relay(service.engine, self.host.broker, self.host.settings.event_secrets, self.host.clock)
            did += self._hear(queue_of(service.name).name, self._receiver(service.name))
            did += sum(job.run() for job in service.jobs if job.name in jobs)
        return did + self._hear(SUBSCRIBER.name, self._subscribe)

    def _receiver(self, name: str) -> Callable[[Sequence[Delivery]], Sequence[Outcome]]:
        return receiver(self.host.services[name], self.host.settings.event_secrets, self.host.clock)

    def _hear(self, queue: str, consumer: Callable[[Sequence[Delivery]], Sequence[Outcome]]) -> int:
        """Consume until the queue is empty."""
        heard, stop = 0, Flag()
        broker = self.host.broker
        if not broker.depth(queue):
            return 0

        def once(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
            nonlocal heard
            heard += len(deliveries)
            outcomes = consumer(deliveries)
            stop.set()
            return outcomes

        broker.consume(queue, once, stop, backoff=timedelta(milliseconds=20))
        return heard

    def _subscribe(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        with (self.folder / "public.jsonl").open("ab") as file:
            file.writelines(delivery.body + b"\n" for delivery in deliveries)
        return [Done()] * len(deliveries)

    # What people do.

    def set_up(self) -> None:
        """Import, questionnaires, the notifier's key, a draft."""
        self.host.migrate()
        self.host.broker.declare([*(queue_of(name) for name in SERVICES), SUBSCRIBER])
        with transaction(self.survey) as session:
            questionnaires.load_shipped(session)
            people.import_people(session, csv_file(*agency(5, 5)), NOW, "hr")
            pp30 = session.scalar(sa.select(survey.questionnaire.c.id).where(survey.questionnaire.c.code == "pp30"))
            draft = Draft(
                name="Semester II 2026",
                period_start=date(2026, 7, 1),
                period_end=date(2026, 12, 31),
                opens_at=NOW - timedelta(hours=1),
                closes_at=NOW + timedelta(days=7),
                timezone="Asia/Jakarta",
                questionnaire_id=pp30,
                policy="pp30-360",
                threshold=3,
                groups=GROUPS,
                seed=7,
                authority="Surat Edaran 1/2026",
                contact="BKD",
            )
            rounds.create(session, draft, NOW, "hr")
        self.run(Phase("key", lambda _: None, ("key announcement",), lambda it: it.has(survey.notifier_key)))

    def launch(self) -> None:
        """HR launches; somebody who sees a draft tries again."""
        if self.state == "draft":
            settings = self.host.settings
            with transaction(self.survey) as session:
                launch.launch(
                    session,
                    self.round_id,
                    self.host.clock(),
                    public_url=settings.public_url,
                    service_secrets=settings.service_secrets,
                    actor="hr",
                )

    def answer(self, some: slice) -> None:
        """Raters send their ballots; whoever heard no thanks sends the same bytes again."""
        thanked = self.folder / "thanked"
        thanked.mkdir(exist_ok=True)
        client = self.app.test_client()
        for one in self.asked()[some]:
            with self.death.paused() if self.death else nullcontext():
                sent = self._ballot(one)
            name = hashlib.sha256(sent["token"].encode()).hexdigest()
            if (thanked / name).exists():
                continue
            page = client.post("/s/submit", json=sent)
            assert page.status_code == 200, page.get_data(as_text=True)
            (thanked / name).touch()

    def _ballot(self, one: Asked) -> dict[str, str]:
        """What the browser keeps until it is thanked."""
        secret, signature = one.link.partition("#")[2].split(".")
        token = hashlib.sha256(b"cermin link v1\n" + sealing.unb64(secret)).digest()
        kept = self.folder / "browser" / hashlib.sha256(token).hexdigest()
        kept.parent.mkdir(exist_ok=True)
        if not kept.exists():
            with reading(self.survey) as session:
                invited = answering.look(session, token, self.host.clock())
            value = 3 + sum(one.who.encode()) % 3
            answers = [value if asks else 255 for asks in invited.questions]
            ballot = answering.seal(invited, answers)
            sent = {"token": sealing.b64(token), "signature": signature, "ballot": sealing.b64(ballot)}
            kept.write_text(json.dumps(sent))
        found: dict[str, str] = json.loads(kept.read_text())
        return found

    def close(self) -> None:
        """HR closes the round."""
        if self.state == "open":
            with transaction(self.survey) as session:
                closing.close(session, self.round_id, self.host.clock(), "hr")

    def release(self) -> None:
        """HR releases the scores."""
        if self.value(sa.select(scoring.round_.c.state), self.scoring) == "scored":
            with transaction(self.scoring) as session:
                release.release(session, self.round_id, self.host.clock(), "hr")

    # What is to be seen.

    def mails(self) -> list[dict[str, Any]]:
        file = self.folder / "mails.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def asked(self) -> list[Asked]:
        """What the mails ask for, each once."""
        found = {one.link: one for mail in self.mails() for one in asked(mail["mail"].encode())}
        return sorted(found.values(), key=lambda one: one.who)

    @property
    def round_id(self) -> UUID:
        found: UUID = self.value(sa.select(survey.round_.c.id))
        return found

    @property
    def state(self) -> str:
        return str(self.value(sa.select(survey.round_.c.state)))

    def value(self, query: Any, engine: sa.Engine | None = None) -> Any:
        with self.death.paused() if self.death else nullcontext(), reading(engine or self.survey) as session:
            return session.scalar(query)

    def count(self, table: sa.Table, *where: Any, engine: sa.Engine | None = None) -> int:
        return int(self.value(sa.select(sa.func.count()).select_from(table).where(*where), engine))

    def has(self, table: sa.Table, *where: Any) -> bool:
        return self.count(table, *where) > 0

    def all_mailed(self) -> bool:
        done = survey.letter.c.state == "accepted"
        return self.count(survey.letter) == self.count(survey.letter, done)

    def verdict(self) -> dict[str, Any]:
        """Everything that must be the same however often somebody died."""
        with reading(self.scoring) as session:
            scores = {
                row.ratee: [row.status, row.behaviour, row.version]
                for row in session.execute(sa.select(scoring.score))
            }
            row = session.execute(sa.select(scoring.round_)).one()
            feed = sorted(session.scalars(sa.select(scoring.feed.c.event_id)))
            boxes = session.scalar(sa.select(sa.func.sum(scoring.box.c.ballots)))
            acts = Counter(session.scalars(sa.select(audit.entry.c.action)))
            chain = [audit.broken_at(session)]
        with reading(self.survey) as session:
            acts += Counter(session.scalars(sa.select(audit.entry.c.action)))
            chain.append(audit.broken_at(session))
        heard: dict[str, set[str]] = {}
        for line in (self.folder / "public.jsonl").read_text().splitlines():
            event = json.loads(line)
            heard.setdefault(event["id"], set()).add(json.dumps([event["type"], event["data"]]))
        released = next(
            event["data"]
            for event in map(json.loads, (self.folder / "public.jsonl").read_text().splitlines())
            if event["type"] == "round.released.v1"
        )
        ids = release.digest_of(
            [
                id
                for id, said in heard.items()
                if json.loads(next(iter(said)))[0] in {"behaviour.scored.v1", "behaviour.held.v1"}
            ]
        )
        return {
            "thanked": len(list((self.folder / "thanked").iterdir())),
            "counted": row.counted,
            "refused": row.refused,
            "state": [self.state, row.state],
            "boxes": boxes,
            "boxes left": self.count(survey.box),
            "links left": self.count(survey.letter, survey.letter.c.sealed.is_not(None)),
            "keys": [name for name in self._keys() if name.startswith("round")],
            "scores": scores,
            "each score once in the feed": len(feed) == len(set(feed)) == len(scores) + 1,
            "every event of the feed was heard": set(feed) <= set(heard),
            "no id with two contents": all(len(said) == 1 for said in heard.values()),
            "digest": released["ids_digest"] == ids == row.ids_digest,
            "acts": dict(sorted(acts.items())),
            "chains": chain,
            "dead": [len(self.host.broker.dead_letters(queue_of(name).name)) for name in SERVICES],
            "waiting": [self.count(outbox, engine=engine) for engine in (self.survey, self.scoring, self.notifier)],
            "events": dict(Counter(json.loads(next(iter(said)))[0] for said in heard.values())),
        }

    def letters(self) -> Counter[str]:
        """How often each mail came, by its Message-ID."""
        return Counter(str(message_from_string(mail["mail"])["Message-ID"]) for mail in self.mails())

    def _keys(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "keys").iterdir())


def _scoring_is(state: str) -> Callable[[SmallRound], bool]:
    return lambda it: it.value(sa.select(scoring.round_.c.state), it.scoring) == state


def _survey_has(column: sa.Column[Any]) -> Callable[[SmallRound], bool]:
    return lambda it: it.has(survey.round_, column.is_not(None))


def _nobody(_it: SmallRound) -> None:
    """Our services do it by themselves."""


PHASES = (
    Phase("launch", SmallRound.launch, (), _survey_has(survey.round_.c.public_key)),
    Phase("mail", _nobody, ("open rounds", "ask for letters", "delivery 1", "telling"), SmallRound.all_mailed),
    Phase("most answers", lambda it: it.answer(slice(2, None)), (), lambda _: True, dies=False),
    Phase("answer", lambda it: it.answer(slice(0, 2)), (), lambda _: True),
    Phase("close", SmallRound.close, ("hand over ballots",), _survey_has(survey.round_.c.merkle_root)),
    Phase("count", _nobody, ("count", "sweep files"), lambda it: it.state in ("counted", *ADVANCED)),
    Phase("score", _nobody, ("score",), _scoring_is("scored")),
    Phase(
        "release",
        SmallRound.release,
        ("release",),
        lambda it: it.state == "released" and _scoring_is("released")(it),
    ),
)


@contextmanager
def worker(data: Path, clock: Clock = lambda: NOW) -> Iterator[SmallRound]:
    """A worker with the settings of the environment."""
    host = Host(load(), clock=clock)
    try:
        yield SmallRound(host, host.app("survey"), data)
    finally:
        for job in host.services["notifier"].jobs:
            if job.name.startswith("delivery"):
                job.run.__self__._mailer.close()  # type: ignore[attr-defined]
        host.close()


def life(data: Path, first: str, last: str) -> dict[str, Any]:
    """Live from one phase to another with the settings of the environment; how the round stands if it is over."""
    names = [phase.name for phase in PHASES]
    with worker(data) as it:
        if first == "launch":
            it.set_up()
        for phase in PHASES[names.index(first) : names.index(last) + 1]:
            it.run(phase)
        return it.verdict() | {"letters": it.letters()} if last == "release" else {}


def cermin(*arguments: str) -> Result:
    """Run the ``cermin`` command."""
    return CliRunner().invoke(main, list(arguments))
