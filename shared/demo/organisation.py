"""A made-up regional office of any size: the same seed gives the same people, on every machine.

Employee numbers have the structure of real ones: date of birth, year and month of appointment (for contract civil
servants the year and 21), sex (1 man, 2 woman) and a serial number; 18 digits in all.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from shared.demo.names import FAMILY, MEN, OFFICES, PARTS, POSTS, REGENCY, WOMEN

PEOPLE_COLUMNS = (
    "NIP",
    "Nama",
    "Email",
    "Bahasa",
    "Unit Kerja",
    "Unit Induk",
    "Jabatan",
    "Jenjang",
    "Memimpin Tim",
    "Status Kepegawaian",
    "NIP Atasan",
    "Jenis Atasan",
    "Dikecualikan",
    "Luar Instansi",
)
WORK_RESULT_COLUMNS = ("NIP", "Nilai SKP", "Ide Baru")
DOMAIN = "lintangraya.example.com"
REGENT = "BUPATI-LINTANG-RAYA"
"""The key of the one person without an employee number."""
OFFICE_SIZE = 119
"""People of one office; with the regent the sample has 120."""
LEADERS = 12
"""Posts that lead in every office: one head, three of parts, eight of units."""


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the people file."""

    number: str
    name: str
    email: str
    unit: str
    parent: str
    post: str
    tier: str
    supervisor: str
    kind: str = "definitif"
    language: str = "id"
    leads: bool = False
    employment: str = "PNS"
    excluded: str = ""
    outside: bool = False

    def row(self) -> list[str]:
        """The cells in the order of ``PEOPLE_COLUMNS``."""
        return [
            self.number,
            self.name,
            self.email,
            self.language,
            self.unit,
            self.parent,
            self.post,
            self.tier,
            "ya" if self.leads else "tidak",
            self.employment,
            self.supervisor,
            self.kind if self.supervisor else "",
            self.excluded,
            "ya" if self.outside else "tidak",
        ]


