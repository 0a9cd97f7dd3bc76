"""The provenance package of a score: what is needed to compute the official value again, and nothing beyond it."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from scoring_service.domain.numbers import PLACES
from scoring_service.domain.provenance import FORMAT, inputs_digest, key_of
from scoring_service.usecases import results

_OFFICIAL = ("behaviour", "recommendation", "total", "predicate", "category", "external_codes")
_SHOWN = ("aspects", "groups", "self_other_gap")


def package_of(session: Session, round_id: UUID, number: str) -> Mapping[str, Any]:
    """The package of one released score; raises ``Refused`` when there is none to be seen."""
    row = results.found(session, round_id)
    return _package(row, results.score_of(session, round_id, number, released=True))


def packages(session: Session, round_id: UUID) -> Iterator[Mapping[str, Any]]:
    """The packages of all released scores of a round by ratee, as they are read. Raises ``Refused``."""
    row = results.found(session, round_id)
    for one in results.every(session, row, released=True):
        yield _package(row, one)


def _package(row: Any, one: Mapping[str, Any]) -> dict[str, Any]:
    facts = {
        "format": FORMAT,
        "round_id": str(row.id),
        "ratee": one["ratee"],
        "version": one["version"],
        "period": {"start": row.period_start.isoformat(), "end": row.period_end.isoformat()},
        "policy": {**one["policy"], "text": row.policy_text},
        "questionnaire": {name: row.questionnaire[name] for name in ("code", "version", "digest")},
        "threshold": row.threshold,
        "merkle_root": row.merkle_root,
        "status": one["status"],
        "reason": one["reason"],
    }
    table = one["table"]
    return facts | (_made_of(row, one, table) if table else {})


def _made_of(row: Any, one: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    key = key_of(row.salt, one["ratee"], one["version"])
    return {
        "inputs": table["inputs"],
        "inputs_key": key,
        "inputs_digest": inputs_digest(table["inputs"], key),
        "weights": table["weights"],
        "n": {group["group"]: group["n"] for group in table["groups"]},
        "hidden": table["hidden"],
        "flags": table["flags"],
        "rounding": {**table["rounding"], "places": PLACES},
        "result": {name: table[name] for name in _OFFICIAL},
        "shown": {name: table[name] for name in _SHOWN},
    }
