"""Who can be asked about whom, nearest first: direct subordinates, and peers by a ladder.

The ladder of peers: same unit and tier, then same parent unit and tier, then the whole agency and tier. The people
of a rung stand in a ring by a hash of the seed, and a ratee meets them beginning with who comes next; so chance
depends on the seed and on who there is, never on the order of the input, and the work is spread evenly.
"""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from survey_service.domain.people import Person

Scope = tuple[str, str, str]
Place = tuple[bytes, str]
Free = Callable[[str], bool]
"""Whether somebody may take on one more ratee. Who may not, never may again."""


class Candidates:
    """Everybody who takes part: excluded people are neither assessed nor asked, outsiders are only asked."""

    def __init__(self, people: Iterable[Person], parents: Mapping[str, str | None], seed: int, free: Free) -> None:
        self.people = {one.number: one for one in people if one.excluded is None}
        self._parents, self._seed, self._free = parents, seed, free
        self._subordinates: dict[str, list[str]] = defaultdict(list)
        self.tiers: dict[str, list[str]] = defaultdict(list)
        members: dict[Scope, list[Place]] = defaultdict(list)
        self._places = {number: (chance(seed, "ring", number), number) for number in self.people}
        for place in sorted(self._places.values()):
            person = self.people[place[1]]
            if person.supervisor:
                self._subordinates[person.supervisor].append(person.number)
            if not person.outside:
                self.tiers[person.tier].append(person.number)
                for scope in {*self._scopes(person), ("parent", person.unit, person.tier)}:
                    members[scope].append(place)
        self._rings = {scope: _Ring(places, free) for scope, places in members.items()}

    def ratees(self) -> list[Person]:
        """Everybody who is assessed, each in the turn that chance gives."""
        inside = (one for one in self.people.values() if not one.outside)
        return sorted(inside, key=lambda one: (chance(self._seed, "turn", one.number), one.number))

    def subordinates(self, ratee: Person) -> list[str]:
        """All direct subordinates of a ratee, in the order that chance gives."""
        return self._subordinates.get(ratee.number, [])

    def never_peers(self, ratee: Person) -> set[str]:
        """Who is no peer of this ratee although of the same tier."""
        return {ratee.number, ratee.supervisor or "", *self.subordinates(ratee)}

    def free_subordinates(self, ratee: Person) -> Iterator[str]:
        """Those who may still be asked."""
        return (number for number in self.subordinates(ratee) if self._free(number))

    def free_peers(self, ratee: Person) -> Iterator[Iterator[str]]:
        """Rung by rung those of the same tier who may still be asked; a farther rung has the nearer ones again."""
        return (self._rings[scope].after(self._places[ratee.number]) for scope in self._scopes(ratee))

    def _scopes(self, person: Person) -> Iterator[Scope]:
        parent = self._parents.get(person.unit) or person.unit  # the parent's own people belong to it too
        yield ("unit", person.unit, person.tier)
        yield ("parent", parent, person.tier)
        yield ("agency", "", person.tier)


class _Ring:
    """People of one scope, their places ascending, closed to a ring; who is not free is passed over."""

    def __init__(self, places: list[Place], free: Free) -> None:
        self._places, self._free = places, free
        self._next = list(range(1, len(places) + 1))

    def after(self, place: Place) -> Iterator[str]:
        """Everybody who is free once, beginning with who comes after ``place``."""
        start = bisect_right(self._places, place)
        yield from self._stretch(start, len(self._places))
        yield from self._stretch(0, start)

    def _stretch(self, at: int, end: int) -> Iterator[str]:
        while (at := self._first_free(at)) < end:
            yield self._places[at][1]
            at += 1

    def _first_free(self, at: int) -> int:
        """The first place from ``at`` on with somebody free; the way there is remembered and not walked again."""
        passed = []
        while at < len(self._places) and not self._free(self._places[at][1]):
            passed.append(at)
            at = self._next[at]
        for place in passed:
            self._next[place] = at
        return at


def chance(seed: int, *names: str) -> bytes:
    """The place of something in an order that only the seed and its names decide."""
    return hashlib.blake2b("\x1f".join([str(seed), *names]).encode(), digest_size=12).digest()
