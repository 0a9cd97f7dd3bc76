"""Everything that a later version may do to tables with rows: it adds, fills, and takes nothing away."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "round_note",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_note_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_round_note")),
    )
    with op.batch_alter_table("round") as change:  # SQLite makes this table anew, under those that refer to it
        change.add_column(sa.Column("channel", sa.String(length=8), nullable=False, server_default="mail"))
        change.create_check_constraint(op.f("ck_round_channel"), "channel IN ('mail', 'paper')")
    op.execute("INSERT INTO round_note (round_id, text) SELECT id, name FROM round")
    with op.batch_alter_table("invitation") as change:
        change.add_column(sa.Column("of_unit", sa.String(length=200), nullable=True))
        change.create_index(op.f("ix_invitation_of_unit"), ["of_unit"])
    op.execute(
        "UPDATE invitation SET of_unit = (SELECT ratee.unit FROM ratee "
        "WHERE ratee.round_id = invitation.round_id AND ratee.number = invitation.ratee)"
    )
