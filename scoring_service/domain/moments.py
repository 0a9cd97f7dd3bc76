"""What a round's statistics need of one ratee's ballots, gathered while they are open and added up per aspect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from scoring_service.domain.numbers import decimal, rounded
from scoring_service.domain.statistics import Agreement, Between, Consistency, spearman_brown

LEAST = 20
"""Ratees that the statistics of a round need. Over fewer, so many figures would say much about each group."""
STEP = Fraction(1, 10)
TOP = Fraction(9, 10)
"""Figures are rounded to ``STEP`` and never shown above ``TOP``, which then means "or more": perfect agreement in a
round would tell, with the mean of a group, what each of its raters answered."""
FORECAST = (3, 5, 10)
"""Numbers of raters for which the reliability of their mean is foretold."""
GENEROUS = 1
"""Points above the mean of the other raters of the same ratee that make a rater lenient."""


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

    def figures(self) -> dict[str, Any]:
        """rwg (mean over items and ratees), ICC(1), ICC(1,k) and alpha as decimal text, None: not available.

        Coarse, see ``TOP``. ``spearman_brown`` foretells the reliability of the mean of so many raters; it is made
        of the coarse ICC(1), so it tells nothing more.
        """
        found = {
            "rwg": self.agreement.mean(),
            "icc_1": self.between.icc_1(),
            "icc_1_k": self.between.icc_1_k(),
            "cronbach_alpha": self.consistency.alpha(),
        }
        shown = {name: None if value is None else decimal(_coarse(value)) for name, value in found.items()}
        return {**shown, "spearman_brown": _foretold(found["icc_1"])}


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
    lenient: int = 0
    """Raters whose mean is ``GENEROUS`` points or more above that of the ratee's other raters (two at least)."""

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
            self.lenient + other.lenient,
        )

    def figures(self, threshold: int) -> dict[str, Any] | None:
        """The quality of the instrument for HR, as decimal text, by aspect; None under ``LEAST`` ratees.

        A figure that has no meaning here is None ("not available"). Flags are shares of the raters; nothing is
        corrected. A share is None when it stands for fewer than ``threshold`` raters, or for all but fewer.
        """
        if self.ratees < LEAST:
            return None
        return {
            "aspects": {code: part.figures() for code, part in self.aspects.items()},
            "raters": self.raters,
            "straight_lines": self._share(self.straight_lines, threshold),
            "ceilings": self._share(self.ceilings, threshold),
            "lenient": self._share(self.lenient, threshold),
        }

    def _share(self, count: int, threshold: int) -> str | None:
        if min(count, self.raters - count) < threshold:
            return None
        return decimal(_coarse(Fraction(count, self.raters)))

    def to_json(self) -> dict[str, Any]:
        """Exact and plain, for storage."""
        return {
            "ratees": self.ratees,
            "raters": self.raters,
            "straight_lines": self.straight_lines,
            "ceilings": self.ceilings,
            "lenient": self.lenient,
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
        counts = (data[name] for name in ("raters", "straight_lines", "ceilings", "lenient"))
        return cls(data["ratees"], aspects, *counts)


def _foretold(icc_1: Fraction | None) -> dict[str, str] | None:
    """The Spearman-Brown prophecy from the ICC(1) that is shown; None where that is missing or below zero."""
    one = None if icc_1 is None else _coarse(icc_1)
    if one is None or one < 0:
        return None
    return {str(k): decimal(_coarse(spearman_brown(one, k) or Fraction(0))) for k in FORECAST}


def _coarse(value: Fraction) -> Fraction:
    return min(rounded(value / STEP, "half_up") * STEP, TOP)
