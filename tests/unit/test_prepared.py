"""Statements that go straight to the driver do what they do through SQLAlchemy, on both databases."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import Json, UTCDateTime, reading, transaction
from shared.prepared import Prepared

tables = sa.MetaData()
kind = sa.Enum("open", "shut", name="kind", native_enum=False)
mixed = sa.Table(
    "mixed",
    tables,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(200), unique=True),
    sa.Column("held", sa.LargeBinary),
    sa.Column("facts", Json),
    sa.Column("at", UTCDateTime),
    sa.Column("yes", sa.Boolean),
    sa.Column("kind", kind),
)
FIND = sa.select(mixed).where(mixed.c.id == sa.bindparam("which"))
CHANGE = (
    sa.update(mixed)
    .where(mixed.c.id == sa.bindparam("which"), sa.or_(mixed.c.kind == "open", mixed.c.kind.is_(None)))
    .values(kind="shut", name=None, facts=sa.bindparam("new"), at=sa.bindparam("then"))
)
WEST = timezone(timedelta(hours=7))
ROW = {
    "id": uuid.uuid4(),
    "name": "Sri Wahyuni %s ?",
    "held": b"\x00\xff",
    "facts": {"a": [1, None, "é"]},
    "at": datetime(2026, 11, 25, 20, 30, tzinfo=WEST),
    "yes": True,
    "kind": "open",
}


@pytest.fixture
def engine(new_engine: Callable[..., Engine]) -> Engine:
    made = new_engine()
    tables.create_all(made)
    with transaction(made) as session:
        session.execute(mixed.insert().values(**ROW))
    return made


def test_a_row_is_the_same_as_through_sqlalchemy(engine: Engine) -> None:
    with reading(engine) as session:
        found = Prepared(FIND).first(session.connection(), which=ROW["id"])
        assert found == tuple(session.execute(FIND, {"which": ROW["id"]}).one())
        assert found == tuple(ROW.values())
        assert Prepared(FIND).first(session.connection(), which=uuid.uuid4()) is None


def test_a_change_binds_what_is_fixed_what_is_given_and_nothing(engine: Engine) -> None:
    change, later = Prepared(CHANGE.returning(mixed.c.at)), datetime(2027, 1, 1, tzinfo=UTC)
    values = {"which": ROW["id"], "new": {"b": 2}, "then": later}
    with transaction(engine) as session:
        assert change.first(session.connection(), **values) == (later,)
        assert change.first(session.connection(), **values) is None
    with reading(engine) as session:
        row = session.execute(FIND, {"which": ROW["id"]}).one()
    assert (row.kind, row.name, row.facts, row.at) == ("shut", None, {"b": 2}, later)


def test_it_belongs_to_the_transaction_around_it(engine: Engine) -> None:
    gone = Prepared(sa.delete(mixed).where(mixed.c.id == sa.bindparam("which")))

    def delete_and_fail() -> None:
        with transaction(engine) as session:
            assert gone.first(session.connection(), which=ROW["id"]) is None
            assert session.scalar(sa.select(sa.func.count()).select_from(mixed)) == 0
            raise RuntimeError("after all not")

    with pytest.raises(RuntimeError, match="after all not"):
        delete_and_fail()
    with reading(engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(mixed)) == 1


def test_a_fault_of_the_driver_is_sqlalchemys_and_tells_no_parameter(engine: Engine) -> None:
    copy = Prepared(sa.insert(mixed).values(id=sa.bindparam("new"), name=sa.bindparam("same")))

    def twice() -> None:
        with transaction(engine) as session:
            copy.first(session.connection(), new=uuid.uuid4(), same=ROW["name"])

    with pytest.raises(sa.exc.IntegrityError) as caught:
        twice()
    assert "[parameters:" not in str(caught.value)
    with transaction(engine) as session:
        copy.first(session.connection(), new=uuid.uuid4(), same="another")


def test_a_connection_that_was_hung_up_is_thrown_away(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        return
    find = Prepared(FIND)

    def hang_up() -> None:
        with reading(engine) as session:
            connection = session.connection()
            backend = connection.scalar(sa.text("SELECT pg_backend_pid()"))
            with engine.connect() as other:
                other.execute(sa.select(sa.func.pg_terminate_backend(backend)))
            find.first(connection, which=ROW["id"])

    with pytest.raises(sa.exc.OperationalError) as caught:
        hang_up()
    assert caught.value.connection_invalidated
    with reading(engine) as session:
        assert find.first(session.connection(), which=ROW["id"]) is not None
