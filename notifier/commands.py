"""``cermin slips``: the sheets to print, for the operator where the notifier and its key store are."""

import os
from pathlib import Path
from uuid import UUID

import click
from click import Command

from notifier.slips import SlipPrinter, of_round
from notifier.usecases import printed, slips
from shared import audit
from shared.database import reading, transaction
from shared.service import Context


def slips_command(context: Context, printer: SlipPrinter) -> Command:
    """``cermin slips ROUND --out FILE``."""

    @click.command("slips")
    @click.argument("round_id", metavar="ROUND", type=click.UUID)
    @click.option(
        "--out", type=click.Path(dir_okay=False, path_type=Path), help="A new file, for you alone (0600)."
    )
    def command(round_id: UUID, out: Path | None) -> None:
        """Write a printable sheet for everybody in ROUND without a mail address of their own (HTML).

        HR asks for them first, in the console, whose audit trail tells of every printing.
        Whoever reads the file can answer for all of them: print it, fold
        the sheets, delete it. Without --out it goes to standard output.
        """
        now = context.clock()
        with reading(context.engine) as session:
            rows = slips(session, round_id, now)
        try:
            page = of_round(printer, rows, round_id, now)
        except LookupError as error:
            raise click.ClickException(str(error)) from None
        with transaction(context.engine) as session:
            printed(session, round_id, len(rows), audit.operator(), now)
            if out is not None:
                _write(out, page)
        if out is None:
            click.echo(page)
            return
        click.echo(f"{len(rows)} sheet(s) in {out}: print, then delete the file.", err=True)

    return command


def _write(path: Path, page: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{path} exists already; name another file.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(page)
