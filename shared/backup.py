"""``cermin backup`` and ``cermin restore`` for the embedded product: one moment of all its SQLite files.

All files are held against writers while they are copied, so that no event is between two of them. Key stores and
secrets are in no backup: a copy of the ballots beside their key would undo what is promised.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import click

from shared.config import SERVICES, Settings, load
from shared.errors import conflict, invalid
from shared.sqlite import PATIENCE


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def backup(folder: Path) -> None:
    """Copy databases and broker into FOLDER, which must be new; everything may go on running meanwhile."""
    files = _files(load())
    if folder.exists() and any(folder.iterdir()):
        raise conflict("folder_in_use", f"{folder} is not empty: name a new folder for each backup.")
    if missing := [str(path) for path in files.values() if not path.exists()]:
        raise conflict("nothing_to_back_up", f"There is no {missing[0]}: has Cermin been started here?")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    save(files, folder)
    click.echo(f"{len(files)} files in {folder}. Keys and secrets are not among them: see the guide on backups.")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--replace", is_flag=True, help="Give up what is there now.")
def restore(folder: Path, replace: bool) -> None:
    """Put the backup in FOLDER in place. Stop Cermin first."""
    files = _files(load())
    if lacking := [name for name in files if not (folder / f"{name}.db").exists()]:
        raise invalid("backup_incomplete", f"{folder} has no {lacking[0]}.db: it is no complete backup.")
    if not replace and (there := [str(path) for path in files.values() if path.exists()]):
        raise conflict("data_in_the_way", f"There is {there[0]} already; say --replace to give it up.")
    put_back(files, folder)
    click.echo(f"{len(files)} files are back. Start Cermin, then look with `cermin doctor`.")


def save(files: dict[str, Path], folder: Path) -> None:
    """Copy every file as of one moment."""
    with ExitStack() as stack:
        for path in files.values():
            stack.enter_context(_held(path))
        for name, path in files.items():
            target = folder / f"{name}.db"
            os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
                source.backup(copy)


def put_back(files: dict[str, Path], folder: Path) -> None:
    """Replace every file; write-ahead logs of what was there before go with it. Raises ``Refused`` while in use."""
    for path in files.values():
        if path.exists():
            _let_nobody_be_there(path)
    for name, path in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.restored")
        shutil.copyfile(folder / f"{name}.db", draft)
        draft.chmod(0o600)
        for left in ("-wal", "-shm"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        draft.replace(path)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """No writer until the end of the block; readers, and so the copy, are not hindered."""
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        yield
        raw.execute("ROLLBACK")


def _let_nobody_be_there(path: Path) -> None:
    """SQLite lets the log be put away only when nobody else has the file open."""
    with closing(sqlite3.connect(path, timeout=0.5)) as raw:
        try:
            raw.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            raise conflict("in_use", f"{path} is in use: stop Cermin first.") from error


def _files(settings: Settings) -> dict[str, Path]:
    urls = {name: settings.database_url(name) for name in SERVICES} | {"broker": settings.broker_url}
    if others := [name for name, url in urls.items() if not url.startswith("sqlite:")]:
        detail = f"{others[0]} is kept by a server: back it up with the server's own tools (pg_dump)."
        raise conflict("kept_by_a_server", detail)
    return {name: Path(url.removeprefix("sqlite:///")) for name, url in urls.items()}
