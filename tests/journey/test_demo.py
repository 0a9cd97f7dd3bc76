"""`cermin demo`: the whole product in one process, twice with the same seed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from shared.events import CONTRACTS, PUBLIC
from shared.messaging.envelope import decode


def run(out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shared.cli", "demo", "--people", "45", "--seed", "4", "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.timeout(500)
def test_the_demo_adds_up_and_repeats_itself(tmp_path: Path) -> None:
    first = run(tmp_path / "demo")
    assert first.returncode == 0, first.stdout + first.stderr
    table = (tmp_path / "demo" / "scores.csv").read_bytes()
    _look_at_what_it_left(tmp_path / "demo")
    again = run(tmp_path / "demo")
    assert again.returncode == 0, again.stdout + again.stderr
    assert (tmp_path / "demo" / "scores.csv").read_bytes() == table


def _look_at_what_it_left(out: Path) -> None:
    lines = (out / "events.jsonl").read_bytes().splitlines()
    events = [decode(line, ["x" * 32]) for line in lines]
    assert len({event.id for event in events}) == len(events)
    assert all(CONTRACTS[event.type].exchange == PUBLIC for event in events)
    mails = b"".join(path.read_bytes() for path in (out / "mail" / "new").iterdir())
    links = {word for word in mails.replace(b"=\n", b"").split() if b"/s#" in word}
    assert links, "mails carry links"
    public = json.dumps([json.loads(line) for line in lines]).encode()
    assert b"@" not in public and b"/s#" not in public, "what is published names no address and no link"
    assert not list((out / "data" / "keys").glob("round*")), "the key of the counted round is gone"
