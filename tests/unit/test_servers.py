"""The servers that the tests themselves stand on: fresh for everyone, shared between workers."""

from collections.abc import Callable

import pika
import sqlalchemy as sa
from sqlalchemy.engine import Engine


def test_every_database_is_fresh_and_migrated(new_engine: Callable[..., Engine]) -> None:
    first, second = new_engine("survey_service.migrations"), new_engine("survey_service.migrations")
    assert {"outbox", "inbox"} <= set(sa.inspect(first).get_table_names())
    with first.begin() as connection:
        connection.execute(sa.text("DELETE FROM alembic_version"))
    with second.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1


def test_a_vhost_is_fresh(amqp_url: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
    channel = connection.channel()
    assert channel.queue_declare("anything").method.message_count == 0
    channel.queue_delete("anything")
    connection.close()
