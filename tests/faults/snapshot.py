"""A round in its middle, packed: three databases as SQL, and the folder with broker, keys and mails beside them."""

import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path


def pack(urls: dict[str, str], data: Path, archive: Path) -> None:
    """Write ``archive``; nobody may be using the databases."""
    with tempfile.TemporaryDirectory() as made, tarfile.open(archive, "w:gz") as out:
        for name, url in urls.items():
            file = Path(made) / f"{name}.sql"
            file.write_text(_dump(url))
            out.add(file, file.name)
        out.add(data, "data")


def unpack(archive: Path, urls: dict[str, str], folder: Path) -> None:
    """Fill the empty databases ``urls``, and ``folder``, whose folder ``data`` becomes what it was."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    for name, url in urls.items():
        _load(url, (folder / f"{name}.sql").read_text())


def _dump(url: str) -> str:
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            return "\n".join(file.iterdump())
    return _run("pg_dump", "--no-owner", "--no-privileges", url)


def _load(url: str, text: str) -> None:
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            file.executescript(text)
    else:
        _run("psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", url, told=text)


def _run(*command: str, told: str = "") -> str:
    return subprocess.run(command, input=told, capture_output=True, text=True, check=True, timeout=60).stdout
