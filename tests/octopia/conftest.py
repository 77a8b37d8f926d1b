"""Stores of every kind for the scenarios."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, literal

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.adapters.sql import SqlOms, leases
from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.types import Moment
from cdiscount_marketplace.clock import Clock
from support.postgres import alchemy_url, postgresql_schema, postgresql_server

NewStore = Callable[[Clock], Any]


@pytest.fixture(scope="session")
def postgresql_server_url() -> Iterator[str]:
    """Give a PostgreSQL server."""
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NewStore]:
    """Give a function that makes an empty store of the kind, which goes by a clock of the test's."""
    clocks: dict[str, Clock] = {}

    def now(session: Session, later: timedelta = timedelta(0)) -> Any:
        url = session.connection.engine.url.render_as_string(hide_password=False)
        return literal(clocks[url].now() + later, Moment)

    # Databases tell the time themselves, which no test can move.
    monkeypatch.setattr(leases, "_now", now)
    with ExitStack() as stack:
        kind: str = request.param
        server = request.getfixturevalue("postgresql_server_url") if kind == "postgresql" else ""

        def new(clock: Clock) -> Any:
            if kind == "memory":
                return MemoryOms(clock=clock)
            file = f"sqlite:///{tmp_path / f'oms{len(clocks)}.db'}"
            url = alchemy_url(file if kind == "sqlite" else stack.enter_context(postgresql_schema(server)))
            clocks[url.render_as_string(hide_password=False)] = clock
            engine = create_engine(url)
            stack.callback(engine.dispose)
            return stack.enter_context(SqlOms(engine, clock=clock))

        yield new
