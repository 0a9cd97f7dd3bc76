"""The event contracts: strict when published, tolerant when read, with ids that repeat when the fact does."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.config import SERVICES
from shared.events import (
    BANDS,
    CONTRACTS,
    PRIVATE,
    PUBLIC,
    BadEvent,
    Event,
    RosterRatee,
    band,
    event_id,
    heard_by,
    read,
)
from shared.host import queue_of
from tests.contract import samples

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def raw(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(samples.body(kind))["data"]
    return found


@pytest.mark.parametrize(
    ("count", "name"),
    [(0, "0"), (1, "1-2"), (2, "1-2"), (3, "3-4"), (4, "3-4"), (5, "5-9"), (9, "5-9"), (10, "10+"), (500, "10+")],
)
def test_counts_leave_as_bands(count: int, name: str) -> None:
    assert band(count) == name


@given(st.integers(0, 1000))
def test_bands_rise_with_the_count(count: int) -> None:
    assert BANDS.index(band(count)) <= BANDS.index(band(count + 1))


def test_the_same_fact_has_the_same_id_for_ever() -> None:
    assert event_id("round.opened.v1", "r") == "2ceb8ec3-8957-5491-946c-97fbe196e747"
    assert UUID(event_id("x", 1)).version == 5


def test_facts_do_not_run_into_each_other() -> None:
    ids = {event_id("t", *facts) for facts in (("ab", "c"), ("a", "bc"), ("abc",), ("a", "b", "c"), ("abc", ""))}
    assert len(ids) == 5


@pytest.mark.parametrize("kind", CONTRACTS)
def test_publishing_is_strict_and_reading_is_tolerant(kind: str) -> None:
    extra = {**raw(kind), "invented": 1}
    assert read(kind, extra) == read(kind, raw(kind))
    with pytest.raises(BadEvent, match="invented"):
        read(kind, extra, strict=True)


@pytest.mark.parametrize("kind", CONTRACTS)
def test_every_field_is_required(kind: str) -> None:
    for name in raw(kind):
        with pytest.raises(BadEvent, match=name):
            read(kind, {key: value for key, value in raw(kind).items() if key != name})


@pytest.mark.parametrize("kind", CONTRACTS)
def test_an_event_is_made_of_objects_and_written_as_json(kind: str) -> None:
    data = read(kind, raw(kind))
    event = Event.make(CONTRACTS[kind], id="x", subject="y", time=NOW, data=data)
    assert event.plain() == raw(kind)


def test_an_event_that_breaks_its_contract_is_not_made() -> None:
    data = dict(read("round.counted.v1", raw("round.counted.v1")))
    for wrong in (
        {**data, "counted": -1},
        {**data, "counted": 1.5},
        {**data, "more": 1},
        {**data, "round_id": "x"},
    ):
        with pytest.raises((BadEvent, ValueError)):
            Event.make(CONTRACTS["round.counted.v1"], id="x", subject="y", time=NOW, data=wrong)


_ODD = (
    None,
    "",
    "x" * 65,
    "a\x00b",
    "\ud800",
    "tab\t",
    1,
    True,
    1.0,
    1.5,
    -1,
    [],
    {},
    {"number": "1"},
    {"peer": -1},
    {"boss": 1},
)


@pytest.mark.parametrize("name", RosterRatee._declared_fields)
def test_the_quick_look_at_a_roster_lets_nothing_pass(name: str) -> None:
    """Whatever stands in a field, the roster says the same as the schema of its entries."""
    sound = raw("round.roster.v1")["ratees"][0]
    official = {"number": "1", "name": "A"}
    odd = [*_ODD, *({**official, key: value} for key in official for value in _ODD)]
    for entry in [{**sound, name: value} for value in odd] + [{key: sound[key] for key in sound if key != name}]:
        data = {**raw("round.roster.v1"), "ratees": [sound, entry]}
        try:
            expected = RosterRatee().load(entry)
        except ValidationError:
            with pytest.raises(BadEvent):
                read("round.roster.v1", data, strict=True)
        else:
            assert read("round.roster.v1", data, strict=True)["ratees"][1] == expected


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), True, "3", 1.5, None, [], -1])
def test_counts_are_whole_numbers(bad: object) -> None:
    with pytest.raises(BadEvent):
        read("round.counted.v1", {**raw("round.counted.v1"), "counted": bad})


def test_an_unknown_type_is_a_bad_event() -> None:
    with pytest.raises(BadEvent, match="unknown"):
        read("round.opened.v9", {})


@pytest.mark.parametrize("kind", CONTRACTS)
def test_every_private_event_has_a_listener_and_no_public_one_needs_any(kind: str) -> None:
    contract = CONTRACTS[kind]
    assert contract.exchange in {PUBLIC, PRIVATE}
    assert contract.source in SERVICES
    assert set(contract.listeners) <= set(SERVICES) - {contract.source}
    assert bool(contract.listeners) == (contract.exchange == PRIVATE)
    assert contract.__doc__


def test_queues_hear_what_the_contracts_say() -> None:
    heard = [pattern for service in SERVICES for _, pattern in queue_of(service).bindings]
    assert sorted(heard) == sorted(kind for kind, contract in CONTRACTS.items() for _ in contract.listeners)
    heard = {contract.type for contract in heard_by("notifier")}
    assert heard == {"letter.requested.v1", "notice.addressed.v1", "notifier.key.retired.v1"}


@pytest.mark.parametrize("kind", [kind for kind, contract in CONTRACTS.items() if contract.exchange == PUBLIC])
def test_public_events_name_no_rater_and_no_moment_of_an_answer(kind: str) -> None:
    def names(part: Any) -> set[str]:
        if isinstance(part, dict):
            return set(part) | {name for item in part.values() for name in names(item)}
        return {name for item in part for name in names(item)} if isinstance(part, list) else set()

    forbidden = {"rater", "raters", "email", "token", "link", "answers", "ballots", "answered_at", "at"}
    assert not names(raw(kind)) & forbidden
