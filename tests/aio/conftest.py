"""A sandbox over HTTP, and a gate in front of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cdiscount_marketplace.sandbox import Sandbox, SandboxServer
from support.gate import Gate


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open()


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(seed=1)


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[SandboxServer]:
    with SandboxServer(sandbox) as server:
        yield server
