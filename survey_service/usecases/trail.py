"""Names for the audit trail: accounts and rounds."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_service.tables import round_
from survey_service.usecases.accounts import names_of, uuids


def names(session: Session, mentioned: Sequence[str]) -> Mapping[str, str]:
    """Names of the accounts and rounds that are mentioned by id."""
    rows = session.execute(sa.select(round_.c.id, round_.c.name).where(round_.c.id.in_(uuids(mentioned))))
    return names_of(session, mentioned) | {str(row.id): row.name for row in rows}
