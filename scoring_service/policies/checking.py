"""What must hold between the parts of a policy. Each check yields (where, what is wrong and what to do)."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

from scoring_service.domain.numbers import decimal
from scoring_service.domain.policy import OTHERS, SMALL, Band, Policy

Found = Iterator[tuple[str, str]]


def problems_between(policy: Policy) -> Found:
    """Every fault of a policy whose form is right."""
    yield from _scale(policy)
    yield from _answers(policy)
    yield from _aspects(policy)
    yield from _groups(policy)
    yield from _weights(policy)
    yield from _combination(policy)
    yield from _bands("bands", policy.bands)
    yield from _bands("categories", policy.categories)
    yield from _codes(policy)
    yield from _limits(policy)
    yield from _conversions(policy)


def _scale(policy: Policy) -> Found:
    scale = policy.scale
    if scale.low >= scale.high:
        yield "scale", "low must be below high"
    if scale.step is not None and scale.step <= 0:
        yield "scale.step", "must be above 0; leave it out where any value may be given"
    if policy.shown_step <= 0:
        yield "shown_step", "must be above 0"


def _answers(policy: Policy) -> Found:
    table = policy.answers.table
    if policy.answers.method == "table" and not table:
        yield "answers.table", "level-to-value table is missing; give a value for every level"
    if policy.answers.method != "table" and table:
        yield "answers.table", f"is not used by the method {policy.answers.method}; leave it out"
    for level, value in table.items():
        if not policy.scale.low <= value <= policy.scale.high:
            yield f"answers.table.{level}", f"{decimal(value)} lies outside the scale"
    if sorted(table) != list(range(1, len(table) + 1)):
        yield "answers.table", "the levels must be 1, 2, 3 and so on without a gap"


def _aspects(policy: Policy) -> Found:
    codes = [aspect.code for aspect in policy.aspects]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield "aspects", f"{code} is listed twice"
    for aspect in policy.aspects:
        if aspect.weight <= 0:
            yield f"aspects.{aspect.code}.weight", "must be above 0"
    if all(aspect.applies == "leadership" for aspect in policy.aspects):
        yield "aspects", "at least one aspect must apply to everyone"


def _groups(policy: Policy) -> Found:
    uses = {policy.use(relation) for relation in SMALL} - {"absent"}
    if len(uses) > 1:
        yield "raters.groups", "peer and subordinate must be used alike, because they may have to be merged"
    if policy.raters.pooled and not uses:
        yield "raters.pooled", "there is nobody to pool: peer and subordinate are absent"
    for relation in ("self", *SMALL):
        group = policy.raters.groups.get(relation)
        if group and group.every_aspect:
            yield f"raters.groups.{relation}.every_aspect", "is only for the supervisor"


def _weights(policy: Policy) -> Found:
    raters = policy.raters
    known = {relation for relation in ("supervisor", "self") if policy.use(relation) == "counted"}
    small = {relation for relation in SMALL if policy.use(relation) == "counted"}
    names = known | ({OTHERS} if raters.pooled and small else small | ({OTHERS} if len(small) == 2 else set()))
    seen: list[frozenset[str]] = []
    for at, row in enumerate(raters.weights, start=1):
        where = f"raters.weights row {at}"
        for name in sorted(set(row) - names):
            yield where, f"{name} is not a group that counts here; use {', '.join(sorted(names))}"
        if OTHERS in row and set(row) & set(SMALL):
            yield where, "others stands for peer and subordinate merged; do not list it with them"
        if sum(row.values()) != 1:
            yield where, f"the weights sum to {decimal(sum(row.values(), Fraction(0)) * 100)}, they must sum to 100"
        if any(weight <= 0 for weight in row.values()):
            yield where, "every weight must be above 0; leave out a group that does not count"
        if frozenset(row) in seen:
            yield where, "the same groups are listed in an earlier row, so this one is never used"
        seen.append(frozenset(row))


def _combination(policy: Policy) -> Found:
    rule = policy.combination
    if rule.method == "weighted" and (
        rule.work_result + rule.behaviour != 1 or min(rule.work_result, rule.behaviour) < 0
    ):
        yield "combination", "work_result and behaviour must be weights that sum to 100"
    if rule.method != "weighted" and (rule.work_result or rule.behaviour or rule.cap is not None):
        yield "combination", f"weights and cap are not used by the method {rule.method}; leave them out"
    if rule.cap is not None and rule.cap <= 0:
        yield "combination.cap", "must be above 0"
    if rule.method != "matrix" and rule.matrix:
        yield "combination.matrix", f"is not used by the method {rule.method}; leave it out"
    if rule.method == "matrix":
        cells = set(product(policy.category_names, repeat=2))
        for work, behaviour in sorted(cells - set(rule.matrix)):
            yield f"combination.matrix.{work}.{behaviour}", "is missing"
        for work, behaviour in sorted(set(rule.matrix) - cells):
            yield f"combination.matrix.{work}.{behaviour}", "is no pair of category_names"
        if policy.behaviour_by != "assessor":
            yield "behaviour_by", "a matrix needs a category chosen by the assessor"
        if len(policy.category_names) < 2:
            yield "category_names", "a matrix needs at least two categories"
    elif policy.behaviour_by == "assessor":
        yield "behaviour_by", "a category chosen by the assessor needs combination.method matrix"
    elif not policy.bands and not policy.categories:
        yield "bands", "give bands, or nobody gets a predicate"


def _bands(where: str, bands: Sequence[Band]) -> Found:
    """Falling lower limits down to a last band without any: then every value has exactly one place."""
    if not bands:
        return
    for at, band in enumerate(bands, start=1):
        if band.at_least is not None and band.above is not None:
            yield f"{where} row {at}", "give at_least or above, not both"
        if band.at_most is not None and band.below is not None:
            yield f"{where} row {at}", "give at_most or below, not both"
    limits = [band.at_least if band.at_least is not None else band.above for band in bands[:-1]]
    if any(limit is None for limit in limits):
        yield where, "every band but the last needs at_least or above"
    known = [limit for limit in limits if limit is not None]
    if known != sorted(known, reverse=True):
        yield where, "list the bands from the highest to the lowest"
    last = bands[-1]
    if last.requires or any(limit is not None for limit in (last.at_least, last.above, last.at_most, last.below)):
        yield where, "the last band takes all that is left: give it no limit and no requirement"


def _codes(policy: Policy) -> Found:
    for code in policy.external_codes:
        for name in sorted(set(code.codes) ^ set(policy.category_names)):
            yield f"external_codes.{code.field}.codes", f"{name} must be listed both here and in the categories"
    for field, codes in policy.predicate_codes.items():
        for name in sorted(set(codes) ^ _predicates(policy)):
            yield f"predicate_codes.{field}", f"{name} must be both here and a predicate of this policy"


def _predicates(policy: Policy) -> set[str]:
    return {band.name for band in policy.bands} | set(policy.combination.matrix.values())


def _limits(policy: Policy) -> Found:
    names = _predicates(policy)
    for at, limit in enumerate(policy.limits, start=1):
        for name in sorted(set(limit.predicates) - names):
            yield f"limits row {at}", f"{name} is no predicate of this policy"
        if not 0 <= limit.at_least <= limit.at_most <= 1:
            yield f"limits row {at}", "at_least and at_most must be percentages, the lower first"


def _conversions(policy: Policy) -> Found:
    for name, points in policy.conversions.items():
        across = [x for x, _ in points]
        if len(points) < 2 or across != sorted(set(across)):
            yield f"conversions.{name}", "give at least two points [x, y] by rising x"
