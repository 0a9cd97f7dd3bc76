"""Small questionnaires, policies and ballots for tests of counting."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hypothesis import strategies as st

from scoring_service import policies
from scoring_service.domain.policy import Policy
from scoring_service.domain.tally import Questionnaire, Section

Ballot = tuple[str, tuple[int, ...]]
EXAMPLES = Path(__file__).parents[3] / "examples" / "policies"
ASPECTS = ("orientasi_pelayanan", "komitmen", "inisiatif_kerja", "kerja_sama", "kepemimpinan")
QUESTIONNAIRE = Questionnaire(
    5,
    tuple(
        Section(aspect, tuple(f"{aspect}_{n}" for n in range(1, 3)), aspect == "kepemimpinan") for aspect in ASPECTS
    ),
)
ITEMS = 10
POOLED = ("pp30-360", "pp30-no-360")
LOCAL = ("pp30-360-equal-halves", "example-60-20-20", "example-60-15-25", "example-50-30-20-self")


def policy(name: str) -> Policy:
    return policies.find(name if name in policies.shipped() else str(EXAMPLES / f"{name}.toml"))


ALL = {name: policy(name) for name in (*POOLED, *LOCAL)}


def even(answer: int) -> tuple[int, ...]:
    """The same answer to everything but leadership."""
    return (answer,) * 8 + (255, 255)


def answers(seen: bool = False) -> st.SearchStrategy[tuple[int, ...]]:
    one = st.integers(1, 5) if seen else st.integers(0, 5)
    return st.tuples(*[one] * 8, st.just(255), st.just(255))


def group(relation: str, least: int = 0, most: int = 6, seen: bool = False) -> st.SearchStrategy[list[Ballot]]:
    return st.lists(answers(seen).map(lambda row: (relation, row)), min_size=least, max_size=most)


def rounds(seen: bool = False) -> st.SearchStrategy[list[Ballot]]:
    """All ballots of one ratee."""
    parts = [
        group("supervisor", 0, 1, seen),
        group("peer", seen=seen),
        group("subordinate", seen=seen),
        group("self", 0, 1, seen),
    ]
    return st.tuples(*parts).map(lambda found: [ballot for part in found for ballot in part])


def invited(ballots: Sequence[Ballot]) -> Mapping[str, int]:
    return {relation: sum(of == relation for of, _ in ballots) for relation in ("peer", "subordinate")}
