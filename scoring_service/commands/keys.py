"""``cermin keys``: where round keys are, and an encrypted copy for the safe."""

import os
from pathlib import Path
from uuid import UUID

import click

from scoring_service.usecases import keys as round_keys
from shared.audit import operator
from shared.database import reading, transaction
from shared.keystore import KeyStore
from shared.service import Context

_ROUND = click.option("--round", "round_id", metavar="ROUND", required=True, type=click.UUID)
_NEW = {"prompt": True, "hide_input": True, "confirmation_prompt": True}


def keys_group(context: Context, keystore: KeyStore) -> click.Group:
    """``cermin keys list | export | restore``."""

    @click.group("keys")
    def keys() -> None:
        """Private keys of rounds. Whoever has one and a copy of the boxes can read ballots."""

    @keys.command("list")
    def list_keys() -> None:
        """Every round with the fingerprint and the whereabouts of its key; fails when one is lost."""
        with reading(context.engine) as session:
            found = round_keys.states(session, keystore)
        for key in found:
            click.echo(f"{key.round_id}  {key.state:15}  {key.fingerprint or '-':64}  {key.name}")
        if lost := [key.name for key in found if key.state == "lost"]:
            raise click.ClickException(f"Lost: {', '.join(lost)}. {round_keys.LOST}")

    @keys.command("export")
    @_ROUND
    @click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--passphrase", help="At least 12 characters; asked for when left out.", **_NEW)  # type: ignore[arg-type]
    def export(round_id: UUID, out: Path, passphrase: str) -> None:
        """Write an encrypted copy of a round's private key (PEM, mode 0600); recorded in the audit."""
        with transaction(context.engine) as session:
            pem = round_keys.export(session, keystore, round_id, passphrase, operator(), context.clock())
            _write_new(out, pem)
        click.echo(f"Written to {out}. Keep file and passphrase apart; destroy the file when the round is counted.")

    @keys.command("restore")
    @_ROUND
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--passphrase", prompt=True, hide_input=True)
    def restore(round_id: UUID, file: Path, passphrase: str) -> None:
        """Put an exported key back into the key store, for a round whose key was lost."""
        pem = file.read_bytes()
        with transaction(context.engine) as session:
            round_keys.restore(session, keystore, round_id, pem, passphrase, operator(), context.clock())
        click.echo("The key is back. Retry the dead letters of the scoring service to open what waited for it.")

    return keys


def _write_new(path: Path, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{path} exists already; choose another name.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
