"""Migrations: one alembic tree per service, run from code, never by hand-written SQL files.

A later migration only adds: columns that are empty or have a default, tables, indexes. So the version before it
runs on the newer database too, while replicas are exchanged one by one, and when somebody goes back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
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
    """Bring a database to ``revision``; two replicas may try at once, one waits for the other.

    All or nothing. A database that a later version of this code has brought further stays as it is.
    """
    _run(engine, package, "upgrade", revision)


def downgrade(engine: Engine, package: str, revision: str) -> None:
    """Take a database back to ``revision`` (``base`` removes every table)."""
    _run(engine, package, "downgrade", revision)


def behind(engine: Engine, package: str) -> bool:
    """Whether the database lacks migrations that this code needs; one that is ahead lacks none."""
    with engine.connect() as connection:
        return _present(connection) != _tree(package).get_current_head() and not _ahead(connection, package)


def _present(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _ahead(connection: Connection, package: str) -> bool:
    """Whether a later version of this code was here."""
    known = {one.revision for one in _tree(package).walk_revisions()}
    return _present(connection) not in {None, *known}


def _tree(package: str) -> ScriptDirectory:
    return ScriptDirectory.from_config(config_of(package))


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
    alone = _alone_on_sqlite(engine) if engine.dialect.name == "sqlite" else _alone_on_a_server(engine, package)
    with alone as connection:
        if verb == "upgrade" and _ahead(connection, package):
            return
        config.attributes["connection"] = connection
        getattr(command, verb)(config, revision)


@contextmanager
def _alone_on_a_server(engine: Engine, package: str) -> Iterator[Connection]:
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": package})
        yield connection


@contextmanager
def _alone_on_sqlite(engine: Engine) -> Iterator[Connection]:
    """Where a table is changed by making it anew, what refers to it must not look while the old one is gone.

    Raises ``RuntimeError``, and nothing has changed, when a reference would lead nowhere afterwards.
    """
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys = OFF")  # it is ignored once a transaction has begun
        try:
            with connection.begin():
                yield connection
                if lost := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise RuntimeError(f"the migration leaves {len(lost)} reference(s) to nothing in {lost[0][0]}")
        finally:
            raw.execute("PRAGMA foreign_keys = ON")


def config_of(package: str) -> Config:
    """Alembic's configuration for the tree in ``package``."""
    import_module(package)
    config = Config()
    config.set_main_option("script_location", str(Path(str(resources.files(package)))))
    config.set_main_option("path_separator", "os")
    return config
