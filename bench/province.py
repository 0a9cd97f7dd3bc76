"""A province of any size: everybody is assessed by eight: the supervisor, six peers and the person itself.

Units of ten (a chief and nine), offices of ten units. The steps are the product's own use cases.
"""

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from bench.apart import stopwatch
from shared.config import load
from shared.database import transaction
from shared.demo.organisation import PEOPLE_COLUMNS
from shared.host import Host
from shared.sealing import fingerprint, make_key, public_part
from survey_service.domain.raters import Group
from survey_service.domain.rounds import Draft
from survey_service.tables import questionnaire
from survey_service.usecases import launch, opening, people, questionnaires, rounds

GROUPS = {"supervisor": Group(1, 1, 1), "peer": Group(6, 6, 6), "self": Group(1, 1, 1)}
RATERS = 8
UNIT, OFFICE = 10, 100


def people_file(ratees: int) -> bytes:
    """A CSV file with ``ratees`` people (a multiple of 100, at least 700) and a regent above them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(PEOPLE_COLUMNS)
    writer.writerow(_row("REGENT", "Bupati", "Provinsi", "", "jpt", "", "lainnya", outside=True))
    writer.writerows(_people(ratees))
    return text.getvalue().encode()


def nip(at: int) -> str:
    """The employee number of person ``at``: 18 digits."""
    return f"1985010120{at:08d}"


def _people(ratees: int) -> Iterator[list[str]]:
    for at in range(ratees):
        office, unit = at // OFFICE * OFFICE, at // UNIT * UNIT
        name = f"Dinas {office // OFFICE}"
        if at == office:
            yield _row(nip(at), f"Kepala {name}", name, "Provinsi", "administrator", "REGENT")
        elif at == unit:
            yield _row(nip(at), f"Kepala Bidang {unit}", f"Bidang {unit}", name, "pengawas", nip(office))
        else:
            yield _row(nip(at), f"Pegawai {at} Contoh", f"Bidang {unit}", name, "pelaksana", nip(unit))


def _row(
    number: str,
    name: str,
    unit: str,
    parent: str,
    tier: str,
    superior: str,
    kind: str = "PNS",
    outside: bool = False,
) -> list[str]:
    leads = "ya" if tier != "pelaksana" else "tidak"
    address = f"{number.lower()}@provinsi.example.go.id"
    kept = [number, name, address, "id", unit, parent, "Analis Kebijakan Ahli Muda", tier, leads, kind, superior]
    return [*kept, "definitif" if superior else "", "", "ya" if outside else "tidak"]


def imported(environment: dict[str, str], content: bytes) -> float:
    """Import the file; seconds."""
    host = Host(load(environment), ["survey"])
    engine = host.services["survey"].engine
    with stopwatch() as seconds, transaction(engine) as session:
        people.import_people(session, content, host.clock(), "bench")
    host.close()
    return seconds[0]


def launched(environment: dict[str, str]) -> tuple[float, str]:
    """Launch a round over everybody; seconds and the round. The notifier's key is in its key store."""
    host = Host(load(environment), ["survey"])
    engine, now = host.services["survey"].engine, host.clock()
    public = public_part(_keystore(host).put_new("notifier", make_key()))
    with transaction(engine) as session:
        questionnaires.load_shipped(session)
        opening.keep_notifier_key(session, public, fingerprint(public))
        round_id = rounds.create(session, _draft(session, now), now, "bench")
    settings = host.settings
    with stopwatch() as seconds, transaction(engine) as session:
        made = launch.launch(
            session,
            round_id,
            host.clock(),
            public_url=settings.public_url,
            service_secrets=settings.service_secrets,
            actor="bench",
        )
    assert made.invitations == made.ratees * RATERS, made
    host.close()
    return seconds[0], str(round_id)


def random_answers(items: int) -> bytes:
    """Answers of somebody who looks at the questions."""
    return bytes(random.choices((1, 2, 3, 4, 5), (1, 3, 12, 40, 30), k=items))


def round_of(text: str) -> UUID:
    """The id of a round as a process passes it on."""
    return UUID(text)


def _keystore(host: Host) -> Any:
    from shared.keystore import open_keystore

    return open_keystore(host.settings.keystore_url)


def _draft(session: Any, now: Any) -> Draft:
    found = session.scalar(sa.select(questionnaire.c.id).where(questionnaire.c.code == "berakhlak"))
    return Draft(
        name="Semester II 2026",
        period_start=date(2026, 7, 1),
        period_end=date(2026, 12, 31),
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=7),
        timezone="Asia/Jakarta",
        questionnaire_id=found,
        policy="permen6",
        threshold=3,
        groups=GROUPS,
        seed=7,
        authority="Surat Edaran 1/2026",
        contact="BKD",
    )
