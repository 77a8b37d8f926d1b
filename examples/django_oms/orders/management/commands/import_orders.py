"""`manage.py import_orders`: run it every few minutes."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils.timezone import is_aware, make_aware

from cdiscount_marketplace.channels import SalesChannel
from cdiscount_marketplace.oms import ImportReport, OrderImporter
from orders.jobs import importer
from orders.management.job import JobCommand


class Command(JobCommand):
    """Import the orders that wait for shipment."""

    help = "Import the orders that wait for shipment, each once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let the first import say where it begins."""
        parser.add_argument(
            "--start-from", type=_moment, help="oldest order wanted, by its creation: the first run needs it"
        )

    def make_job(self, channel: SalesChannel, **options: Any) -> OrderImporter:
        """Return the job."""
        return importer(channel, options["start_from"])

    def show(self, report: ImportReport) -> None:
        """Write how many came in, and which of them could not be stored."""
        self.stdout.write(f"{report.imported} imported, {report.updated} updated, {report.quarantined} quarantined")
        for order in report.quarantined_orders:
            self.stderr.write(f"{order.key} is in quarantine: {order.reason}")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if is_aware(moment) else make_aware(moment)
