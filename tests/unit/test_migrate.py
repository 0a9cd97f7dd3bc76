"""Replicas that start together bring their database to the newest form together."""

import threading
from collections.abc import Callable

from sqlalchemy.engine import Engine

from shared.database import connect
from shared.migrate import behind, upgrade

PACKAGE = "survey_service.migrations"


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
