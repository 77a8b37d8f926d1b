"""What a page of the documentation may ask for with `<!-- setup: … -->`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cdiscount_marketplace.sandbox import Sandbox, SandboxServer


@pytest.fixture
def sandbox_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    """Run a Cdiscount with orders in every state, and point the environment's variables at it."""
    sandbox = Sandbox(seed=1, live=True)
    sandbox.fill(6)
    for _ in range(3):
        sandbox.place(state="WaitingForShipmentAcceptation")
    with SandboxServer(sandbox) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server
