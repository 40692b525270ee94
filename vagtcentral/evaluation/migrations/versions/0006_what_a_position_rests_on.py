"""Which geometry and tables were in force, and what the position counted for, with its evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("calls") as calls:
        calls.add_column(sa.Column("data", sa.Text))
        calls.add_column(sa.Column("radius_95_m", sa.Float))
        calls.add_column(sa.Column("radius_model", sa.Text))
        calls.add_column(sa.Column("location_age_s", sa.Float))
        calls.add_column(sa.Column("evidence", sa.Text, nullable=False, server_default="[]"))
