"""The envelope: CloudEvents 1.0 in structured JSON, the same bytes in outbox, local queue and RabbitMQ.

Private events carry a ``signature`` attribute (itsdangerous, one salt per type), so that whoever can write to
the broker cannot swap keys or ballots.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cloudevents.core.exceptions import BaseCloudEventException
from cloudevents.core.formats.json import JSONFormat
from itsdangerous import Signer

from shared.events import CONTRACTS, PRIVATE, BadEvent, Event, read

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
_FORMAT = JSONFormat()
_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_CANONICAL = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, sort_keys=True)


class Unreadable(Exception):
    """These bytes will never become an event that may be handled; bury them at once with this reason."""


def encode(event: Event, secrets: Sequence[str]) -> bytes:
    """The bytes of an event; ``secrets`` are the deployment's event secrets, newest first."""
    return write(event.type, event.id, event.subject, event.time, event.plain(), secrets)


def write(
    kind: str, id: str, subject: str, time: datetime, data: Mapping[str, Any], secrets: Sequence[str]
) -> bytes:
    """The same from parts; ``data`` is JSON types that were checked before. ``KeyError`` for an unknown type."""
    contract = CONTRACTS[kind]
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": id,
        "source": f"/cermin/{contract.source}",
        "type": kind,
        "subject": subject,
        "time": time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
    }
    if contract.exchange == PRIVATE:
        signed = _signed(kind, id, subject, time, data)
        envelope["signature"] = _signer(kind, tuple(secrets)).get_signature(signed).decode()
    # written here and read by the CloudEvents library, which spends more on checking what is checked already
    return _COMPACT.encode({**envelope, "data": data}).encode()


def decode(body: bytes, secrets: Sequence[str]) -> Event:
    """The event in these bytes. Raises ``Unreadable`` for anything else, a wrong signature included."""
    try:
        envelope = _FORMAT.read(None, body)
        attributes, data = dict(envelope.get_attributes()), envelope.get_data()
        kind, moment = str(attributes["type"]), attributes["time"]
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise Unreadable("no time with zone")
        contract = CONTRACTS.get(kind)
        if contract is None:
            raise Unreadable(f"unknown type {kind[:80]!r}")
        if contract.exchange == PRIVATE:
            _verify(kind, attributes, data, secrets)
        return Event(kind, str(attributes["id"]), str(attributes.get("subject") or ""), moment, read(kind, data))
    except Unreadable:
        raise
    except BadEvent as error:
        raise Unreadable(f"does not fit its contract: {error}"[:500]) from error
    except (
        BaseCloudEventException,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise Unreadable(f"not a CloudEvent in JSON: {type(error).__name__}") from error


def _verify(kind: str, attributes: dict[str, Any], data: Any, secrets: Sequence[str]) -> None:
    signature = attributes.get("signature")
    if not isinstance(signature, str):
        raise Unreadable("private event without signature")
    signed = _signed(kind, attributes["id"], attributes.get("subject"), attributes["time"], data)
    if not _signer(kind, tuple(secrets)).verify_signature(signed, signature):
        raise Unreadable("signature does not fit")


@lru_cache(maxsize=64)
def _signer(kind: str, secrets: tuple[str, ...]) -> Signer:
    return Signer(
        list(reversed(secrets)),
        salt=f"cermin.event.{kind}",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )


def _signed(kind: str, id: str, subject: str | None, time: datetime, data: Any) -> bytes:
    return _CANONICAL.encode([kind, id, subject, time.timestamp(), data]).encode()
