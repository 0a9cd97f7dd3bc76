"""The stand-in for an appraisal system: repeated, late and changed events, a restart, a release that is short."""

import csv
import hashlib
import importlib.util
import json
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from shared.events import (
    BehaviourCorrected,
    BehaviourHeld,
    BehaviourScored,
    Event,
    RoundFinal,
    RoundReleased,
    event_id,
)
from shared.messaging.envelope import encode

PROGRAM = Path(__file__).parents[2] / "examples" / "appraisal_system.py"
ROUND = UUID("3f0d8a52-7e0e-4bb4-9e3a-2f4b7f0a1c11")
PERIOD = {"start": date(2026, 1, 1), "end": date(2026, 12, 31)}
POLICY = {"id": "pp30-360", "version": 1, "digest": "ab" * 32}


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("appraisal_system", PROGRAM)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scored(
    ratee: str, behaviour: str = "88.56", version: int = 1, contract: Any = None, **more: Any
) -> dict[str, Any]:
    contract = contract or (BehaviourCorrected if version > 1 else BehaviourScored)
    data = {
        "round_id": ROUND,
        "ratee": ratee,
        "period": PERIOD,
        "version": version,
        "policy": POLICY,
        "status": "released",
        "behaviour": behaviour,
        "aspects": [],
        "total": "95.424",
        "predicate": "baik",
        "category": None,
        "ratings": {},
        "weights": {"supervisor": "0.6", "others": "0.4"},
        "n": {"supervisor": "1-2", "others": "5-9"},
        "hidden": [],
        "flags": [],
        "external_codes": {},
        "provenance": {
            "questionnaire": {"code": "pp30", "version": 1, "digest": "d" * 64},
            "rounding": {"banding": "none", "shown_step": "5"},
            "inputs_digest": "e" * 64,
        },
    } | more
    return public(contract, ratee, version, data)


def held(ratee: str, reason: str = "too_few_raters") -> dict[str, Any]:
    data = {"round_id": ROUND, "ratee": ratee, "period": PERIOD, "version": 1, "policy": POLICY, "reason": reason}
    return public(BehaviourHeld, ratee, 1, data)


def released(events: Sequence[dict[str, Any]], contract: Any = RoundReleased) -> dict[str, Any]:
    """The end of a release, or of a round, that was made of these events."""
    ids = sorted(event["id"] for event in events)
    data = {
        "round_id": ROUND,
        "period": PERIOD,
        "scored": sum(event["type"] != "behaviour.held.v1" for event in events),
        "held": sum(event["type"] == "behaviour.held.v1" for event in events),
        "ids_digest": hashlib.sha256("".join(f"{one}\n" for one in ids).encode()).hexdigest(),
    }
    return public(contract, "", 0, data)


def public(contract: Any, ratee: str, version: int, data: dict[str, Any]) -> dict[str, Any]:
    """The event as a subscriber sees it: the bytes of the envelope, read as plain JSON."""
    event = Event.make(
        contract,
        id=event_id(contract.type, ROUND, ratee, version),
        subject=f"{ROUND}/{ratee}",
        time=datetime(2026, 11, 23, 8, tzinfo=UTC),
        data=data,
    )
    loaded: dict[str, Any] = json.loads(encode(event, ["x" * 32]))
    return loaded


