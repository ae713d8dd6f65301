"""Alembic's entry: runs the migrations in the connection it is given."""

from __future__ import annotations

from alembic import context

from callmon.store.tables import access, operations, reviews, search  # noqa: F401  they join the others
from callmon.store.tables.base import metadata_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata_tables,
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
