"""One sample of every event type, as bytes on the wire. Samples are added to and never edited."""

from pathlib import Path

from shared.events import Event
from shared.messaging.envelope import decode

FOLDER = Path(__file__).with_name("samples")
SECRETS = ("sample-secret-of-the-contract-tests-0",)
"""Signs the private samples; used nowhere else."""


def body(kind: str) -> bytes:
    return (FOLDER / f"{kind}.json").read_bytes()


def event(kind: str) -> Event:
    return decode(body(kind), SECRETS)
