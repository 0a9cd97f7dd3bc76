"""Accounts of staff: who may sign in, how a password is kept, how guessing is slowed down, how a sign-in ends."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID, uuid4

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from shared import audit
from shared.database import changed, insert
from shared.errors import Problem, Refused, conflict, invalid, missing
from shared.staff import ROLES, STAFF_SESSION, Staff
from survey_service.tables import account, guess, staff_session, unit

PASSWORD_LENGTH = (12, 200)
WINDOW = timedelta(minutes=15)
LIMITS = (5, 50, 50)
"""Tries in a window for one account from one address, for one account, from one address. The first is small; the
others are large enough that a stranger does not lock out an office that shares an address."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What a password is compared with; ``account_id`` is None for a login that nobody has or that is disabled."""

    account_id: UUID | None
    hash: str
    temporary: bool = False


def add_account(
    session: Session,
    login: str,
    name: str,
    role: str,
    unit_name: str | None,
    password: str,
    now: datetime,
    *,
    actor: str = "operator",
    temporary: bool = False,
) -> UUID:
    """A new account; with a ``temporary`` password its owner has to choose another at the first sign-in.

    Raises ``Refused`` listing every fault, or when the login is taken.
    """
    login = login.strip().lower()
    _check(session, login, name, role, unit_name, password)
    account_id = uuid4()
    statement = insert(session, account).on_conflict_do_nothing(index_elements=["login"])
    row = {
        "id": account_id,
        "login": login,
        "name": name.strip(),
        "role": role,
        "unit": unit_name or None,
        "password": hashed(password),
        "temporary": temporary,
        "disabled": False,
    }
    if not changed(session.execute(statement.values(row))):
        raise conflict("login_taken", f"The login {login} exists already; give another one.")
    audit.record(session, now, actor, "staff.added", str(account_id), {"role": role})
    return account_id


def set_password(session: Session, login: str, password: str, now: datetime) -> None:
    """Another password; every sign-in of the account ends. Raises ``Refused``."""
    check_password(login, password)
    _change(session, login, {"password": hashed(password), "temporary": False}, "staff.password_set", now)


def disable(session: Session, login: str, now: datetime) -> None:
    """The account may not sign in any more; every sign-in of it ends. Raises ``Refused``."""
    _change(session, login, {"disabled": True}, "staff.disabled", now)


def count_try(session: Session, pepper: bytes, login: str, address: str, now: datetime) -> None:
    """Count a try before looking at the password. Raises ``Refused`` (busy) when there were too many."""
    session.execute(sa.delete(guess).where(guess.c.since <= now - WINDOW))
    added = insert(session, guess).values(
        [{"key": key, "tries": 1, "since": now} for key in sorted(_keys(pepper, login, address))]
    )
    counted = session.execute(
        added.on_conflict_do_update(index_elements=["key"], set_={"tries": guess.c.tries + 1}).returning(
            guess.c.key, guess.c.tries
        )
    ).all()
    tries = {row.key: row.tries for row in counted}
    limits = zip(_keys(pepper, login, address), LIMITS, strict=True)
    if any(tries[key] > limit for key, limit in limits):
        raise Refused("busy", "too_many_tries", "Too many tries. Wait 15 minutes, then sign in again.")


def secret_of(session: Session, login: str) -> Secret:
    """What the password of ``login`` is compared with; for an unknown login something that nothing fits."""
    row = session.execute(
        sa.select(account.c.id, account.c.password, account.c.temporary).where(
            account.c.login == login.strip().lower(), account.c.disabled.is_(False)
        )
    ).first()
    return Secret(row.id, row.password, row.temporary) if row else Secret(None, _nobody())


