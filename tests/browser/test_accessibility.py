"""Every screen is for everyone: no violation that axe-core knows, light and dark, phone and desktop, by keyboard."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from browser.conftest import Shop
from cdiscount_marketplace.oms import OfferPusher
from cdiscount_marketplace.oms.ports import JobName, JobRun
from support.browser import DESKTOP, PHONE, Window, lost_controls, overflowing, violations
from support.model_channel import ModelMarket
from support.offer_market import OfferMarket, OfferModelChannel
from web.conftest import WAITING, now

pytestmark = pytest.mark.slow
SCREENS = {
    "accounts": "",
    "account": "account?account=shop&done=quarantine-retry",
    "orders": "orders?account=shop",
    "order": "order?account=shop&number={order}",
    "order-with-customer": "order?account=shop&number={order}&personal=1",
    "quarantine": "quarantine?account=shop",
    "entry": "entry?account=shop&key={held}&at={at}&personal=1",
    "shipments": "tasks?account=shop&kind=shipments",
    "refunds": "tasks?account=shop&kind=refunds",
    "decisions": "tasks?account=shop&kind=decisions",
    "offers": "offers?account=shop",
}


@pytest.fixture
def screens(shop: Shop) -> dict[str, str]:
    """Give the address of each screen of a shop that has something of everything."""
    office = shop.office
    order, held = office.place(lines=2), office.sandbox.place(state=WAITING).number
    office.refuses.add(held)
    office.pull()
    office.queue(order)
    office.give_back(order)
    channel = OfferModelChannel(ModelMarket(office.sandbox.clock), shop=OfferMarket(office.sandbox.clock))
    OfferPusher(channel, office.oms, account="shop").put("LAMP-1", price=Decimal(12), quantity=3)
    failed = JobRun(account="shop", job=JobName.IMPORT, started_at=now(), ended_at=now(), error="LoginRefused: no")
    office.registry.record_run(failed)
    assert office.oms.acquire("shop", "ship", "worker-7", timedelta(minutes=5))
    [entry] = office.oms.page_quarantine("shop", limit=1)
    at = entry.first_seen.isoformat().replace("+", "%2B")
    return {name: shop.link(path.format(order=order, held=held, at=at)) for name, path in SCREENS.items()}


def test_axe_finds_no_violation(coloured: Window, screens: dict[str, str]) -> None:
    found = {}
    for name, url in screens.items():
        coloured.open(url)
        coloured.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        for size in (PHONE, DESKTOP):
            coloured.page.set_viewport_size(size)
            found[name, size["width"]] = violations(coloured.page)
    assert {where: what for where, what in found.items() if what} == {}
    assert coloured.strangers == []


def test_no_screen_is_wider_than_a_phone(tab: Window, screens: dict[str, str]) -> None:
    tab.page.set_viewport_size(PHONE)
    wide = {}
    for name, url in screens.items():
        tab.open(url)
        wide[name] = overflowing(tab.page)
    assert {name: what for name, what in wide.items() if what} == {}


def test_tab_reaches_every_control_and_shows_where_it_is(tab: Window, screens: dict[str, str]) -> None:
    lost = {}
    for name, url in screens.items():
        tab.open(url)
        lost[name] = lost_controls(tab.page)
    assert {name: what for name, what in lost.items() if what} == {}
