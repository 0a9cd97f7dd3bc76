"""Migrations: one alembic tree per service, run from code, never by hand-written SQL files."""

from importlib import import_module, resources
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from shared.messaging.tables import MESSAGING


def upgrade(engine: Engine, package: str, revision: str = "head") -> None:
    """Bring a database to ``revision``; two replicas may try at once, one waits for the other."""
    _run(engine, package, "upgrade", revision)


def downgrade(engine: Engine, package: str, revision: str) -> None:
    """Take a database back to ``revision`` (``base`` removes every table)."""
    _run(engine, package, "downgrade", revision)


def behind(engine: Engine, package: str) -> bool:
    """Whether the database lacks migrations that this code needs."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    return set(present) != set(ScriptDirectory.from_config(config_of(package)).get_heads())


def environment(*metadata: sa.MetaData) -> None:
    """What a service's ``migrations/env.py`` does: run on the connection it was given."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=[*metadata, MESSAGING],
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        user_module_prefix="database.",
        render_item=_render,
    )
    with context.begin_transaction():
        context.run_migrations()


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Boolean defaults in words that both databases understand; everything else as alembic likes."""
    if kind == "server_default" and isinstance(getattr(item, "arg", None), sa.True_ | sa.False_):
        return "sa.true()" if isinstance(item.arg, sa.True_) else "sa.false()"
    return False


def _run(engine: Engine, package: str, verb: str, revision: str) -> None:
    config = config_of(package)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": package})
        config.attributes["connection"] = connection
        getattr(command, verb)(config, revision)


def config_of(package: str) -> Config:
    """Alembic's configuration for the tree in ``package``."""
    import_module(package)
    config = Config()
    config.set_main_option("script_location", str(Path(str(resources.files(package)))))
    config.set_main_option("path_separator", "os")
    return config
