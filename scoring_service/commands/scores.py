"""``cermin scores`` and ``cermin replay``: for the operator at the machine."""

import json
from pathlib import Path
from typing import TextIO
from uuid import UUID

import click
from click import Command

from scoring_service.usecases import exports, feed, provenance
from scoring_service.usecases.shelf import Shelf
from shared import audit
from shared.database import reading, transaction
from shared.service import Context


def scores_command(context: Context, shelf: Shelf) -> Command:
    """``cermin scores ROUND --csv FILE`` or ``--xlsx FILE``."""
    file = click.Path(dir_okay=False, writable=True, path_type=Path)

    @click.command("scores")
    @click.argument("round_id", metavar="ROUND", type=click.UUID)
    @click.option("--csv", "as_csv", type=file)
    @click.option("--xlsx", "as_xlsx", type=file)
    @click.option("--layout", type=click.Choice(exports.LAYOUTS), default="scores", show_default=True)
    @click.option("--unit", help="Only of this unit.")
    def scores(round_id: UUID, as_csv: Path | None, as_xlsx: Path | None, layout: str, unit: str | None) -> None:
        """Write the scores of ROUND to files; held ones carry their reason and no number.

        The layouts `ekinerja` and `siasn` hold released scores only.
        """
        wanted = exports.Wanted(round_id, layout, released=layout != "scores", unit=unit)
        for kind, path in (("csv", as_csv), ("xlsx", as_xlsx)):
            if path:
                _write(context, shelf, wanted, kind, path)
        if not as_csv and not as_xlsx:
            raise click.UsageError("Give --csv FILE or --xlsx FILE.")

    return scores


def _write(context: Context, shelf: Shelf, wanted: exports.Wanted, kind: str, path: Path) -> None:
    with transaction(context.engine) as session:
        rows = exports.note(session, wanted, kind, audit.operator(), context.clock())
    with reading(context.engine) as session, path.open("wb") as file:
        file.writelines(exports.pieces(session, wanted, shelf, kind))
    click.echo(f"{rows} scores written to {path}")


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
            facts = {"packages": count}
            audit.record(session, context.clock(), audit.operator(), "provenance.exported", str(round_id), facts)
        click.echo(f"{count} packages written", err=True)

    return provenance_packages


def replay_command(context: Context) -> Command:
    """``cermin replay --round ROUND``."""

    @click.command("replay")
    @click.option("--round", "round_id", metavar="ROUND", required=True, type=click.UUID)
    def replay(round_id: UUID) -> None:
        """Publish the scores of a released round again, with the same ids: for a subscriber that lost them."""
        with transaction(context.engine) as session:
            count = feed.replay(session, round_id, audit.operator(), context.clock())
        click.echo(f"{count} events will be published again")

    return replay
