"""A column in a table that others refer to, and one in a table that grows."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("round") as change:
        change.add_column(sa.Column("remark", sa.String(length=200), nullable=False, server_default=""))
        change.create_check_constraint(op.f("ck_round_remark"), "length(remark) < 200")
    with op.batch_alter_table("box") as change:
        change.add_column(sa.Column("weight", sa.Integer(), nullable=False, server_default="1"))
