"""A round by assessors' categories through the public doors: from launch to final, with one objection corrected."""

import csv
import io
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from scoring_service.tables import ratee, receipt, score
from scoring_service.usecases import receipts, release
from scoring_service.usecases.receipts import Calendar
from scoring_service.usecases.shelf import Shelf
from shared.config import SERVICES
from shared.database import reading, transaction
from shared.demo import journey, organisation
from shared.demo.api import Api, wait
from shared.demo.house import House, open_house
from shared.demo.journey import Place, Rules
from shared.host import now
from shared.web.access import create_client
from tests.servers.postgres import Postgres

SEED, PEOPLE = 3, 40
SECRET = "known-to-nobody-but-the-journey-by-assessors"
STAND_IN = Path(__file__).parents[2] / "examples" / "appraisal_system.py"
CHOICE = re.compile(r'name="(rating-[a-z_]+|overall)" value="meets"')


class World:
    """A running Cermin whose clock can be moved, and a browser without scripts."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.ahead = timedelta()
        self.mail = folder / "mail"
        self._house = open_house(folder / "data", self.mail, lambda: now() + self.ahead, settings)

    def __enter__(self) -> "World":
        self.house: House = self._house.__enter__()
        self.engine = self.house.host.services["scoring"].engine
        scopes = ("results:read", "results:write", "assessments:write", "scores:read")
        with transaction(self.engine) as session:
            self.scoring = Api(self.house.url, create_client(session, "journey", scopes, now()))
        return self

    def __exit__(self, *error: Any) -> None:
        self._house.__exit__(*error)

    def open(self, address: str, **fields: str) -> str:
        data = urllib.parse.urlencode(fields).encode() if fields else None
        with urllib.request.urlopen(urllib.parse.urljoin(self.house.url, address), data, timeout=30) as answer:
            return str(answer.read().decode())

    def press(self, link: str) -> tuple[str, str]:
        """Press the button of a landing page: address and text of the page behind it."""
        with urllib.request.urlopen(link, b"", timeout=30) as answer:
            return str(answer.url), str(answer.read().decode())

    def links(self, page: str) -> Iterator[tuple[str, str]]:
        """Address of the person and link, of every mail that leads to this page."""
        for path in sorted((self.mail / "new").glob("*")):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            found = re.search(rf"http\S+/reports/{page}/\S+", body.get_content() if body else "")
            if found:
                yield str(mail["To"]), found[0]

    def rows(self, query: Any) -> list[Any]:
        with reading(self.engine) as session:
            return list(session.execute(query).all())


def waiting(world: World) -> list[Any]:
    """Ratees whose assessor has not chosen, with that assessor."""
    same = sa.and_(ratee.c.round_id == score.c.round_id, ratee.c.number == score.c.ratee)
    newest = sa.select(sa.func.max(score.c.version)).where(score.c.ratee == ratee.c.number).correlate(ratee)
    query = sa.select(ratee.c.number, ratee.c.name, ratee.c.assessor, ratee.c.superior).join(score, same)
    held = score.c.reason == "awaiting_assessor", score.c.version == newest.scalar_subquery()
    return world.rows(query.where(*held).order_by(ratee.c.number))


def assess_all_but(world: World, left: Callable[[str], bool]) -> None:
    """Every assessor with a mail goes through the list behind the link; ``left`` says (by page) whom to leave."""
    for _, link in world.links("assess"):
        for one in re.findall(r'href="(/reports/open/assess/[^"?]+/[^"?]+)\?', world.press(link)[1]):
            form = world.open(one)
            if not left(form):
                world.open(one, **dict.fromkeys(CHOICE.findall(form), "meets"))


def categories(people: bytes) -> bytes:
    """A file of work results in the words of the policy."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("NIP", "Nilai SKP"))
    for row in csv.DictReader(io.StringIO(people.decode("utf-8-sig"))):
        if not row["Dikecualikan"] and row["Luar Instansi"] != "ya" and row["NIP"] != organisation.REGENT:
            rows.writerow((row["NIP"], "Di atas ekspektasi"))
    return out.getvalue().encode()


