"""Staff of the personnel office as every service knows them: who is signed in, in which role, for how long."""

from dataclasses import dataclass
from datetime import timedelta

ROLES = ("hr", "viewer", "auditor", "unit_admin")
STAFF_TTL = timedelta(minutes=15)
"""How long another service believes the cookie before it sends the browser back to be renewed."""
STAFF_SESSION = timedelta(hours=12)
"""How long a sign-in lasts at the service that owns the accounts; it looks the session up each time."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in person of the personnel office."""

    id: str
    name: str
    role: str
    session: str
