"""Events on the wire: every type has a sample that must stay readable; forgeries and damage are unreadable."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import CONTRACTS, PRIVATE, PUBLIC
from shared.messaging.envelope import Unreadable, decode, encode
from tests.contract import samples

PRIVATE_TYPES = [kind for kind, contract in CONTRACTS.items() if contract.exchange == PRIVATE]
OTHER = ("another-secret-of-the-contract-tests-1",)


def changed(kind: str, **attributes: Any) -> bytes:
    return json.dumps({**json.loads(samples.body(kind)), **attributes}).encode()


def test_every_type_has_its_sample() -> None:
    assert {path.stem for path in samples.FOLDER.glob("*.json")} >= set(CONTRACTS)


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_sample_is_read_and_written_as_it_stands(kind: str) -> None:
    event = samples.event(kind)
    assert json.loads(encode(event, samples.SECRETS)) == json.loads(samples.body(kind))
    assert event.type == kind
    assert event.time.tzinfo is not None


@pytest.mark.parametrize("kind", CONTRACTS)
def test_only_private_events_are_signed(kind: str) -> None:
    assert ("signature" in json.loads(samples.body(kind))) == (CONTRACTS[kind].exchange == PRIVATE)


@pytest.mark.parametrize("kind", [kind for kind, contract in CONTRACTS.items() if contract.exchange == PUBLIC])
def test_readers_ignore_what_a_later_version_adds(kind: str) -> None:
    data = json.loads(samples.body(kind))["data"]
    assert decode(changed(kind, data={**data, "added_later": 1}), samples.SECRETS) == samples.event(kind)


@pytest.mark.parametrize("kind", PRIVATE_TYPES)
def test_a_private_event_signed_by_someone_else_is_refused(kind: str) -> None:
    forged = encode(samples.event(kind), OTHER)
    with pytest.raises(Unreadable, match="signature does not fit"):
        decode(forged, samples.SECRETS)
    unsigned = {name: value for name, value in json.loads(forged).items() if name != "signature"}
    with pytest.raises(Unreadable, match="without signature"):
        decode(json.dumps(unsigned).encode(), samples.SECRETS)


@pytest.mark.parametrize("kind", PRIVATE_TYPES)
def test_a_signature_covers_id_subject_time_and_data(kind: str) -> None:
    data = json.loads(samples.body(kind))["data"]
    for change in (
        {"id": "another"},
        {"subject": "another"},
        {"time": "2026-10-02T03:00:00Z"},
        {"data": {**data, "added": True}},
    ):
        with pytest.raises(Unreadable, match="signature does not fit"):
            decode(changed(kind, **change), samples.SECRETS)


def test_a_signature_does_not_fit_another_type() -> None:
    accepted = json.loads(samples.body("round.sealed.v1"))
    with pytest.raises(Unreadable, match="signature does not fit"):
        decode(changed("round.counted.v1", signature=accepted["signature"]), samples.SECRETS)


def test_secrets_rotate() -> None:
    both = (*OTHER, *samples.SECRETS)
    assert decode(samples.body("round.key.v1"), both) == samples.event("round.key.v1")
    with pytest.raises(Unreadable):
        decode(encode(samples.event("round.key.v1"), both), samples.SECRETS)


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7), kind=st.sampled_from(PRIVATE_TYPES))
def test_a_flipped_bit_never_changes_a_private_event(position: int, bit: int, kind: str) -> None:
    original = bytearray(samples.body(kind))
    original[position % len(original)] ^= 1 << bit
    try:
        event = decode(bytes(original), samples.SECRETS)
    except Unreadable:
        return
    assert event == samples.event(kind)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(body, samples.SECRETS)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "not a CloudEvent"),
        (b"{}", "not a CloudEvent"),
        (b"[" * 100_000, "not a CloudEvent"),
        (changed("round.opened.v1", type="round.opened.v9"), "unknown type"),
        (changed("round.opened.v1", time="2026-10-01T03:00:00"), "not a CloudEvent"),
        (changed("round.opened.v1", time=5), "not a CloudEvent"),
        (changed("round.opened.v1", data=None), "does not fit its contract"),
        (changed("round.opened.v1", data={"round_id": "x"}), "does not fit its contract"),
    ],
)
def test_the_reason_is_said(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        decode(body, samples.SECRETS)


def test_an_event_that_does_not_fit_its_contract_is_not_made() -> None:
    event = samples.event("round.counted.v1")
    broken = replace(event, data={**event.data, "counted": -1})
    with pytest.raises(Unreadable, match="counted"):
        decode(encode(broken, samples.SECRETS), samples.SECRETS)
