"""``cermin api-key``: a key opens what its scopes say, and nothing any more once it is revoked."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.cli import main
from shared.config import load
from shared.host import Host


def cermin(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["api-key", *arguments])


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setenv("CERMIN_DATA_DIR", str(tmp_path))
    host = Host(load({"CERMIN_DATA_DIR": str(tmp_path)}))
    host.migrate()
    return host


def status(host: Host, service: str, path: str, key: str) -> int:
    return host.app(service).test_client().get(path, headers={"Authorization": f"Bearer {key}"}).status_code


def test_one_key_may_serve_both_services_until_it_is_revoked(host: Host) -> None:
    made = cermin("add", "hris", "--scope", "people:read", "--scope", "scores:read")
    assert made.exit_code == 0, made.output
    key = made.stdout.strip()
    assert status(host, "survey", "/api/v1/people", key) == 200
    assert status(host, "survey", "/api/v1/rounds", key) == 403
    assert status(host, "scoring", "/api/v1/scores/feed", key) == 200
    listed = cermin("list").stdout
    assert [line.split("\t")[:2] for line in listed.splitlines()] == [["survey", "hris"], ["scoring", "hris"]]
    assert key not in listed
    assert cermin("revoke", "hris").stdout == "revoked in: survey, scoring\n"
    assert status(host, "survey", "/api/v1/people", key) == 401
    assert status(host, "scoring", "/api/v1/scores/feed", key) == 401
    assert cermin("list").stdout == ""


def test_a_name_is_taken_until_its_key_is_revoked(host: Host) -> None:
    assert cermin("add", "hris", "--scope", "people:read").exit_code == 0
    again = cermin("add", "hris", "--scope", "people:read")
    assert (again.exit_code, "choose another" in again.stderr) == (2, True)
    assert cermin("revoke", "hris").exit_code == 0
    assert cermin("add", "hris", "--scope", "people:read").exit_code == 0


def test_who_is_unknown_cannot_be_revoked(host: Host) -> None:
    refused = cermin("revoke", "nobody")
    assert (refused.exit_code, "no client called nobody" in refused.stderr) == (2, True)
