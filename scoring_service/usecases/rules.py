"""Between stored rows and the pure engine: freeze a policy at launch, count boxes by it, score by it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scoring_service.domain import disclosure, engine, tally
from scoring_service.domain.moments import Moments, gather
from scoring_service.domain.numbers import decimal
from scoring_service.domain.policy import OTHERS, SMALL, Policy
from scoring_service.domain.rules import capped

_NUMBER = re.compile(r"(\d{1,4})(?:[.,](\d{1,10}))?")
_CATEGORIES = {"di atas ekspektasi": "above", "sesuai ekspektasi": "meets", "di bawah ekspektasi": "below"}


def sums_of(
    policy: Policy, row: Any, person: Any, answers: Mapping[str, Sequence[Sequence[int]]]
) -> tuple[dict[str, Any], Moments]:
    """Opened ballots of one ratee by relation, as exact sums per folded group and as moments for the round.

    Where peers and subordinates are too few together they leave nothing, moments included: two looks at the
    round's moments would tell them apart.
    """
    ballots = [(relation, one) for relation, given in answers.items() for one in given]
    questionnaire = questionnaire_of(row.questionnaire)
    folded = tally.tally(ballots, questionnaire, policy, row.threshold, person.leadership)
    enough = _others(folded) >= row.threshold
    return folded.to_json(), gather(ballots, questionnaire) if enough else Moments()


def appraised(policy: Policy, one: Any) -> dict[str, Any]:
    """The columns of a score: the protected table and what is searched or listed of it."""
    folded = tally.Folded.from_json(one.sums)
    given = engine.Given(
        folded=folded,
        invited=one.invited,
        work_result=_work_result(policy, one.work_result),
        new_idea=bool(one.new_idea),
        leadership=one.leadership,
    )
    table = disclosure.protect(policy, folded, engine.appraise(policy, given))
    held = table.status == "held"
    return {
        "status": table.status,
        "reason": table.reason,
        "behaviour": None if held else table.behaviour,
        "total": None if held else table.total,
        "predicate": None if held else table.predicate,
        "n_band": None if held else disclosure.count_band(_others(folded)),
        "protected": table.to_json(),
    }


def questionnaire_of(summary: Mapping[str, Any]) -> tally.Questionnaire:
    """The engine's questionnaire from the summary that came with the launch."""
    return tally.Questionnaire(
        summary["points"],
        tuple(
            tally.Section(part["aspect"], tuple(part["items"]), part["leadership_only"])
            for part in summary["sections"]
        ),
    )


@dataclass(frozen=True, slots=True)
class WorkResultRule:
    """How a policy reads a work result."""

    policy: Policy

    def read(self, text: str) -> tuple[str, bool]:
        """The value as it is stored and whether it lies above the ceiling; raises ``ValueError`` with advice."""
        if self.policy.combination.method == "matrix":
            return self._category(text), False
        if text.startswith("-"):
            raise ValueError("A work result is not negative.")
        found = _NUMBER.fullmatch(text)
        if not found:
            raise ValueError("Write a number below 10000 such as 95.5 or 95,5, without thousands separator.")
        value = Fraction(f"{found[1]}.{found[2] or '0'}")
        return decimal(value), capped(self.policy, value) != value

    def _category(self, text: str) -> str:
        names = self.policy.category_names
        name = _CATEGORIES.get(text.lower(), text.lower())
        if name not in names:
            raise ValueError(f"This policy takes a category: {', '.join(names)}.")
        return name


def _work_result(policy: Policy, value: str | None) -> Fraction | str | None:
    if value is None or policy.combination.method == "matrix":
        return value
    return Fraction(value)


def _others(folded: tally.Folded) -> int:
    return sum(folded.groups[name].n for name in (*SMALL, OTHERS) if name in folded.groups)
