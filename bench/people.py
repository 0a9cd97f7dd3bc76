"""People import against reading the same file and COPY into the same tables."""

import csv
import io

import psycopg

from bench import apart, province
from bench.servers import Servers
from bench.targets import PEOPLE, Measured

_TIER, _YES = 7, {"ya": True, "tidak": False}


def measure(servers: Servers, ratees: int) -> tuple[list[Measured], dict[str, str]]:
    """The row, and the product that has the people now."""
    content = province.people_file(ratees)
    product, other = servers.product(f"people-{ratees}"), servers.product(f"people-{ratees}-reference")
    seconds, peak = apart.run(province.imported, product, content)
    floor, _ = apart.run(copied, other["CERMIN_SURVEY_DATABASE_URL"], content)
    row = Measured(
        PEOPLE,
        f"{ratees:,} rows in {seconds:.2f} s",
        f"{floor:.2f} s",
        seconds / floor,
        (("import", peak),),
    )
    return [row], product


def copied(url: str, content: bytes) -> float:
    """Read the rows and COPY units and people; seconds until they are committed."""
    with psycopg.connect(url) as connection, apart.stopwatch() as seconds:
        rows = list(csv.reader(io.StringIO(content.decode())))[1:]
        units = {unit: parent or None for _, _, _, _, unit, parent, *_ in rows}
        units |= {parent: None for parent in units.values() if parent not in units and parent}
        cursor = connection.cursor()
        with cursor.copy("COPY unit (name, parent) FROM STDIN") as copy:
            for pair in units.items():
                copy.write_row(pair)
        columns = "number, name, email, language, unit, post, tier, leads, employment, supervisor, supervisor_kind"
        with cursor.copy(f"COPY person ({columns}, excluded, outside) FROM STDIN") as copy:
            for number, name, email, language, unit, _, post, tier, leads, kind, *rest in rows:
                employment = {"PNS": "pns", "lainnya": "other"}[kind]
                superior, how, _, outside = rest
                facts = (number, name, email, language, unit, post, tier, _YES[leads], employment)
                copy.write_row((*facts, superior or None, how or None, None, _YES[outside]))
        connection.commit()
    return seconds[0]
