"""Bring the database of the settings to the newest version: `alembic upgrade head`."""

from __future__ import annotations

from alembic import context

from shop.database import connect
from shop.models import Base
from shop.settings import Settings

address = context.config.get_main_option("sqlalchemy.url") or Settings.from_env().database
engine = connect(address)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