@pytest.fixture(params=["embedded", pytest.param("servers", marks=[pytest.mark.postgresql, pytest.mark.rabbitmq])])
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Nothing, or a fresh PostgreSQL database for each service and a fresh vhost of RabbitMQ."""
    if request.param == "embedded":
        yield {}
        return
    server: Postgres = request.getfixturevalue("postgres")
    urls = {name: server.database() for name in SERVICES}
    yield {
        "CERMIN_BROKER_URL": request.getfixturevalue("amqp_url"),
        "CERMIN_EVENT_SECRETS": SECRET,
        "CERMIN_SERVICE_SECRETS": SECRET[::-1],
        **{f"CERMIN_{name.upper()}_DATABASE_URL": url for name, url in urls.items()},
    }
    for url in urls.values():
        server.drop(url)


@pytest.mark.timeout(300)
def test_a_round_by_assessors_from_launch_to_final(tmp_path: Path, settings: dict[str, str]) -> None:
    office = organisation.make(PEOPLE, SEED)
    organisation.write_people(tmp_path / "people.csv", office)
    people = (tmp_path / "people.csv").read_bytes()
    with World(tmp_path, settings) as world:
        place = Place(world.house.survey, world.house.scoring, world.mail)
        mails = {one.name: one.email for one in office if one.email}
        late: list[str] = []

        def choose(round_id: str) -> None:
            wait("links for assessors", lambda: len(list(world.links("assess"))) >= 3, 30)
            wait("scores", lambda: world.scoring.get(f"/api/v1/results/{round_id}")["state"] == "scored", 30)
            late.append(next(one.name for one in waiting(world) if one.name in mails))
            assess_all_but(world, lambda form: late[0] in form)
            for one in waiting(world):
                if one.assessor and one.name != late[0]:
                    ratings = dict.fromkeys(VALUES, "meets")
                    put(world, round_id, one, {"assessor": one.assessor, "overall": "meets", "ratings": ratings})

        story = journey.tell(
            place, people, categories(people), SEED, rules=Rules("berakhlak", "permen6"), before_release=choose
        )
        assert story.held == {"awaiting_assessor": 1} and story.scored == story.ratees - 1
        feed = events(world)
        scored = [one["data"] for one in feed if one["type"] == "behaviour.scored.v1"]
        assert {one["category"] for one in scored} == {"meets"} and {one["predicate"] for one in scored} == {"baik"}
        assert {tuple(one["external_codes"].values()) for one in scored} == {(1, 2)}

        assess_all_but(world, lambda form: late[0] not in form)
        (second,) = [one["data"] for one in events(world) if one["data"].get("version") == 2]
        assert (second["category"], second["predicate"]) == ("meets", "baik")

        corrected = object_and_correct(world)
        (said,) = [one["data"] for one in events(world) if one["type"] == "behaviour.corrected.v1"]
        assert (said["ratee"], said["category"], said["predicate"]) == (corrected, "above", "sangat baik")
        assert said["supersedes"] == said["version"] - 1

        note_what_went_on_paper(world)
        end = next(job for job in world.house.host.services["scoring"].jobs if job.name == "end objections")
        assert end.run() == 0
        world.ahead = timedelta(days=16)
        end.run()
        assert world.scoring.get(f"/api/v1/results/{story.round_id}")["state"] == "final"
        (final,) = [one["data"] for one in events(world) if one["type"] == "round.final.v1"]
        assert (final["scored"], final["held"]) == (story.ratees, 0)
        standing = {one["data"]["ratee"]: one["id"] for one in events(world) if "ratee" in one["data"]}
        assert final["ids_digest"] == release.digest_of(list(standing.values()))
        assert reconciled(world, tmp_path / "appraisal.db"), "the stand-in for an appraisal system agrees"


VALUES = (
    "berorientasi_pelayanan",
    "akuntabel",
    "kompeten",
    "harmonis",
    "loyal",
    "adaptif",
    "kolaboratif",
)


def put(world: World, round_id: str, one: Any, body: dict[str, Any]) -> None:
    """For assessors without a mail: the system in which they signed in speaks for them."""
    import json

    address = f"{world.house.url}/api/v1/results/{round_id}/assessments/{one.number}"
    headers = {"Authorization": f"Bearer {world.scoring.key}", "Content-Type": "application/json"}
    asked = urllib.request.Request(address, json.dumps(body).encode(), headers, method="PUT")
    urllib.request.urlopen(asked, timeout=30).close()


def events(world: World) -> list[Any]:
    found: list[Any] = world.scoring.get("/api/v1/scores/feed?limit=1000")["events"]
    return found


def reconciled(world: World, ledger: Path) -> bool:
    """Whether the example subscriber, which uses none of our code, finds release and end complete in the feed."""
    command = [sys.executable, str(STAND_IN), "feed", world.house.url, "--once", "--db", str(ledger)]
    asked = [*command, "--csv", str(ledger.with_suffix(".csv"))]
    environment = {**os.environ, "CERMIN_API_KEY": world.scoring.key}
    return subprocess.run(asked, env=environment, timeout=60, check=False).returncode == 0


def object_and_correct(world: World) -> str:
    """The first ratee whose superior has a mail objects; the superior sets another category. Returns the number."""
    wait("reports", lambda: len(list(world.links("own"))) > 5, 30)
    for _, link in world.links("own"):
        page = world.press(link)[1]
        form = re.search(r'href="(/reports/open/objection/[^"]+)"', page)
        number = re.search(r'class="soft number">([^<]+)<', page)
        assert number is not None
        superior = world.rows(sa.select(ratee.c.superior).where(ratee.c.number == number[1]))[0][0]
        if form and superior:
            break
    world.open(form[1].replace("&amp;", "&"), reason="Kategori tidak memuat tugas tambahan saya.", sure="yes")  # type: ignore[index]
    wait("the superior's mail", lambda: any(world.links("decide")), 30)
    decide = world.press(next(world.links("decide"))[1])[0]
    choice = dict.fromkeys([f"rating-{code}" for code in VALUES] + ["overall"], "above")
    done = world.open(decide, outcome="change", reason="Tugas tambahan terbukti dari bukti.", sure="yes", **choice)
    assert "Keberatan ini sudah diputuskan" in done
    return str(number[1])


def note_what_went_on_paper(world: World) -> None:
    """The personnel office notes when reports were handed over to people without an address."""
    wait("mails settled", lambda: all(one.state != "requested" for one in notices(world)), 60)
    services = world.house.host.settings
    calendar = Calendar(Shelf(services.data_dir / "policies"), services.timezone)
    for one in world.rows(sa.select(receipt).where(receipt.c.until.is_(None))):
        with transaction(world.engine) as session:
            when: datetime = now()
            receipts.handed(session, one.round_id, one.ratee, one.version, when, calendar, "HR", when)


def notices(world: World) -> list[Any]:
    from scoring_service.tables import notice

    return world.rows(sa.select(notice.c.state))
