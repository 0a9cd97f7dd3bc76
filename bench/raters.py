"""Raters as bytes: what their browsers would send, made before the clock runs, and clients that send it."""

import json
import socket
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa

from bench.province import random_answers
from shared import sealing
from shared.config import load
from shared.database import reading, transaction
from shared.host import Host
from shared.keystore import open_keystore
from survey_service import tokens
from survey_service.tables import invitation, letter
from survey_service.usecases import opening

ITEMS = 21


class HungUp(Exception):
    """The server closed the connection."""


@dataclass(frozen=True, slots=True)
class Rater:
    """One link and the ballot that will be sent through it."""

    token: bytes
    digest: bytes
    ratee: str
    relation: str
    ballot: bytes
    requests: tuple[bytes, bytes, bytes]
    """Look at the inert page, open the survey, submit the sealed ballot."""


def opened(environment: dict[str, str], round_text: str) -> list[Rater]:
    """Open the round with a key of ours; every rater with a link and a sealed ballot, in the order of the links."""
    host = Host(load(environment), ["survey"])
    engine, private = host.services["survey"].engine, sealing.make_key()
    public = sealing.public_part(private)
    with transaction(engine) as session:
        opening.keep_round_key(session, UUID(round_text), public, sealing.fingerprint(public))
    with transaction(engine) as session:
        assert opening.open_due(session, host.clock()) == 1
    letter_key = open_keystore(host.settings.keystore_url).get("notifier")
    assert letter_key is not None
    with reading(engine) as session:
        rows = {str(row.id): row for row in session.execute(sa.select(invitation))}
        letters = session.execute(sa.select(letter.c.id, letter.c.sealed)).all()
    host.close()
    letter_opener, sealer = sealing.Opener(letter_key), sealing.Sealer(public)
    links = [
        (rows[link["invitation"]], link["link"])
        for one in letters
        for link in json.loads(letter_opener.open(one.sealed, sealing.letter_info(one.id)))["links"]
    ]
    return [_rater(row, link, sealer) for row, link in links]


def _rater(row: Any, link: str, sealer: sealing.Sealer) -> Rater:
    secret, _, signature = link.partition("#")[2].partition(".")
    token = tokens.token_of(sealing.unb64(secret))
    plain = sealing.encode_answers(random_answers(ITEMS), sealing.ballot_length(ITEMS))
    ballot = sealer.seal(plain, sealing.ballot_info(row.round_id, row.ratee, row.relation))
    credentials = {"token": sealing.b64(token), "signature": signature}
    sent = json.dumps({**credentials, "ballot": sealing.b64(ballot), "lang": "id"}).encode()
    requests = (
        _request("GET", "/s"),
        _request("POST", "/s/open", urlencode(credentials).encode(), "application/x-www-form-urlencoded"),
        _request("POST", "/s/submit", sent, "application/json"),
    )
    return Rater(token, row.token_digest, row.ratee, row.relation, ballot, requests)


def _request(method: str, path: str, body: bytes = b"", kind: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: survei.example.go.id", "Accept-Language: id"]
    lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def drive(port: int, raters: Sequence[Rater], clients: int, steps: slice) -> tuple[float, list[float]]:
    """Let every rater do the steps, ``clients`` at a time; seconds in all, and of each rater's journey."""
    sys.setswitchinterval(0.0005)
    shares = [raters[at::clients] for at in range(clients)]
    taken: list[float] = []
    faults: list[BaseException] = []

    def work(share: Sequence[Rater]) -> None:
        try:
            taken.extend(_client(port, share, steps))
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return time.perf_counter() - begun, sorted(taken)


def _client(port: int, raters: Sequence[Rater], steps: slice) -> list[float]:
    taken, talk = [], _connected(port)
    for rater in raters:
        begun = time.perf_counter()
        for request in rater.requests[steps]:
            try:
                _ask(talk, request)
            except HungUp:  # a worker that has served its number of requests: a browser connects and sends again
                talk.close()
                talk = _connected(port)
                _ask(talk, request)
        taken.append(time.perf_counter() - begun)
    talk.close()
    return taken


def _connected(port: int) -> socket.socket:
    talk = socket.create_connection(("127.0.0.1", port), timeout=30)
    talk.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return talk


def _ask(talk: socket.socket, request: bytes) -> None:
    try:
        talk.sendall(request)
    except ConnectionError as error:
        raise HungUp from error
    _expect_ok(talk)


def _expect_ok(talk: socket.socket) -> None:
    head = bytearray()
    while (end := head.find(b"\r\n\r\n")) < 0:
        head += _some(talk)
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the server answered {bytes(head[:80])!r}")
    low = bytes(head[:end]).lower()
    left = int(low.partition(b"content-length: ")[2].partition(b"\r")[0]) - (len(head) - end - 4)
    while left > 0:
        left -= len(_some(talk))


def _some(talk: socket.socket) -> bytes:
    try:
        found = talk.recv(65536)
    except ConnectionError as error:
        raise HungUp from error
    if not found:
        raise HungUp
    return found
