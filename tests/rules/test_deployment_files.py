"""What is written in the files of the deployment fits together, without starting anything."""

import re
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from shared.config import SERVICES, load
from tests.compose import DOCKERFILE, ROOT, compose, dockerfile_environment, example_settings, interpolate

SERVICE_OF = {name: part for name in compose()["services"] for part in SERVICES if name.startswith(part)}


def test_compose_file_fits_the_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*command, str(ROOT / "docker-compose.yml")], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_service_has_pages_workers_and_migrations() -> None:
    services = compose()["services"]
    assert {"survey-web", "scoring-web", "survey-worker", "scoring-worker", "notifier-worker"} <= set(services)
    assert {f"{name}-migrate" for name in SERVICES} <= set(services)
    for name in SERVICE_OF:
        waits = services[name]["depends_on"]
        if not name.endswith("-migrate"):
            migrated = waits[f"{SERVICE_OF[name]}-migrate"]["condition"]
            assert migrated == "service_completed_successfully"


@pytest.mark.parametrize("script", ["backup.sh", "restore.sh"])
def test_backups_are_made_while_nobody_writes(script: str) -> None:
    text = (ROOT / "deploy" / script).read_text()
    lasting = {"postgres", "rabbitmq", "mail", *(f"{name}-migrate" for name in SERVICES)}
    for name in set(compose()["services"]) - lasting:
        assert re.search(rf"\b{name}\b", text), f"{name} is not stopped"
    assert [name for name in SERVICES if name not in text] == []


def test_example_settings_give_exactly_what_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert set(example_settings()) == asked
    assert example_settings()["EVENT_SECRETS"] != example_settings()["EVENT_SECRETS"], "fresh every time"


@pytest.mark.parametrize("name", sorted(SERVICE_OF))
def test_the_environment_of_each_container_makes_complete_settings(name: str) -> None:
    service = SERVICE_OF[name]
    environment = interpolate(compose()["services"][name]["environment"], example_settings())
    settings = load(dockerfile_environment() | environment)
    assert settings.separated
    assert settings.database_url(service).startswith("postgresql://")
    for other in set(SERVICES) - {service}:
        assert settings.database_url(other).startswith("sqlite:"), f"{name} needs no way into {other}"


def test_only_those_who_need_a_secret_have_it() -> None:
    services = compose()["services"]
    web = {name for name in SERVICE_OF if "WEB_SECRETS" in services[name]["environment"]["CERMIN_SERVICE_SECRETS"]}
    assert {SERVICE_OF[name] for name in web} == {"survey", "scoring"}
    keys = {
        volume.split(":")[0]: SERVICE_OF[name]
        for name in SERVICE_OF
        for volume in services[name].get("volumes", [])
    }
    assert keys == {"round-keys": "scoring", "letter-keys": "notifier"}


def test_a_missing_secret_stops_compose_with_advice() -> None:
    given = {name: value for name, value in example_settings().items() if name != "EVENT_SECRETS"}
    with pytest.raises(KeyError, match=r"run deploy/new-env\.sh"):
        interpolate(compose()["services"]["survey-web"]["environment"], given)


def test_containers_are_unprivileged() -> None:
    for name in SERVICE_OF:
        container: dict[str, Any] = compose()["services"][name]
        assert container["read_only"] and container["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in container["security_opt"]
    lines = DOCKERFILE.read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users and all(user not in {"0", "root"} for user in users)
    assert lines.index(f"USER {users[-1]}") > max(at for at, line in enumerate(lines) if line.startswith("FROM "))


def test_image_installs_only_what_is_locked_by_hash() -> None:
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    installs = re.findall(r"\S*pip (?:install|wheel) [^&\n]*", text)
    assert len(installs) >= 4
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)
    for path in re.findall(r"-r (\S+)", text):
        pins = [line for line in (ROOT / path).read_text().splitlines() if re.match(r"\w", line)]
        assert pins and all("==" in line for line in pins)


def test_the_image_makes_reports_as_pdf_with_what_the_guide_names() -> None:
    text = DOCKERFILE.read_text()
    final = text[text.rindex("FROM ") :].replace("\\\n", " ")
    installed = re.search(r"apt-get install -y --no-install-recommends ([^&]+)&&", final)
    guide = re.sub(r"\s+", " ", (ROOT / "docs" / "operations.md").read_text())
    named = re.search(r"\(Debian: `([^`]+)`\)", guide)
    assert installed and named and installed[1].split() == named[1].split()
    assert "-r requirements/pdf.txt" in text


def test_what_is_locked_for_pdf_is_what_is_locked_without_it_and_more() -> None:
    plain, more = (_pins(ROOT / "requirements" / f"{name}.txt") for name in ("runtime", "pdf"))
    assert plain <= more and "weasyprint" in {pin.partition("==")[0] for pin in more - plain}


def _pins(path: Path) -> set[str]:
    return {line.split()[0] for line in path.read_text().splitlines() if re.match(r"\w", line)}


def test_everything_the_image_copies_exists_and_is_not_ignored() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in DOCKERFILE.read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
                assert source.split("/")[0] in allowed, source


def test_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    """The image runs from the wheel: a template that is not in it would be missed only in production."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    source = tmp_path / "source"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    wanted = [name for name in listed.stdout.split("\0") if name.split("/")[0] in _packages()]
    for name in [*wanted, "pyproject.toml", "README.md"]:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(source)], check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("cermin-*.whl")
    missing = set(wanted) - set(zipfile.ZipFile(wheel).namelist())
    assert not missing


def _packages() -> set[str]:
    return {"shared", *(path.parent.name for path in ROOT.glob("*/migrations"))}


def test_the_proxy_sends_to_scoring_exactly_what_is_scorings() -> None:
    matcher = re.search(r"@scoring \{(.*?)\}", (ROOT / "deploy" / "Caddyfile").read_text(), flags=re.S)
    assert matcher
    asked = {tuple(line.split()[1:]) for line in matcher[1].strip().splitlines()}
    assert asked == {(prefix, f"{prefix}/*") for prefix in import_module("scoring_service.service").PREFIXES}
