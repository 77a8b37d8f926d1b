"""Databases for the adapters' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cdiscount_marketplace.adapters.sql import SqlOms
from support.postgres import postgresql_schema, postgresql_server


@pytest.fixture(scope="session")
def postgresql_server_url() -> Iterator[str]:
    """Give a PostgreSQL server."""
    with postgresql_server() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server_url: str) -> Iterator[str]:
    """Give an empty schema in PostgreSQL."""
    with postgresql_schema(postgresql_server_url) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'oms.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give an empty database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def oms(database_url: str) -> Iterator[SqlOms]:
    """Give an OMS in an empty database of each kind."""
    with SqlOms(database_url) as oms:
        yield oms
