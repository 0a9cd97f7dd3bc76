"""The survey service's pages over a real database file, and people of every role who sign in to them."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from shared.config import load
from shared.database import connect, transaction
from shared.migrate import upgrade
from shared.sealing import fingerprint, make_key, public_part
from shared.service import Context
from shared.web.app import create_app
from survey_service.domain.rounds import DEFAULT_GROUPS, Draft
from survey_service.service import build, worker
from survey_service.tables import round_, unit
from survey_service.usecases import accounts, launch, letters, opening, people, progress, questionnaires, rounds

PASSWORD = "kuda lumping di pasar"
ORGANISATION = Path(__file__).resolve().parents[3] / "examples" / "organisation.csv"
OWN_UNIT = "Dinas Pariwisata dan Kebudayaan"
LOGINS = {"hr": "sari", "viewer": "vino", "auditor": "ayu", "unit_admin": "umar"}


@dataclass
class Watch:
    """A clock that a test moves."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        self.now += time


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def context(tmp_path: Path, watch: Watch) -> Iterator[Context]:
    settings = load({"CERMIN_DATA_DIR": str(tmp_path)})
    engine = connect(settings.survey_database_url)
    upgrade(engine, "survey_service.migrations")
    yield Context(settings, engine, watch)
    engine.dispose()


@pytest.fixture
def engine(context: Context) -> Engine:
    return context.engine


@pytest.fixture
def app(context: Context) -> Flask:
    made = create_app(build(context), context)
    with transaction(context.engine) as session:
        session.execute(unit.insert().values(name=OWN_UNIT, parent=None))
        for role, login in LOGINS.items():
            of = OWN_UNIT if role == "unit_admin" else None
            accounts.add_account(session, login, login.title(), role, of, PASSWORD, context.clock())
    return made


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser in which a person of this role has signed in."""

    def enter(role: str) -> FlaskClient:
        client = app.test_client()
        assert send(client, "/console/sign-in", login=LOGINS[role], password=PASSWORD).status_code == 303
        return client

    return enter


@pytest.fixture
def hr(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return signed_in("hr")


@pytest.fixture
def organised(app: Flask, context: Context) -> Context:
    """The service with people, questionnaires and a notifier that has announced its key."""
    with transaction(context.engine) as session:
        people.import_people(session, ORGANISATION.read_bytes(), context.clock(), "test")
        questionnaires.load_shipped(session)
        public = public_part(make_key())
        opening.keep_notifier_key(session, public, fingerprint(public))
    return context


@pytest.fixture
def draft(organised: Context) -> UUID:
    """A round that could be launched."""
    now = organised.clock()
    with transaction(organised.engine) as session:
        chosen = Draft(
            name="Triwulan IV 2026",
            period_start=date(2026, 10, 1),
            period_end=date(2026, 12, 31),
            opens_at=now + timedelta(hours=1),
            closes_at=now + timedelta(days=14),
            timezone="Asia/Jakarta",
            questionnaire_id=next(one.id for one in questionnaires.listing(session) if one.code == "pp30"),
            policy="pp30-360",
            threshold=3,
            groups=DEFAULT_GROUPS,
            seed=2**31 - 1,
            authority="Surat Kepala BKD 800/1/2026",
            contact="Subbagian Kepegawaian",
        )
        return rounds.create(session, chosen, now, "test")


@pytest.fixture
def opened(organised: Context, draft: UUID, watch: Watch) -> UUID:
    """A round that people are answering; its progress has been counted."""
    public = public_part(make_key())
    with transaction(organised.engine) as session:
        launch.launch(
            session,
            draft,
            watch(),
            public_url="http://127.0.0.1:8000",
            service_secrets=organised.settings.service_secrets,
            actor="test",
        )
        opening.keep_round_key(session, draft, public, fingerprint(public))
        watch.pass_by(timedelta(hours=2))
        opening.open_due(session, watch())
        letters.dispatch(session, watch(), 10_000)
        progress.recount(session, watch())
    return draft


def work(context: Context) -> None:
    """Do all long work that waits, as the worker would."""
    while worker(context).work():
        pass


def token_of(page: str) -> str:
    """The forgery token of a page with a form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found.group(1)


def send(client: FlaskClient, address: str, page: str = "", **fields: Any) -> TestResponse:
    """Fill in the form on ``page`` (default: the address itself) and send it to ``address``."""
    token = token_of(client.get(page or address).text)
    return client.post(address, data={"csrf_token": token, **fields}, content_type="multipart/form-data")


def file(content: str | bytes, name: str = "pegawai.csv") -> tuple[io.BytesIO, str]:
    """A file to upload."""
    return io.BytesIO(content.encode() if isinstance(content, str) else content), name


def count(engine: Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def round_row(engine: Engine, round_id: UUID) -> sa.Row[Any]:
    with engine.connect() as connection:
        return connection.execute(sa.select(round_).where(round_.c.id == round_id)).one()
