"""The sandbox's control panel in a real browser: it places, breaks and shows, for everyone."""

from __future__ import annotations

import pytest

from browser.conftest import Shop, focus, push
from cdiscount_marketplace.sandbox import Fault
from cdiscount_marketplace.sandbox.effects import Delay
from support.browser import DESKTOP, PHONE, Window, lost_controls, overflowing, violations
from web.conftest import WAITING

pytestmark = pytest.mark.slow
SCREENS = {
    "panel": "",
    "calls": "calls",
    "call": "call?number=1",
    "faults": "faults?kind=delay",
    "switches": "switches?name=slow_beyond",
    "script": "script",
    "order": "order?number={order}",
}


def send(tab: Window, button: str, **values: str) -> None:
    """Fill the form that has this button, and press it."""
    form = tab.page.get_by_role("form", name=button, exact=True)
    for label, value in values.items():
        box = form.get_by_label(label.replace("_", " "))
        box.select_option(value) if box.evaluate("each => each.tagName") == "SELECT" else box.fill(value)
    form.get_by_role("button", name=button, exact=True).click()


@pytest.fixture
def panel(shop: Shop) -> dict[str, str]:
    """Give the address of each screen of a sandbox that was used."""
    order = shop.office.sandbox.place(state=WAITING).number
    shop.office.pull()
    shop.office.sandbox.inject(Fault(Delay(1)))
    return {name: f"{shop.sandbox_url}/{path.format(order=order)}" for name, path in SCREENS.items()}


def test_an_order_is_placed_on_the_panel_shipped_by_the_jobs_and_seen_on_both_pages(shop: Shop, tab: Window) -> None:
    tab.open(shop.url)
    assert "nothing was pulled yet" in tab.text
    tab.open(shop.sandbox_url)
    send(tab, "Place the order", State_of_the_order=WAITING)
    [number] = [order.number for order in shop.office.sandbox.orders()]
    assert number in tab.page.get_by_role("status").first.inner_text()
    send(tab, "Move the clock", How_far="10 minutes")
    shop.office.pull()
    tab.open(shop.url)
    tab.follow("shop")
    tab.follow("Orders")
    tab.follow(number)
    assert "waiting_shipment" in tab.text
    shop.office.queue(number)
    push(shop)
    tab.page.reload()
    assert "confirmed" in tab.text
    tab.open(f"{shop.sandbox_url}/order?number={number}")
    assert "UPS 1Z" in tab.text
    tab.open(f"{shop.sandbox_url}/calls")
    assert "ValidateOrderList" in tab.text


def test_calls_show_up_while_a_person_watches(shop: Shop, tab: Window) -> None:
    tab.open(f"{shop.sandbox_url}/calls")
    assert "None yet." in tab.text
    shop.office.pull()
    tab.page.get_by_text("GetOrderList").first.wait_for()


def test_a_form_shows_the_lines_that_do_what_it_says(shop: Shop, tab: Window) -> None:
    tab.open(shop.sandbox_url)
    form = tab.page.get_by_role("form", name="Place the orders")
    form.get_by_label("How many").fill("37")
    form.locator("[data-line=python]", has_text="37").wait_for()
    form.locator("[data-line=shell]", has_text="37").wait_for()


def test_the_customer_cancels_by_keyboard(shop: Shop, tab: Window) -> None:
    number = shop.office.sandbox.place().number
    tab.open(f"{shop.sandbox_url}/order?number={number}")
    focus(tab, "form[aria-label='Cancel the order'] button")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_text("CancelledByCustomer").first.wait_for()


def test_axe_finds_no_violation_on_the_panel(coloured: Window, panel: dict[str, str]) -> None:
    found = {}
    for name, url in panel.items():
        coloured.open(url)
        coloured.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        for size in (PHONE, DESKTOP):
            coloured.page.set_viewport_size(size)
            found[name, size["width"]] = violations(coloured.page)
    assert {where: what for where, what in found.items() if what} == {}
    assert coloured.strangers == []


def test_no_screen_of_the_panel_is_wider_than_a_phone(tab: Window, panel: dict[str, str]) -> None:
    tab.page.set_viewport_size(PHONE)
    wide = {}
    for name, url in panel.items():
        tab.open(url)
        wide[name] = overflowing(tab.page)
    assert {name: what for name, what in wide.items() if what} == {}


def test_tab_reaches_every_control_of_the_panel(tab: Window, panel: dict[str, str]) -> None:
    lost = {}
    for name, url in panel.items():
        tab.open(url)
        lost[name] = lost_controls(tab.page)
    assert {name: what for name, what in lost.items() if what} == {}
