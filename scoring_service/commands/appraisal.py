"""What scoring adds to the ``cermin`` command."""

import json
import sys
from decimal import Decimal
from pathlib import Path

import click

from scoring_service import policies
from scoring_service.usecases.appraisals import preview
from shared.errors import Problem, invalid, missing


@click.command()
@click.argument("policy")
@click.argument("input_file", metavar="INPUT.json")
def appraise(policy: str, input_file: str) -> None:
    """Appraise INPUT.json (- for standard input) by POLICY, an id or a TOML file, and print value and path.

    Nothing is stored or sent. Ends with 0 for scored and held, with 2 for a refused policy or input.
    """
    found = policies.find(policy)
    click.echo(json.dumps(preview(found, _read(input_file)), indent=2, ensure_ascii=False))


COMMANDS = (appraise,)


def _read(name: str) -> object:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return json.loads(text, parse_float=Decimal)
    except OSError as error:
        raise missing("input_unreadable", f"Cannot read the input {name}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        problem = Problem(name, f"not JSON: {error}")
        raise invalid("input_invalid", "The input cannot be appraised.", [problem]) from None
