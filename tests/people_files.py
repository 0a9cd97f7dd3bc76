"""People files and a small agency for tests."""

from collections.abc import Iterable

from survey_service.domain.people import Person

HEADINGS = (
    "NIP;Nama;Email;Bahasa;Unit Kerja;Unit Induk;Jabatan;Jenjang;Memimpin Tim;Status Kepegawaian;"
    "NIP Atasan;Jenis Atasan;Dikecualikan;Luar Instansi"
)
NAMES = tuple(HEADINGS.split(";"))


def nip(number: int) -> str:
    return f"19850101200901{number:04d}"


def cells(number: int = 1, **changes: str) -> list[str]:
    """One row; ``changes`` by heading with underscores for blanks."""
    row = dict.fromkeys(NAMES, "") | {
        "NIP": nip(number),
        "Nama": f"Pegawai {number}",
        "Email": f"pegawai{number}@kota.go.id",
        "Unit Kerja": "Dinas Arsip",
        "Unit Induk": "Kota",
        "Jabatan": "Arsiparis",
        "Jenjang": "pelaksana",
        "Memimpin Tim": "tidak",
        "Status Kepegawaian": "PNS",
    }
    row |= {name.replace("_", " "): value for name, value in changes.items()}
    return [row[name] for name in NAMES]


def csv_file(*rows: list[str], headings: str = HEADINGS, separator: str = ";") -> bytes:
    lines = [headings.replace(";", separator), *(separator.join(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def agency(size: int = 24, per_unit: int = 6) -> list[list[str]]:
    """Units under one roof; the first of each leads it and answers to the head of the agency, who is number 0."""
    rows = [cells(0, Unit_Kerja="Kota", Unit_Induk="", Jenjang="jpt", Memimpin_Tim="ya")]
    for number in range(1, size + 1):
        unit, place = divmod(number - 1, per_unit)
        head = nip(0) if place == 0 else nip(unit * per_unit + 1)
        rows.append(
            cells(
                number,
                Unit_Kerja=f"Dinas {unit}",
                Jenjang="pengawas" if place == 0 else "pelaksana",
                Memimpin_Tim="ya" if place == 0 else "tidak",
                NIP_Atasan=head,
            )
        )
    return rows


def person(number: str, unit: str = "A", **changes: object) -> Person:
    values = {"name": f"Orang {number}", "post": "Staf", "tier": "pelaksana", **changes}
    return Person(number=number, unit=unit, **values)  # type: ignore[arg-type]


def by_number(people: Iterable[Person]) -> dict[str, Person]:
    return {one.number: one for one in people}
