"""The shelf of policies: those that ship, and those that an agency put into its own folder."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring_service import policies
from scoring_service.domain.policy import Policy
from scoring_service.domain.tally import mismatches
from scoring_service.usecases.rules import questionnaire_of
from shared.errors import Problem, Refused, conflict, invalid, missing

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Frozen:
    """A policy as a round keeps it: whatever happens to the file, this text decides."""

    version: int
    digest: str
    text: str


@dataclass(frozen=True, slots=True)
class OnShelf:
    """One policy of the list. ``problem`` says why it cannot be used, None when it can."""

    id: str
    version: int | None
    title: dict[str, str]
    regime: str | None
    digest: str | None
    own: bool
    problem: str | None


class Shelf:
    """Policies by id. The agency's folder (``CERMIN_DATA_DIR/policies``) adds ids, never replaces a shipped one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thawed: dict[str, Policy] = {}

    def text(self, policy_id: str) -> str:
        """The text of a policy file; raises ``Refused`` (missing) with the ids there are."""
        if policy_id in policies.shipped():
            return policies.text_of(policy_id).decode()
        path = self._folder / f"{policy_id}.toml"
        if not _ID.fullmatch(policy_id) or not path.is_file():
            known = ", ".join(self.ids())
            raise missing("policy_unknown", f"There is no policy {policy_id[:64]!r}. There are: {known}.")
        try:
            return path.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            raise missing("policy_unreadable", f"Cannot read {path.name}: {type(error).__name__}.") from None

    def ids(self) -> Sequence[str]:
        """All ids, sorted."""
        own = {path.stem for path in self._folder.glob("*.toml") if _ID.fullmatch(path.stem)}
        return sorted(own | set(policies.shipped()))

    def find(self, policy_id: str) -> Policy:
        """A policy ready for use; raises ``Refused`` with every fault."""
        policy = policies.load(self.text(policy_id), policy_id)
        if policy.id != policy_id:
            fault = Problem("id", f"says {policy.id!r}; name file and policy alike")
            raise invalid("policy_invalid", f"The policy {policy_id} cannot be used.", [fault])
        return policy

    def all(self) -> Sequence[OnShelf]:
        """Every policy, those that cannot be used with the reason."""
        return [self._listed(policy_id) for policy_id in self.ids()]

    def freeze(self, policy_id: str, questionnaire: Any, threshold: int) -> Frozen:
        """The policy for a round with this questionnaire summary and threshold; raises ``Refused`` when unfit."""
        policy = self.find(policy_id)
        found = [Problem("questionnaire", fault) for fault in mismatches(questionnaire_of(questionnaire), policy)]
        if threshold < policy.raters.threshold:
            found.append(
                Problem("threshold", f"is {threshold}; the policy needs at least {policy.raters.threshold}")
            )
        if found:
            raise invalid("policy_unfit", f"The policy {policy_id} does not fit this round.", found)
        return Frozen(policy.version, policy.digest, self.text(policy_id))

    def thaw(self, row: Any) -> Policy:
        """The policy that a round (its row) was launched with. Raises ``Refused`` for a round without one."""
        if row.policy_text is None:
            raise conflict("round_broken", f"This round has no usable policy: {row.problem_detail}")
        if row.policy_digest not in self._thawed:
            self._thawed[row.policy_digest] = policies.load(row.policy_text, row.policy)
        return self._thawed[row.policy_digest]

    def _listed(self, policy_id: str) -> OnShelf:
        own = policy_id not in policies.shipped()
        try:
            policy = self.find(policy_id)
        except Refused as refusal:
            faults = "; ".join(f"{part.where}: {part.message}" for part in refusal.problems)
            return OnShelf(policy_id, None, {}, None, None, own, f"{refusal.detail} {faults}".strip())
        return OnShelf(policy_id, policy.version, dict(policy.title), policy.regime, policy.digest, own, None)
