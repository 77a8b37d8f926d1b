"""A store in Django's test database, and a local Cdiscount over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings as DjangoSettings

from cdiscount_marketplace.sandbox import Sandbox, SandboxServer, Settings, VirtualClock
from orders.store import DjangoOms


@pytest.fixture
def store(transactional_db: None) -> DjangoOms:
    """Give an empty store that several threads may use."""
    return DjangoOms()


@pytest.fixture
def cdiscount_sandbox() -> Sandbox:
    """Give a sandbox that begins at the present: the commands know no other time."""
    return Sandbox(clock=VirtualClock(datetime.now(UTC)), settings=Settings(octopia_write_delay=timedelta(0)))


@pytest.fixture
def marketplace(
    cdiscount_environment: SandboxServer,
    transactional_db: None,
    settings: DjangoSettings,
    tmp_path: Path,
) -> Sandbox:
    """Give the marketplace that the commands reach: a sandbox without orders."""
    settings.CDISCOUNT_TOKEN_CACHE = str(tmp_path / "tokens.json")
    return cdiscount_environment.sandbox
