"""Log lines are JSON and name nobody: no address, no employee number, no link, no secret."""

import json
import subprocess
import sys
from typing import Any

import pytest

from shared.logs import FORBIDDEN, blank, drop_personal

NIP, ADDRESS, LINK = "198503122010011004", "siti.aminah@dinkes.example.go.id", "#kq3v7XW2mZp9aLr4TnYc.Hs8uQd"


def lines(program: str) -> list[dict[str, Any]]:
    """What a program with our logging writes, one object per line. A process of its own: logging is global."""
    head = "import logging, structlog\nfrom shared.logs import configure\nconfigure('INFO')\n"
    done = subprocess.run([sys.executable, "-c", head + program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


@pytest.mark.parametrize("text", [NIP, ADDRESS, LINK, f"to <{ADDRESS}>", f"ratee {NIP}: no", f"https://x/s{LINK}"])
def test_a_text_is_blanked(text: str) -> None:
    assert not any(secret in blank(text) for secret in (NIP, ADDRESS, LINK[1:]))


@pytest.mark.parametrize("text", ["round 3f0c1a52-7a0e-4f0c-9a57-0d6c6c0f3b11 opened", "12 mails", "10:30", "#12"])
def test_what_names_nobody_stays(text: str) -> None:
    assert blank(text) == text


def test_forbidden_names_are_dropped_whatever_they_hold() -> None:
    entry: dict[str, Any] = dict.fromkeys(FORBIDDEN, "x") | {"event": "ok", "count": 3}
    assert drop_personal(None, "info", entry) == {"event": "ok", "count": 3}


def test_nested_values_are_cleaned_too() -> None:
    found = drop_personal(
        None, "info", {"event": "x", "rows": [f"to {ADDRESS}", {"token": "t", "nip": NIP, "n": 1}]}
    )
    assert found == {"event": "x", "rows": ["to …", {"nip": "…", "n": 1}]}


def test_both_kinds_of_logger_write_the_same_clean_json() -> None:
    found = lines(
        f"structlog.get_logger('ours').warning('mail to {ADDRESS}', token='t0ken', count=2)\n"
        f"logging.getLogger('theirs').warning('no ratee %s', '{NIP}')\n"
    )
    assert [one["event"] for one in found] == ["mail to …", "no ratee …"]
    assert found[0]["count"] == 2
    assert {one["level"] for one in found} == {"warning"}
    assert not any(secret in json.dumps(found) for secret in (ADDRESS, NIP, "t0ken"))


def test_a_traceback_is_clean_as_well() -> None:
    [found] = lines(
        f"try:\n    raise ValueError('refused {ADDRESS} {NIP} {LINK}')\n"
        "except ValueError as error:\n    structlog.get_logger('x').error('stumbled', exc_info=error)\n"
    )
    assert "ValueError" in found["exception"]
    assert not any(secret in json.dumps(found) for secret in (ADDRESS, NIP, LINK))


def test_a_quiet_level_is_quiet() -> None:
    assert (
        lines("structlog.get_logger('x').debug('detail')\nlogging.getLogger('alembic').info('migration')\n") == []
    )
