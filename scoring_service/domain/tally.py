"""From opened ballots to exact sums per folded group, the only form in which answers outlive the count.

The order matters for anonymity and is fixed here: who has answered too few merges first (``fold``), items that
too few of a group answered are dropped next, and only what is left becomes aspect values and sums. Nothing in a
``Folded`` tells a merged-away group or a dropped item.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from scoring_service.domain.numbers import ratio
from scoring_service.domain.policy import OTHERS, RELATIONS, SMALL, Policy
from scoring_service.domain.sums import Folded, GroupTally, ItemTally, Sum

__all__ = [
    "NO_ANSWER",
    "Fold",
    "Folded",
    "GroupTally",
    "ItemTally",
    "Questionnaire",
    "Section",
    "Sum",
    "Tallying",
    "fold",
    "mismatches",
    "tally",
    "typed",
]

NO_ANSWER = (0, 255)
"""Not seen, not asked."""


@dataclass(frozen=True, slots=True)
class Section:
    """One behaviour of a questionnaire, the aspect it feeds and its items in order."""

    aspect: str
    items: tuple[str, ...]
    leadership_only: bool = False


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Answers are 1 to ``points``, in the order of sections and items."""

    points: int
    sections: tuple[Section, ...]

    @property
    def length(self) -> int:
        """How many answers a ballot has."""
        return sum(len(section.items) for section in self.sections)

    def items(self) -> tuple[tuple[str, str], ...]:
        """(aspect, item code) in the order of the answers of a ballot."""
        return tuple((section.aspect, item) for section in self.sections for item in section.items)


@dataclass(frozen=True, slots=True)
class Fold:
    """What becomes of peers and subordinates: which relations feed which group, and how ``others`` is weighed."""

    groups: Mapping[str, tuple[str, ...]]
    weigh_as: str


def fold(counts: Mapping[str, int], threshold: int) -> Fold:
    """Decide, from the number of raters alone, which of peers and subordinates stand apart, merge or vanish.

    Both with at least ``threshold``: apart. Else together as ``others`` when there are enough of them together,
    else nothing at all. Decided once, for every item, and before any weighting.
    """
    present = tuple(relation for relation in SMALL if counts.get(relation, 0))
    if len(present) == 2 and all(counts[relation] >= threshold for relation in present):
        return Fold({relation: (relation,) for relation in present}, OTHERS)
    if present and sum(counts[relation] for relation in present) >= threshold:
        return Fold({OTHERS: present}, OTHERS if len(present) == 2 else present[0])
    return Fold({}, OTHERS)


def tally(
    ballots: Iterable[tuple[str, Sequence[int]]],
    questionnaire: Questionnaire,
    policy: Policy,
    threshold: int,
    leadership: bool,
) -> Folded:
    """Count the opened ballots of one ratee, see ``Tallying``."""
    return Tallying(questionnaire, policy, threshold, leadership).of(ballots)


def typed(values: Mapping[str, Sequence[Fraction]], policy: Policy, threshold: int) -> Folded:
    """The same from one behaviour value per rater, as HR types them to try a policy."""
    used = {relation: given for relation, given in values.items() if given and policy.use(relation) != "absent"}
    folded = fold({relation: len(used.get(relation, ())) for relation in SMALL}, threshold)
    members = {name: [value for part in parts for value in used[part]] for name, parts in folded.groups.items()}
    members |= {relation: list(used[relation]) for relation in ("supervisor", "self") if relation in used}
    groups = {
        name: GroupTally(len(given), overall=Sum(len(given), sum(given, Fraction(0))))
        for name, given in members.items()
    }
    return Folded(threshold, groups, folded.weigh_as)


def mismatches(questionnaire: Questionnaire, policy: Policy) -> tuple[str, ...]:
    """Why this questionnaire cannot feed this policy; empty when it can. To be asked before a round is launched."""
    fed = {section.aspect for section in questionnaire.sections}
    known = {aspect.code: aspect for aspect in policy.aspects}
    problems = [f"aspect {code} of the policy is fed by no section" for code in known if code not in fed]
    for section in questionnaire.sections:
        aspect = known.get(section.aspect)
        if aspect is None:
            problems.append(f"section for {section.aspect}: the policy has no such aspect")
        elif section.leadership_only and aspect.applies == "always":
            problems.append(
                f"section for {section.aspect}: asked for leaders only, but the aspect applies to everyone"
            )
    if policy.answers.method == "table" and set(policy.answers.table) != set(range(1, questionnaire.points + 1)):
        problems.append(f"the policy's level table does not have exactly the levels 1 to {questionnaire.points}")
    if (
        policy.answers.method == "identity"
        and not policy.scale.low <= 1 <= questionnaire.points <= policy.scale.high
    ):
        problems.append(f"answers 1 to {questionnaire.points} do not fit the policy's scale")
    return tuple(problems)


