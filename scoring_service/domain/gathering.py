"""Gathering moments while ballots are open: whole numbers by denominator, made into fractions once at the end."""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm

from scoring_service.domain.moments import GENEROUS, AspectMoments, Moments
from scoring_service.domain.policy import SMALL
from scoring_service.domain.statistics import Agreement, Between, Consistency, rwg_of_histogram
from scoring_service.domain.tally import NO_ANSWER, Questionnaire

Facts = tuple[int, int, int, Fraction | None]
"""Of the answers to one item: how many, their sum, the sum of their squares, their rwg."""

_NONE = bytes(NO_ANSWER)


def gather(ballots: Iterable[tuple[str, Sequence[int]]], questionnaire: Questionnaire) -> Moments:
    """The moments of one ratee, see ``Gathering``."""
    gathering = Gathering(questionnaire)
    gathering.add(ballots)
    return gathering.moments()


class Gathering:
    """The moments of ratees, one after another: peers and subordinates together, raw answers, 0 and 255 left out.

    Alpha takes only raters who answered every item of an aspect. Sections that feed the same aspect count as one.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._points = questionnaire.points
        places: dict[str, list[int]] = {}
        for at, (aspect, _) in enumerate(questionnaire.items()):
            places.setdefault(aspect, []).append(at)
        self._aspects = {aspect: _Aspect(at, questionnaire.points) for aspect, at in places.items()}
        self._ratees = self._raters = self._straight = self._ceilings = self._lenient = 0

    def add(self, ballots: Iterable[tuple[str, Sequence[int]]]) -> None:
        """One more ratee."""
        rows = [bytes(answers) for relation, answers in ballots if relation in SMALL]
        given = [found for row in rows if (found := row.translate(None, _NONE))]
        if not given:
            return
        columns = list(zip(*rows, strict=True))
        facts = [_facts(tuple(sorted(column)), self._points) for column in columns]
        for aspect in self._aspects.values():
            aspect.add(columns, facts)
        self._ratees += 1
        several = [row for row in given if len(row) > 1]
        self._raters += len(several)
        even = [row[0] for row in several if row.count(row[0]) == len(row)]
        self._straight += len(even)
        self._ceilings += even.count(self._points)
        self._lenient += _lenient(several)

    def moments(self) -> Moments:
        """All of it, exact."""
        found = {code: aspect.moments() for code, aspect in self._aspects.items()}
        return Moments(
            self._ratees,
            {code: part for code, part in found.items() if part.between.raters},
            self._raters,
            self._straight,
            self._ceilings,
            self._lenient,
        )


class _Aspect:
    """What was gathered of one aspect. Ratees with a gap in their rows go the long way, into ``_gaps``."""

    def __init__(self, places: Sequence[int], points: int) -> None:
        self._places, self._points = places, points
        self._sizes: Counter[int] = Counter()
        """Ratees by their number of raters."""
        self._rows = self._total = self._squares = 0
        self._squared: Counter[int] = Counter()
        """Squares of the sum over a ratee, by number of raters."""
        self._items = [[0, 0] for _ in places]
        self._pairs = 0
        self._agreement: Counter[int] = Counter()
        """Numerators of rwg, by denominator."""
        self._gaps = AspectMoments()

    def add(self, columns: Sequence[tuple[int, ...]], facts: Sequence[Facts]) -> None:
        """One more ratee: the answers by item, a rater at each place."""
        mine = [facts[at] for at in self._places]
        for _, _, _, rwg in mine:
            if rwg is not None:
                self._pairs += 1
                self._agreement[rwg.denominator] += rwg.numerator
        rows = list(zip(*(columns[at] for at in self._places), strict=True))
        least = min(count for count, _, _, _ in mine)
        if least == len(rows):
            self._whole(list(map(sum, rows)), mine)
        elif any(count for count, _, _, _ in mine):
            self._gaps += _with_gaps(rows)

    def _whole(self, totals: Sequence[int], facts: Sequence[Facts]) -> None:
        n, total = len(totals), sum(totals)
        self._sizes[n] += 1
        self._rows += n
        self._total += total
        self._squares += sum([one * one for one in totals])
        self._squared[n] += total * total
        for item, (_, whole, squares, _) in zip(self._items, facts, strict=True):
            item[0] += whole
            item[1] += squares

    def moments(self) -> AspectMoments:
        """What was gathered, exact."""
        size = len(self._places)
        between = Between(
            self._sizes.total(),
            self._rows,
            sum(n * n * ratees for n, ratees in self._sizes.items()),
            Fraction(self._total, size),
            Fraction(self._squares, size * size),
            sum((Fraction(part, size * size * n) for n, part in self._squared.items()), Fraction(0)),
        )
        items = tuple((whole, squares) for whole, squares in self._items) if self._rows else ()
        consistency = Consistency(self._rows, items, self._total, self._squares)
        rwg = sum((Fraction(part, below) for below, part in self._agreement.items()), Fraction(0))
        return AspectMoments(between, consistency, Agreement(self._pairs, rwg)) + self._gaps


def _with_gaps(rows: Sequence[tuple[int, ...]]) -> AspectMoments:
    """Moments of one ratee's rows, without agreement, when somebody left something out."""
    given = [[answer for answer in row if answer not in NO_ANSWER] for row in rows]
    return AspectMoments(
        Between.of_means([(sum(row), len(row)) for row in given if row]),
        Consistency.of(row for row in given if len(row) == len(rows[0])),
    )


@lru_cache(maxsize=10_000)
def _facts(answers: tuple[int, ...], points: int) -> Facts:
    """Few different ones come, again and again, when they are sorted."""
    given = [answer for answer in answers if answer not in NO_ANSWER]
    rwg = rwg_of_histogram([given.count(point) for point in range(1, points + 1)])
    return len(given), sum(given), sum(answer * answer for answer in given), rwg


def _lenient(rows: Sequence[bytes]) -> int:
    """How many stand out above the mean of the others; nobody does where there are fewer than three."""
    if len(rows) < 3:
        return 0
    whole, others = lcm(*map(len, rows)), len(rows) - 1
    means = [sum(row) * (whole // len(row)) for row in rows]
    total = sum(means)
    return sum(mean * others - (total - mean) >= GENEROUS * whole * others for mean in means)
