"""Deleted ballots leave the files too: freed pages, dead rows and SQLite's log.

While a round is open, old states of a box are as telling as deleted ones: side by side they show what came in, and
the transaction that wrote each is the one that spent a link. PostgreSQL keeps them in pages after ``VACUUM`` as
well, so boxes are written anew (``VACUUM FULL``, which answers wait for, a moment), and so are drafts, whose old
states show whose place changed. ``VACUUM`` and checkpoints are no part of a transaction, so this one takes the
engine. It is safe at any time and from several replicas.
"""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import FOLD, maintain, reading, rewriting, transaction
from survey_service.tables import box, draft, invitation, letter, round_

_DONE = ("counted", "scored", "released", "final", "archived", "cancelled")
_HELD = ("open", "closed")
_TABLES = (box, draft, letter, invitation)


def often(engine: Engine) -> timedelta:
    """How often to sweep: folding SQLite's log costs nothing, rewriting a table something."""
    return timedelta(minutes=1 if engine.dialect.name == "sqlite" else 10)


def sweep(engine: Engine) -> int:
    """Leave one state of every box in the files, and none of ended rounds; how many rounds were cleared away."""
    with reading(engine) as session:
        due = sa.select(round_.c.id).where(round_.c.state.in_(_DONE), sa.not_(round_.c.swept))
        found = list(session.scalars(due))
        held = session.scalar(sa.select(sa.exists().where(round_.c.state.in_(_HELD))))
    if engine.dialect.name == "sqlite":
        maintain(engine, *(["VACUUM"] if found else []), FOLD)
    elif found or held:
        maintain(engine, *rewriting(_TABLES if found else (box, draft)))
    if found:
        with transaction(engine) as session:
            session.execute(sa.update(round_).where(round_.c.id.in_(found)).values(swept=True))
    return len(found)
