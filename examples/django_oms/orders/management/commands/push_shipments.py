"""`manage.py push_shipments`: run it every few minutes."""

from __future__ import annotations

from typing import Any

from cdiscount_marketplace.channels import SalesChannel
from cdiscount_marketplace.oms import ShipmentPusher
from orders.jobs import pusher
from orders.management.job import TaskCommand


class Command(TaskCommand):
    """Report the shipments that are queued."""

    help = "Report queued shipments, and find out what became of unanswered ones."

    def make_job(self, channel: SalesChannel, **_: Any) -> ShipmentPusher:
        """Return the job."""
        return pusher(channel)
