"""Death at a chosen step: a statement, commit, publication, acknowledgement or word to the mail server.

``arm`` hooks into a worker that has been built but has not yet connected to anything. At step number ``at`` the
process leaves a note of where it was and kills itself: nothing is tidied up, as in a power failure.
"""

import json
import os
import re
import signal
import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.host import Host
from shared.messaging.broker import Broker, Consumer, Delivery, Message, Outcome
from shared.messaging.local import LocalBroker
from shared.prepared import Prepared

_LOOK = re.compile(r": (SELECT|BEGIN|heard)|^after (commit|the ack)|^before (publish|the consumer)")


class Death:
    """Counts steps; kills this process at step ``at``.

    Whoever dies before a look or before a transaction has begun leaves what one leaves who dies at the next change;
    such steps count only with ``looks``.
    """

    def __init__(self, at: int, note: Path, looks: bool = False) -> None:
        self.at, self.note, self.looks = at, note, looks
        self.steps = 0
        self.acknowledging = False
        """Whether a whole message has been sent and its outcome is not committed yet."""
        self._paused = False

    def step(self, label: str) -> None:
        """One more step has been reached and not yet been taken."""
        if self._paused or (not self.looks and _LOOK.search(label)):
            return
        self.steps += 1
        if self.steps == self.at:
            told = {"step": self.steps, "label": label, "acknowledging": self.acknowledging}
            self.note.write_text(json.dumps(told))
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What the test itself does is no step."""
        self._paused = True
        yield
        self._paused = False


def arm(host: Host, death: Death) -> None:
    """Make every step of this worker one that it may die at."""
    for name, service in host.services.items():
        _arm_engine(name, service.engine, death)
    _arm_prepared(death)
    sa.event.listen(Session, "after_commit", lambda _session: _committed(death))
    if isinstance(host.broker, LocalBroker):
        _arm_file(host.broker, death)
    host.broker = _Mortal(host.broker, death)
    _arm_smtp(death)
    _arm_copy(death)
    for name in ("link", "fsync"):
        _around(os, name, death, f"key store {name}")


def _arm_engine(name: str, engine: sa.Engine, death: Death) -> None:
    def statement(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        death.step(f"{name}: {' '.join(text.split())[:60]}")

    def executed(connection: Any, *_more: Any) -> None:
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            _committed(death)

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "after_cursor_execute", executed)
    sa.event.listen(engine, "commit", lambda _connection: death.step(f"{name}: commit"))


def _arm_prepared(death: Death) -> None:
    """Statements that go straight to the driver, of whichever service."""

    def statement(prepared: Prepared, *_more: Any, **_values: Any) -> None:
        death.step(f"prepared: {' '.join(str(prepared.statement).split())[:60]}")

    _before(Prepared, "first", statement)


def _arm_copy(death: Death) -> None:
    """Rows that are copied in pass by the events of SQLAlchemy."""

    def copied(_cursor: Any, statement: Any, *_more: Any, **_options: Any) -> None:
        death.step(f"survey: {str(statement)[:60]}")

    _before(psycopg.Cursor, "copy", copied)


def _committed(death: Death) -> None:
    death.step("after commit")
    death.acknowledging = False


def _arm_file(broker: LocalBroker, death: Death) -> None:
    """Every statement of the local broker, also the ones inside its transactions."""
    file = broker._file
    opened = file._open

    def statement(text: str) -> None:
        if not text.startswith("SELECT count"):  # the test's own look at what is left
            death.step(f"broker: {' '.join(text.split())[:60]}")

    def opened_and_watched() -> Any:
        fresh = file._connection is None
        connection = opened()
        if fresh:
            connection.set_trace_callback(statement)
        return connection

    file._open = opened_and_watched  # type: ignore[method-assign]


def _arm_smtp(death: Death) -> None:
    def word(_smtp: Any, command: str, args: str = "") -> None:
        death.step(f"smtp: {command.split(' ')[0]} {args[:4]}")

    _before(smtplib.SMTP, "putcmd", word)
    say = smtplib.SMTP.send

    def send(smtp: Any, text: Any) -> None:
        say(smtp, text)
        if len(text) > 1000:  # the message itself
            death.acknowledging = True
            death.step("smtp: message sent")

    smtplib.SMTP.send = send  # type: ignore[method-assign]
    hear = smtplib.SMTP.getreply

    def getreply(smtp: Any) -> Any:
        found = hear(smtp)
        death.step(f"smtp: heard {found[0]}")
        return found

    smtplib.SMTP.getreply = getreply  # type: ignore[method-assign]


def _before(owner: Any, name: str, watch: Callable[..., None]) -> None:
    original = getattr(owner, name)

    def watched(*args: Any, **more: Any) -> Any:
        watch(*args, **more)
        return original(*args, **more)

    setattr(owner, name, watched)


def _around(owner: Any, name: str, death: Death, label: str) -> None:
    original = getattr(owner, name)

    def watched(*args: Any, **more: Any) -> Any:
        death.step(f"before {label}")
        found = original(*args, **more)
        death.step(f"after {label}")
        return found

    setattr(owner, name, watched)


class _Mortal:
    """A broker whose user may die before and after each publication and acknowledgement."""

    def __init__(self, broker: Broker, death: Death) -> None:
        self._broker, self._death = broker, death

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def publish(self, messages: Sequence[Message]) -> None:
        self._death.step("before publish")
        self._broker.publish(messages)
        self._death.step("after publish")

    def consume(self, queue: str, consumer: Consumer, stop: Flag, **more: Any) -> None:
        def mortal(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
            self._death.step("before the consumer")
            outcomes = consumer(deliveries)
            self._death.step("before the acknowledgement")
            return outcomes

        self._broker.consume(queue, mortal, stop, **more)
        self._death.step("after the acknowledgement")
