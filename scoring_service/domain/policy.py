"""A policy: the rules of one regime as data. The engine knows these keys and no regime by name.

Policies are read from TOML by ``scoring_service.policies``, which reports every fault at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from scoring_service.domain.numbers import Rounding

RELATIONS = ("supervisor", "peer", "subordinate", "self")
OTHERS = "others"
"""Peers and subordinates taken together: pooled by the policy, or merged because one of them is too small."""
SMALL = ("peer", "subordinate")
"""The relations that are merged. Supervisor and self are identifiable by nature and stand apart."""

Use = Literal["counted", "comparator", "absent"]


@dataclass(frozen=True, slots=True)
class Aspect:
    """One behaviour. ``applies`` is ``always`` or ``leadership`` (only to who leads)."""

    code: str
    title: Mapping[str, str]
    weight: Fraction
    applies: Literal["always", "leadership"]


@dataclass(frozen=True, slots=True)
class Scale:
    """The working scale. With a ``step`` (1 for whole numbers) an assessor's values must lie on it."""

    low: Fraction
    high: Fraction
    step: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """How an answer 1…points becomes a value on the working scale.

    ``share``: answer / points x high (five points: x 20 to 100). ``min_max``: linear from low to high.
    ``identity``: the answer itself. ``table``: looked up, for levels.
    """

    method: Literal["share", "min_max", "identity", "table"]
    table: Mapping[int, Fraction]


@dataclass(frozen=True, slots=True)
class Group:
    """One relation of raters: ``counted``, ``comparator`` (kept beside the score, never in it) or ``absent``."""

    use: Use
    every_aspect: bool = False
    """A rater who left out a whole applicable aspect counts as missing (for the assessor)."""


@dataclass(frozen=True, slots=True)
class Raters:
    """Who counts and how much.

    ``weights`` is a table: a row fits when exactly its groups are present; first match wins; shares sum to 1.
    """

    groups: Mapping[str, Group]
    pooled: bool
    """Peers and subordinates are one group ``others``, every rater counting the same."""
    order: Literal["raters_first", "items_first"]
    """Each rater's items to an aspect value first, or the mean of each item over raters first."""
    threshold: int
    """Default k, and the smallest k under which results may be released."""
    absent_group: Literal["table", "partner", "renormalise", "hold"]
    """An absent group: its row of the table; its weight to the other of peers and subordinates; the rest scaled
    up; or hold. A merged group takes its row of the table, or the two weights together, or holds."""
    below_threshold: Literal["hold", "assessor_only"]
    """Others were asked and fewer than k answered."""
    none_eligible: Literal["hold", "assessor_only"]
    """There was nobody to ask."""
    weights: tuple[Mapping[str, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A predicate or category and the values it holds for: all given limits must be kept, all flags be set."""

    name: str
    at_least: Fraction | None = None
    above: Fraction | None = None
    at_most: Fraction | None = None
    below: Fraction | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Combination:
    """Behaviour with the work result: ``none``, ``weighted`` (shares sum to 1) or ``matrix`` of categories."""

    method: Literal["none", "weighted", "matrix"]
    work_result: Fraction
    behaviour: Fraction
    cap: Fraction | None
    """The work result counts up to here and is flagged above it."""
    matrix: Mapping[tuple[str, str], str]
    """(work result, behaviour) to predicate."""


@dataclass(frozen=True, slots=True)
class ExternalCode:
    """A field of an outside system: the code for the category of ``source`` (work_result or behaviour)."""

    field: str
    source: Literal["work_result", "behaviour"]
    codes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Limit:
    """How large the share of these predicates may be among the people of a unit or organisation."""

    predicates: tuple[str, ...]
    at_least: Fraction
    at_most: Fraction
    organisation: str | None
    """Only where the organisation itself has this predicate; else for every unit."""


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules of one policy, checked. ``digest`` is the SHA-256 of the file, 64 hex digits."""

    id: str
    version: int
    title: Mapping[str, str]
    regime: str
    legal_basis: Mapping[str, str]
    """By step of the path (aspects, raters, combination, bands, …) with ``policy`` as the default."""
    digest: str
    scale: Scale
    answers: Answers
    aspects: tuple[Aspect, ...]
    raters: Raters
    behaviour_by: Literal["value", "assessor"]
    """``assessor``: the raters' mean is a recommendation and the assessor chooses a category."""
    combination: Combination
    banding: Rounding
    """Rounding to whole numbers before banding; nothing else is ever rounded."""
    bands: tuple[Band, ...]
    """Predicates of the total, or of behaviour where there is no work result."""
    categories: tuple[Band, ...]
    """Categories of the behaviour value, when the policy has them."""
    category_names: tuple[str, ...]
    external_codes: tuple[ExternalCode, ...]
    predicate_codes: Mapping[str, Mapping[str, int]]
    """Fields of outside systems that a file for them holds: the code of each predicate."""
    limits: tuple[Limit, ...]
    conversions: Mapping[str, tuple[tuple[Fraction, Fraction], ...]]
    """Named piecewise linear conversions: corner points by rising x; flat beyond the last."""
    objection_days: int
    """Calendar days after the day of receipt in which a ratee may object."""
    shown_step: Fraction
    """What is shown beside the official value is rounded to multiples of this."""

    def applicable(self, leadership: bool) -> tuple[Aspect, ...]:
        """The aspects of a ratee who leads, or does not."""
        return tuple(aspect for aspect in self.aspects if leadership or aspect.applies == "always")

    def use(self, relation: str) -> Use:
        """What becomes of the answers of a relation; one that the policy does not name is absent."""
        group = self.raters.groups.get(relation)
        return group.use if group else "absent"

    def basis(self, step: str) -> str:
        """The legal basis of a step of the path."""
        return self.legal_basis.get(step, self.legal_basis.get("policy", self.regime))

    def on_scale(self, answer: int, points: int) -> Fraction:
        """The value of an answer 1…``points`` on the working scale."""
        match self.answers.method:
            case "share":
                return self.scale.high * Fraction(answer, points)
            case "min_max":
                return self.scale.low + (self.scale.high - self.scale.low) * Fraction(answer - 1, points - 1)
            case "identity":
                return Fraction(answer)
            case "table":
                return self.answers.table[answer]
