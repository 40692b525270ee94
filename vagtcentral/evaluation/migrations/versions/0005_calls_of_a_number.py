"""The calls of a number are found without reading all calls."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_calls_caller", "calls", ["caller", "arrived_at"])
