"""A column in the table of mails that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail", sa.Column("relay", sa.String(length=64), nullable=True))
    op.execute("UPDATE mail SET relay = 'first'")
