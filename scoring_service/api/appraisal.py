"""The input of an appraisal as the OpenAPI document describes it; the use case checks it and names every fault."""

from typing import Any

_NUMBER = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}],
    "description": "a number, or decimal text: read by the digits that are written",
}
_NONE = {"type": "null"}


def _values(whose: str) -> dict[str, Any]:
    said = f"one behaviour value per rater, on the policy's scale: {whose}"
    return {"type": "array", "items": _NUMBER, "maxItems": 1000, "description": said}


def _asked() -> dict[str, Any]:
    counts = {name: {"type": "integer", "minimum": 0} for name in ("peers", "subordinates")}
    said = "how many were asked; without it, as many as answered"
    return {"type": "object", "properties": counts, "additionalProperties": False, "description": said}


def _number(what: str) -> dict[str, Any]:
    return {"anyOf": [*_NUMBER["anyOf"], _NONE], "description": what}


def _flag(what: str) -> dict[str, Any]:
    return {"type": "boolean", "description": what}


INPUT: dict[str, Any] = {
    "additionalProperties": False,
    "properties": {
        "supervisor": _values("the assessor"),
        "peers": _values("peers"),
        "subordinates": _values("direct subordinates"),
        "self": _values("the ratee"),
        "invited": _asked(),
        "aspects": _values("instead of raters, the assessor's value of each behaviour in the policy's order"),
        "behaviour": _number("instead of raters, a behaviour value that stands already"),
        "feedback_mean": _number("where an assessor chooses: the mean of the raters"),
        "assessor_category": {
            "type": ["string", "null"],
            "maxLength": 64,
            "description": "where an assessor chooses: the category",
        },
        "work_result": {
            "anyOf": [{"type": "number"}, {"type": "string", "minLength": 1, "maxLength": 64}, _NONE],
            "description": "the SKP value, or a category where the policy has a matrix",
        },
        "new_idea": _flag("a recognised new idea"),
        "leadership": {"type": ["boolean", "null"], "description": "whether leadership applies; never guessed"},
        "threshold": {
            "type": "integer",
            "minimum": 1,
            "maximum": 20,
            "description": "smallest group that may be shown; the policy's own without it",
        },
    },
    "example": {
        "supervisor": [90],
        "peers": [80, 84, 88],
        "subordinates": [95, 85],
        "self": [95],
        "invited": {"peers": 4, "subordinates": 2},
        "work_result": 100,
        "new_idea": False,
        "leadership": False,
        "threshold": 3,
    },
}
"""The keys of ``usecases.appraisals.AppraisalInput``; a test compares them."""
