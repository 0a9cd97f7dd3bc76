"""Staff as the personnel office looks after them: accounts made, changed and closed; passwords; who is signed in.

Nobody changes the role of the own account or closes it, and one account of the personnel office always stays open.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.errors import Problem, conflict, invalid, missing
from survey_service.tables import account, staff_session
from survey_service.usecases import accounts

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One browser in which somebody is signed in."""

    id: UUID
    begun_at: datetime
    expires_at: datetime
    browser: str


def temporary_password() -> str:
    """A password to be told to somebody: 16 signs that are not mistaken for one another, some 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def listing(session: Session, now: datetime) -> list[sa.Row[Any]]:
    """All accounts by name, without their passwords; ``sign_ins`` counts the living ones."""
    living = sa.and_(staff_session.c.account_id == account.c.id, staff_session.c.expires_at > now)
    count = sa.select(sa.func.count()).where(living).correlate(account).scalar_subquery()
    wanted: sa.Select[Any] = sa.select(*_shown(), count.label("sign_ins"))
    return list(session.execute(wanted.order_by(account.c.disabled, account.c.name, account.c.login)))


def find(session: Session, account_id: UUID) -> sa.Row[Any]:
    """One account without its password. Raises ``Refused``."""
    row = session.execute(sa.select(*_shown()).where(account.c.id == account_id)).first()
    if row is None:
        raise missing("account", "There is no such account.")
    return row


def edit(
    session: Session, account_id: UUID, name: str, role: str, unit: str | None, now: datetime, actor: str
) -> None:
    """Another name, role or unit; another role or unit ends its sign-ins. Raises ``Refused``."""
    before = find(session, account_id)
    problems = accounts.check_place(session, role, unit)
    if not 1 <= len(name.strip()) <= 200:
        problems.append(Problem("name", "Give a name of at most 200 characters."))
    if problems:
        raise invalid("bad_account", "The account does not fit.", problems)
    place = {"role": role, "unit": unit or None}
    moved = (before.role, before.unit) != (place["role"], place["unit"])
    if moved:
        _spare(session, account_id, actor)
    _write(session, account_id, {"name": name.strip(), **place}, ends=moved)
    audit.record(session, now, actor, "staff.edited", str(account_id), {"role": role})


def reset(session: Session, account_id: UUID, password_hash: str, now: datetime, actor: str) -> None:
    """A temporary password (hashed by ``accounts.hashed``); ends every sign-in. Raises ``Refused``."""
    _write(session, account_id, {"password": password_hash, "temporary": True}, ends=True)
    audit.record(session, now, actor, "staff.password_reset", str(account_id))


def disable(session: Session, account_id: UUID, now: datetime, actor: str) -> None:
    """The account may not sign in any more; every sign-in of it ends. Raises ``Refused``."""
    _spare(session, account_id, actor)
    _write(session, account_id, {"disabled": True}, ends=True)
    audit.record(session, now, actor, "staff.disabled", str(account_id))


def enable(session: Session, account_id: UUID, now: datetime, actor: str) -> None:
    """The account may sign in again, with the password it had. Raises ``Refused``."""
    _write(session, account_id, {"disabled": False}, ends=False)
    audit.record(session, now, actor, "staff.enabled", str(account_id))


def choose_password(
    session: Session, secret: accounts.Secret, password_hash: str, now: datetime, keep: str = ""
) -> None:
    """The owner's own choice in place of ``secret``; every sign-in of the account ends but the one to ``keep``.

    Raises ``Refused`` when the account changed since ``secret`` was compared.
    """
    chosen = session.execute(
        sa.update(account)
        .where(account.c.id == secret.account_id, account.c.password == secret.hash, account.c.disabled.is_(False))
        .values(password=password_hash, temporary=False)
        .returning(account.c.id)
    ).first()
    if chosen is None:
        raise conflict("account_changed", "The account was changed a moment ago. Sign in again.")
    others = staff_session.c.account_id == chosen.id
    if keep:
        others = sa.and_(others, staff_session.c.id != UUID(keep))
    session.execute(sa.delete(staff_session).where(others))
    audit.record(session, now, str(chosen.id), "staff.password_chosen", str(chosen.id))


def sign_ins(session: Session, account_id: UUID, now: datetime) -> list[SignIn]:
    """Where an account is signed in, the newest first."""
    rows = session.execute(
        sa.select(staff_session)
        .where(staff_session.c.account_id == account_id, staff_session.c.expires_at > now)
        .order_by(staff_session.c.begun_at.desc())
    )
    return [SignIn(row.id, row.begun_at, row.expires_at, row.browser) for row in rows]


def end_sign_in(session: Session, account_id: UUID, session_id: UUID, now: datetime, actor: str) -> None:
    """End one sign-in of this account, wherever its browser is. Raises ``Refused`` when it is no (longer) one."""
    ended = session.execute(
        sa.delete(staff_session)
        .where(staff_session.c.id == session_id, staff_session.c.account_id == account_id)
        .returning(staff_session.c.id)
    ).first()
    if ended is None:
        raise missing("sign_in_unknown", "This sign-in has ended already.")
    audit.record(session, now, actor, "staff.sign_in_ended", str(account_id))


def _shown() -> list[sa.Column[Any]]:
    return [column for column in account.c if column.name != "password"]


def _write(session: Session, account_id: UUID, values: Mapping[str, object], *, ends: bool) -> None:
    statement = sa.update(account).where(account.c.id == account_id).values(**values).returning(account.c.id)
    if session.execute(statement).first() is None:
        raise missing("account", "There is no such account.")
    if ends:
        session.execute(sa.delete(staff_session).where(staff_session.c.account_id == account_id))


def _spare(session: Session, account_id: UUID, actor: str) -> None:
    """Refuse what would lock the personnel office out; of two who close each other's account one is refused."""
    if str(account_id) == actor:
        raise conflict("own_account", "Nobody changes the role of the own account: ask a colleague.")
    open_ones = sa.select(account.c.id).where(account.c.role == "hr", account.c.disabled.is_(False))
    found = set(session.scalars(open_ones.order_by(account.c.id).with_for_update()))
    if not found - {account_id}:
        raise conflict("last_account", "This is the last account of the personnel office: add another one first.")
