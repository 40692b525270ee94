"""Run by alembic: applies the revisions on the connection that `schema.run_migrations` hands over."""

from alembic import context

from vagtcentral.evaluation.tables import metadata


def migrate() -> None:
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


migrate()
