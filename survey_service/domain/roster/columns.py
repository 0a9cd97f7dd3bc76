"""The columns of the people file: headings in both languages, which are required, and what their words mean."""

from collections.abc import Mapping
from dataclasses import dataclass

YES_NO = {"ya": True, "yes": True, "1": True, "tidak": False, "no": False, "0": False}
TIER_WORDS = {tier: tier for tier in ("jpt", "administrator", "pengawas", "pelaksana", "fungsional")}
EMPLOYMENT_WORDS = {"pns": "pns", "pppk": "pppk", "other": "other", "lainnya": "other"}
KIND_WORDS = {"definitif": "definitif", "plt": "plt", "plh": "plh"}
LANGUAGE_WORDS = {"id": "id", "en": "en"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: canonical English name, Indonesian heading, longest cell."""

    name: str
    heading: str
    longest: int
    required: bool = False


COLUMNS = (
    Column("nip", "NIP", 64, required=True),
    Column("name", "Nama", 200, required=True),
    Column("email", "Email", 254),
    Column("language", "Bahasa", 32),
    Column("unit", "Unit Kerja", 200, required=True),
    Column("parent_unit", "Unit Induk", 200),
    Column("post", "Jabatan", 200, required=True),
    Column("tier", "Jenjang", 32, required=True),
    Column("leads_team", "Memimpin Tim", 32, required=True),
    Column("employment", "Status Kepegawaian", 32),
    Column("supervisor", "NIP Atasan", 64),
    Column("supervisor_kind", "Jenis Atasan", 32),
    Column("excluded", "Dikecualikan", 200),
    Column("outside", "Luar Instansi", 32),
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}


def find(heading: str) -> Column | None:
    """The column that a heading means, forgiving case and blanks."""
    plain = _plain(heading)
    return next((column for column in COLUMNS if plain in (_plain(column.name), _plain(column.heading))), None)


def _plain(text: str) -> str:
    return text.strip().lower().replace("_", " ").replace("-", " ")
