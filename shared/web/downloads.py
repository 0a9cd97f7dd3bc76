"""Answers that are made while they are sent: memory does not grow with them."""

from collections.abc import Callable, Iterator

from flask import Response
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from shared.database import reading

MIMETYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def download(engine: Engine, produce: Callable[[Session], Iterator[bytes]], name: str) -> Response:
    """A file called ``name``, produced in one consistent look at the database that lasts as long as the sending.

    Whatever may be refused must have been checked before: the status is sent first.
    """

    def body() -> Iterator[bytes]:
        with reading(engine) as session:
            yield from produce(session)

    kind = name.rsplit(".", 1)[-1]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body(), mimetype=MIMETYPES[kind], headers=headers)
