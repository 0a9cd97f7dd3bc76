"""Reads the files of the deployment the way Docker would."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "Dockerfile"


def compose() -> dict[str, Any]:
    """``docker-compose.yml`` with its anchors merged, nothing interpolated."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def example_settings() -> dict[str, str]:
    """What ``deploy/new-env.sh`` prints, as name and value."""
    printed = subprocess.run(
        ["sh", str(ROOT / "deploy" / "new-env.sh")], capture_output=True, text=True, check=True
    ).stdout
    return dict(line.split("=", 1) for line in printed.splitlines() if line and not line.startswith("#"))


def interpolate(environment: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """``${NAME:-default}`` and ``${NAME:?advice}`` replaced; raises ``KeyError`` with the advice."""

    def value(found: re.Match[str]) -> str:
        name, rule, text = found.groups()
        if given.get(name):
            return given[name]
        if rule == ":-":
            return str(text)
        raise KeyError(f"{name}: {text}")

    pattern = re.compile(r"\$\{(\w+)(:[-?])([^}]*)\}")
    return {name: pattern.sub(value, text) for name, text in environment.items()}


def dockerfile_environment() -> dict[str, str]:
    """The ``CERMIN_*`` variables that the image sets."""
    return dict(re.findall(r"\b(CERMIN_\w+)=(\S+)", DOCKERFILE.read_text()))
