"""The journal and the calls derived from it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("caller", sa.Text),
        sa.Column("menu", sa.Text),
        sa.Column("menu_sha256", sa.Text),
        sa.Column("atlas_sha256", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("node", sa.Text),
        sa.Column("arrived_at", sa.BigInteger),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("left_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("waiting_since", sa.BigInteger),
        sa.Column("talking_since", sa.BigInteger),
        sa.Column("keys", sa.Text, nullable=False),
        sa.Column("keys_connected", sa.Text, nullable=False),
        sa.Column("position", sa.Text),
        sa.Column("position_source", sa.Text),
        sa.Column("municipality", sa.Text),
        sa.Column("municipality_name", sa.Text),
        sa.Column("municipality_probability", sa.Float),
        sa.Column("municipality_distance_m", sa.Float),
        sa.Column("district", sa.Text),
        sa.Column("district_name", sa.Text),
        sa.Column("district_probability", sa.Float),
        sa.Column("district_distance_m", sa.Float),
        sa.Column("districts", sa.Text, nullable=False),
        sa.Column("location_action", sa.Text),
        sa.Column("location_reason", sa.Text),
        sa.Column("destination", sa.Text),
        sa.Column("destination_node", sa.Text),
        sa.Column("destination_district", sa.Text),
        sa.Column("onward", sa.Text),
        sa.Column("destinations", sa.Text, nullable=False),
        sa.Column("operator", sa.Text),
        sa.Column("operators", sa.Text, nullable=False),
        sa.Column("waited_s", sa.Float, nullable=False),
        sa.Column("talked_s", sa.Float, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("transfers", sa.Integer, nullable=False),
        sa.Column("unnecessary_transfers", sa.Integer, nullable=False),
        sa.Column("anomalies", sa.Text, nullable=False),
        sa.Column("failures", sa.Text, nullable=False),
        sa.Column("recordings", sa.Text, nullable=False),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
    )
    op.create_index("ix_calls_arrived_at", "calls", ["arrived_at"])
    op.create_table(
        "journal",
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("event_kind", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("commands", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_journal_call_id"),
        sa.PrimaryKeyConstraint("call_id", "seq", name="pk_journal"),
    )
