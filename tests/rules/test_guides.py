"""The guides show pictures and templates that are there, the same in both languages."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = {"id": DOCS / "guide-hr.id.md", "en": DOCS / "guide-hr.md"}


def links(path: Path) -> list[str]:
    return re.findall(r"\]\(([^)#:]+)\)", path.read_text())


def test_every_picture_and_template_of_a_guide_is_there() -> None:
    for path in GUIDES.values():
        found = links(path)
        assert len(found) > 10
        assert not [one for one in found if not (DOCS / one).is_file()], path.name


def test_both_languages_show_the_same_pictures() -> None:
    shown = {
        language: [one.replace(f".{language}.", ".") for one in links(path) if one.endswith(".png")]
        for language, path in GUIDES.items()
    }
    assert shown["id"] == shown["en"]


def test_pictures_are_small() -> None:
    heavy = [one.name for one in (DOCS / "screenshots").glob("*.png") if one.stat().st_size > 250_000]
    assert not heavy
