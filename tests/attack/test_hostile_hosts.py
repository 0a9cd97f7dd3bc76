"""A link leads to us, whatever a request says about the host: every request that mails, twenty ways."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.config import SERVICES
from shared.demo import mails, organisation
from shared.demo.api import wait
from tests.attack.simulation import GROUPS, Round, embedded, staged

EVIL = "evil.example"
HOSTILE: tuple[dict[str, str], ...] = (
    {"Host": EVIL},
    {"Host": EVIL.upper()},
    {"Host": f"{EVIL}."},
    {"Host": f"{EVIL}:443"},
    {"Host": f"{EVIL}:port"},
    {"Host": f"127.0.0.1@{EVIL}"},
    {"Host": f"{EVIL}/s#"},
    {"Host": f"{EVIL} 127.0.0.1"},
    {"Host": f"127.0.0.1, {EVIL}"},
    {"X-Forwarded-Host": EVIL},
    {"X-Forwarded-Host": f"127.0.0.1, {EVIL}"},
    {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"},
    {"X-Forwarded-Host": EVIL, "X-Forwarded-Prefix": f"//{EVIL}"},
    {"Forwarded": f"host={EVIL};proto=https;for={EVIL}"},
    {"X-Host": EVIL, "X-HTTP-Host-Override": EVIL},
    {"X-Original-Host": EVIL, "X-Forwarded-Server": EVIL},
    {"X-Original-URL": f"https://{EVIL}/s", "X-Rewrite-URL": f"https://{EVIL}/s"},
    {"Referer": f"https://{EVIL}/", "Origin": f"https://{EVIL}"},
    {"X-Forwarded-For": EVIL, "X-Real-IP": EVIL, "Via": f"1.1 {EVIL}"},
    {"Host": EVIL, "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}", "X-Forwarded-Proto": "javascript"},
)


class Office:
    """Small, launched again and again by requests that lie about the host; behind a proxy that is believed."""

    def __init__(self, round_: Round) -> None:
        self.round = round_
        self.client: FlaskClient = round_.stage.hosts["survey"].app("survey").test_client()

    def post(self, path: str, hostile: dict[str, str], **more: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.round.api.key}", **hostile}
        answer = self.client.post(path, headers=headers, **more)  # type: ignore[arg-type]
        assert EVIL not in answer.text.lower(), answer.text
        assert EVIL not in str(answer.headers).lower(), answer.headers
        return answer

    def mails(self, more: int, known: set[Path]) -> set[Path]:
        """The next mails; every link in them leads to us."""

        def arrived() -> set[Path] | None:
            found = set((self.round.mail / "new").glob("*")) - known
            return found if len(found) >= more else None

        found = wait(f"{more} mails", arrived, 60)
        for path in found:
            content = path.read_bytes()
            links = [one.link for one in mails.asked(content)]
            message = message_from_bytes(content, policy=policy.default)
            parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
            text = "\n".join([*map(str, message.values()), *parts])
            assert links, text
            assert {link.partition("/s#")[0] for link in links} == {self.round.url}
            assert EVIL not in text.lower()
            assert {urlsplit(url).netloc for url in re.findall(r"https?://[^\s\"<>]+", text)} == {
                urlsplit(self.round.url).netloc
            }
        return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    settings = embedded(tmp_path) | {"CERMIN_TRUSTED_PROXIES": "1"}
    with staged(settings, tmp_path) as (stage, url):
        round_ = Round(stage, url, 40, 1)
        stage.start(*SERVICES)
        path = tmp_path / "people.csv"
        organisation.write_people(path, round_.office)
        round_.api.post_csv("/api/v1/people/import", path.read_bytes())
        wait("the notifier's key", lambda: stage_has_key(round_), 30)
        yield Office(round_)
        round_.end()


def stage_has_key(round_: Round) -> bool:
    engine = round_.stage.hosts["survey"].services["survey"].engine
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM notifier_key").scalar_one() > 0


@pytest.mark.timeout(180)
def test_no_mail_leads_anywhere_else(office: Office) -> None:
    few = {name: {**group, "minimum": 0} for name, group in GROUPS.items() if name in ("supervisor", "self")}
    now = office.round.stage.clock().replace(microsecond=0)
    questionnaires = office.round.api.get("/api/v1/questionnaires")["items"]
    draft = {
        "period_start": "2026-01-01",
        "period_end": "2026-12-31",
        "opens_at": (now - timedelta(days=1)).isoformat(),
        "closes_at": (now + timedelta(days=14)).isoformat(),
        "timezone": "Asia/Jakarta",
        "questionnaire_id": next(one["id"] for one in questionnaires if one["code"] == "pp30"),
        "policy": "pp30-360",
        "threshold": 3,
        "groups": {**GROUPS, **few},
        "authority": "Surat 800/1",
        "contact": "Kepegawaian",
    }
    rounds, letters = [], 0
    for at, hostile in enumerate(HOSTILE):
        made = office.post("/api/v1/rounds", hostile, json={**draft, "name": f"Survei {at}", "seed": at})
        rounds.append(refused_or(made, lambda one: str(one.json["id"])))
        if rounds[-1]:
            told = office.post(f"/api/v1/rounds/{rounds[-1]}/launch", hostile).json
            letters += told["letters"] - told["without_address"]
    assert len(list(filter(None, rounds))) >= 15, "most lies are simply ignored"
    known = office.mails(letters, set())
    addresses = sorted({one.rater for path in known for one in mails.asked(path.read_bytes())})
    for address, hostile in zip(addresses, HOSTILE, strict=False):
        office.post("/s/resend", hostile, data={"address": address})
    office.round.stage.job("survey", "send links again")
    known |= office.mails(1, known)
    office.round.stage.late += timedelta(days=1, minutes=1)
    for name, hostile in zip(rounds, HOSTILE, strict=True):
        if name:
            assert office.post(f"/api/v1/rounds/{name}/remind", hostile).status_code == 200
    office.mails(letters, known)


def refused_or(answer: TestResponse, take) -> str:
    """What an answer holds; nothing when the host was too strange to be served at all."""
    if answer.status_code == 400:
        return ""
    assert answer.status_code == 201, answer.text
    return take(answer)
