"""The tables of the store: `journal`, the truth, `calls`, which is derived from it, and location messages.

Types are those that SQLite and PostgreSQL share. Instants are milliseconds since 1970-01-01 UTC, durations
are seconds, and columns that hold a list or an object hold it as JSON text. The migrations create these
tables; a test holds that both agree.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text

HEAD = "0006"  #: the store version that this program writes: the newest revision in `migrations/versions`

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

calls = Table(
    "calls",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("service", Text),
    Column("caller", Text),
    Column("menu", Text),
    Column("menu_sha256", Text),
    Column("atlas_sha256", Text),
    Column("data", Text),
    Column("language", Text),
    Column("node", Text),
    Column("arrived_at", BigInteger),
    Column("answered_at", BigInteger),
    Column("left_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("waiting_since", BigInteger),
    Column("talking_since", BigInteger),
    Column("keys", Text, nullable=False),
    Column("keys_connected", Text, nullable=False),
    Column("position", Text),
    Column("position_source", Text),
    Column("radius_95_m", Float),
    Column("radius_model", Text),
    Column("location_age_s", Float),
    Column("evidence", Text, nullable=False),
    Column("municipality", Text),
    Column("municipality_name", Text),
    Column("municipality_probability", Float),
    Column("municipality_distance_m", Float),
    Column("district", Text),
    Column("district_name", Text),
    Column("district_probability", Float),
    Column("district_distance_m", Float),
    Column("districts", Text, nullable=False),
    Column("location_action", Text),
    Column("location_reason", Text),
    Column("destination", Text),
    Column("destination_node", Text),
    Column("destination_district", Text),
    Column("onward", Text),
    Column("destinations", Text, nullable=False),
    Column("operator", Text),
    Column("operators", Text, nullable=False),
    Column("waited_s", Float, nullable=False),
    Column("talked_s", Float, nullable=False),
    Column("outcome", Text),
    Column("transfers", Integer, nullable=False),
    Column("unnecessary_transfers", Integer, nullable=False),
    Column("anomalies", Text, nullable=False),
    Column("failures", Text, nullable=False),
    Column("recordings", Text, nullable=False),
    Column("answers", Text, nullable=False),
    Column("note", Text),
    Column("registration", Text),
    Column("wrongly_routed", Boolean, nullable=False),
    Column("transfer_reasons", Text, nullable=False),
    Column("last_seq", Integer, nullable=False),
)
Index(None, calls.c.arrived_at)
Index(None, calls.c.caller, calls.c.arrived_at)

journal = Table(
    "journal",
    metadata,
    Column("call_id", Text, ForeignKey("calls.call_id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("event_kind", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("commands", Text, nullable=False),
)

location_messages = Table(
    "location_messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("form", Text, nullable=False),
    Column("number", Text),
    Column("content", Text, nullable=False),
    Column("usable", Boolean, nullable=False),
    Column("anomalies", Text, nullable=False),
    Column("call_id", Text),  # no foreign key: a message may be here before the first turn of its call is
)
Index(None, location_messages.c.at)
