"""What others read about our events is what the code does: schemas and AsyncAPI are generated, committed, valid.

The AsyncAPI document is checked against the rules of AsyncAPI 3.0 that it uses, written down here: the official
schema of the specification is not part of the locked packages.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from shared import contracts
from shared.events import CONTRACTS, BadEvent, read
from tests.contract import samples

DOCS = Path(__file__).parents[2] / "docs"
NAME = re.compile(r"^[\w\d.\-_]+$")


def schema(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / "events" / "schemas" / f"{kind}.json").read_text())
    return found


def data(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(samples.body(kind))["data"]
    return found


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text())
    return found


def test_what_is_committed_is_what_is_generated(tmp_path: Path) -> None:
    contracts.main(tmp_path)
    made = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(DOCS): path.read_text() for path in DOCS.glob("events/schemas/*.json")}
    kept[Path("asyncapi.yaml")] = (DOCS / "asyncapi.yaml").read_text()
    assert made == kept, "run `python -m shared.contracts` and look at the difference before you commit it"


def test_yaml_says_what_was_meant() -> None:
    assert yaml.safe_load(contracts.to_yaml(contracts.asyncapi())) == contracts.asyncapi()
    odd = {"a b": [1, None, True, "x: #y", [], {}, {"z": ["é\n"]}], "null": "null", "$ref": {"on": "off"}}
    assert yaml.safe_load(contracts.to_yaml(odd)) == odd


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_sample_fits_its_published_schema(kind: str) -> None:
    Draft202012Validator.check_schema(schema(kind))
    validator = Draft202012Validator(schema(kind), format_checker=FormatChecker())
    assert list(validator.iter_errors(data(kind))) == []
    assert list(validator.iter_errors({**data(kind), "added_later": 1})) == []


@pytest.mark.parametrize("kind", CONTRACTS)
def test_the_published_schema_refuses_what_the_code_refuses(kind: str) -> None:
    validator = Draft202012Validator(schema(kind), format_checker=FormatChecker())
    for name, value in data(kind).items():
        wrong = [{key: item for key, item in data(kind).items() if key != name}]
        wrong += [{**data(kind), name: 1.5 if isinstance(value, int) else -1}, {**data(kind), name: True}]
        for body in wrong:
            if isinstance(value, bool):
                continue
            with pytest.raises(BadEvent):
                read(kind, body)
            assert not validator.is_valid(body), f"{kind}.{name}: {body.get(name)!r}"


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for item in part.values() for found in references(item)]
    return [found for item in part for found in references(item)] if isinstance(part, list) else []


def resolve(document: dict[str, Any], reference: str) -> Any:
    file, _, path = reference.partition("#")
    found: Any = json.loads((DOCS / file).read_text()) if file else document
    for step in path.strip("/").split("/") if path else []:
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def test_the_asyncapi_document_has_the_parts_of_version_3(document: dict[str, Any]) -> None:
    assert set(document) == {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(document["info"])
    assert set(document["components"]) == {"messages", "schemas"}
    for names in (document["channels"], document["operations"], *document["components"].values()):
        assert all(NAME.match(name) for name in names)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = references(document)
    assert len(found) > len(CONTRACTS) * 4
    for reference in found:
        assert isinstance(resolve(document, reference), dict), reference


def test_channels_say_where_an_event_travels(document: dict[str, Any]) -> None:
    assert set(document["channels"]) == set(CONTRACTS)
    for kind, channel in document["channels"].items():
        assert set(channel) == {"address", "description", "messages", "bindings"}
        assert channel["address"] == kind
        amqp = channel["bindings"]["amqp"]
        assert (amqp["is"], amqp["exchange"]["name"]) == ("routingKey", CONTRACTS[kind].exchange)


def test_operations_name_who_sends_and_who_receives(document: dict[str, Any]) -> None:
    found = {
        (name.split(".", 1)[0], operation["action"], operation["channel"]["$ref"].removeprefix("#/channels/"))
        for name, operation in document["operations"].items()
    }
    wanted = {(contract.source, "send", kind) for kind, contract in CONTRACTS.items()}
    wanted |= {(to, "receive", kind) for kind, contract in CONTRACTS.items() for to in contract.listeners}
    assert found == wanted


@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_whole_sample_fits_its_message(document: dict[str, Any], kind: str) -> None:
    base = "https://cermin.invalid/"
    registry: Registry[Any] = Registry().with_resources(
        [(base + "asyncapi.yaml", Resource.opaque(document))]
        + [(f"{base}events/schemas/{name}.json", Resource.from_contents(schema(name))) for name in CONTRACTS]
    )
    payload = document["components"]["messages"][kind]["payload"]
    whole = {"$id": base + "payload", "$schema": contracts.DIALECT, **payload, "components": document["components"]}
    validator = Draft202012Validator(whole, registry=registry)
    sample = json.loads(samples.body(kind))
    assert list(validator.iter_errors(sample)) == []
    assert not validator.is_valid({**sample, "type": "another.v1"})
    assert not validator.is_valid({**sample, "data": {}})
