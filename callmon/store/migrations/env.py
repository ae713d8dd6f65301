"""Alembic's entry: runs the migrations in the connection it is given."""

from __future__ import annotations

from alembic import context

from callmon.store import (  # noqa: F401  they join the others
    tables_access,
    tables_operations,
    tables_reviews,
    tables_search,
)
from callmon.store.tables import metadata_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata_tables,
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
