"""People and units as they stand in the organisation."""

from dataclasses import dataclass

TIERS = ("jpt", "administrator", "pengawas", "pelaksana", "fungsional")
EMPLOYMENT = ("pns", "pppk", "other")
SUPERVISOR_KINDS = ("definitif", "plt", "plh")
LANGUAGES = ("id", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the agency, or somebody outside it who may only be asked.

    ``number`` is the employee number (NIP); ``leads`` says whether the person leads a team, which is given and
    never guessed; ``excluded`` is the reason to take no part in this period, None for everybody else.
    """

    number: str
    name: str
    email: str | None = None
    language: str = "id"
    unit: str
    post: str
    tier: str
    leads: bool = False
    employment: str = "pns"
    supervisor: str | None = None
    supervisor_kind: str | None = None
    outside: bool = False
    excluded: str | None = None
