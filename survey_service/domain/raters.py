"""Who is asked about whom: raters from the hierarchy, peers by a ladder, samples by a seed.

The ladder of peers: same unit and tier, then same parent unit and tier, then the whole agency and tier. A farther
rung is climbed only while the minimum is not met, and only up to it. Whoever is sampled depends on the seed and on
who there is, never on the order of the input: the people of a rung stand in a ring by a hash, and a ratee takes
those who come next, which spreads the work evenly.
"""

import hashlib
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from survey_service.domain.people import Person

SUPERVISOR, PEER, SUBORDINATE, SELF = "supervisor", "peer", "subordinate", "self"
RELATIONS = (SUPERVISOR, PEER, SUBORDINATE, SELF)


@dataclass(frozen=True, slots=True)
class Group:
    """How many raters of one relation a ratee has. ``target`` None asks all, at most ``maximum`` when given.

    ``cap`` limits how many ratees one person is asked about as peer or subordinate (None: no limit).
    """

    minimum: int = 0
    target: int | None = None
    maximum: int | None = None
    cap: int | None = None

    @property
    def wanted(self) -> int | None:
        """The number to ask where enough people are near, None for all of them."""
        return self.target if self.target is not None else self.maximum


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What could not be satisfied for a ratee: ``found`` raters of a relation where ``wanted`` are needed."""

    ratee: str
    relation: str
    wanted: int
    found: int


@dataclass(frozen=True, slots=True)
class Ratee:
    """Somebody who is assessed, with the raters by relation."""

    person: Person
    superior: str | None
    """The supervisor's supervisor, who decides objections."""
    raters: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The raters of a round, ratees in order of their number."""

    ratees: tuple[Ratee, ...]
    shortfalls: tuple[Shortfall, ...]


def plan(
    people: Iterable[Person], parents: Mapping[str, str | None], groups: Mapping[str, Group], seed: int
) -> Plan:
    """Raters for everybody who is assessed: who is not excluded and belongs to the agency.

    ``parents`` gives the parent of each unit. Relations that ``groups`` does not name are not asked.
    """
    org = _Organisation({one.number: one for one in people if one.excluded is None}, parents, seed)
    load: Counter[str] = Counter()
    chosen: dict[str, Ratee] = {}
    for person in sorted(org.ratees(), key=lambda one: (_hash(seed, "turn", one.number), one.number)):
        chosen[person.number] = _ratee(org, person, groups, load)
    ratees = tuple(chosen[number] for number in sorted(chosen))
    return Plan(ratees, tuple(_shortfalls(ratees, groups)))


def _ratee(org: "_Organisation", person: Person, groups: Mapping[str, Group], load: Counter[str]) -> Ratee:
    supervisor = org.people.get(person.supervisor or "")
    subordinates = org.subordinates.get(person.number, ())
    raters: dict[str, tuple[str, ...]] = {}
    if SUPERVISOR in groups and supervisor is not None:
        raters[SUPERVISOR] = (supervisor.number,)
    if SUBORDINATE in groups:
        raters[SUBORDINATE] = _take(org.some(person, subordinates), groups[SUBORDINATE], load)
    if PEER in groups:
        apart = {person.number, person.supervisor, *subordinates}
        raters[PEER] = _peers(org, person, apart, groups[PEER], load)
    if SELF in groups:
        raters[SELF] = (person.number,)
    superior = supervisor.supervisor if supervisor is not None else None
    return Ratee(person, superior if superior in org.people else None, {k: v for k, v in raters.items() if v})


def _peers(
    org: "_Organisation", person: Person, apart: Collection[str | None], group: Group, load: Counter[str]
) -> tuple[str, ...]:
    found: list[str] = []
    for rung, pool in enumerate(org.ladder(person)):
        wanted = group.wanted if rung == 0 else group.minimum
        if wanted is not None and len(found) >= wanted:
            break
        taken = {*apart, *found}
        near = (number for number in pool.after(person.number, load, group.cap) if number not in taken)
        found += _first(near, None if wanted is None else wanted - len(found))
    load.update(found)
    return tuple(sorted(found))


def _take(candidates: Iterable[str], group: Group, load: Counter[str]) -> tuple[str, ...]:
    free = (number for number in candidates if group.cap is None or load[number] < group.cap)
    found = _first(free, group.wanted)
    load.update(found)
    return tuple(sorted(found))


def _first(candidates: Iterable[str], count: int | None) -> list[str]:
    found: list[str] = []
    for number in candidates:
        if count is not None and len(found) >= count:
            break
        found.append(number)
    return found


def _shortfalls(ratees: Iterable[Ratee], groups: Mapping[str, Group]) -> Iterator[Shortfall]:
    for ratee in ratees:
        for relation in (SUPERVISOR, PEER, SUBORDINATE):
            if relation not in groups or (relation == SUBORDINATE and not ratee.raters.get(SUBORDINATE)):
                continue  # somebody without direct subordinates lacks none
            wanted = 1 if relation == SUPERVISOR else groups[relation].minimum
            found = len(ratee.raters.get(relation, ()))
            if found < wanted:
                yield Shortfall(ratee.person.number, relation, wanted, found)


@dataclass(slots=True)
class _Organisation:
    people: Mapping[str, Person]
    parents: Mapping[str, str | None]
    seed: int
    subordinates: dict[str, list[str]] = field(init=False)
    _rings: dict[tuple[str, str, str], "_Ring"] = field(init=False)

    def __post_init__(self) -> None:
        self.subordinates = defaultdict(list)
        members: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for person in self.people.values():
            if person.supervisor:
                self.subordinates[person.supervisor].append(person.number)
            if not person.outside:
                for scope in {*self._scopes(person), ("parent", person.unit, person.tier)}:
                    members[scope].append(person.number)
        self._rings = {scope: _Ring(numbers, self.seed) for scope, numbers in members.items()}

    def ratees(self) -> Iterator[Person]:
        return (person for person in self.people.values() if not person.outside)

    def ladder(self, person: Person) -> Iterator["_Ring"]:
        return (self._rings[scope] for scope in self._scopes(person))

    def some(self, ratee: Person, numbers: Iterable[str]) -> list[str]:
        """Candidates in the order in which this ratee would take them."""
        return sorted(numbers, key=lambda number: (_hash(self.seed, ratee.number, number), number))

    def _scopes(self, person: Person) -> Iterator[tuple[str, str, str]]:
        parent = self.parents.get(person.unit) or person.unit  # the parent's own people belong to it too
        yield ("unit", person.unit, person.tier)
        yield ("parent", parent, person.tier)
        yield ("agency", "", person.tier)


class _Ring:
    """People of one scope in the order of a hash, closed to a ring; those who carry their cap are passed over."""

    def __init__(self, numbers: Iterable[str], seed: int) -> None:
        self._places = sorted((_hash(seed, "ring", number), number) for number in numbers)
        self._next = list(range(1, len(self._places) + 1))
        self._seed = seed

    def after(self, number: str, load: Mapping[str, int], cap: int | None) -> Iterator[str]:
        """Everybody once, beginning with who comes after ``number``."""
        start = bisect_right(self._places, (_hash(self._seed, "ring", number), number))
        yield from self._stretch(start, len(self._places), load, cap)
        yield from self._stretch(0, start, load, cap)

    def _stretch(self, at: int, end: int, load: Mapping[str, int], cap: int | None) -> Iterator[str]:
        before: int | None = None
        while at < end:
            candidate = self._places[at][1]
            if cap is not None and load[candidate] >= cap:
                if before is not None:
                    self._next[before] = self._next[at]
                else:
                    before = at
            else:
                yield candidate
                before = at
            at = self._next[at]


def _hash(seed: int, *names: str) -> bytes:
    return hashlib.blake2b("\x1f".join([str(seed), *names]).encode(), digest_size=12).digest()
