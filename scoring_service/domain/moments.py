"""What a round's statistics need of one ratee's ballots, gathered while they are open and added up per aspect."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scoring_service.domain.numbers import decimal
from scoring_service.domain.policy import SMALL
from scoring_service.domain.statistics import Agreement, Between, Consistency
from scoring_service.domain.tally import NO_ANSWER, Questionnaire

LEAST = 5
"""Ratees that a figure over a round needs, as any figure over several people does."""


@dataclass(frozen=True, slots=True)
class AspectMoments:
    """Moments of one aspect over peers and subordinates."""

    between: Between = field(default_factory=Between)
    consistency: Consistency = field(default_factory=Consistency)
    agreement: Agreement = field(default_factory=Agreement)

    def __add__(self, other: "AspectMoments") -> "AspectMoments":
        return AspectMoments(
            self.between + other.between,
            self.consistency + other.consistency,
            self.agreement + other.agreement,
        )

    def figures(self) -> dict[str, str | None]:
        """rwg (mean over items and ratees), ICC(1), ICC(1,k) and alpha as decimal text, None: not available."""
        found = {
            "rwg": self.agreement.mean(),
            "icc_1": self.between.icc_1(),
            "icc_1_k": self.between.icc_1_k(),
            "cronbach_alpha": self.consistency.alpha(),
        }
        return {name: None if value is None else decimal(value) for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments of a round (or of one ratee) by aspect, and how raters answered on the whole.

    ``ratees`` counts those who contributed, ``raters`` their peers and subordinates with two answers or more.
    """

    ratees: int = 0
    aspects: Mapping[str, AspectMoments] = field(default_factory=dict)
    raters: int = 0
    straight_lines: int = 0
    """Raters who gave the same answer to everything."""
    ceilings: int = 0
    """Raters who gave the highest answer to everything."""

    def __add__(self, other: "Moments") -> "Moments":
        codes = {**self.aspects, **other.aspects}
        nothing = AspectMoments()
        summed = {code: self.aspects.get(code, nothing) + other.aspects.get(code, nothing) for code in codes}
        return Moments(
            self.ratees + other.ratees,
            summed,
            self.raters + other.raters,
            self.straight_lines + other.straight_lines,
            self.ceilings + other.ceilings,
        )

    def figures(self) -> dict[str, Any] | None:
        """The quality of the instrument for HR, as decimal text, by aspect; None under ``LEAST`` ratees.

        A figure that has no meaning here is None ("not available"). Flags are counts; nothing is corrected.
        """
        if self.ratees < LEAST:
            return None
        return {
            "aspects": {code: part.figures() for code, part in self.aspects.items()},
            "raters": self.raters,
            "straight_lines": self.straight_lines,
            "ceilings": self.ceilings,
        }

    def to_json(self) -> dict[str, Any]:
        """Exact and plain, for storage."""
        return {
            "ratees": self.ratees,
            "raters": self.raters,
            "straight_lines": self.straight_lines,
            "ceilings": self.ceilings,
            "aspects": {
                code: {
                    "between": part.between.to_json(),
                    "consistency": part.consistency.to_json(),
                    "agreement": part.agreement.to_json(),
                }
                for code, part in self.aspects.items()
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Moments":
        """What ``to_json`` wrote."""
        aspects = {
            code: AspectMoments(
                Between.from_json(part["between"]),
                Consistency.from_json(part["consistency"]),
                Agreement.from_json(part["agreement"]),
            )
            for code, part in data["aspects"].items()
        }
        return cls(data["ratees"], aspects, data["raters"], data["straight_lines"], data["ceilings"])


def gather(ballots: Iterable[tuple[str, Sequence[int]]], questionnaire: Questionnaire) -> Moments:
    """The moments of one ratee: peers and subordinates together, raw answers, 0 and 255 left out.

    Alpha takes only raters who answered every item of an aspect. Sections that feed the same aspect count as one.
    """
    rows = [answers for relation, answers in ballots if relation in SMALL]
    places: dict[str, list[int]] = {}
    for at, (aspect, _) in enumerate(questionnaire.items()):
        places.setdefault(aspect, []).append(at)
    aspects = {aspect: _of_aspect(rows, at, questionnaire.points) for aspect, at in places.items()}
    kept = {aspect: part for aspect, part in aspects.items() if part.between.raters}
    given = [[answer for answer in row if answer not in NO_ANSWER] for row in rows]
    even = [row[0] for row in given if len(row) > 1 and len(set(row)) == 1]
    return Moments(
        ratees=1 if kept else 0,
        aspects=kept,
        raters=sum(len(row) > 1 for row in given),
        straight_lines=len(even),
        ceilings=even.count(questionnaire.points),
    )


def _of_aspect(rows: Sequence[Sequence[int]], places: Sequence[int], points: int) -> AspectMoments:
    given = [[answer for at in places if (answer := row[at]) not in NO_ANSWER] for row in rows]
    columns = [[row[at] for row in rows] for at in places]
    histograms = [tuple(column.count(point) for point in range(1, points + 1)) for column in columns]
    return AspectMoments(
        Between.of_means([(sum(row), len(row)) for row in given if row]),
        Consistency.of(row for row in given if len(row) == len(places)),
        Agreement.of(histograms),
    )
