"""Alembic tree of this service."""
