"""`manage.py accept_orders`: run it every few minutes."""

from __future__ import annotations

from typing import Any

from cdiscount_marketplace.channels import SalesChannel
from cdiscount_marketplace.oms import OrderAcceptor
from orders.jobs import acceptor
from orders.management.job import TaskCommand


class Command(TaskCommand):
    """Accept the orders that wait for acceptance."""

    help = "Accept the orders that wait for acceptance, as `ShopMapper.decide` says."

    def make_job(self, channel: SalesChannel, **_: Any) -> OrderAcceptor:
        """Return the job."""
        return acceptor(channel)
