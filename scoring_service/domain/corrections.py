"""What is shown after a superior decided an objection: another official value over the same answers."""

from dataclasses import replace

from scoring_service.domain.disclosure import Protected, inputs_of
from scoring_service.domain.engine import Appraisal
from scoring_service.domain.numbers import decimal

CORRECTED = "corrected_on_objection"


def settled(before: Protected, appraisal: Appraisal) -> Protected:
    """The table of the version before with the official value that was set, and what follows from it.

    Nothing that was made of answers changes, so two versions together tell nothing about an answer. There are no
    weights any more: the value does not come of them. Raises ``ValueError`` for an appraisal that is not scored.
    """
    if appraisal.status != "scored" or appraisal.behaviour is None:
        raise ValueError("only a scored appraisal settles an objection")
    return replace(
        before,
        behaviour=decimal(appraisal.behaviour),
        total=None if appraisal.total is None else decimal(appraisal.total),
        predicate=appraisal.predicate,
        category=appraisal.category,
        external_codes=appraisal.external_codes,
        weights={},
        inputs=inputs_of(appraisal),
        flags=(*(flag for flag in appraisal.flags if flag not in before.flags), *before.flags, CORRECTED),
    )
