"""Stores for the adapters' tests: each port's contract runs against all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdiscount_marketplace.adapters.sql import SqlOms
from support.postgres import postgresql_database, postgresql_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Give a PostgreSQL server."""
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'oms.db'}"
        return
    with postgresql_database(request.getfixturevalue("postgresql")) as url:
        yield url


@pytest.fixture
def oms(database_url: str) -> Iterator[SqlOms]:
    """Give an OMS in an empty database."""
    with SqlOms(database_url) as oms:
        yield oms
