"""Letters as the survey service seals and requests them."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench import province
from shared.events import Event, LetterRequested, event_id
from shared.sealing import Sealer, b64, fingerprint, letter_info
from survey_service import tokens

SECRETS = ("bench-letters-" + "x" * 32,)


def requests(public: bytes, count: int) -> Iterator[Event]:
    """``count`` requests for letters with eight links each."""
    sealer, now, round_id = Sealer(public), datetime.now(UTC), uuid.uuid4()
    for at in range(count):
        letter_id = uuid.uuid4()
        links = [_link(at + place) for place in range(province.RATERS)]
        text = {"to": f"{province.nip(at)}@provinsi.example.go.id", "name": f"Pegawai {at}", "language": "id"}
        sealed = sealer.seal(json.dumps(text | {"links": links}).encode(), letter_info(letter_id))
        data = {
            "letter_id": letter_id,
            "round_id": round_id,
            "kind": "invitation",
            "sealed": b64(sealed),
            "fingerprint": fingerprint(public),
            "pending": [uuid.UUID(str(link["invitation"])) for link in links],
            "not_before": now - timedelta(minutes=1),
            "round_name": "Semester II 2026",
            "authority": "Surat Edaran 1/2026",
            "closes_at": now + timedelta(days=7),
            "timezone": "Asia/Jakarta",
            "threshold": 3,
        } | _MORE
        name = event_id(LetterRequested.type, letter_id, 1)
        yield Event.make(LetterRequested, id=name, subject=str(letter_id), time=now, data=data)


_MORE = {name: "BKD" for name in ("contact",) if name in LetterRequested._declared_fields}


def _link(at: int) -> dict[str, object]:
    secret = tokens.mint()
    return {
        "invitation": str(uuid.uuid4()),
        "ratee": f"Pegawai {at} Contoh",
        "post": "Analis Kebijakan Ahli Muda",
        "relation": "peer",
        "sole": False,
        "link": tokens.link("https://survei.example.go.id", secret, SECRETS),
        "code": tokens.code(secret),
    }
