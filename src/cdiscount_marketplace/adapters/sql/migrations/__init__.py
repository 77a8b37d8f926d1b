"""The steps from one version of the schema to the next, each written out and never changed once it is released.

Alembic makes the changes. The version stands in our own table `meta`, so that a caller's Alembic, with its table
`alembic_version`, is not disturbed.
"""

from __future__ import annotations

from collections.abc import Callable

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from cdiscount_marketplace.adapters.sql.migrations import v1, v2, v3, v4, v5, v6, v7, v8

STEPS: tuple[Callable[[Operations], None], ...] = (
    v1.upgrade,
    v2.upgrade,
    v3.upgrade,
    v4.upgrade,
    v5.upgrade,
    v6.upgrade,
    v7.upgrade,
    v8.upgrade,
)
"""The first makes version 1, the schema of release 0.1.0, in an empty database; each further one the next version."""


def upgrade(connection: Connection, version: int) -> None:
    """Bring the schema from a version (0: nothing is there) to the newest, within the caller's transaction."""
    operations = Operations(MigrationContext.configure(connection))
    for step in STEPS[version:]:
        step(operations)
