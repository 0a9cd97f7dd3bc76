"""The receipts of a closed round: what a rater can find the own one in, long after the ballots are gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.errors import missing
from survey_service.tables import receipt_list, round_

_BYTES = 32


@dataclass(frozen=True, slots=True)
class Receipts:
    """``hashes``: SHA-256 of every ballot that was handed over, ascending; ``root``: the Merkle root over them."""

    round_name: str
    root: str
    hashes: tuple[str, ...]


def keep(session: Session, round_id: UUID, leaves: Iterable[bytes]) -> None:
    """Keep the hashes of all ballots of a round, sorted over the round and so without regard to ratees."""
    session.execute(receipt_list.insert().values(round_id=round_id, hashes=b"".join(sorted(leaves))))


def published(session: Session, round_id: UUID) -> Receipts:
    """The list of a round that is closed and handed over. Raises ``Refused`` (no_receipts) for any other."""
    query = sa.select(round_.c.name, round_.c.merkle_root, receipt_list.c.hashes).join(
        receipt_list, receipt_list.c.round_id == round_.c.id
    )
    row = session.execute(query.where(round_.c.id == round_id)).first()
    if row is None:
        raise missing("no_receipts", "There is no list of receipts here: the round is unknown or not closed yet.")
    found = tuple(row.hashes[at : at + _BYTES].hex() for at in range(0, len(row.hashes), _BYTES))
    return Receipts(row.name, row.merkle_root, found)
