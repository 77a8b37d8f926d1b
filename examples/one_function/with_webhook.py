"""Orders posted to a webhook of the company's."""

from __future__ import annotations

import json
import os

import requests

from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms import Change, Company, order_to_json


def receive(account: str, order: SalesOrder, change: Change, company: Company | None) -> None:
    """Post the order; anything but a success leaves it in the quarantine, to be tried again."""
    event = {"account": account, "kind": change.kind, "order": json.loads(order_to_json(order))}
    # The same for each repetition, so that the receiver can tell one.
    once = {"Idempotency-Key": f"{account}:{order.number}:{change.digest}"}
    requests.post(os.environ["ORDERS_WEBHOOK"], json=event, headers=once, timeout=10).raise_for_status()
