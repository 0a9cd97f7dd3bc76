"""From a policy file of the right form to the policy: percentages become shares of 1."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from scoring_service.domain.policy import (
    Answers,
    Aspect,
    Band,
    Combination,
    ExternalCode,
    Group,
    Limit,
    Policy,
    Raters,
    Scale,
)


def build(data: Mapping[str, Any], digest: str) -> Policy:
    """The policy; that its parts fit each other is checked afterwards."""
    plain = (
        "id",
        "version",
        "title",
        "regime",
        "legal_basis",
        "behaviour_by",
        "banding",
        "shown_step",
        "objection_days",
        "predicate_codes",
    )
    return Policy(
        **{key: data[key] for key in plain},
        digest=digest,
        scale=Scale(**data["scale"]),
        answers=_answers(data["answers"]),
        aspects=tuple(Aspect(**aspect) for aspect in data["aspects"]),
        raters=_raters(data["raters"]),
        combination=_combination(data["combination"]),
        bands=tuple(_band(band) for band in data["bands"]),
        categories=tuple(_band(band) for band in data["categories"]),
        category_names=tuple(data["category_names"] or dict.fromkeys(band["name"] for band in data["categories"])),
        external_codes=tuple(ExternalCode(name, **code) for name, code in data["external_codes"].items()),
        limits=tuple(_limit(limit) for limit in data["limits"]),
        conversions={name: tuple((p[0], p[-1]) for p in points) for name, points in data["conversions"].items()},
    )


def _answers(data: Mapping[str, Any]) -> Answers:
    table = {int(level): value for level, value in data["table"].items() if level.isascii() and level.isdigit()}
    return Answers(data["method"], table)


def _raters(data: Mapping[str, Any]) -> Raters:
    groups = {relation: Group(**group) for relation, group in data["groups"].items()}
    weights = tuple({name: _share(weight) for name, weight in row.items()} for row in data["weights"])
    return Raters(**{**data, "groups": groups, "weights": weights})


def _combination(data: Mapping[str, Any]) -> Combination:
    cells = {(work, behaviour): name for work, row in data["matrix"].items() for behaviour, name in row.items()}
    return Combination(data["method"], _share(data["work_result"]), _share(data["behaviour"]), data["cap"], cells)


def _band(data: Mapping[str, Any]) -> Band:
    return Band(**{**data, "requires": tuple(data["requires"])})


def _limit(data: Mapping[str, Any]) -> Limit:
    return Limit(tuple(data["predicates"]), _share(data["at_least"]), _share(data["at_most"]), data["organisation"])


def _share(percent: Fraction) -> Fraction:
    return percent / 100