def fits(secret: Secret, password: str) -> bool:
    """Whether the password is right; takes as long for an account that does not exist.

    Slow on purpose (some 30 ms): call it outside a transaction.
    """
    try:
        _hasher().verify(secret.hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return secret.account_id is not None


def sign_in(
    session: Session, secret: Secret, pepper: bytes, login: str, address: str, now: datetime, browser: str = ""
) -> Staff:
    """Begin a session of ``STAFF_SESSION`` and forget the tries.

    Raises ``Refused`` when the account changed since the comparison, or its password is a temporary one.
    """
    row = session.execute(
        sa.select(account.c.id, account.c.name, account.c.role).where(
            account.c.id == secret.account_id,
            account.c.password == secret.hash,
            account.c.temporary.is_(False),
            account.c.disabled.is_(False),
        )
    ).first()
    if row is None:
        raise conflict("account_changed", "The account was changed a moment ago. Sign in again.")
    pair, own, place = _keys(pepper, login, address)
    session.execute(sa.delete(guess).where(guess.c.key.in_((pair, own))))
    session.execute(sa.update(guess).where(guess.c.key == place).values(tries=guess.c.tries - 1))
    session.execute(sa.delete(staff_session).where(staff_session.c.expires_at <= now))
    session_id = uuid4()
    session.execute(
        staff_session.insert().values(
            id=session_id, account_id=row.id, begun_at=now, expires_at=now + STAFF_SESSION, browser=browser[:100]
        )
    )
    audit.record(session, now, str(row.id), "staff.signed_in", str(row.id))
    return Staff(str(row.id), row.name, row.role, str(session_id))


def is_known(session: Session, person: Staff, now: datetime) -> bool:
    """Whether the session still lives and the account is enabled and has this role."""
    found = session.scalar(
        sa.select(account.c.id)
        .join(staff_session, staff_session.c.account_id == account.c.id)
        .where(
            staff_session.c.id == UUID(person.session),
            staff_session.c.expires_at > now,
            account.c.id == UUID(person.id),
            account.c.role == person.role,
            account.c.disabled.is_(False),
        )
    )
    return found is not None


def sign_out(session: Session, person: Staff, now: datetime) -> None:
    """End this sign-in, also for whoever kept a copy of the cookie."""
    ended = session.execute(sa.delete(staff_session).where(staff_session.c.id == UUID(person.session)))
    if changed(ended):
        audit.record(session, now, person.id, "staff.signed_out", person.id)


def check_password(login: str, password: str) -> None:
    """Raise ``Refused`` when this is no good password for ``login``."""
    problems = _password_problems(login, password)
    if problems:
        raise invalid("bad_account", "The password does not fit.", problems)


def hashed(password: str) -> str:
    """What is kept of a password (argon2id). Slow on purpose: some 30 ms."""
    return _hasher().hash(password)


def check_place(session: Session, role: str, unit_name: str | None) -> list[Problem]:
    """What is wrong with a role and its unit."""
    if role not in ROLES:
        return [Problem("role", f"Choose one of the roles {', '.join(ROLES)}.")]
    if (role == "unit_admin") != bool(unit_name):
        return [Problem("unit", "A unit administrator needs a unit, nobody else has one.")]
    if unit_name and session.scalar(sa.select(unit.c.name).where(unit.c.name == unit_name)) is None:
        return [Problem("unit", f"There is no unit {unit_name}; import people first.")]
    return []


def unit_of(session: Session, account_id: str) -> str | None:
    """The unit that a unit administrator looks after; None for everybody else."""
    found = session.execute(
        sa.select(account.c.unit).where(account.c.id == UUID(account_id), account.c.role == "unit_admin")
    ).first()
    return found.unit if found else None


def any_account(session: Session) -> bool:
    """Whether somebody can sign in at all."""
    return session.execute(sa.select(account.c.id).where(~account.c.disabled).limit(1)).first() is not None


def names_of(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Names of accounts by id, for the audit trail; ids of nobody are left out."""
    rows = session.execute(sa.select(account.c.id, account.c.name).where(account.c.id.in_(uuids(ids))))
    return {str(row.id): row.name for row in rows}


def uuids(texts: Sequence[str]) -> list[UUID]:
    """Those of the texts that are ids."""
    return [UUID(one) for one in texts if _is_uuid(one)]


def _change(session: Session, login: str, values: dict[str, object], action: str, now: datetime) -> None:
    account_id = session.scalar(
        sa.update(account).where(account.c.login == login.strip().lower()).values(values).returning(account.c.id)
    )
    if account_id is None:
        raise missing("account", f"There is no account {login}.")
    session.execute(sa.delete(staff_session).where(staff_session.c.account_id == account_id))
    audit.record(session, now, "operator", action, str(account_id))


def _check(session: Session, login: str, name: str, role: str, unit_name: str | None, password: str) -> None:
    problems = _password_problems(login, password)
    if not 3 <= len(login) <= 200 or any(sign.isspace() for sign in login):
        problems.append(Problem("login", "Give 3 to 200 characters without a space."))
    if not 1 <= len(name.strip()) <= 200:
        problems.append(Problem("name", "Give a name of at most 200 characters."))
    problems += check_place(session, role, unit_name)
    if problems:
        raise invalid("bad_account", "The account does not fit.", problems)


def _password_problems(login: str, password: str) -> list[Problem]:
    low, high = PASSWORD_LENGTH
    if not low <= len(password) <= high:
        return [Problem("password", f"Give a password of {low} to {high} characters; a sentence is fine.")]
    if login.strip().lower() in password.lower():
        return [Problem("password", "Give a password that does not contain the login.")]
    return []


def _keys(pepper: bytes, login: str, address: str) -> tuple[bytes, bytes, bytes]:
    login = login.strip().lower()
    counted = (f"pair\x1f{login}\x1f{address}", f"account\x1f{login}", f"address\x1f{address}")
    pair, own, place = (hmac.digest(pepper, one.encode(), hashlib.sha256) for one in counted)
    return pair, own, place


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_urlsafe(32))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