def make(people: int = OFFICE_SIZE + 1, seed: int = 1) -> list[Person]:
    """About ``people`` persons, the regent included: offices of about 120 with the oddities of a real one.

    At least 40; raises ``ValueError`` below. ``seed`` is any integer.
    """
    if people < 40:
        raise ValueError("an office of this form has at least 40 people")
    draw = _Draw(Random(f"cermin organisation {seed}"))
    regent = replace(
        draw.person(REGENCY, "", f"Bupati {REGENCY.removeprefix('Kabupaten ')}", "jpt", ""),
        number=REGENT,
        email=f"bupati@{DOMAIN}",
        employment="lainnya",
        leads=True,
        outside=True,
    )
    offices = max(1, round((people - 1) / OFFICE_SIZE))
    sizes = [(people - 1) // offices + (at < (people - 1) % offices) for at in range(offices)]
    return [regent] + [person for at, size in enumerate(sizes) for person in _office(draw, _name(at), size)]


def work_results(people: Sequence[Person], seed: int = 1) -> Iterator[tuple[str, str, str]]:
    """Rows of the work results file: everybody who is appraised, but for two whose values have not arrived."""
    appraised = [person.number for person in people if not person.outside and not person.excluded]
    for number in appraised[:-2]:
        random = Random(f"cermin work result {seed} {number}")
        value = min(max(random.gauss(99, 9), 62), 119)
        idea = value > 108 and random.random() < 0.6
        yield number, f"{value:.2f}", "ya" if idea else "tidak"


def write_people(path: Path, people: Sequence[Person]) -> None:
    """The people file: UTF-8, comma, the Indonesian header."""
    _write(path, PEOPLE_COLUMNS, [person.row() for person in people])


def write_work_results(path: Path, people: Sequence[Person], seed: int = 1) -> None:
    """The work results file."""
    _write(path, WORK_RESULT_COLUMNS, list(work_results(people, seed)))


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def _name(at: int) -> str:
    group, which = divmod(at, len(OFFICES))
    return f"{OFFICES[which]} Wilayah {group + 1}" if group else OFFICES[which]


@dataclass(slots=True)
class _Draw:
    """Draws people; no number and no address is drawn twice."""

    random: Random
    numbers: set[str] = field(default_factory=set)
    addresses: dict[str, int] = field(default_factory=dict)

    def person(self, unit: str, parent: str, post: str, tier: str, supervisor: str, pppk: bool = False) -> Person:
        woman = self.random.random() < 0.48
        name = f"{self.random.choice(WOMEN if woman else MEN)} {self.random.choice(FAMILY)}"
        return Person(
            number=self._number(woman, tier, pppk),
            name=name,
            email=self._address(name),
            unit=unit,
            parent=parent,
            post=post,
            tier=tier,
            supervisor=supervisor,
            leads=tier in {"jpt", "administrator", "pengawas"},
            employment="PPPK" if pppk else "PNS",
        )

    def _number(self, woman: bool, tier: str, pppk: bool) -> str:
        oldest = 1966 if tier in {"jpt", "administrator"} else 1970
        youngest = 1978 if tier in {"jpt", "administrator"} else 1998
        born = date(oldest, 1, 1) + timedelta(days=self.random.randrange((youngest - oldest) * 365))
        age = 22 + self.random.randrange(5)
        year = self.random.randrange(2021, 2025) if pppk else min(born.year + age, 2024)
        appointed = f"{year}21" if pppk else f"{year}{self.random.choice((1, 2, 3, 4, 12)):02}"
        stem = f"{born:%Y%m%d}{appointed}{2 if woman else 1}"
        serial = next(n for n in range(1, 1000) if f"{stem}{n:03}" not in self.numbers)
        self.numbers.add(f"{stem}{serial:03}")
        return f"{stem}{serial:03}"

    def _address(self, name: str) -> str:
        local = name.lower().replace(" ", ".")
        count = self.addresses[local] = self.addresses.get(local, 0) + 1
        return f"{local}{count if count > 1 else ''}@{DOMAIN}"


def _office(draw: _Draw, office: str, size: int) -> list[Person]:
    head = draw.person(office, REGENCY, f"Kepala {office}", "jpt", REGENT)
    parts, chiefs, staff = [], [], []
    shares = _shares(size - LEADERS + 1, sum(len(units) for _, _, units in PARTS))
    for part, title, units in PARTS:
        leader = draw.person(_in(part, office), office, title, "administrator", head.number)
        parts.append(leader)
        for unit, post in units:
            chief = draw.person(_in(unit, office), leader.unit, post, "pengawas", leader.number)
            chiefs.append(chief)
            staff.append([_member(draw, chief) for _ in range(next(shares))])
    return [head, *parts, *_unusual(chiefs, staff)]


def _in(unit: str, office: str) -> str:
    return unit if office == OFFICES[0] else f"{unit} {office}"


def _shares(people: int, units: int) -> Iterator[int]:
    return iter([people // units + (at < people % units) for at in range(units)])


def _member(draw: _Draw, chief: Person) -> Person:
    tier = draw.random.choice(("pelaksana", "pelaksana", "fungsional"))
    pppk = draw.random.random() < 0.2
    person = draw.person(chief.unit, chief.parent, draw.random.choice(POSTS[tier]), tier, chief.number, pppk)
    return replace(person, leads=tier == "fungsional" and draw.random.random() < 0.15)


def _unusual(chiefs: list[Person], staff: list[list[Person]]) -> list[Person]:
    """What every real office has: vacancies, leave, missing and shared addresses, readers of English.

    The last unit has no chief, a neighbour acts for it (PLT); the second chief is away on study leave and the
    first one stands in (PLH).
    """
    away = replace(chiefs[1], excluded="Tugas belajar")
    staff[1] = [replace(person, supervisor=chiefs[0].number, kind="PLH") for person in staff[1]]
    staff[-1] = [replace(person, supervisor=chiefs[-2].number, kind="PLT") for person in staff[-1]]
    staff[0][0] = replace(staff[0][0], email="")
    staff[2][1] = replace(staff[2][1], email=staff[2][0].email)
    for unit in (3, 4, 5):
        staff[unit][0] = replace(staff[unit][0], language="en")
    chiefs = [chiefs[0], away, *chiefs[2:-1]]
    return chiefs + [person for unit in staff for person in unit]
