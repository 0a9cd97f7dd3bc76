"""What the scoring service adds to the ``cermin`` command."""

from collections.abc import Sequence

from click import Command

from scoring_service.commands.appraisal import COMMANDS, appraise
from scoring_service.commands.keys import keys_group
from scoring_service.commands.scores import provenance_command, replay_command, scores_command
from shared.keystore import KeyStore
from shared.service import Context

__all__ = ["COMMANDS", "appraise", "of"]


def of(context: Context, keystore: KeyStore) -> Sequence[Command]:
    """The commands on this context's database."""
    own = [build(context) for build in (scores_command, provenance_command, replay_command)]
    return (*COMMANDS, *own, keys_group(context, keystore))
