"""Statements of the hot path: put together and compiled once, then given straight to the driver.

SQLAlchemy's own way from a statement to the driver costs more than the statement where one row is looked up by its
key. Types are converted by SQLAlchemy's own processors, and faults of the driver leave as SQLAlchemy's.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

Convert = Callable[[Any], Any]


class Prepared:
    """One statement with named parameters, all of them bound explicitly or fixed in the statement."""

    def __init__(self, statement: sa.Select[Any] | sa.UpdateBase) -> None:
        self.statement = statement
        self._forms: dict[str, _Form] = {}

    def first(self, connection: Connection, **values: Any) -> tuple[Any, ...] | None:
        """Execute with these parameters in the connection's transaction: the first row, or None.

        Raises ``sqlalchemy.exc.DBAPIError`` for what the driver raises.
        """
        dialect = connection.dialect
        form = self._forms.get(dialect.name) or self._forms.setdefault(dialect.name, _Form(self.statement, dialect))
        raw = cast("Any", connection.connection)
        cursor = raw.cursor()
        try:
            cursor.execute(form.text, form.bound(values))
            row = cursor.fetchone() if form.columns else None
        except dialect.loaded_dbapi.Error as error:
            gone = dialect.is_disconnect(error, raw, cursor)
            if gone:
                connection.invalidate(error)
            raise sa.exc.DBAPIError.instance(
                form.text,
                None,
                error,
                dialect.loaded_dbapi.Error,
                hide_parameters=True,
                connection_invalidated=gone,
                dialect=dialect,
            ) from error
        finally:
            cursor.close()
        return None if row is None else form.read(row)


class _Form:
    """A statement in the words of one database."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        names = list(compiled.params)
        binds = {name: compiled.binds[name] for name in names}
        self.text = str(compiled)
        self.order: list[str] | None = list(compiled.positiontup) if compiled.positional else None
        self._fixed = {name: bind.value for name, bind in binds.items() if not bind.required}
        kinds = {name: bind.type.dialect_impl(dialect) for name, bind in binds.items()}
        self._bind = {name: work for name, kind in kinds.items() if (work := kind.bind_processor(dialect))}
        self.columns: list[Convert | None] = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in _columns(statement)
        ]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The parameters as the driver wants them."""
        every = {**self._fixed, **values}
        for name, work in self._bind.items():
            if name in every:
                every[name] = work(every[name])
        return every if self.order is None else [every[name] for name in self.order]

    def read(self, row: Any) -> tuple[Any, ...]:
        """A row of the driver in Python's types."""
        return tuple(value if work is None else work(value) for value, work in zip(row, self.columns, strict=True))


def _columns(statement: Any) -> list[Any]:
    return list(statement.selected_columns if isinstance(statement, sa.Select) else statement.exported_columns)
