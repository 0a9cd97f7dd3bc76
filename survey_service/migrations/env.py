"""Alembic environment of the survey service."""

from shared.audit import AUDIT
from shared.migrate import environment
from shared.web.access import ACCESS
from survey_service.tables import SURVEY

environment(SURVEY, ACCESS, AUDIT)
