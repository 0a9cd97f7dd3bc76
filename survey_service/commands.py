"""Commands of the survey service."""

from pathlib import Path
from uuid import UUID

import click

from shared.database import reading, transaction
from shared.service import Context
from survey_service.usecases import closing, launch, people, rounds

ACTOR = "command line"


def commands(context: Context) -> tuple[click.Command, ...]:
    """``import-people`` and ``round`` for the ``cermin`` command."""
    return (_import_people(context), _round(context))


def _import_people(context: Context) -> click.Command:
    @click.command("import-people")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Only say what would change.")
    @click.option("--exclude-absent", is_flag=True, help="Exclude people who are not in FILE from this period.")
    def import_people(file: Path, dry_run: bool, exclude_absent: bool) -> None:
        """Import people and units from FILE (CSV or XLSX); the same file again changes nothing."""
        content, language = file.read_bytes(), context.settings.language
        with reading(context.engine) if dry_run else transaction(context.engine) as session:
            done = people.import_people(
                session,
                content,
                context.clock(),
                ACTOR,
                language=language,
                dry_run=dry_run,
                exclude_absent=exclude_absent,
            )
        changes = done.changes
        counts = f"{len(changes.new)} new, {len(changes.changed)} changed, {changes.unchanged} unchanged"
        click.echo(f"{'Would be: ' if dry_run else ''}{counts}, {len(changes.absent)} not in the file.")

    return import_people


def _round(context: Context) -> click.Command:
    @click.group("round")
    def group() -> None:
        """Look at rounds; launch or close one."""

    @group.command("list")
    def list_rounds() -> None:
        """List rounds with their state."""
        with reading(context.engine) as session:
            for row in rounds.listing(session, limit=1000):
                click.echo(f"{row.id}  {row.state:<9}  {row.name}")

    @group.command("launch")
    @click.argument("round_id", type=click.UUID)
    def launch_round(round_id: UUID) -> None:
        """Launch a draft."""
        settings = context.settings
        with transaction(context.engine) as session:
            made = launch.launch(
                session,
                round_id,
                context.clock(),
                public_url=settings.public_url,
                service_secrets=settings.service_secrets,
                actor=ACTOR,
            )
        click.echo(f"{made.ratees} ratees, {made.invitations} invitations, {made.letters} letters.")

    @group.command("close")
    @click.argument("round_id", type=click.UUID)
    def close_round(round_id: UUID) -> None:
        """End answering now."""
        with transaction(context.engine) as session:
            closing.close(session, round_id, context.clock(), ACTOR)
        click.echo("Closed; the ballots are on their way to be counted.")

    return group