def table(ledger: Any, path: Path) -> list[dict[str, str]]:
    ledger.write(path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_scores_and_holds_become_rows(program: ModuleType, tmp_path: Path) -> None:
    ledger = program.Ledger(tmp_path / "a.db")
    ledger.apply([scored("B"), held("A")])
    assert table(ledger, tmp_path / "scores.csv") == [
        dict(zip(program.COLUMNS, ("A", "held", "too_few_raters", "", "", "", "", "pp30-360 v1"), strict=True)),
        dict(
            zip(
                program.COLUMNS,
                ("B", "released", "", "88.56", "95.424", "baik", "others:5-9 supervisor:1-2", "pp30-360 v1"),
                strict=True,
            )
        ),
    ]


def test_the_same_id_counts_once_also_after_a_restart(program: ModuleType, tmp_path: Path) -> None:
    assert program.Ledger(tmp_path / "a.db").apply([scored("A"), scored("A")]) == 1
    again = program.Ledger(tmp_path / "a.db")
    assert again.apply([scored("A")]) == 0
    assert len(table(again, tmp_path / "scores.csv")) == 1


def test_the_same_id_with_other_content_is_not_applied(
    program: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = program.Ledger(tmp_path / "a.db")
    ledger.apply([scored("A", "88.56"), scored("A", "99.99")])
    assert table(ledger, tmp_path / "scores.csv")[0]["behaviour"] == "88.56"
    assert "other content" in capsys.readouterr().err


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_highest_version_wins_in_any_order(program: ModuleType, tmp_path: Path, order: tuple[int, int]) -> None:
    both = [scored("A", "80"), scored("A", "85", version=2, supersedes=1, legal_basis="PP 30/2019")]
    ledger = program.Ledger(tmp_path / "a.db")
    ledger.apply([both[at] for at in order])
    assert [row["behaviour"] for row in table(ledger, tmp_path / "scores.csv")] == ["85"]


def test_a_release_reconciles_only_when_everything_came(program: ModuleType, tmp_path: Path) -> None:
    events = [scored("A"), scored("B"), held("C")]
    ledger = program.Ledger(tmp_path / "a.db")
    assert not ledger.reconciled(), "nothing was released"
    ledger.apply([released(events), *events[:2]])
    assert not ledger.reconciled()
    ledger.apply(events[2:])
    assert ledger.reconciled()
    correction = scored("A", "85", version=2, supersedes=1, legal_basis="PP 30/2019")
    ledger.apply([correction])
    assert ledger.reconciled(), "a later correction does not spoil the release"


def test_a_final_round_reconciles_over_the_newest_version_of_everybody(
    program: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = [scored("A"), scored("B"), held("C")]
    correction = scored("A", "85", version=2, supersedes=1, legal_basis="PP 30/2019")
    late = scored("C", "80", version=2, contract=BehaviourScored)
    end = released([correction, first[1], late], RoundFinal)
    ledger = program.Ledger(tmp_path / "a.db")
    ledger.apply([*first, released(first), late, end])
    assert not ledger.reconciled(), "the release is complete, the end is not: a correction is missing"
    assert "final: 3 of 3 events, the digest differs" in capsys.readouterr().err
    ledger.apply([correction])
    assert ledger.reconciled()
    assert {row["ratee"]: row["behaviour"] for row in table(ledger, tmp_path / "s.csv")} == {
        "A": "85",
        "B": "88.56",
        "C": "80",
    }


def test_unknown_types_and_fields_are_ignored(program: ModuleType, tmp_path: Path) -> None:
    ledger = program.Ledger(tmp_path / "a.db")
    newer = scored("A")
    newer["data"]["mood"] = "sunny"
    assert ledger.apply([{**newer, "type": "behaviour.praised.v1"}, newer]) == 1


class _Feed(BaseHTTPRequestHandler):
    """Pages of two events; the key must be there."""

    events: Sequence[dict[str, Any]] = ()

    def do_GET(self) -> None:
        if self.headers["Authorization"] != "Bearer sesame":
            self.send_error(401)
            return
        after = int(parse_qs(urlsplit(self.path).query).get("after", ["0"])[0])
        page = list(self.events[after : after + 2])
        end = after + len(page)
        body = json.dumps({"events": page, "cursor": str(end), "more": end < len(self.events)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def feed() -> Iterator[tuple[type[_Feed], str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Feed)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield _Feed, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_feed_is_read_to_its_end_and_goes_on_from_the_cursor(
    program: ModuleType, tmp_path: Path, feed: tuple[type[_Feed], str]
) -> None:
    handler, url = feed
    handler.events = [scored(name) for name in "ABCDE"]
    assert program.read_feed(program.Ledger(tmp_path / "a.db"), url, "sesame") == 5
    handler.events = [*handler.events, held("F")]
    ledger = program.Ledger(tmp_path / "a.db")
    assert ledger.cursor() == "5"
    assert program.read_feed(ledger, url, "sesame") == 1
    assert len(table(ledger, tmp_path / "scores.csv")) == 6
