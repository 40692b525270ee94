"""What the operator registers, and why calls were sent on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("calls") as calls:
        calls.add_column(sa.Column("registration", sa.Text))
        calls.add_column(sa.Column("wrongly_routed", sa.Boolean, nullable=False, server_default=sa.false()))
        calls.add_column(sa.Column("transfer_reasons", sa.Text, nullable=False, server_default="[]"))
