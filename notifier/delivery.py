"""Delivery: mails that are due are opened, written and handed over one by one.

The outcome of each mail is committed before the next is begun, so a death at any moment repeats at most the mail
whose answer was under way; the survey service is told of outcomes in batches. Nothing waits on the network while a
transaction is open.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Engine

from notifier.domain import notice as notices
from notifier.domain.answers import DELAYS, LONGEST, Again, Answer, Finished, decide, pause
from notifier.domain.letter import BrokenLetter, Letter, deliverable, domain_of, read
from notifier.domain.notice import Notice
from notifier.domain.pace import Pace
from notifier.mailers import Mail, Mailer
from notifier.metrics import OUTCOMES, TRIES
from notifier.notices import NoticeWriter
from notifier.usecases import FINISH, Claimed, claim, put_back, tell, try_again
from notifier.writing import Writer
from shared.database import Jot, jotting, transaction
from shared.sealing import CannotOpen, Opener, address_info, letter_info, notice_info
from shared.service import Clock

log = structlog.get_logger(__name__)

BATCH = 50
RUN = timedelta(seconds=5)
"""One run begins no new mail after this, so that the process can stop soon when it is told to."""


class Postman:
    """One connection's worth of delivery. Several may work side by side; they share the pace."""

    _jot: Jot
    """Writes outcomes, while a batch is in hand."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        private_key: Callable[[str], bytes | None],
        writer: Writer,
        mailer: Mailer,
        pace: Pace,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._private_key = private_key
        self._writer = writer
        self._notices = NoticeWriter(writer)
        self._mailer = mailer
        self._pace = pace
        self._owed: dict[str, str] | None = None
        self._left: Sequence[Claimed] = ()
        """In hand and not begun; more than nothing after a run only when the database or the key store was away."""
        self._failures = 0
        self._quiet_until: datetime | None = None

    def run(self) -> int:
        """Deliver one batch; returns how many mails were dealt with, 0 when none is due or may go."""
        begun = self._clock()
        if self._owed:
            with jotting(self._engine) as self._jot:
                self._settle()
        self._put_back_left()
        if self._quiet_until and begun < self._quiet_until <= begun + LONGEST:
            return 0
        room = min(BATCH, self._pace.allowance(begun))
        claimed = self._claim(begun, room) if room else []
        if not claimed:
            self._mailer.rest()
            return 0
        self._left = claimed
        with jotting(self._engine) as self._jot:
            dealt = self._deliver(claimed, begun)
        self._put_back_left()
        with transaction(self._engine) as session:
            tell(session, self._clock())
        return dealt

    def _put_back_left(self) -> None:
        if self._left:
            with transaction(self._engine) as session:
                put_back(session, self._left)
            self._left = ()

    def _claim(self, now: datetime, room: int) -> list[Claimed]:
        with transaction(self._engine) as session:
            return claim(session, now, room)

    def _deliver(self, claimed: Sequence[Claimed], begun: datetime) -> int:
        privates = {name: self._private_key(name) for name in {one.fingerprint for one in claimed}}
        openers = {name: Opener(private) for name, private in privates.items() if private}
        for dealt, one in enumerate(claimed):
            self._left = claimed[dealt:]
            if self._clock() > begun + RUN:
                return dealt
            self._left = claimed[dealt + 1 :]
            found = self._open(one, openers.get(one.fingerprint))
            if isinstance(found, Finished):
                self._finish(one, found)
            elif not self._send(one, found):
                return dealt + 1
        return len(claimed)

    def _open(self, one: Claimed, opener: Opener | None) -> Letter | Notice | Finished:
        """The letter, when there is one that may still be sent."""
        if one.attempt > len(DELAYS) + 1:
            return Finished("technical", "crash")
        if self._clock() >= one.request.closes_at:
            return Finished("temporary", "late")
        if opener is None:
            return Finished("technical", "key")
        try:
            letter = _opened(one, opener)
        except (CannotOpen, BrokenLetter, ValueError, RecursionError):
            return Finished("technical", "letter")
        return letter if deliverable(letter.to) else Finished("permanent", "5.1.3")

    def _send(self, one: Claimed, letter: Letter | Notice) -> bool:
        """Hand a mail over and record how that ended; False when the server takes no mails at the moment."""
        now = self._clock()
        if at := self._pace.take(domain_of(letter.to), now):
            with transaction(self._engine) as session:
                put_back(session, [one], at)
            return True
        try:
            mail = Mail(one.id, letter.to, self._written(one, letter, now))
            found = self._mailer.send(mail)
        except Exception as error:  # whatever a single letter brings about must not hold up the others
            log.error("mail could not be written", mail=one.id, error=type(error).__name__)
            self._finish(one, Finished("technical", "writing"))
            return True
        self._record(one, found)
        return self._watch(found)

    def _written(self, one: Claimed, letter: Letter | Notice, now: datetime) -> bytes:
        if isinstance(letter, Notice):
            return self._notices.write(one.id, letter, one.request, now)
        return self._writer.write(one.id, letter, one.request, now)

    def _record(self, one: Claimed, found: Answer) -> None:
        TRIES.count(found.result)
        now = self._clock()
        if found.result == "unreachable":  # says nothing about this mail: it waits with the others
            with transaction(self._engine) as session:
                put_back(session, [one], now + pause(self._failures + 1))
            return
        match decide(found, one.attempt, now, one.request.closes_at):
            case Finished() as finished:
                self._finish(one, finished)
            case Again(at):
                with transaction(self._engine) as session:
                    try_again(session, one, at, found.status)

    def _finish(self, one: Claimed, outcome: Finished) -> None:
        self._owed = {"mail": one.id, "outcome": outcome.outcome, "code": outcome.status}
        self._settle()

    def _settle(self) -> None:
        """Record the outcome that is owed. While the database is away it stays owed, and no other mail is begun."""
        if self._owed and self._jot(FINISH, self._owed):
            OUTCOMES.count(self._owed["outcome"])
        self._owed = None

    def _watch(self, found: Answer) -> bool:
        """Leave a server alone for a while that cannot be reached or does not want us."""
        if found.result not in {"unreachable", "misconfigured"}:
            self._failures = 0
            return True
        self._failures += 1
        self._quiet_until = self._clock() + pause(self._failures)
        log.warning("the mail server takes no mails", result=found.result, status=found.status)
        return False


def _opened(one: Claimed, opener: Opener) -> Letter | Notice:
    plain = json.loads(opener.open(one.sealed, letter_info(one.letter_id)))
    if one.enclosed is None:
        letter = read(plain, one.pending)
        if one.address is None:
            return letter
        return replace(letter, to=opener.open(one.address, address_info(one.letter_id)).decode())
    return notices.read(plain, json.loads(opener.open(one.enclosed, notice_info(one.letter_id))))
