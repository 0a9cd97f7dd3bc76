"""For developers: write a migration from what the tables say now: ``python -m shared.revise survey "why"``."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from shared.database import connect
from shared.host import MODULES
from shared.migrate import config_of, upgrade


def main() -> None:
    """Compare the newest migration with the tables and write the difference as a new one."""
    service, message = sys.argv[1:]
    package = MODULES[service].removesuffix(".service") + ".migrations"
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{Path(folder) / 'compare.db'}")
        upgrade(engine, package)
        with engine.begin() as connection:
            config = config_of(package)
            config.attributes["connection"] = connection
            number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
        engine.dispose()


if __name__ == "__main__":
    main()
