"""The tables of the accounts, in the same store as the calls and in the same chain of migrations.

They stand here because no other room knows of people; `evaluation` only carries their migration. Types are
those that SQLite and PostgreSQL share; instants are milliseconds since 1970-01-01 UTC.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("operator", Text, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("totp_secret", Text),
    Column("totp_step", BigInteger),
    Column("made_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)
Index(None, sessions.c.account)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("secret_hash", Text, nullable=False, unique=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
)
Index(None, tokens.c.account)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("whose", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

access_log = Table(
    "access_log",
    metadata,
    # SQLite counts up by itself in a column of type INTEGER only; AUTOINCREMENT never gives a number again.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("deed", Text, nullable=False),
    Column("who", Text),
    Column("address", Text),
    Column("call_id", Text),
    Column("account", Text),
    Column("detail", Text),
    sqlite_autoincrement=True,
)
Index(None, access_log.c.at)
Index(None, access_log.c.call_id)
