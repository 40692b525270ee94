"""Every location message that came in, whether a call was there for it or not."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "location_messages",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("usable", sa.Boolean, nullable=False),
        sa.Column("anomalies", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_location_messages"),
    )
    op.create_index("ix_location_messages_at", "location_messages", ["at"])
