"""What the scoring service adds to the ``cermin`` command."""

from collections.abc import Sequence

from click import Command

from scoring_service.commands.appraisal import COMMANDS, appraise
from scoring_service.commands.keys import keys_group
from scoring_service.commands.scores import replay_command, scores_command
from shared.keystore import KeyStore
from shared.service import Context

__all__ = ["COMMANDS", "appraise", "of"]


def of(context: Context, keystore: KeyStore) -> Sequence[Command]:
    """The commands on this context's database."""
    return (*COMMANDS, scores_command(context), replay_command(context), keys_group(context, keystore))
