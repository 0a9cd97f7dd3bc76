"""Every way out of the scoring service, as far as it is about one ratee: what holds of all is said of each."""

import csv
import html
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from scoring_service.tables import notice
from scoring_service.usecases.exports import LAYOUTS
from shared.events import BehaviourCorrected, BehaviourHeld, BehaviourScored
from tests.contract.test_scoring_api import client
from tests.integration.report_links import Letterbox, press
from tests.integration.scoring_world import CHIEF, World
from tests.integration.test_results_pages import enter

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
Found = Mapping[str, Any]
"""What an exit says, by its name: text of a page or sheet of paper, a JSON object, or the cells of a row."""


@dataclass
class Exits:
    """The exits of a service whose rounds are released. ``language`` is that of pages and paper."""

    world: World
    language: str = "id"
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.app = self.world.app()
        self._api, self._staff = client(self.world), enter(self.app)
        self._anybody, self._box = self.app.test_client(), Letterbox(self.world)
        self.world.work("send notices")

    def of(self, round_id: UUID, ratee: str) -> Found:
        """Everything that is said of one ratee, an exit at a time."""
        return {
            **self.answers(round_id, ratee),
            **self.files(round_id, ratee),
            **self.console(round_id, ratee),
            **self.papers(round_id, ratee),
        }

    def answers(self, round_id: UUID, ratee: str) -> Found:
        """API, feed and events."""
        one, lists = f"/api/v1/scores/{round_id}/{ratee}", f"/api/v1/results/{round_id}/scores"
        about = f"{round_id}/{ratee}"
        feed = self._json("/api/v1/scores/feed?limit=1000")["events"]
        contracts = (BehaviourHeld, BehaviourScored, BehaviourCorrected)
        said = [data for kind in contracts for data in self.world.said(kind) if data["ratee"] == ratee]
        return {
            "API, one": self._json(one),
            "API, provenance": self._json(f"{one}/provenance"),
            "API, released": _about(self._json(f"/api/v1/scores?round_id={round_id}")["scores"], ratee),
            "API, results": _about(self._json(lists)["scores"], ratee),
            "feed": [event for event in feed if event["subject"] == about][-1],
            "event": json.loads(json.dumps(said[-1], default=str)),
        }

    def files(self, round_id: UUID, ratee: str) -> Found:
        """CSV and XLSX in every layout, and the console's own."""
        found = {"CSV, results": _row(self._api.get(f"/api/v1/results/{round_id}/scores.csv").text, ratee)}
        found["CSV, console"] = _row(self._staff.get(f"/console/results/{round_id}/scores.csv").text, ratee)
        for layout in LAYOUTS:
            address = f"/api/v1/scores/{round_id}/file?layout={layout}&format="
            found[f"CSV, {layout}"] = _row(self._api.get(f"{address}csv").text, ratee)
            sheet = CalamineWorkbook.from_filelike(io.BytesIO(self._api.get(f"{address}xlsx").data))
            lines = sheet.get_sheet_by_index(0).to_python()
            found[f"XLSX, {layout}"] = _about([dict(zip(lines[0], line, strict=True)) for line in lines[1:]], ratee)
        return found

    def console(self, round_id: UUID, ratee: str) -> Found:
        """The list and the page of the score, as the personnel office sees them."""
        base = f"/console/results/{round_id}"
        rows = re.findall(r"<tr>.*?</tr>", self._staff.get(base).text, flags=re.S)
        return {
            "console, list": words(next(row for row in rows if f"{ratee}</td>" in row)),
            "console, score": words(self._staff.get(f"{base}/scores/{ratee}?lang={self.language}").text),
        }

    def papers(self, round_id: UUID, ratee: str) -> Found:
        """Report and PDF by the own link where one was sent, and by the supervisor's."""
        team = press(self._anybody, self._box.path("supervisor", CHIEF, None, round_id))
        rows = re.findall(r"<tr>.*?</tr>", self._get(self._anybody, team), flags=re.S)
        line = next(row for row in rows if f"Pegawai {ratee}<" in row)
        link = re.search(r'href="([^"?]+)\?', line)
        assert link is not None
        found = {"team, list": words(line), "team, report": self.page(link[1]), "team, PDF": self.pdf(link[1])}
        if any((one.purpose, one.ratee) == ("report", ratee) for one in self.world.rows(notice)):
            own = self.own(round_id, ratee)
            found |= {"own, report": self.page(own), "own, PDF": self.pdf(own)}
        return found

    def own(self, round_id: UUID, ratee: str) -> str:
        """The address of the report behind a ratee's own link."""
        return press(self._anybody, self._box.path("report", ratee, ratee, round_id))

    def page(self, address: str) -> str:
        """What a report says on the screen."""
        return words(self._get(self._anybody, address))

    def pdf(self, address: str) -> str:
        """What it says on paper."""
        made = self._anybody.get(f"{address}/report.pdf?lang={self.language}")
        assert made.status_code == 200, made.text
        pages = PdfReader(io.BytesIO(made.data)).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())

    def _get(self, who: FlaskClient, address: str) -> str:
        answer = who.get(f"{urlsplit(address).path}?lang={self.language}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def _json(self, address: str) -> Any:
        answer = self._api.get(address)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


def words(page: str) -> str:
    """What a reader sees of a page: its main part without marks."""
    inside = page.partition("<main")[2].partition(">")[2].partition("</main>")[0] or page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inside)).split())


def _row(text: str, ratee: str) -> Mapping[str, str]:
    return _about(list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))), ratee)


def _about(rows: list[dict[str, Any]], ratee: str) -> Mapping[str, Any]:
    return next(row for row in rows if ratee in (row.get("ratee"), row.get("NIP"), row.get("nip")))
