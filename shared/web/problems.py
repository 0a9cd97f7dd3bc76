"""Errors as people and programs need them: RFC 9457 problem+json under ``/api``, elsewhere a page."""

from typing import Any

import structlog
from flask import Flask, Response, jsonify, render_template, request
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException, InternalServerError

from shared.errors import Kind, Refused
from shared.unavailable import unavailable
from shared.web import outages, texts
from shared.web.sentences import say

log = structlog.get_logger(__name__)

STATUS: dict[Kind, int] = {
    "invalid": 422,
    "unauthorised": 401,
    "forbidden": 403,
    "missing": 404,
    "conflict": 409,
    "gone": 410,
    "busy": 503,
}


class ProblemPart(Schema):
    """One fault of an input."""

    where = fields.String(required=True)
    message = fields.String(required=True)


class ProblemSchema(Schema):
    """RFC 9457 problem details; ``code`` is stable and for programs."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(ProblemPart))


def install(app: Flask) -> None:
    """Handle refusals, HTTP errors and unforeseen ones on the whole app."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(Exception, _unforeseen)
    app.after_request(outages.say_when)


def problem(
    status: int, code: str, title: str, detail: str = "", errors: list[dict[str, str]] | None = None
) -> Response:
    """A problem+json response."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "code": code}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def _answer(
    status: int, code: str, title: str, detail: str, errors: list[dict[str, str]] | None = None
) -> Response | tuple[str, int]:
    if _for_a_program():
        return problem(status, code, title, detail, errors)
    page = render_template(
        "problem.html",
        status=status,
        code=code,
        title=_words(f"problem.{status}", title),
        detail=say(detail),
        next_step=_words(f"problem.{status}.next", ""),
        home="/console/" if request.path.startswith("/console") else "",
        errors=[{"where": fault["where"], "message": say(fault["message"])} for fault in errors or []],
    )
    return page, status


def _for_a_program() -> bool:
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def _words(key: str, otherwise: str) -> str:
    return texts.t(key) if texts.has(key) else otherwise


def refused(error: Refused) -> Response | tuple[str, int]:
    """The answer to a refusal; for blueprints that handle only some themselves (raising again makes a 500)."""
    errors = [{"where": part.where, "message": part.message} for part in error.problems]
    return _answer(STATUS[error.kind], error.code, error.code.replace("_", " "), error.detail, errors)


def _http(error: HTTPException) -> Any:
    if isinstance(error, InternalServerError) and error.original_exception:  # raised after the view had answered
        return _unforeseen(error.original_exception)
    status = error.code or 500
    if status < 400:
        return error
    messages = (
        getattr(error, "data", {}).get("messages") if isinstance(getattr(error, "data", None), dict) else None
    )
    errors = list(_flat(messages)) if messages else None
    detail = str(error.description or "") if _for_a_program() else ""
    answer = _answer(status, error.name.lower().replace(" ", "_"), error.name, detail, errors)
    if isinstance(answer, Response) and isinstance(error.get_response(), Response):
        answer.headers.extend(
            (name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"}
        )
    return answer


def _too_deep(error: RecursionError) -> Response | tuple[str, int]:
    """JSON that nests thousands deep; a recursion of our own has no body to blame."""
    if not request.is_json:
        return _unforeseen(error)
    return _answer(400, "bad_request", "Bad Request", "The body nests too deeply to be read.")


def _not_now(error: BaseException) -> Response | tuple[str, int]:
    """A database or a disk that cannot work: nobody's mistake, so no trace of the program in the log."""
    cause = getattr(error, "orig", None) or error
    log.warning("cannot work now", error=type(cause).__name__, endpoint=request.endpoint)
    if _for_a_program():
        return problem(503, outages.CODE, "The system cannot work right now", outages.DETAIL)
    return outages.page(), 503


def _unforeseen(error: BaseException) -> Response | tuple[str, int]:
    if unavailable(error):
        return _not_now(error)
    log.error("unforeseen error", error=type(error).__name__, endpoint=request.endpoint, exc_info=error)
    return _answer(
        500,
        "unforeseen",
        "Something went wrong on our side",
        "Nothing of this request was kept. Try again; if it stays, tell the operator the time.",
    )


def _flat(messages: Any, path: str = "") -> Any:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flat(inner, path)
    else:
        yield {"where": path, "message": str(messages)}
