"""A store in a fresh database, and a local Cdiscount over HTTP."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from cdiscount_marketplace.sandbox import Sandbox, SandboxServer, VirtualClock
from cdiscount_marketplace.sandbox import Settings as Switches
from shop.api import create_app
from shop.database import Database, connect
from shop.jobs import make_runner
from shop.models import Base
from shop.settings import Settings
from shop.store import ShopStore

TOKEN = "tests"
PARCEL = {"carrier": "Colissimo", "tracking_number": "6A12345678901"}
Work = Callable[[], None]
ROOT = Path(__file__).parent.parent


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Give a database that was made by the migrations: an SQLite file, or what `OMS_TEST_DATABASE` names."""
    address = os.environ.get("OMS_TEST_DATABASE") or f"sqlite:///{tmp_path / 'oms.db'}"
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", address.replace("%", "%%"))
    command.upgrade(config, "head")
    engine = connect(address)
    yield engine
    with engine.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> ShopStore:
    """Give an empty store that several threads may use."""
    return ShopStore(Database(engine))


@pytest.fixture
def cdiscount_sandbox() -> Sandbox:
    """Give a sandbox that is two hours late, so that a test can move it without leaving the jobs' present behind."""
    start = datetime.now(UTC) - timedelta(hours=2)
    return Sandbox(clock=VirtualClock(start), settings=Switches(octopia_write_delay=timedelta(0)))


@pytest.fixture(params=["soap", "octopia"])
def settings(request: pytest.FixtureRequest, engine: Engine) -> Settings:
    """Run a test through each of the two APIs."""
    return Settings(
        database=engine.url.render_as_string(hide_password=False),
        channel=request.param,
        start_from=datetime.now(UTC) - timedelta(days=1),
        api_token=TOKEN,
    )


@pytest.fixture
def marketplace(cdiscount_environment: SandboxServer) -> Sandbox:
    """Give the marketplace that the jobs reach: a sandbox without orders."""
    return cdiscount_environment.sandbox


@pytest.fixture
def work(settings: Settings, store: ShopStore) -> Work:
    """Give a worker's turn: each job once."""

    def run() -> None:
        for result in make_runner(settings, store).run_once():
            assert result.error is None, result.error

    return run


@pytest.fixture
def api(settings: Settings, marketplace: Sandbox) -> Iterator[TestClient]:
    """Give a client that may call the API."""
    with TestClient(create_app(settings), headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client
