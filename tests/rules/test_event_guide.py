"""The catalogue for integrators tells the truth: every public event is in it, and every sample is one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.events import BANDS, CONTRACTS, HELD_REASONS, PUBLIC, BehaviourScored
from shared.messaging.envelope import decode

GUIDE = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
SAMPLES: dict[str, str] = dict(re.findall(r"^### `([\w.]+)`\n.*?```json\n(.*?)```", GUIDE, flags=re.S | re.M))
PUBLIC_TYPES = {name for name, contract in CONTRACTS.items() if contract.exchange == PUBLIC}


def test_every_public_event_has_a_section_with_a_sample() -> None:
    assert set(SAMPLES) == PUBLIC_TYPES


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_a_sample_is_an_event_as_we_publish_it(kind: str) -> None:
    event = decode(SAMPLES[kind].encode(), ["x" * 32])
    assert event.type == kind
    written: dict[str, Any] = json.loads(SAMPLES[kind])
    assert written["source"] == f"/cermin/{CONTRACTS[kind].source}"
    assert set(written["data"]) == set(CONTRACTS[kind]().fields), "no field is missing or invented"


def test_private_events_are_not_offered_to_anybody() -> None:
    assert not [name for name in CONTRACTS if name not in PUBLIC_TYPES and name in GUIDE]


def test_words_with_a_meaning_are_explained() -> None:
    assert all(f"`{word}`" in GUIDE for word in (*BANDS, *HELD_REASONS))
    explained = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `.*$", GUIDE, flags=re.M))))
    common = {"round_id", "ratee", "period", "version"}
    assert set(BehaviourScored().fields) - common <= explained
