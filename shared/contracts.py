"""The contracts as others read them: ``python -m shared.contracts`` writes them into ``docs``.

``docs/events/schemas/<type>.json`` is the JSON Schema 2020-12 of an event's ``data``; ``docs/asyncapi.yaml``
(AsyncAPI 3.0) says where every event travels. Both come from ``shared.events`` and nothing else; they describe what
is published, and a reader ignores fields that it does not know.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import fields, validate

from shared.events import CONTRACTS, PUBLIC, ContractClass

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN_KEY = re.compile(r"(?!(?:null|true|false|on|off|yes|no|y|n)\Z)[A-Za-z_$][\w.$-]*", re.IGNORECASE)


def main(folder: Path) -> None:
    """Write schemas and AsyncAPI document below ``folder``."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def files() -> dict[str, str]:
    """Every generated file by its path below ``docs``."""
    found = {
        f"events/schemas/{kind}.json": json.dumps(data_schema(contract), indent=2, ensure_ascii=False) + "\n"
        for kind, contract in CONTRACTS.items()
    }
    head = "# Written by `python -m shared.contracts` from shared/events.py; change it there.\n"
    return found | {"asyncapi.yaml": head + to_yaml(asyncapi()) + "\n"}


def data_schema(contract: ContractClass) -> dict[str, Any]:
    """The JSON Schema 2020-12 of an event's ``data``."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema).__name__)
    spec = APISpec(title="-", version="-", openapi_version="3.1.0", plugins=[plugin])
    converter: Any = plugin.converter
    converter.add_attribute_function(_keys)
    body = converter.schema2jsonschema(contract())
    parts = spec.components.schemas
    schema = {"$schema": DIALECT, "title": contract.type, "description": _summary(contract), **_tidy(body)}
    return schema | ({"$defs": _tidy(dict(sorted(parts.items())))} if parts else {})


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel, a message and the operations of every event type."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Cermin",
            "version": "1",
            "description": "Behaviour surveys and their scores as CloudEvents over AMQP 0-9-1. Bind a queue of "
            "your own to cermin.public; ids repeat; order holds per ratee only; ignore fields you do not know.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {kind: _channel(contract) for kind, contract in CONTRACTS.items()},
        "operations": {
            name: operation
            for kind, contract in CONTRACTS.items()
            for name, operation in _operations(kind, contract).items()
        },
        "components": {
            "messages": {kind: _message(contract) for kind, contract in CONTRACTS.items()},
            "schemas": {"cloudEvent": _envelope()},
        },
    }


def _channel(contract: ContractClass) -> dict[str, Any]:
    exchange = {"name": contract.exchange, "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": contract.type,
        "description": "For every subscriber." if contract.exchange == PUBLIC else "Between our services, signed.",
        "messages": {"event": {"$ref": f"#/components/messages/{contract.type}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _operations(kind: str, contract: ContractClass) -> dict[str, Any]:
    channel = {"$ref": f"#/channels/{kind}"}
    found: dict[str, Any] = {f"{contract.source}.sends.{kind}": {"action": "send", "channel": channel}}
    for listener in contract.listeners:
        found[f"{listener}.receives.{kind}"] = {"action": "receive", "channel": channel}
    return found


def _message(contract: ContractClass) -> dict[str, Any]:
    own = {
        "type": {"const": contract.type},
        "source": {"const": f"/cermin/{contract.source}"},
        "data": {"$ref": f"events/schemas/{contract.type}.json"},
    }
    required = ["data"] if contract.exchange == PUBLIC else ["data", "signature"]
    return {
        "name": contract.type,
        "summary": _summary(contract),
        "contentType": "application/cloudevents+json",
        "payload": {
            "allOf": [{"$ref": "#/components/schemas/cloudEvent"}, {"properties": own, "required": required}]
        },
    }


def _envelope() -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "description": "CloudEvents 1.0, structured mode. The same fact has the same id, however often it comes.",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": text,
            "source": text,
            "type": text,
            "subject": {"type": "string", "description": "the round, round/ratee, or the letter"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "signature": {"type": "string", "description": "private events only: by the deployment's secret"},
        },
        "required": ["specversion", "id", "source", "type", "subject", "time", "datacontenttype"],
    }


def to_yaml(value: Any, depth: int = 0) -> str:
    """Plain YAML of JSON types; strings are written as JSON, which YAML reads."""
    if not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    parts = [(f"{_key(key)}:", item) for key, item in value.items()] if isinstance(value, dict) else None
    lines = []
    for label, item in parts or [("-", item) for item in value]:
        nested = isinstance(item, dict | list) and item
        rest = "\n" + to_yaml(item, depth + 1) if nested else " " + to_yaml(item)
        lines.append("  " * depth + label + rest)
    return "\n".join(lines)


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else json.dumps(key)


def _name(schema: Any) -> type:
    return schema if isinstance(schema, type) else type(schema)


def _summary(contract: ContractClass) -> str:
    return " ".join((contract.__doc__ or "").replace("``", "").split())


def _keys(_converter: Any, field: Any, **_more: Any) -> dict[str, Any]:
    """Attribute function for apispec: which keys a dictionary may have."""
    key = getattr(field, "key_field", None) if isinstance(field, fields.Dict) else None
    allowed = [rule.choices for rule in (key.validators if key else []) if isinstance(rule, validate.OneOf)]
    return {"propertyNames": {"enum": list(allowed[0])}} if allowed else {}


def _tidy(part: Any) -> Any:
    """References inside the file, patterns as ECMA-262 has them, open to fields that come later."""
    if isinstance(part, Mapping):
        kept = {name: _tidy(item) for name, item in part.items() if (name, item) != ("additionalProperties", False)}
        if isinstance(kept.get("pattern"), str):
            kept["pattern"] = kept["pattern"].replace(r"\Z", "$")
        if isinstance(kept.get("$ref"), str):
            kept["$ref"] = kept["$ref"].replace("#/components/schemas/", "#/$defs/")
        return kept
    return [_tidy(item) for item in part] if isinstance(part, list | tuple) else part


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
