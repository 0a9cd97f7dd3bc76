"""Between stored rows and the pure engine: freeze a policy at launch, count boxes by it, score by it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from scoring_service.domain import corrections, disclosure, engine, tally
from scoring_service.domain.gathering import Gathering
from scoring_service.domain.moments import Moments
from scoring_service.domain.numbers import decimal
from scoring_service.domain.policy import OTHERS, SMALL, Policy
from scoring_service.domain.rules import capped
from shared.errors import Problem, Refused, invalid

_NUMBER = re.compile(r"(\d{1,4})(?:[.,](\d{1,10}))?")
_CATEGORIES = {"di atas ekspektasi": "above", "sesuai ekspektasi": "meets", "di bawah ekspektasi": "below"}


class Sums:
    """Adds up the opened ballots of ratees of one round (its row)."""

    def __init__(self, policy: Policy, row: Any) -> None:
        questionnaire = questionnaire_of(row.questionnaire)
        self._threshold = row.threshold
        self._tallying = {
            leads: tally.Tallying(questionnaire, policy, row.threshold, leads) for leads in (False, True)
        }
        self._gathering = Gathering(questionnaire)

    def add(self, person: Any, answers: Mapping[str, Sequence[Sequence[int]]]) -> dict[str, Any]:
        """The opened ballots of one ratee by relation, as exact sums per folded group, plain.

        Where peers and subordinates are too few together they leave nothing, moments included: two looks at the
        round's moments would tell them apart.
        """
        ballots = [(relation, one) for relation, given in answers.items() for one in given]
        folded = self._tallying[person.leadership].of(ballots)
        if _others(folded) >= self._threshold:
            self._gathering.add(ballots)
        return folded.to_json()

    def moments(self) -> Moments:
        """What all those added contribute to the statistics of the round."""
        return self._gathering.moments()


@dataclass(frozen=True, slots=True)
class Choice:
    """What an assessor chose: a category for all of behaviour, and one per aspect."""

    overall: str
    ratings: Mapping[str, str]


def appraised(policy: Policy, one: Any, choice: Choice | None) -> dict[str, Any]:
    """The columns of a score: the protected table and what is searched or listed of it."""
    folded = tally.Folded.from_json(one.sums)
    given = engine.Given(
        folded=folded,
        invited=one.invited,
        work_result=_work_result(policy, one.work_result),
        new_idea=bool(one.new_idea),
        leadership=one.leadership,
        assessor_category=choice.overall if choice else None,
    )
    table = disclosure.protect(policy, folded, engine.appraise(policy, given))
    if choice and table.status == "scored":
        table = replace(table, ratings=choice.ratings)
    return _columns(table, folded)


def reappraised(policy: Policy, one: Any, before: Mapping[str, Any], ruling: Choice | Fraction) -> dict[str, Any]:
    """The columns of a score after an objection; ``before`` is the protected table it takes the place of.

    Raises ``Refused`` (invalid) for a value off the policy's scale.
    """
    if isinstance(ruling, Choice):
        columns = appraised(policy, one, ruling)
        columns["protected"]["flags"].append(corrections.CORRECTED)
        return columns
    given = engine.Given(
        behaviour=ruling, work_result=_work_result(policy, one.work_result), new_idea=bool(one.new_idea)
    )
    appraisal = engine.appraise(policy, given)
    if appraisal.faults:
        raise _off_scale([Problem(fault.where, fault.message) for fault in appraisal.faults])
    table = corrections.settled(disclosure.Protected.from_json(before), appraisal)
    return _columns(table, tally.Folded.from_json(one.sums))


def number_of(text: str) -> Fraction:
    """A value as people write it (``87.5`` or ``87,5``). Raises ``Refused`` (invalid)."""
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        raise _off_scale([Problem("behaviour", "Write a number such as 87.5 or 87,5.")])
    return Fraction(f"{found[1]}.{found[2] or '0'}")


def _off_scale(problems: Sequence[Problem]) -> Refused:
    return invalid("value_unfit", "This value does not fit the policy.", problems)


def _columns(table: disclosure.Protected, folded: tally.Folded) -> dict[str, Any]:
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
