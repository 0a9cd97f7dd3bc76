"""What scoring adds to the ``cermin`` command."""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from scoring_service import policies
from scoring_service.usecases.appraisals import preview, refused
from shared.errors import Problem, Refused, invalid, missing


@click.command()
@click.argument("policy")
@click.argument("input_file", metavar="INPUT.json")
def appraise(policy: str, input_file: str) -> None:
    """Appraise INPUT.json (- for standard input) by POLICY, an id or a TOML file, and print value and path.

    Nothing is stored or sent. Ends with 0 for scored and held, with 2 and the reason for a refused policy or input.
    """
    try:
        _say(preview(policies.find(policy), _read(input_file)))
    except Refused as refusal:
        _say(refused(refusal))
        raise


COMMANDS = (appraise,)


def _say(result: Mapping[str, Any]) -> None:
    click.echo(json.dumps(result, indent=2, ensure_ascii=False))


def _read(name: str) -> object:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return json.loads(text, parse_float=Decimal)
    except OSError as error:
        raise missing("input_unreadable", f"Cannot read the input {name}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        problem = Problem(name, f"not JSON: {error}")
        raise invalid("input_invalid", "The input cannot be appraised.", [problem]) from None
