"""A vendor's fleet: sellers that each have a marketplace of their own, one registry, one OMS."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from attrs import define, evolve, field

from cdiscount_marketplace.adapters.memory import MemoryAccountRegistry, MemoryOms
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.fleet import AccountRunner, Fleet
from cdiscount_marketplace.oms.ports import Account, NamedCredentials
from cdiscount_marketplace.sandbox import Sandbox, VirtualClock


@define
class Vendor:
    """Sellers by name, and what the fleet needs."""

    clock: VirtualClock = field(factory=VirtualClock)
    registry: MemoryAccountRegistry = field(factory=MemoryAccountRegistry)
    sellers: dict[str, Sandbox] = field(factory=dict)
    opened: list[str] = field(factory=list)
    closed: list[str] = field(factory=list)
    secrets: dict[str, dict[str, str]] = field(factory=dict)
    oms: MemoryOms = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.oms = MemoryOms(clock=self.clock)

    def add(self, name: str, channel: str = "soap", **settings: Any) -> Sandbox:
        """Add a seller with an account in the registry."""
        sandbox = self.sellers[name] = Sandbox(clock=self.clock)
        self.secrets[name] = {"CDISCOUNT_USERNAME": name, "CDISCOUNT_PASSWORD": "first"}
        start = self.clock.now() - timedelta(days=1)
        credentials = NamedCredentials(name=name)
        self.registry.save_account(
            Account(**{"name": name, "channel": channel, "credentials": credentials, "start_from": start, **settings})
        )
        return sandbox

    def change(self, name: str, **settings: Any) -> None:
        """Change an account."""
        account = self.registry.find_account(name)
        assert account is not None
        self.registry.save_account(evolve(account, **settings))

    @contextmanager
    def open(self, account: Account, variables: Mapping[str, str]) -> Generator[SalesChannel]:
        """Open the seller's own marketplace."""
        sandbox = self.sellers[account.name]
        self.opened.append(f"{account.name}:{variables['CDISCOUNT_PASSWORD']}")
        if account.channel == "octopia":
            with sandbox.octopia_client() as octopia:
                yield OctopiaChannel(octopia)
        else:
            with sandbox.client() as soap:
                yield SoapChannel(soap)
        self.closed.append(account.name)

    def options(self) -> dict[str, Any]:
        """Return the options of a fleet."""
        return {"resolver": self.secrets.__getitem__, "open_channel": self.open, "clock": self.clock}

    def fleet(self, **options: Any) -> Fleet:
        """Return a fleet."""
        return Fleet(self.registry, self.oms, **self.options(), **options)

    def runner(self, **options: Any) -> AccountRunner:
        """Return a runner."""
        return AccountRunner(self.registry, self.oms, **self.options(), **options)


@pytest.fixture
def vendor() -> Vendor:
    """Give a vendor without sellers."""
    return Vendor()
