"""What the scoring service adds to the ``cermin`` command."""

from collections.abc import Sequence

from click import Command

from scoring_service.commands.appraisal import COMMANDS, appraise
from scoring_service.commands.keys import keys_group
from scoring_service.commands.scores import provenance_command, replay_command, scores_command
from scoring_service.usecases.shelf import Shelf
from shared.keystore import KeyStore
from shared.service import Context

__all__ = ["COMMANDS", "appraise", "of"]


def of(context: Context, keystore: KeyStore, shelf: Shelf) -> Sequence[Command]:
    """The commands on this context's database."""
    own = (scores_command(context, shelf), provenance_command(context), replay_command(context))
    return (*COMMANDS, *own, keys_group(context, keystore))
