"""A shop with its sandbox and its operator's page, both served, and a browser in front of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.errors import Unmappable
from cdiscount_marketplace.oms import ShipmentPusher
from cdiscount_marketplace.sandbox import Sandbox, SandboxServer
from cdiscount_marketplace.web import operator_app
from support.browser import Window, chromium, window
from support.serving import served
from web.conftest import Office


@define
class Shop:
    """What a company runs: `url` is its operator's page, `sandbox_url` its marketplace."""

    office: Office
    url: str
    sandbox_url: str

    def link(self, path: str) -> str:
        """Return the address of a screen of the operator's page."""
        return f"{self.url}/{path}"


# Not for the whole session: Playwright keeps an event loop running, and tests of asyncio want theirs.
@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Give a running browser."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def tab(browser: Any) -> Iterator[Window]:
    """Give a tab that has not asked another host for anything when the test ends."""
    with window(browser) as tab:
        yield tab
        assert tab.strangers == []


@pytest.fixture(params=["light", "dark"])
def coloured(browser: Any, request: pytest.FixtureRequest) -> Iterator[Window]:
    """Give a tab of each colour scheme."""
    with window(browser, scheme=request.param) as tab:
        yield tab


@pytest.fixture
def shop(tmp_path: Path, browser: Any) -> Iterator[Shop]:
    """Give a shop with nothing in it."""
    url = f"sqlite:///{tmp_path / 'oms.db'}"
    refuses: set[str] = set()

    def receive(_account: str, order: Any, *_: object) -> None:
        if order.number in refuses:
            raise Unmappable("not in the catalogue: add the SKU there")

    with (
        SqlOms(url, receive=receive) as oms,
        SqlAccountRegistry(url) as registry,
        SandboxServer(Sandbox(seed=4)) as marketplace,
    ):
        oms.ensure_open()
        office = Office(oms, registry, marketplace.sandbox, refuses)
        app = operator_app(
            oms,
            who=lambda _environ: "anna",
            may_write=lambda _who: True,
            show_personal=True,
            runs=registry,
            retry_quarantine=lambda _account: office.importer().retry_quarantine(),
            allowed_hosts=(),
        )
        with served(app) as address:
            yield Shop(office, address, marketplace.url)


def push(shop: Shop) -> None:
    """Send what is queued."""
    ShipmentPusher(SoapChannel(shop.office.sandbox.client()), shop.office.oms, account="shop").run()


def focus(tab: Window, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(100):
        tab.page.keyboard.press("Tab")
        if tab.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached by Tab")
