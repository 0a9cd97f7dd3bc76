"""Policies as files: read from TOML, checked completely, every fault reported at once."""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from scoring_service.domain.policy import Policy
from scoring_service.policies.building import build
from scoring_service.policies.checking import problems_between
from scoring_service.policies.schema import PolicySchema
from shared.errors import Problem, Refused, invalid, missing

_ID = re.compile(r"[a-z0-9-]{1,64}\Z")


def load(text: str | bytes, source: str) -> Policy:
    """A checked policy from the text of a TOML file; ``source`` names it in messages.

    Raises ``Refused`` (invalid) with every fault: unknown key, wrong type, weights that do not sum to 100, bands
    that leave gaps, a level table that is missing, ….
    """
    raw = text.encode() if isinstance(text, str) else text
    try:
        data = tomllib.loads(raw.decode(), parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refusal(source, [Problem(source, f"not a TOML file: {error}")]) from None
    try:
        checked: dict[str, Any] = PolicySchema().load(data)
    except ValidationError as error:
        raise _refusal(source, list(_flat(error.messages_dict))) from None
    policy = build(checked, hashlib.sha256(raw).hexdigest())
    found = [Problem(where, message) for where, message in problems_between(policy)]
    if found:
        raise _refusal(source, found)
    return policy


def shipped() -> tuple[str, ...]:
    """The ids of the policies that come with the product, templates included."""
    names = (entry.name for entry in resources.files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def text_of(policy_id: str) -> bytes:
    """The file of a shipped policy; raises ``Refused`` (missing) with the ids there are."""
    if _ID.match(policy_id) and policy_id in shipped():
        return resources.files(__package__).joinpath(f"{policy_id}.toml").read_bytes()
    raise missing("policy_unknown", f"There is no policy {policy_id!r}. Shipped are: {', '.join(shipped())}.")


def find(name: str) -> Policy:
    """The policy of a file (a name with a slash or ending in .toml) or the shipped one with this id."""
    if not name.endswith(".toml") and "/" not in name:
        return load(text_of(name), name)
    try:
        return load(Path(name).read_bytes(), name)
    except OSError as error:
        raise missing("policy_unreadable", f"Cannot read the policy {name}: {error.strerror}.") from None


def _refusal(source: str, problems: list[Problem]) -> Refused:
    return invalid("policy_invalid", f"The policy {source} cannot be used.", problems)


def _flat(messages: Mapping[Any, Any] | list[Any], where: str = "") -> Iterator[Problem]:
    if isinstance(messages, list):
        yield from (Problem(where or "policy", str(message)) for message in messages)
        return
    for key, inner in messages.items():
        path = where if key == "_schema" else f"{where}.{key}" if where else str(key)
        yield from _flat(inner, path)
