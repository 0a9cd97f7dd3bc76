"""The guides tell the truth: every setting with its real default, no command and no file that does not exist."""

import os
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest

from shared.cli import main
from shared.config import Settings, load

ROOT = Path(__file__).parents[2]
GUIDES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
GUIDE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ROWS: dict[str, str] = dict(re.findall(r"^\| `(CERMIN_\w+)` \| (.*?) \|", GUIDE, flags=re.M))


@pytest.fixture
def defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.chdir(tmp_path)
    return load({})


def test_every_setting_has_a_row_and_no_row_is_invented() -> None:
    assert set(ROWS) == {f"CERMIN_{field.name.upper()}" for field in fields(Settings)}


@pytest.mark.parametrize("variable", sorted(ROWS))
def test_the_default_in_the_guide_is_the_default(variable: str, defaults: Settings) -> None:
    value: Any = getattr(defaults, variable.removeprefix("CERMIN_").lower())
    written = "made by itself" if variable.endswith("_SECRETS") else f"`{value}`"
    assert ROWS[variable] == written


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_and_link_in_a_guide_exists(
    guide: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = guide.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (guide.parent / target).exists(), target
    for name in [name for name in os.environ if name.startswith("CERMIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CERMIN_DATA_DIR", str(tmp_path))
    known = set(main.list_commands(click.Context(main)))
    named = re.findall(r"(?:`|[a-z] |^)cermin ([a-z][a-z-]+)", text, flags=re.M)
    assert set(named) <= known, set(named) - known
