"""Replicas that start together bring their database to the newest form together."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import Engine

from shared import migrate
from shared.database import connect, transaction
from shared.migrate import behind, downgrade, upgrade

PACKAGE = "survey_service.migrations"
LATER = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None
def upgrade() -> None:
    op.execute("CREATE TABLE added (id INTEGER PRIMARY KEY)")
    op.execute("{statement}")
"""


@pytest.fixture
def staffed(new_engine: Callable[..., Engine]) -> Engine:
    """A migrated database with rows that refer to each other."""
    engine = new_engine(PACKAGE)
    with transaction(engine) as session:
        session.execute(sa.text("INSERT INTO unit (name) VALUES ('Dinas Kesehatan')"))
        session.execute(sa.text("INSERT INTO unit (name, parent) VALUES ('Bidang A', 'Dinas Kesehatan')"))
    return engine


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``later(STATEMENT)``: from now on there is one migration more, which executes it."""
    packaged = migrate.config_of

    def config_of(package: str) -> Config:
        config = packaged(package)
        own = Path(config.get_main_option("script_location") or "") / "versions"
        config.set_main_option("version_locations", f"{own}{os.pathsep}{tmp_path}")
        return config

    def install(statement: str) -> None:
        (tmp_path / "0002_later.py").write_text(LATER.format(statement=statement))
        monkeypatch.setattr(migrate, "config_of", config_of)

    return install


def test_two_replicas_may_start_at_once(new_engine: Callable[..., Engine]) -> None:
    engine = new_engine()
    other = connect(engine.url.render_as_string(hide_password=False))
    problems: list[Exception] = []

    def migrate(one: Engine) -> None:
        try:
            upgrade(one, PACKAGE)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=migrate, args=(one,)) for one in (engine, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    other.dispose()
    assert problems == []
    assert not behind(engine, PACKAGE)


def tables(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


@pytest.mark.parametrize(
    "statement",
    ["UPDATE nowhere SET a = 1", "DELETE FROM unit WHERE name = 'Dinas Kesehatan'"],
    ids=("fails", "cuts"),
)
def test_a_migration_is_made_as_a_whole_or_not_at_all(
    staffed: Engine, later: Callable[[str], None], statement: str
) -> None:
    later(statement)
    with pytest.raises((sa.exc.DBAPIError, RuntimeError)):
        upgrade(staffed, PACKAGE)
    assert behind(staffed, PACKAGE) and "added" not in tables(staffed)
    with transaction(staffed) as session:
        assert session.scalar(sa.text("SELECT count(*) FROM unit")) == 2
    with pytest.raises(sa.exc.IntegrityError), transaction(staffed) as session:
        session.execute(sa.text("DELETE FROM unit WHERE name = 'Dinas Kesehatan'"))  # references are watched again


def test_the_version_before_lives_on_a_newer_database(
    staffed: Engine, later: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    later("UPDATE unit SET name = name")
    assert behind(staffed, PACKAGE)
    upgrade(staffed, PACKAGE)
    assert not behind(staffed, PACKAGE) and "added" in tables(staffed)
    monkeypatch.undo()
    assert not behind(staffed, PACKAGE)
    upgrade(staffed, PACKAGE)
    assert "added" in tables(staffed)
    with pytest.raises(CommandError):
        downgrade(staffed, PACKAGE, "base")
    assert "added" in tables(staffed)
