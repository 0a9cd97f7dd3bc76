"""Logs: one JSON object per line; what could name a rater or carry an answer is dropped before it is written."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

FORBIDDEN = frozenset(
    {"token", "secret", "link", "code", "email", "address", "answers", "body", "rater", "password", "key", "ticket"}
)
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_NUMBER = re.compile(r"\b\d{18}\b")
_SECRET = re.compile(r"#[A-Za-z0-9_.-]{16,}")


def configure(level: str) -> None:
    """Write to standard error as JSON; the standard library's loggers go the same way."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        drop_personal,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("pika").setLevel(logging.CRITICAL)  # our own broker says what matters, once
    logging.getLogger("alembic").setLevel(logging.WARNING)


def drop_personal(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop forbidden keys, and blank addresses, employee numbers and link fragments in every text, at any depth."""
    for name in list(entry):
        if name in FORBIDDEN:
            del entry[name]
        elif not name.startswith("_"):  # structlog's own, such as the record; it is not written
            entry[name] = _clean(entry[name])
    return entry


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return blank(value)
    if isinstance(value, Mapping):
        return {name: _clean(item) for name, item in value.items() if name not in FORBIDDEN}
    return [_clean(item) for item in value] if isinstance(value, list | tuple | set | frozenset) else value


def blank(text: str) -> str:
    """``text`` without mail addresses, 18-digit employee numbers and link fragments."""
    return _SECRET.sub("#…", _NUMBER.sub("…", _ADDRESS.sub("…", text)))
