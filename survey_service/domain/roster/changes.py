"""What a file would change."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from survey_service.domain.people import Person


@dataclass(frozen=True, slots=True)
class Changes:
    """Employee numbers by what happens to them; ``changed`` names the fields that differ."""

    new: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    unchanged: int
    absent: tuple[str, ...]
    """Stored, but not in the file: they are kept as they are."""


def compare(stored: Mapping[str, Person], given: Mapping[str, Person]) -> Changes:
    """The difference between the people that are stored and those of a file."""
    changed = {
        number: differing(stored[number], person)
        for number, person in given.items()
        if number in stored and stored[number] != person
    }
    new = tuple(sorted(given.keys() - stored.keys()))
    absent = tuple(sorted(stored.keys() - given.keys()))
    return Changes(new, changed, len(given) - len(new) - len(changed), absent)


def differing(before: Person, after: Person) -> tuple[str, ...]:
    """Names of the fields in which two versions of a person differ."""
    names = (field.name for field in fields(Person))
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))
