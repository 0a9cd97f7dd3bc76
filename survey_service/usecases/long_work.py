"""What tasks do: try a file, import it, launch a round. One task at a time, each effect in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from shared.database import reading, transaction
from shared.errors import Refused
from survey_service.usecases import launch, people, tasks, uploads
from survey_service.usecases.people import Report

Work = Callable[[Session, Any, datetime, Report], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Worker:
    """What long work needs besides the task itself."""

    engine: Engine
    clock: Callable[[], datetime]
    public_url: str
    secrets: Sequence[str]

    def work(self) -> int:
        """Do the next task that waits; 0 when there is none. A fault is raised after the task was given back."""
        with transaction(self.engine) as session:
            row = tasks.claim(session, self.clock())
        if row is None:
            return 0
        try:
            self._do(row)
        except Refused as refusal:
            if refusal.code != "task_taken_over":
                self._refuse(row, refusal)
        except Exception:
            with transaction(self.engine) as session:
                tasks.give_back(session, row, self.clock())
            raise
        return 1

    def _do(self, row: Any) -> None:
        """Looking at a file holds nobody up; what writes is one transaction with the outcome of its task."""
        work: Work = {"check": _check, "import": _import, "launch": self._launch}[row.kind]
        if row.kind == "check":
            with reading(self.engine) as session:
                found = work(session, row, self.clock(), people.silent)
            with transaction(self.engine) as session:
                uploads.note(session, row.about, found.pop("difference"))
                tasks.finish(session, row, found, self.clock())
            return
        with transaction(self.engine) as session:
            found = work(session, row, self.clock(), self._reporter(row))
            tasks.finish(session, row, found, self.clock())

    def _refuse(self, row: Any, refusal: Refused) -> None:
        """Faults of a file are kept with the file, so that they go with it."""
        with transaction(self.engine) as session:
            if row.kind != "launch":
                faults = [[part.where, part.message] for part in refusal.problems]
                uploads.note(session, row.about, {"detail": refusal.detail, "faults": faults})
            told = {"code": refusal.code, "detail": refusal.detail if row.kind == "launch" else ""}
            tasks.finish(session, row, told, self.clock(), "refused")

    def _reporter(self, row: Any) -> Report:
        """Says how far a writer is. SQLite has one writer at a time, so there the bar has no length meanwhile."""
        if self.engine.dialect.name == "sqlite":
            return people.silent

        def report(done: int, total: int) -> None:
            with transaction(self.engine) as session:
                tasks.report(session, row, done, total, self.clock())

        return report

    def _launch(self, session: Session, row: Any, now: datetime, report: Report) -> dict[str, Any]:
        done = launch.launch(
            session,
            row.about,
            now,
            public_url=self.public_url,
            service_secrets=self.secrets,
            actor=str(row.account_id),
            report=report,
        )
        return {
            "ratees": done.ratees,
            "letters": done.letters,
            "paper": done.without_address,
            "lacking": len({one.ratee for one in done.shortfalls}),
        }


def _check(session: Session, row: Any, now: datetime, report: Report) -> dict[str, Any]:
    kept = uploads.find(session, row.about, str(row.account_id), now)
    tried = people.import_people(session, kept.content, now, str(row.account_id), dry_run=True, **row.options)
    changes = tried.changes
    shown = uploads.SHOWN
    difference = {
        "new": list(changes.new[:shown]),
        "changed": [[number, list(fields)] for number, fields in list(changes.changed.items())[:shown]],
        "absent": list(changes.absent[:shown]),
    }
    return _counts(tried) | {"difference": difference}


def _import(session: Session, row: Any, now: datetime, report: Report) -> dict[str, Any]:
    kept = uploads.take(session, row.about, str(row.account_id), now)
    return _counts(
        people.import_people(session, kept.content, now, str(row.account_id), report=report, **row.options)
    )


def _counts(imported: people.Imported) -> dict[str, Any]:
    changes = imported.changes
    return {
        "new": len(changes.new),
        "changed": len(changes.changed),
        "same": changes.unchanged,
        "absent": len(changes.absent),
        "units": imported.units,
    }
