"""An exact attacker who is given everything published, over whole rounds of simulated ratees and every policy.

Small here; `make attack-numbers` runs it over 2,000 ratees a policy. What the attacker may find is the documented
exception: a group, as it is shown, in complete agreement at an end of the scale.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from random import Random

import pytest

from scoring_service.domain.policy import SMALL
from tests.attack.certificates import (
    Bound,
    Known,
    attack,
    cells,
    columns_that_agree,
)
from tests.attack.equations import bounds
from tests.attack.published import (
    K,
    Setting,
    World,
    folded,
    simulated,
)
from tests.attack.whole_round import Round
from tests.unit.scoring.policies import EVERY, questionnaire

RATEES = int(os.environ.get("CERMIN_ATTACK_RATEES", "25"))
ROUNDS = (5, 20, 150, 400)
"""Ratees of the simulated rounds, in turn: statistics of a small round say the most."""


@dataclass
class Result:
    """What the attacker found, and what it took."""

    ratees: int = 0
    in_danger: int = 0
    known: list[tuple[Known, World]] = field(default_factory=list)
    excused: int = 0


def rounds(name: str) -> Iterator[Round]:
    policy, dice, left, at = EVERY[name], Random(name), RATEES, 0
    form = questionnaire(policy, items=3)
    while left > 0:
        size = min(ROUNDS[at % len(ROUNDS)], left)
        yield Round([simulated(policy, form, dice) for _ in range(size)])
        left, at = left - size, at + 1


def excused(setting: Setting, world: World, found: Known) -> bool:
    """Complete agreement at an end of the scale, in the group as it is shown."""
    rows = {relation: world[relation] for relation in SMALL if setting.policy.use(relation) != "absent"}
    apart = len(rows) == 2 and min(map(len, rows.values())) >= K
    members = rows[found.relation] if apart else sum(rows.values(), ())
    items = range(len(members[0])) if found.item is None else (found.item,)
    given = {row[item] for row in members for item in items} - {0}
    return given in ({1}, {setting.form.points})


@pytest.mark.timeout(14_400)
@pytest.mark.parametrize("name", EVERY)
def test_no_answer_and_no_hidden_mean_is_recovered(name: str) -> None:
    result = Result()
    for one in rounds(name):
        for at in range(len(one.members)):
            look(one, at, result)
    print(f"{name}: {result.ratees} ratees, {result.in_danger} columns in agreement, {result.excused} excused")
    assert [(known, world) for known, world in result.known] == []
    assert result.in_danger > RATEES


def look(one: Round, at: int, result: Result) -> None:
    setting, world = one.members[at]
    aspects = [aspect for aspect, _ in setting.form.items()]
    used = [relation for relation in SMALL if setting.policy.use(relation) != "absent"]
    apart = len(used) < 2 or set(used) <= set(folded(setting, world).groups)
    equations = bounds(setting, world, one.published[at])
    fits = partial(one.fits, at)
    for found in attack(world, setting.form.points, aspects, equations, fits, apart):
        if excused(setting, world, found):
            result.excused += 1
        else:
            result.known.append((found, world))
    result.ratees += 1
    result.in_danger += len(list(columns_that_agree(world)))


def naive(setting: Setting, world: World) -> str:
    """The usual report: exact means by behaviour of groups of three or more, and of everybody."""
    means: list[tuple[str, str, Fraction | None]] = []
    groups = {relation: world.get(relation, ()) for relation in ("peer", "subordinate")}
    groups = {relation: rows for relation, rows in groups.items() if len(rows) >= K}
    groups["others"] = (*world.get("peer", ()), *world.get("subordinate", ()))
    for name, rows in groups.items():
        for aspect, items in places(setting).items():
            given = [row[item] for row in rows for item in items if row[item]]
            means.append((name, aspect, Fraction(sum(given), len(given)) if given else None))
    return str(means)


def places(setting: Setting) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for item, (aspect, _) in enumerate(setting.form.items()):
        found.setdefault(aspect, []).append(item)
    return found


def naive_bounds(setting: Setting, world: World) -> Iterator[Bound]:
    sizes = {relation: len(world.get(relation, ())) for relation in ("peer", "subordinate")}
    shown = [{relation} for relation, size in sizes.items() if size >= K] + [set(sizes)]
    for relations in shown:
        for items in places(setting).values():
            mine = [cell for cell in cells(world) if cell[0] in relations and cell[2] in items]
            total = Fraction(sum(world[relation][rater][item] for relation, rater, item in mine))
            yield Bound({cell: Fraction(1) for cell in mine}, total, total)


def test_the_same_attacker_breaks_the_usual_report() -> None:
    """Means of the small group fall for everybody who has one, and single answers with them."""
    found: Counter[str] = Counter()
    dice, policy = Random(1), EVERY["pp30-360"]
    form = questionnaire(policy, items=1)
    for _ in range(max(RATEES, 100)):
        setting, world = simulated(policy, form, dice)
        small, large = sorted(SMALL, key=lambda relation: len(world[relation]))
        everybody_saw = all(all(row) for relation in SMALL for row in world[relation])
        if not everybody_saw or not 0 < len(world[small]) < K <= len(world[large]):
            continue
        known = set(broken(setting, world, small))
        found.update(known | {"exposed"})
    assert found["exposed"] >= 5
    assert found["mean"] == found["exposed"]
    assert found["answer"] > found["exposed"] / 3


def broken(setting: Setting, world: World, small: str) -> Iterator[str]:
    """What falls of the small group when the usual report is published."""
    published = naive(setting, world)

    def fits(other: World) -> bool:
        return naive(setting, other) == published

    aspects, equations = [aspect for aspect, _ in setting.form.items()], list(naive_bounds(setting, world))
    for one in attack(world, setting.form.points, aspects, equations, fits, apart=False):
        if one.relation == small:
            yield one.what
