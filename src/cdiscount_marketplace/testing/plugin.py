"""Fixtures for your own tests: a Cdiscount in your process, or over HTTP, and clients that talk to it.

pytest finds this plugin by itself once `cdiscount-marketplace[testing]` is installed. Everything heavy is imported
when a fixture is used. Override `cdiscount_settings` or `cdiscount_seed` to change what all others build upon.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import requests

    from cdiscount_marketplace.octopia.client import OctopiaClient
    from cdiscount_marketplace.sandbox import Sandbox, SandboxServer, Settings
    from cdiscount_marketplace.soap.client import MarketplaceClient


@pytest.fixture
def cdiscount_settings() -> Settings:
    """Give the sandbox's switches; override it to set others."""
    from cdiscount_marketplace.sandbox import Settings

    return Settings()


@pytest.fixture
def cdiscount_seed() -> int:
    """Give the seed of orders, tokens and faults; override it to draw others."""
    return 0


@pytest.fixture
def cdiscount_sandbox(cdiscount_settings: Settings, cdiscount_seed: int) -> Sandbox:
    """Give an empty sandbox in this process, whose clock stands still until it is moved."""
    from cdiscount_marketplace.sandbox import Sandbox

    return Sandbox(seed=cdiscount_seed, settings=cdiscount_settings)


@pytest.fixture
def cdiscount_session(cdiscount_sandbox: Sandbox) -> Iterator[requests.Session]:
    """Give a `requests.Session` that reaches `cdiscount_sandbox`, and nothing else, without a socket."""
    with cdiscount_sandbox.session() as session:
        yield session


@pytest.fixture
def cdiscount_client(cdiscount_sandbox: Sandbox) -> Iterator[MarketplaceClient]:
    """Give a client that talks to `cdiscount_sandbox` without a socket."""
    with cdiscount_sandbox.client() as client:
        yield client


@pytest.fixture
def cdiscount_octopia_client(cdiscount_sandbox: Sandbox) -> Iterator[OctopiaClient]:
    """Give an Octopia client that talks to `cdiscount_sandbox` without a socket."""
    with cdiscount_sandbox.octopia_client() as client:
        yield client


@pytest.fixture
def cdiscount_server(cdiscount_sandbox: Sandbox) -> Iterator[SandboxServer]:
    """Serve `cdiscount_sandbox` over HTTP on a free port of the loopback interface."""
    from cdiscount_marketplace.sandbox import SandboxServer

    with SandboxServer(cdiscount_sandbox) as server:
        yield server


@pytest.fixture
def cdiscount_http_client(cdiscount_server: SandboxServer) -> Iterator[MarketplaceClient]:
    """Give a client that talks to `cdiscount_server` over HTTP."""
    with cdiscount_server.client() as client:
        yield client


@pytest.fixture
def cdiscount_environment(cdiscount_server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> SandboxServer:
    """Serve `cdiscount_sandbox` over HTTP, and set the variables that both clients' `from_env()` read."""
    for name, value in cdiscount_server.environment.items():
        monkeypatch.setenv(name, value)
    return cdiscount_server
