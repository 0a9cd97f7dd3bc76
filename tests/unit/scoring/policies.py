"""Every policy that ships and every local example, each with a questionnaire that feeds it."""

from collections.abc import Mapping

from scoring_service import policies
from scoring_service.domain.policy import Policy
from scoring_service.domain.tally import Questionnaire, Section
from tests.unit.scoring.ballots import EXAMPLES

LEVELS = "\n".join(["", "[answers.table]", *(f"{level} = {20 + 10 * level}" for level in range(1, 8)), ""])
"""A made-up table for the template that ships without one."""


def texts() -> Mapping[str, str]:
    """The text of each policy by id; the template with a made-up table."""
    found = {name: policies.text_of(name).decode() for name in policies.shipped()}
    found["permen8"] += LEVELS
    return found | {path.stem: path.read_text() for path in sorted(EXAMPLES.glob("*.toml"))}


TEXTS = texts()
EVERY: Mapping[str, Policy] = {name: policies.load(text, name) for name, text in TEXTS.items()}


def questionnaire(policy: Policy, items: int = 2, points: int = 5) -> Questionnaire:
    """Every aspect of the policy by so many items."""
    points = 7 if policy.answers.method == "table" else points
    return Questionnaire(
        points,
        tuple(
            Section(
                aspect.code,
                tuple(f"{aspect.code}_{n}" for n in range(1, items + 1)),
                aspect.applies == "leadership",
            )
            for aspect in policy.aspects
        ),
    )
