"""Settings: every fault at once, defaults that work, secrets that are made once and kept to oneself."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from shared.config import BadSettings, Settings, load

SECRET = "s" * 40
SERVERS = {
    "CERMIN_BROKER_URL": "amqp://u:p@mq/",
    "CERMIN_EVENT_SECRETS": SECRET,
    "CERMIN_SERVICE_SECRETS": SECRET,
}


def settings(tmp_path: Path, **more: str) -> Settings:
    return load({"CERMIN_DATA_DIR": str(tmp_path), **{f"CERMIN_{name}": value for name, value in more.items()}})


def faults(environ: dict[str, str]) -> dict[str, str]:
    with pytest.raises(BadSettings) as problem:
        load(environ)
    for name in problem.value.problems:
        assert name in str(problem.value)
    return problem.value.problems


def test_with_nothing_set_everything_lives_in_one_folder(tmp_path: Path) -> None:
    found = settings(tmp_path)
    urls = [found.database_url(name) for name in ("survey", "scoring", "notifier")] + [found.broker_url]
    assert urls == [f"sqlite:///{tmp_path / name}.db" for name in ("survey", "scoring", "notifier", "broker")]
    assert not found.separated
    assert (found.port, found.language, str(found.timezone)) == (8000, "id", "Asia/Jakarta")


def test_foreign_variables_are_left_alone_and_unknown_ones_of_ours_are_not(tmp_path: Path) -> None:
    load({"CERMIN_DATA_DIR": str(tmp_path), "PATH": "/bin", "PORT": "x"})
    assert "CERMIN_PROT" in faults({"CERMIN_DATA_DIR": str(tmp_path), "CERMIN_PROT": "8000"})


def test_every_fault_is_told_at_once() -> None:
    found = faults(
        {
            "CERMIN_PORT": "70000",
            "CERMIN_TIMEZONE": "Asia/Atlantis",
            "CERMIN_LANGUAGE": "nl",
            "CERMIN_PUBLIC_URL": "cermin.example.go.id",
            "CERMIN_BROKER_URL": "http://mq",
            "CERMIN_SURVEY_DATABASE_URL": "mysql://x",
            "CERMIN_MAIL_FROM": "nobody\r\nBcc: x@example.org",
            "CERMIN_EVENT_SECRETS": "short",
            "CERMIN_UNKNOWN": "1",
        }
    )
    names = {"PORT", "TIMEZONE", "LANGUAGE", "PUBLIC_URL", "BROKER_URL", "SURVEY_DATABASE_URL", "MAIL_FROM"}
    assert set(found) >= {f"CERMIN_{name}" for name in names | {"EVENT_SECRETS", "UNKNOWN"}}
    assert "Asia/Jakarta" in found["CERMIN_TIMEZONE"]


@pytest.mark.parametrize("name", ["CERMIN_BROKER_URL", "CERMIN_SCORING_DATABASE_URL"])
def test_naming_a_server_requires_secrets(tmp_path: Path, name: str) -> None:
    url = "amqp://u:p@mq/" if "BROKER" in name else "postgresql://db/x"
    found = faults({"CERMIN_DATA_DIR": str(tmp_path), name: url})
    assert set(found) == {"CERMIN_EVENT_SECRETS", "CERMIN_SERVICE_SECRETS"}
    assert not list(tmp_path.iterdir()), "nothing is made before the settings are right"


def test_one_secret_alone_is_refused(tmp_path: Path) -> None:
    assert set(faults({"CERMIN_DATA_DIR": str(tmp_path), "CERMIN_EVENT_SECRETS": SECRET})) == {
        "CERMIN_SERVICE_SECRETS"
    }


def test_secrets_rotate_newest_first(tmp_path: Path) -> None:
    found = load({**SERVERS, "CERMIN_DATA_DIR": str(tmp_path), "CERMIN_EVENT_SECRETS": f"{'n' * 32} , {'o' * 32}"})
    assert found.event_secrets == ("n" * 32, "o" * 32)
    assert found.separated


def test_faults_and_settings_do_not_show_a_secret() -> None:
    found = faults({"CERMIN_EVENT_SECRETS": "too-short-secret", "CERMIN_PORT": "x"})
    assert "too-short-secret" not in str(found)


def test_own_secrets_are_kept_for_the_owner_only_and_stay(tmp_path: Path) -> None:
    first = settings(tmp_path)
    path = tmp_path / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(json.loads(path.read_text())) == {"event", "service"}
    again = settings(tmp_path)
    assert (again.event_secrets, again.service_secrets) == (first.event_secrets, first.service_secrets)
    assert first.event_secrets != first.service_secrets
    assert min(len(secret) for secret in first.event_secrets + first.service_secrets) >= 32
    assert [one.name for one in tmp_path.iterdir()] == ["secrets.json"], "no draft is left"


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    program = (
        "import sys; from shared.config import load; print(load({'CERMIN_DATA_DIR': sys.argv[1]}).event_secrets)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "new")], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1
    assert all(process.returncode == 0 for process in started)


def test_a_trailing_slash_makes_no_other_address(tmp_path: Path) -> None:
    assert (
        settings(tmp_path, PUBLIC_URL="https://cermin.example.go.id/").public_url == "https://cermin.example.go.id"
    )
