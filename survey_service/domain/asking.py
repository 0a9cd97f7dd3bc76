"""Everybody's raters while they are chosen under a cap: minimums first, mended where chance was unkind, then more.

Taking the nearest who are free can leave a ratee below the minimum although a plan for everybody exists. Such a
ratee then gets a rater of somebody else, who gets another one instead, and so on until somebody is free: augmenting
paths, so that when none is left the sum of raters up to the minimums is the greatest that the cap allows (Ford and
Fulkerson 1956; Kuhn 1955 for why a search that failed need not be walked again).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from survey_service.domain.candidates import Candidates
from survey_service.domain.people import Person

PEER, SUBORDINATE = "peer", "subordinate"

Need = tuple[str, str]
"""The raters of one ratee in one relation."""


class Asking:
    """Who is asked about whom so far, as peer or subordinate. Nobody is ever asked about more than ``cap``."""

    def __init__(
        self, people: Iterable[Person], parents: Mapping[str, str | None], seed: int, cap: int | None
    ) -> None:
        self._load: Counter[str] = Counter()
        self.candidates = Candidates(people, parents, seed, lambda number: cap is None or self._load[number] < cap)
        self.raters: dict[Need, list[str]] = defaultdict(list)

    def fill(self, need: Need, wanted: int | None, step: int | None = None, *, near: bool = False) -> int:
        """Ask the nearest who are free until there are ``wanted`` (None: all of them); how many were added.

        ``step``: at most so many at once. ``near``: only peers of the same unit.
        """
        had = self.raters[need]
        limits = (step, None if wanted is None else max(0, wanted - len(had)))
        found = list(islice(self._free(need, near), min((one for one in limits if one is not None), default=None)))
        self._load.update(found)
        self.raters[need] = had + found
        return len(found)

    def mend(self, minimums: Mapping[Need, int]) -> None:
        """Bring as many as the cap allows up to their minimums, by letting others change raters."""
        while True:
            search = _Search(self)
            short = [need for need, least in minimums.items() if len(self.raters[need]) < least]
            grown = [search.grow(need) for need in short]
            if not any(grown):
                return

    def free_one(self, need: Need) -> str | None:
        """The nearest who may still be asked."""
        return next(self._free(need, near=False), None)

    def take(self, rater: str, need: Need) -> None:
        """Ask ``rater`` about one more ratee."""
        self._load[rater] += 1
        self.raters[need].append(rater)

    def move(self, rater: str, before: Need, after: Need) -> None:
        """Ask ``rater`` about another ratee instead."""
        self.raters[before].remove(rater)
        self.raters[after].append(rater)

    def _free(self, need: Need, near: bool) -> Iterator[str]:
        ratee, relation = need
        person, taken = self.candidates.people[ratee], {*self.raters[need]}
        if relation == SUBORDINATE:
            yield from (one for one in self.candidates.free_subordinates(person) if one not in taken)
            return
        taken |= self.candidates.never_peers(person)
        for rung in islice(self.candidates.free_peers(person), 1 if near else None):
            for number in rung:
                if number not in taken:
                    taken.add(number)
                    yield number


class _Search:
    """One pass over all who lack raters. Nothing is looked at twice; what a success hid, the next pass finds."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._carried: dict[str, list[Need]] = defaultdict(list)
        for need, raters in asking.raters.items():
            for rater in raters:
                self._carried[rater].append(need)
        self._met: set[Need] = set()
        self._unseen = {tier: list(numbers) for tier, numbers in asking.candidates.tiers.items()}

    def grow(self, start: Need) -> bool:
        """Whether ``start`` got one more rater."""
        came: dict[Need, tuple[Need, str]] = {}
        for need in self._reached(start, came):
            free = self._asking.free_one(need)
            if free is not None:
                self._asking.take(free, need)
                while need in came:
                    before, rater = came[need]
                    self._asking.move(rater, need, before)
                    need = before
                return True
        return False

    def _reached(self, start: Need, came: dict[Need, tuple[Need, str]]) -> Iterator[Need]:
        """``start`` and, by ever longer chains, who could give up a rater to the one before, noted in ``came``."""
        queue = [] if start in self._met else [start]
        self._met.add(start)
        yield from queue
        for need in queue:
            for rater in self._others(need):
                for other in self._carried[rater]:
                    if other not in self._met:
                        self._met.add(other)
                        came[other] = (need, rater)
                        queue.append(other)
                        yield other

    def _others(self, need: Need) -> Iterator[str]:
        """Who could be asked for ``need`` and was not seen in this pass."""
        person, taken = self._asking.candidates.people[need[0]], {*self._asking.raters[need]}
        if need[1] == SUBORDINATE:
            yield from (one for one in self._asking.candidates.subordinates(person) if one not in taken)
            return
        unseen, barred = self._unseen[person.tier], taken | self._asking.candidates.never_peers(person)
        passed_over = []
        while unseen:
            one = unseen.pop()
            if one in barred:
                passed_over.append(one)
            else:
                yield one
        unseen += passed_over
