"""Quality of the instrument in a round: agreement, reliability, consistency, from exact moments.

Moments are gathered per ratee while the ballots are open and added up; they are figures of a whole round and are
never shown per ratee or rater. Where a figure has no meaning it is None ("not available"), never 0 or NaN.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from scoring_service.domain.numbers import restored, stored

Exact = Fraction | int
"""Whole numbers stay whole where they can: adding fractions is what takes the time."""


def rwg(answers: Sequence[Fraction | int], points: int) -> Fraction | None:
    """Agreement of several raters on one item: 1 - variance / variance of a uniform answer, not below 0.

    The sample variance (n - 1) against (points² - 1) / 12 (James, Demaree and Wolf 1984). None for fewer than
    two raters.
    """
    n = len(answers)
    total, squares = sum(map(Fraction, answers)), sum(Fraction(answer) ** 2 for answer in answers)
    return _rwg(n, Fraction(total), Fraction(squares), points)


def rwg_of_histogram(histogram: Sequence[int]) -> Fraction | None:
    """The same from how often each answer 1…points was given."""
    return _rwg_of(tuple(histogram))


@lru_cache(maxsize=10_000)
def _rwg_of(histogram: tuple[int, ...]) -> Fraction | None:
    """Few different ones come, again and again."""
    counted = list(enumerate(histogram, start=1))
    total = sum(point * count for point, count in counted)
    squares = sum(point * point * count for point, count in counted)
    return _rwg(sum(histogram), Fraction(total), Fraction(squares), len(histogram))


def spearman_brown(reliability: Fraction, k: int) -> Fraction | None:
    """Reliability of the mean of ``k`` raters from that of one; None where the formula has no value."""
    below = 1 + (k - 1) * reliability
    return k * reliability / below if below else None


@dataclass(frozen=True, slots=True)
class Between:
    """Moments of one value per rater, rated ratees as groups: what a one-way analysis of variance needs."""

    ratees: int = 0
    raters: int = 0
    squared_sizes: int = 0
    """Sum of n² over ratees."""
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)
    squared_means: Fraction = Fraction(0)
    """Sum of (sum of a ratee)² / n over ratees."""

    @classmethod
    def of(cls, values: Sequence[Fraction]) -> "Between":
        """The moments of one ratee; none without raters."""
        n, total = len(values), sum(values, Fraction(0))
        if not n:
            return cls()
        squares = sum((value * value for value in values), Fraction(0))
        return cls(1, n, n * n, total, squares, total * total / n)

    @classmethod
    def of_means(cls, means: Sequence[tuple[int, int]]) -> "Between":
        """The same from each rater's sum of whole answers and how many they are (at least one)."""
        if not means:
            return cls()
        whole, squares = Counter[int](), Counter[int]()
        for total, count in means:
            whole[count] += total
            squares[count] += total * total
        total_ = sum((Fraction(part, count) for count, part in whole.items()), Fraction(0))
        squared = sum((Fraction(part, count * count) for count, part in squares.items()), Fraction(0))
        n = len(means)
        return cls(1, n, n * n, total_, squared, total_ * total_ / n)

    def __add__(self, other: "Between") -> "Between":
        return Between(
            self.ratees + other.ratees,
            self.raters + other.raters,
            self.squared_sizes + other.squared_sizes,
            self.total + other.total,
            self.squares + other.squares,
            self.squared_means + other.squared_means,
        )

    def icc_1(self) -> Fraction | None:
        """ICC(1): how much one rater tells about a ratee (Shrout and Fleiss 1979; unequal numbers of raters by
        the usual n0). None with fewer than two ratees, one rater each, or no variance."""
        found = self._variances()
        if found is None:
            return None
        between, within, size = found
        below = between + (size - 1) * within
        return (between - within) / below if below else None

    def icc_1_k(self) -> Fraction | None:
        """ICC(1,k): how reliable the mean over a ratee's raters is. None where ICC(1) is, or without any
        difference between ratees."""
        found = self._variances()
        if found is None or not found[0]:
            return None
        between, within, _ = found
        return (between - within) / between

    def _variances(self) -> tuple[Fraction, Fraction, Fraction] | None:
        if self.ratees < 2 or self.raters <= self.ratees:
            return None
        whole = self.total * self.total / self.raters
        between = (self.squared_means - whole) / (self.ratees - 1)
        within = (self.squares - self.squared_means) / (self.raters - self.ratees)
        size = (self.raters - Fraction(self.squared_sizes, self.raters)) / (self.ratees - 1)
        return between, within, size

    def to_json(self) -> list[Any]:
        """Exact and plain."""
        exact = [stored(value) for value in (self.total, self.squares, self.squared_means)]
        return [self.ratees, self.raters, self.squared_sizes, *exact]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> "Between":
        """What ``to_json`` wrote."""
        return cls(data[0], data[1], data[2], *(restored(text) for text in data[3:]))