class Tallying:
    """Counts the ballots of ratees of one kind: what does not depend on the ballots is worked out once."""

    def __init__(self, questionnaire: Questionnaire, policy: Policy, threshold: int, leadership: bool) -> None:
        applicable = {aspect.code for aspect in policy.applicable(leadership)}
        items = list(enumerate(questionnaire.items()))
        self._length, self._threshold = questionnaire.length, threshold
        self._places = [at for at, (aspect, _) in items if aspect in applicable]
        self._columns = [column for _, column in items if column[0] in applicable]
        self._by_aspect: dict[str, list[int]] = {}
        for place, (aspect, _) in enumerate(self._columns):
            self._by_aspect.setdefault(aspect, []).append(place)
        self._allowed = {*NO_ANSWER, *range(1, questionnaire.points + 1)}
        self._used = {relation for relation in RELATIONS if policy.use(relation) != "absent"}
        self._scale = _Scale.of(policy, questionnaire.points)
        self._by_item = policy.raters.order == "items_first"

    def of(self, ballots: Iterable[tuple[str, Sequence[int]]]) -> Folded:
        """Count the opened ballots of one ratee: (relation, answers in questionnaire order).

        0 and 255 are no answer; a ballot without any answer counts for nobody. Relations that the policy does not
        know and aspects that do not apply to this ratee are ignored. Raises ``ValueError`` for an answer outside
        the questionnaire's points, a wrong number of answers or an unknown relation: check before counting.
        """
        rows: dict[str, list[bytes]] = {relation: [] for relation in RELATIONS}
        for relation, answers in ballots:
            row = self._row(relation, answers)
            if relation in self._used and any(row):
                rows[relation].append(row)
        folded = fold({relation: len(rows[relation]) for relation in SMALL}, self._threshold)
        groups = {
            name: (self._threshold, [row for part in parts for row in rows[part]])
            for name, parts in folded.groups.items()
        }
        groups |= {relation: (1, rows[relation]) for relation in ("supervisor", "self") if rows[relation]}
        counted = {name: self._count(members, least) for name, (least, members) in groups.items()}
        kept = {name: group for name, group in counted.items() if group.n}
        return Folded(self._threshold, kept, folded.weigh_as)

    def _row(self, relation: str, answers: Sequence[int]) -> bytes:
        """The answers that apply; 0 for none."""
        if relation not in RELATIONS:
            raise ValueError(f"unknown relation {relation!r}")
        if len(answers) != self._length:
            raise ValueError("a ballot with another number of answers than the questionnaire has items")
        if not set(answers) <= self._allowed:
            raise ValueError("an answer outside the points of the questionnaire")
        row = bytes(answers).translate(_BLANK)
        return row if len(self._places) == self._length else bytes([row[at] for at in self._places])

    def _count(self, rows: Sequence[bytes], least: int) -> GroupTally:
        """Sums of one group over the items that at least ``least`` of its raters answered."""
        if len(rows) < least or any(0 in row for row in rows):
            return self._count_with_gaps(rows, least)
        sums = [sum(map(self._scale.parts.__getitem__, column)) for column in zip(*rows, strict=True)]
        n, below = len(rows), self._scale.denominator
        aspects = {
            aspect: Sum(n, ratio(sum([sums[place] for place in places]), below * len(places)))
            for aspect, places in self._by_aspect.items()
        }
        if not self._by_item:
            return GroupTally(n, aspects)
        columns = zip(self._columns, sums, strict=True)
        return GroupTally(
            n, aspects, {item: ItemTally(aspect, n, ratio(whole, below)) for (aspect, item), whole in columns}
        )

    def _count_with_gaps(self, rows: Sequence[bytes], least: int) -> GroupTally:
        items: dict[str, ItemTally] = {}
        kept: dict[str, list[int]] = {}
        for place, (aspect, item) in enumerate(self._columns):
            answers = [row[place] for row in rows if row[place]]
            if len(answers) >= least:
                kept.setdefault(aspect, []).append(place)
                if self._by_item:
                    items[item] = ItemTally(aspect, len(answers), self._scale.total(answers))
        aspects = {aspect: self._scale.sum_of_means(rows, places) for aspect, places in kept.items()}
        everyone = [place for places in kept.values() for place in places]
        return GroupTally(sum(any(row[place] for place in everyone) for row in rows), aspects, items)


_BLANK = bytes.maketrans(b"\xff", b"\0")


@dataclass(frozen=True, slots=True)
class _Scale:
    """The values of the answers as whole numbers over one denominator: exact, and ten times as fast to add up."""

    parts: tuple[int, ...]
    """By answer, the first for no answer at all."""
    denominator: int

    @classmethod
    def of(cls, policy: Policy, points: int) -> "_Scale":
        values = [policy.on_scale(answer, points) for answer in range(1, points + 1)]
        shared = lcm(*(value.denominator for value in values))
        return cls((0, *(value.numerator * (shared // value.denominator) for value in values)), shared)

    def total(self, answers: Sequence[int]) -> Fraction:
        """The sum of answers."""
        return ratio(sum([self.parts[answer] for answer in answers]), self.denominator)

    def sum_of_means(self, rows: Sequence[bytes], places: Sequence[int]) -> Sum:
        """Each rater's mean over the places that rater answered, added up; of those who answered any."""
        n, by_size = 0, [0] * (len(places) + 1)
        for row in rows:
            given = [self.parts[answer] for place in places if (answer := row[place])]
            if given:
                n += 1
                by_size[len(given)] += sum(given)
        parts = (Fraction(whole, size * self.denominator) for size, whole in enumerate(by_size) if whole)
        return Sum(n, sum(parts, Fraction(0)))
