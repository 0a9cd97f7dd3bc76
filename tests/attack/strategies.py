"""The strategies: which order of raters is laid beside which order of ballots, and how often that is right."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.attack.evidence import Order
from tests.attack.matching import Truth, by_link, by_order


@dataclass(slots=True)
class Evidence:
    """What one copy gives an attacker who also has the round key, and so can read every ballot."""

    riddle: Truth
    raters: dict[str, Order] = field(default_factory=dict)
    ballots: dict[str, Order] = field(default_factory=dict)
    links: dict[str, dict[bytes, bytes]] = field(default_factory=dict)
    """Rater by ballot, where something ties the two together."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """Patterns of orders; the best pair counts, and the bound allows for having tried them all."""

    name: str
    copy: str
    raters: tuple[str, ...] = ()
    ballots: tuple[str, ...] = ()
    links: str = ""
    only: str = ""
    """The one deployment that has such a thing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table. ``tried`` is 0 when the copy has nothing of the kind: then it is blind guessing."""

    name: str
    copy: str
    hit: float
    chance: float
    bound: float
    tried: int

    @property
    def passed(self) -> bool:
        return self.hit <= self.bound


WATCHED = ("watched order",)
"""The strongest side knowledge: somebody noted who answered in which order."""
STORED = ("survey:*.@place",)
STRATEGIES = (
    Strategy("transactions (xmin)", "middle", ("survey:invitation.@xmin",), ("survey:*.@xmin",), only="separate"),
    Strategy("rows (ctid, rowid)", "middle", ("survey:*.@place",), STORED),
    Strategy("watched order, place in the box", "middle", WATCHED, STORED),
    Strategy("watched order, first place in files", "middle", WATCHED, ("boxes first",)),
    Strategy("watched order, last place in files", "middle", WATCHED, ("boxes last",)),
    Strategy("remnants in free pages and holes", "middle", WATCHED, ("boxes copies",)),
    Strategy("dead rows", "middle", links="old rows", only="separate"),
    Strategy("database log (WAL) after a sweep", "middle", WATCHED, ("journal *",), "journal", only="embedded"),
    Strategy("invitation ids (time in UUIDs)", "middle", ("survey:invitation.id",), STORED),
    Strategy("token digests, ballot hashes", "middle", ("survey:invitation.token_digest",), ("survey:*", "hash")),
    Strategy("letters and their updates", "middle", ("survey:letter.*",), STORED),
    Strategy("every column of every table", "middle", ("survey:*",), ("survey:*", "hash")),
    Strategy("lengths (ballot, draft, any value)", "middle", ("survey:* length",), ("length",)),
    Strategy("audit trail", "middle", ("survey:audit.*",), STORED),
    Strategy("progress that HR sees", "middle", ("progress",), STORED),
    Strategy("metrics, before and after", "middle", ("metrics",), STORED),
    Strategy("log lines", "middle", ("logs",), ("logs first", *STORED)),
    Strategy("outbox and inbox", "closed", WATCHED, ("survey:outbox.*", "survey:inbox.*", "survey:*.@place")),
    Strategy("store of the broker", "closed", WATCHED, ("broker first", "broker last", "broker copies")),
    Strategy("files after close", "closed", WATCHED, ("boxes first", "boxes copies", "rest first", "rest copies")),
    Strategy("receipts at scoring", "counted", WATCHED, ("scoring:*",)),
    Strategy("every column after the count", "counted", ("survey:*", *WATCHED), ("scoring:*", "survey:*", "hash")),
)
"""PostgreSQL keeps its log for a while, so that one stands among what is not promised."""
OUTSIDE = (
    Strategy("database log (WAL), and the key", "late", WATCHED, ("journal *",), "journal"),
    Strategy("dead rows since the last sweep, and the key", "late", links="old rows", only="separate"),
    Strategy("a copy after every answer, and the key", "late", links="copies"),
)


def apply(strategy: Strategy, evidence: Evidence) -> Finding:
    """What a strategy finds in the evidence."""
    riddle, rates = evidence.riddle, []
    for one in _matching(evidence.raters, strategy.raters):
        for other in _matching(evidence.ballots, strategy.ballots):
            rates.append(by_order(riddle, evidence.raters[one], evidence.ballots[other]))
    if evidence.links.get(strategy.links):
        rates.append(by_link(riddle, evidence.links[strategy.links]))
    hit = max(rates, default=by_order(riddle, {}, {}))
    bound = riddle.bound(tries=2 * max(len(rates), 1))
    return Finding(strategy.name, strategy.copy, hit, riddle.chance, bound, len(rates))


def _matching(orders: Mapping[str, Order], patterns: tuple[str, ...]) -> list[str]:
    return [name for name in orders if any(fnmatchcase(name, pattern) for pattern in patterns)]


def by_content(riddle: Truth) -> dict[str, Order]:
    """Orders that lie in the ballots themselves."""
    ballots = riddle.ballot_of.values()
    return {
        "hash": {ballot: hashlib.sha256(ballot).digest() for ballot in ballots},
        "length": {ballot: len(ballot) for ballot in ballots},
    }