@dataclass(frozen=True, slots=True)
class Consistency:
    """Moments of the rows that answered every one of several items: what Cronbach's alpha needs."""

    rows: int = 0
    items: tuple[tuple[Exact, Exact], ...] = ()
    """Sum and sum of squares of each item."""
    total: Exact = 0
    squares: Exact = 0
    """Sum and sum of squares of the rows' totals."""

    @classmethod
    def of(cls, rows: Iterable[Sequence[Exact]]) -> "Consistency":
        """The moments of complete rows (all of the same length); of whole numbers they are whole numbers."""
        found = list(rows)
        totals = [sum(row) for row in found]
        items = tuple((sum(column), sum(value * value for value in column)) for column in zip(*found, strict=True))
        return cls(len(found), items, sum(totals), sum(total * total for total in totals))

    def __add__(self, other: "Consistency") -> "Consistency":
        if not self.rows or not other.rows:
            return self if self.rows else other
        items = tuple((a + c, b + d) for (a, b), (c, d) in zip(self.items, other.items, strict=True))
        return Consistency(self.rows + other.rows, items, self.total + other.total, self.squares + other.squares)

    def alpha(self) -> Fraction | None:
        """Cronbach's alpha; None with fewer than two items or rows, or when every total is the same."""
        k = len(self.items)
        if k < 2 or self.rows < 2:
            return None
        whole = _variance(self.rows, self.total, self.squares)
        parts = sum((_variance(self.rows, total, squares) for total, squares in self.items), Fraction(0))
        return Fraction(k, k - 1) * (1 - parts / whole) if whole else None

    def to_json(self) -> dict[str, Any]:
        """Exact and plain."""
        return {
            "rows": self.rows,
            "items": [[stored(total), stored(squares)] for total, squares in self.items],
            "total": stored(self.total),
            "squares": stored(self.squares),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Consistency":
        """What ``to_json`` wrote."""
        items = tuple((restored(total), restored(squares)) for total, squares in data["items"])
        return cls(data["rows"], items, restored(data["total"]), restored(data["squares"]))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many (ratee, item) pairs had an rwg, and the sum of them."""

    pairs: int = 0
    total: Fraction = Fraction(0)

    @classmethod
    def of(cls, histograms: Iterable[Sequence[int]]) -> "Agreement":
        """The agreement of one ratee's raters on each item."""
        found = [value for value in map(rwg_of_histogram, histograms) if value is not None]
        return cls(len(found), sum(found, Fraction(0)))

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(self.pairs + other.pairs, self.total + other.total)

    def mean(self) -> Fraction | None:
        """Mean rwg; None without any pair."""
        return self.total / self.pairs if self.pairs else None

    def to_json(self) -> list[Any]:
        """Exact and plain."""
        return [self.pairs, stored(self.total)]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> "Agreement":
        """What ``to_json`` wrote."""
        return cls(data[0], restored(data[1]))


def _rwg(n: int, total: Fraction, squares: Fraction, points: int) -> Fraction | None:
    if n < 2 or points < 2:
        return None
    expected = Fraction(points * points - 1, 12)
    return max(Fraction(0), 1 - _variance(n, total, squares) / expected)


def _variance(n: int, total: Exact, squares: Exact) -> Fraction:
    return (squares - Fraction(total * total) / n) / (n - 1)
