"""Who is asked about whom: raters from the hierarchy, peers by a ladder, samples by a seed, the work under a cap.

A farther rung of the ladder is climbed only while the minimum is not met, and only up to it. Minimums come before
targets: under a cap, nobody gets a fifth rater while somebody else could have a third.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from survey_service.domain import asking as choosing
from survey_service.domain.asking import Asking
from survey_service.domain.people import Person

SUPERVISOR, PEER, SUBORDINATE, SELF = "supervisor", choosing.PEER, choosing.SUBORDINATE, "self"
RELATIONS = (SUPERVISOR, PEER, SUBORDINATE, SELF)


@dataclass(frozen=True, slots=True)
class Group:
    """How many raters of one relation a ratee has. ``target`` None asks all, at most ``maximum`` when given.

    ``cap`` limits how many ratees one person is asked about as peer and subordinate together (None: no limit);
    where both relations name one, the smaller holds.
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

    ``parents`` gives the parent of each unit. Relations that ``groups`` does not name are not asked. A ratee stays
    below a minimum only where no plan within the caps could give the ratees more raters up to their minimums.
    """
    drawn = {relation: groups[relation] for relation in (SUBORDINATE, PEER) if relation in groups}
    caps = [group.cap for group in drawn.values() if group.cap is not None]
    asking = Asking(people, parents, seed, min(caps, default=None))
    turns = asking.candidates.ratees()
    _draw(asking, turns, drawn, capped=bool(caps))
    chosen = {one.number: _ratee(asking, one, groups) for one in turns}
    ratees = tuple(chosen[number] for number in sorted(chosen))
    return Plan(ratees, tuple(_shortfalls(ratees, groups, asking)))


def _draw(asking: Asking, turns: Sequence[Person], groups: Mapping[str, Group], *, capped: bool) -> None:
    """Minimums for everybody, then more from near; under a cap one for each in turn, as long as there are any."""
    minimums = {
        (one.number, relation): group.minimum
        for one in turns
        for relation, group in groups.items()
        if relation == PEER or asking.candidates.subordinates(one)
    }
    for need, least in minimums.items():
        asking.fill(need, least)
    if not capped:
        for need in minimums:
            asking.fill(need, groups[need[1]].wanted, near=True)
        return
    asking.mend(minimums)
    growing = list(minimums)
    while growing:
        growing = [need for need in growing if asking.fill(need, groups[need[1]].wanted, 1, near=True)]


def _ratee(asking: Asking, person: Person, groups: Mapping[str, Group]) -> Ratee:
    supervisor = asking.candidates.people.get(person.supervisor or "")
    raters = {
        relation: sorted(asking.raters.get((person.number, relation), ())) for relation in (SUBORDINATE, PEER)
    }
    if SUPERVISOR in groups and supervisor is not None:
        raters[SUPERVISOR] = [supervisor.number]
    if SELF in groups:
        raters[SELF] = [person.number]
    superior = supervisor.supervisor if supervisor is not None else None
    known = superior if superior in asking.candidates.people else None
    return Ratee(person, known, {name: tuple(raters[name]) for name in RELATIONS if raters.get(name)})


def _shortfalls(ratees: Iterable[Ratee], groups: Mapping[str, Group], asking: Asking) -> Iterator[Shortfall]:
    for ratee in ratees:
        for relation in (SUPERVISOR, PEER, SUBORDINATE):
            leads_none = relation == SUBORDINATE and not asking.candidates.subordinates(ratee.person)
            if relation not in groups or leads_none:
                continue  # somebody without direct subordinates lacks none
            wanted = 1 if relation == SUPERVISOR else groups[relation].minimum
            found = len(ratee.raters.get(relation, ()))
            if found < wanted:
                yield Shortfall(ratee.person.number, relation, wanted, found)
