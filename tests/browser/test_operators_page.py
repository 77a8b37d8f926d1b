"""The operator's page in a real browser: the work of a day, by mouse and by keyboard."""

from __future__ import annotations

import pytest

from browser.conftest import Shop, focus, push
from cdiscount_marketplace.oms.ports import TaskState
from support.browser import Window
from web.conftest import WAITING

pytestmark = pytest.mark.slow


def act(tab: Window, verb: str, reason: str) -> None:
    """Say why, and press the button, in the form that is shown."""
    form = tab.page.locator("form", has=tab.page.get_by_role("button", name=verb))
    form.get_by_label("Why").fill(reason)
    form.get_by_role("button", name=verb).click()


def test_an_order_is_seen_from_the_empty_store_to_its_shipment(shop: Shop, tab: Window) -> None:
    tab.open(shop.url)
    assert "nothing was pulled yet" in tab.text
    number = shop.office.place()
    tab.page.reload()
    tab.follow("shop")
    tab.follow("Orders")
    tab.follow(number)
    assert "waiting_shipment" in tab.text
    shop.office.queue(number)
    tab.page.reload()
    assert "pending" in tab.text
    push(shop)
    shop.office.pull()
    tab.page.reload()
    assert "confirmed" in tab.text
    assert "UPS 1Z" in tab.text
    assert len(shop.office.sandbox.shipped(number)) == 1


def test_a_quarantined_order_is_fixed_and_tried_again_with_a_reason(shop: Shop, tab: Window) -> None:
    number = shop.office.sandbox.place(state=WAITING).number
    shop.office.refuses.add(number)
    shop.office.pull()
    tab.open(shop.url)
    tab.follow("shop")
    tab.follow("Quarantine")
    assert "not in the catalogue" in tab.text
    tab.follow(number)
    assert "add the SKU there" in tab.text
    tab.follow("Quarantine")
    shop.office.refuses.clear()
    act(tab, "Retry", "added the SKU")
    assert "Done: the quarantined orders were tried again." in tab.page.get_by_role("status").inner_text()
    assert "0 orders could not be stored" in tab.text
    tab.follow("Orders")
    tab.follow(number)
    assert "waiting_shipment" in tab.text


def test_an_action_without_a_reason_is_not_sent(shop: Shop, tab: Window) -> None:
    number = shop.office.place()
    shop.office.queue(number)
    tab.open(shop.link("tasks?account=shop&kind=shipments"))
    tab.page.get_by_text(f"Act on {number}").click()
    act(tab, "Cancel", "")
    assert tab.page.url.endswith("kind=shipments")
    act(tab, "Cancel", "lost in the warehouse")
    assert f"Done: the shipment of {number} is cancelled." in tab.page.get_by_role("status").inner_text()
    [row] = shop.office.oms.find_shipments("shop", number)
    assert row.task.state == TaskState.CANCELLED
    record = shop.office.oms.show_order("shop", number)
    assert record is not None
    assert "cancelled by anna: lost in the warehouse" in {each.detail for each in record.history}


def test_the_actions_are_in_sight_on_a_phone(shop: Shop, tab: Window) -> None:
    shop.office.queue(shop.office.place())
    tab.page.set_viewport_size({"width": 360, "height": 640})
    tab.open(shop.link("tasks?account=shop&kind=shipments"))
    box = tab.page.get_by_text("Act on").bounding_box()
    assert box["x"] + box["width"] <= 360


def test_an_order_is_found_and_a_shipment_cancelled_by_keyboard_alone(shop: Shop, tab: Window) -> None:
    number = shop.office.place()
    shop.office.queue(number)
    tab.open(shop.link("orders?account=shop"))
    focus(tab, "input[name=number]")
    tab.page.keyboard.type(number)
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("heading", name=f"Order {number}").wait_for()
    focus(tab, "summary")
    tab.page.keyboard.press("Enter")
    focus(tab, "input[name=reason]")
    tab.page.keyboard.type("ordered twice")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("status").wait_for()
    [row] = shop.office.oms.find_shipments("shop", number)
    assert row.task.state == TaskState.CANCELLED
