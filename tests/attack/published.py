"""Everything that leaves the product about simulated ratees, as bytes: made by the product's own code.

A ratee's part: the protected table, of which pages, reports and API are made; the event; the provenance package;
every cell of every file; the same without and with a work result, before and after a correction, and the bands that
the survey service publishes. A round's part: its statistics. Figures of units are made of the ratees' parts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from random import Random
from types import SimpleNamespace
from typing import Any

from scoring_service.domain.corrections import settled
from scoring_service.domain.disclosure import Protected, count_band, protect
from scoring_service.domain.engine import Given, appraise
from scoring_service.domain.gathering import gather
from scoring_service.domain.layouts import LAYOUTS, Facts
from scoring_service.domain.moments import Moments
from scoring_service.domain.policy import SMALL, Policy
from scoring_service.domain.tally import Folded, Questionnaire, tally
from scoring_service.usecases.exports import _cells
from scoring_service.usecases.provenance import _package
from scoring_service.usecases.release import event_of

K = 3
Row = tuple[int, ...]
"""Answers of one rater by item, 0 for not seen."""
World = Mapping[str, tuple[Row, ...]]
"""Rows by relation."""
_DAY = date(2026, 12, 31)


@dataclass(frozen=True)
class Setting:
    """What everybody knows: the rules, the questions, whether this ratee leads, how many were asked."""

    policy: Policy
    form: Questionnaire
    leads: bool
    asked: Mapping[str, int]


def folded(setting: Setting, world: World) -> Folded:
    ballots = [(relation, row) for relation, rows in world.items() for row in rows]
    return tally(ballots, setting.form, setting.policy, K, setting.leads)


def table(setting: Setting, world: World) -> Protected:
    """The first of what is published: where it differs, the rest need not be looked at."""
    sums = folded(setting, world)
    return protect(
        setting.policy, sums, appraise(setting.policy, Given(sums, setting.asked, leadership=setting.leads))
    )


def everything(setting: Setting, world: World) -> str:
    """All that is published of one ratee."""
    sums = folded(setting, world)
    given = Given(folded=sums, invited=setting.asked, leadership=setting.leads)
    matrix = setting.policy.combination.method == "matrix"
    work: Any = "meets" if matrix else Fraction(187, 2)
    chosen = "meets" if matrix else None
    ruling = Given(behaviour=setting.policy.scale.high, work_result=work)
    versions = [given, replace(given, work_result=work), replace(given, work_result=work, assessor_category=chosen)]
    tables = [protect(setting.policy, sums, appraise(setting.policy, one)) for one in versions]
    if matrix:
        other = replace(given, work_result=work, assessor_category="above")
        tables.append(protect(setting.policy, sums, appraise(setting.policy, other)))
    elif tables[1].status == "scored":
        tables.append(settled(tables[1], appraise(setting.policy, ruling)))
    n = sum(sums.groups[name].n for name in (*SMALL, "others") if name in sums.groups)
    bands = {relation: count_band(len(rows)) for relation, rows in world.items()}
    return json.dumps([bands, *(exits(setting, table, n) for table in tables)], sort_keys=True)


def exits(setting: Setting, table: Protected, n: int) -> Any:
    """One version of one score at every exit."""
    policy, shown = setting.policy, table.to_json()
    row = SimpleNamespace(
        id="00000000-0000-4000-8000-000000000001",
        policy=policy.id,
        policy_version=policy.version,
        policy_digest=policy.digest,
        policy_text="",
        salt=b"s" * 32,
        questionnaire={"code": "q", "version": 1, "digest": "d" * 64},
        threshold=K,
        merkle_root=None,
        period_start=_DAY,
        period_end=_DAY,
        released_at=datetime(2026, 12, 31, tzinfo=UTC),
    )
    held = table.status == "held"
    numbers = dict.fromkeys(("behaviour", "total", "predicate")) if held else shown
    one = {
        "ratee": "A",
        "name": "A",
        "unit": "U",
        "superior": None,
        "version": 1,
        "policy": {"id": policy.id, "version": policy.version, "digest": policy.digest},
        "status": table.status,
        "reason": table.reason,
        **{name: numbers[name] for name in ("behaviour", "total", "predicate")},
        "n_band": None if held else count_band(n),
        "table": None if held else shown,
    }
    facts = Facts(policy, _DAY, _DAY)
    cells = {name: _cells(columns(facts), one, facts) for name, columns in LAYOUTS.items()}
    stored = SimpleNamespace(**{**one, "protected": shown, "cause": "counted"})
    event = None
    if held or one["behaviour"] is not None:
        event = event_of(row, stored, row.released_at).plain()
    return [shown, _package(row, one), cells, event]


def moments_of(setting: Setting, world: World) -> Moments:
    """What one ratee adds to the statistics of its round."""
    sums = folded(setting, world)
    n = sum(sums.groups[name].n for name in (*SMALL, "others") if name in sums.groups)
    ballots = [(relation, row) for relation, rows in world.items() for row in rows]
    return gather(ballots, setting.form) if n >= K else Moments()


def statistics(moments: Moments) -> str:
    """What is published of a round as a whole."""
    return json.dumps(moments.figures(K), sort_keys=True)


def simulated(policy: Policy, form: Questionnaire, dice: Random) -> tuple[Setting, World]:
    """A ratee with raters as they are: a level, lenient and strict raters, halo, behaviours not seen.

    Some groups agree completely, in the middle or near an end, because those are the ones in danger.
    """
    leads = dice.random() < 0.5
    sizes = {"supervisor": 1, "peer": dice.randint(0, 6), "subordinate": dice.randint(0, 5), "self": 1}
    level, halo = dice.gauss(0.72, 0.12), dice.choice((0.02, 0.08, 0.16))
    agreed = dice.choice((None, None, None, dice.randint(1, form.points), form.points))
    blind = dice.choice((0, 0, 0.05, 0.2))
    asked = {aspect.code for aspect in policy.applicable(leads)}
    items = [aspect in asked for aspect, _ in form.items()]

    def row() -> Row:
        own = dice.gauss(level, 0.1)
        even = dice.random() < 0.1
        base = round(1 + own * (form.points - 1))

        def answer(applies: bool) -> int:
            if not applies or dice.random() < blind:
                return 0
            if agreed and dice.random() < 0.95:
                return agreed
            value = base if even else round(1 + dice.gauss(own, halo) * (form.points - 1))
            return min(max(value, 1), form.points)

        return tuple(answer(applies) for applies in items)

    world = {
        relation: tuple(one for one in (row() for _ in range(size)) if any(one)) for relation, size in sizes.items()
    }
    return Setting(policy, form, leads, {relation: max(size, 1) for relation, size in sizes.items()}), world
