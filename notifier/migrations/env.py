"""Alembic environment of the notifier."""

from notifier.tables import NOTIFIER
from shared.migrate import environment

environment(NOTIFIER)
