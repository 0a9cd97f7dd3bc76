"""Alembic environment of the scoring service."""

from scoring_service.tables import SCORING
from shared.audit import AUDIT
from shared.migrate import environment
from shared.web.access import ACCESS

environment(SCORING, ACCESS, AUDIT)
