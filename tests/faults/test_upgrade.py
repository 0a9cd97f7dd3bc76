"""Databases of the first schema, with a round in its middle, are brought to a later one: nothing is lost.

The first schema comes from an archive in ``upgrade/`` where one was stored at a release (``STORE=1``), else it is
made now. The later one is in ``upgrade/`` too: it adds what a later version may add.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config

from shared import migrate
from shared.config import SERVICES
from shared.database import connect, reading
from shared.migrate import behind
from shared.service import PACKAGES
from tests.conftest import NewDatabase
from tests.faults import snapshot
from tests.faults.small_round import PHASES, cermin, life

LATER = Path(__file__).parent / "upgrade"
NAMES = [phase.name for phase in PHASES]
Contents = dict[tuple[str, str], list[dict[str, object]]]
Urls = dict[str, str]


@pytest.fixture
def first(
    data: Path, new_database: NewDatabase, database_kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Urls]:
    """``first("close")``: databases of the first schema, named in the settings, with a round that came so far."""

    def name(urls: Urls) -> Urls:
        for service, url in urls.items():
            monkeypatch.setenv(f"CERMIN_{service.upper()}_DATABASE_URL", url)
        return urls

    def make(last: str) -> Urls:
        archive = LATER / f"{database_kind}-{last.replace(' ', '-')}.tar.gz"
        if not archive.exists():
            archive = archive if os.environ.get("STORE") else tmp_path / archive.name
            built = name({service: new_database() for service in SERVICES})
            life(data, "launch", last)
            snapshot.pack(built, data, archive)
            shutil.rmtree(data)
        urls = name({service: new_database() for service in SERVICES})
        snapshot.unpack(archive, urls, tmp_path)
        return urls

    for secret in ("EVENT", "SERVICE"):
        monkeypatch.setenv(f"CERMIN_{secret}_SECRETS", secret * 8)
    return make


@contextmanager
def exchanged() -> Iterator[None]:
    """Our code is the later version meanwhile: the migrations in ``upgrade/`` belong to it."""
    packaged = migrate.config_of

    def config_of(package: str) -> Config:
        config = packaged(package)
        [service] = [name for name, one in PACKAGES.items() if package.startswith(one)]
        own = Path(config.get_main_option("script_location") or "") / "versions"
        config.set_main_option("version_locations", f"{own}{os.pathsep}{LATER / service}")
        return config

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "config_of", config_of)
        yield


def contents(urls: Urls) -> Contents:
    """Every row of every table by service and table, as the database gives it."""
    found: Contents = {}
    for service, url in urls.items():
        engine = connect(url)
        with reading(engine) as session:
            connection = session.connection()
            look = sa.inspect(connection)
            for table in look.get_table_names():
                columns = [column["name"] for column in look.get_columns(table)]
                listed = ", ".join(f'"{column}"' for column in columns)
                rows = connection.execute(sa.text(f'SELECT {listed} FROM "{table}"')).mappings()
                found[service, table] = [dict(row) for row in rows]
        engine.dispose()
    return found


def revisions(found: Contents) -> set[object]:
    return {row["version_num"] for service in SERVICES for row in found.pop((service, "alembic_version"))}


def lacking(urls: Urls) -> list[str]:
    """The services whose database this code finds too old."""
    engines = {service: connect(url) for service, url in urls.items()}
    found = [service for service, engine in engines.items() if behind(engine, f"{PACKAGES[service]}.migrations")]
    for engine in engines.values():
        engine.dispose()
    return found


def is_kept(before: Contents, after: Contents) -> None:
    """Every row with every value is still there, whatever was added."""
    for place, rows in before.items():
        columns = list(rows[0]) if rows else []
        there = [{column: row[column] for column in columns} for row in after[place]]
        assert sorted(map(repr, there)) == sorted(map(repr, rows)), place


@pytest.mark.parametrize(
    ("last", "code"), [("most answers", "first"), ("most answers", "later"), ("close", "later")]
)
def test_a_round_in_its_middle_is_upgraded_and_goes_on(
    first: Callable[[str], Urls], data: Path, last: str, code: str
) -> None:
    urls = first(last)
    before = contents(urls)
    assert revisions(before) == {"0001"} and lacking(urls) == []
    with exchanged():
        assert lacking(urls) == list(SERVICES)
        told = cermin("migrate")
        assert told.exit_code == 0, told.output
        assert lacking(urls) == []
    after = contents(urls)
    assert revisions(after) == {"0002"}
    is_kept(before, after)
    assert {row["channel"] for row in after["survey", "round"]} == {"mail"}
    assert all(row["of_unit"] for row in after["survey", "invitation"]) and after["survey", "round_note"]
    with exchanged() if code == "later" else nullcontext():  # or a replica that was not exchanged yet
        assert lacking(urls) == []
        assert cermin("migrate").exit_code == 0
        found = life(data, NAMES[NAMES.index(last) + 1], "release")
    assert found["counted"] == found["thanked"] == found["boxes"] > 15
    assert found["digest"] and not any((*found["dead"], *found["waiting"], found["boxes left"]))
    assert found["chains"] == [None, None]
    assert set(found["letters"].values()) == {1}
    assert revisions(contents(urls)) == {"0002"}
