"""``cermin scores`` and ``cermin replay``: for the operator at the machine."""

import getpass
import json
from pathlib import Path
from typing import TextIO
from uuid import UUID

import click
from click import Command

from scoring_service.usecases import feed, provenance, results
from shared import audit
from shared.database import reading, transaction
from shared.service import Context


def scores_command(context: Context) -> Command:
    """``cermin scores ROUND --csv FILE``."""

    @click.command("scores")
    @click.argument("round_id", metavar="ROUND", type=click.UUID)
    @click.option("--csv", "path", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
    def scores(round_id: UUID, path: Path) -> None:
        """Write the scores of ROUND to a CSV file; held ones carry their reason and no number."""
        with transaction(context.engine) as session:
            lines = list(results.export(session, round_id, released=False))
            facts = {"rows": len(lines) - 1}
            audit.record(session, context.clock(), operator(), "scores.exported", str(round_id), facts)
        path.write_text("".join(lines), encoding="utf-8", newline="")
        click.echo(f"{len(lines) - 1} scores written to {path}")

    return scores


def provenance_command(context: Context) -> Command:
    """``cermin provenance ROUND``."""

    @click.command("provenance")
    @click.argument("round_id", metavar="ROUND", type=click.UUID)
    @click.option("--ratee", metavar="NIP", help="Only this one.")
    @click.option("--out", required=True, type=click.File("w", encoding="utf-8", lazy=False), help="- prints them.")
    def provenance_packages(round_id: UUID, ratee: str | None, out: TextIO) -> None:
        """Write how each released score of ROUND was made, one JSON a line; `examples/recompute.py` checks them."""
        with reading(context.engine) as session:
            one = [provenance.package_of(session, round_id, ratee)] if ratee else None
            packages = one or provenance.packages(session, round_id)
            count = sum(bool(out.write(json.dumps(made, ensure_ascii=False) + "\n")) for made in packages)
        with transaction(context.engine) as session:
            audit.record(
                session, context.clock(), operator(), "provenance.exported", str(round_id), {"packages": count}
            )
        click.echo(f"{count} packages written", err=True)

    return provenance_packages


def replay_command(context: Context) -> Command:
    """``cermin replay --round ROUND``."""

    @click.command("replay")
    @click.option("--round", "round_id", metavar="ROUND", required=True, type=click.UUID)
    def replay(round_id: UUID) -> None:
        """Publish the scores of a released round again, with the same ids: for a subscriber that lost them."""
        with transaction(context.engine) as session:
            count = feed.replay(session, round_id, operator(), context.clock())
        click.echo(f"{count} events will be published again")

    return replay


def operator() -> str:
    """Who the audit names for a command: the account on this machine."""
    try:
        return f"operator {getpass.getuser()}"
    except (KeyError, OSError):
        return "operator"
