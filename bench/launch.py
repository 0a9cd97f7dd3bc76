"""Launch against a floor: mint, hash and sign the tokens, seal the letters, COPY as many rows."""

import hashlib
import hmac
import json
import secrets
import uuid

import psycopg

from bench import apart, province
from bench.servers import Servers
from bench.targets import LAUNCH, Measured
from shared.sealing import Sealer, b64, make_key, public_part


def measure(servers: Servers, ratees: int, product: dict[str, str]) -> tuple[list[Measured], str]:
    """The row, and the round that was launched on ``product``, which has the people."""
    (seconds, round_id), peak = apart.run(province.launched, product)
    other = servers.postgres.database()
    floor, _ = apart.run(floor_of, other, ratees)
    row = Measured(
        LAUNCH,
        f"{ratees * province.RATERS:,} links in {seconds:.1f} s",
        f"{floor:.1f} s",
        seconds / floor,
        (("launch", peak),),
    )
    return [row], round_id


def floor_of(url: str, ratees: int) -> float:
    """Seconds of the least that any launch has to do; the table has a key and a unique digest, nothing else."""
    key, sealer = secrets.token_bytes(32), Sealer(public_part(make_key()))
    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE TABLE token (id uuid PRIMARY KEY, round_id uuid NOT NULL, ratee text NOT NULL,"
            " rater text NOT NULL, relation text NOT NULL, letter_id uuid NOT NULL,"
            " digest bytea NOT NULL UNIQUE, state text NOT NULL)"
        )
        connection.commit()
        with apart.stopwatch() as seconds:
            with connection.cursor().copy("COPY token FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["uuid", "uuid", "text", "text", "text", "uuid", "bytea", "text"])
                round_id = uuid.uuid4()
                for at in range(ratees):
                    letter, links = uuid.uuid4(), []
                    for place in range(province.RATERS):
                        secret = secrets.token_bytes(16)
                        token = hashlib.sha256(secret).digest()
                        signature = hmac.digest(key, token, "sha256")
                        links.append(f"https://survei.example.go.id/s#{b64(secret)}.{b64(signature)}")
                        digest, ratee = hashlib.sha256(token).digest(), province.nip(at + place)
                        copy.write_row(
                            (uuid.uuid4(), round_id, ratee, province.nip(at), "peer", letter, digest, "pending")
                        )
                    sealer.seal(json.dumps(links).encode(), letter.bytes)
            connection.commit()
    return seconds[0]
