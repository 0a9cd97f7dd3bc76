"""The migrations of every service make exactly what its tables say, on both databases, and take it away again."""

from collections.abc import Callable
from importlib import import_module

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from shared.audit import AUDIT
from shared.messaging.tables import MESSAGING
from shared.migrate import behind, downgrade, upgrade
from shared.web.access import ACCESS

SERVICES = {
    "survey": ("survey_service", "SURVEY", (ACCESS, AUDIT)),
    "scoring": ("scoring_service", "SCORING", (ACCESS, AUDIT)),
    "notifier": ("notifier", "NOTIFIER", ()),
}


@pytest.mark.parametrize("name", SERVICES)
def test_migrations_make_what_the_tables_say(name: str, new_engine: Callable[..., Engine]) -> None:
    package, tables, others = SERVICES[name]
    engine = new_engine()
    assert behind(engine, f"{package}.migrations")
    upgrade(engine, f"{package}.migrations")
    assert not behind(engine, f"{package}.migrations")
    wanted = [getattr(import_module(f"{package}.tables"), tables), *others, MESSAGING]
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, wanted) == []


@pytest.mark.parametrize("name", SERVICES)
def test_migrations_can_be_taken_back_and_made_again(name: str, new_engine: Callable[..., Engine]) -> None:
    package, _, _ = SERVICES[name]
    engine = new_engine()
    for _ in range(2):
        upgrade(engine, f"{package}.migrations")
        upgrade(engine, f"{package}.migrations")
        downgrade(engine, f"{package}.migrations", "base")
        assert set(sa.inspect(engine).get_table_names()) == {"alembic_version"}
