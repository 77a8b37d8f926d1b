"""What the three commands have in common."""

from __future__ import annotations

from typing import Any, Protocol

from django.core.management.base import BaseCommand, CommandError

from cdiscount_marketplace.channels import SalesChannel
from cdiscount_marketplace.errors import CdiscountError, LeaseBusy
from cdiscount_marketplace.oms import stop_on_signals
from orders.jobs import open_channel


class Job(Protocol):
    """One of the library's jobs."""

    def run(self) -> Any:
        """Do what there is to do."""
        ...

    def stop(self) -> None:
        """End the run between two orders."""
        ...


class JobCommand(BaseCommand):
    """Run a job once: safe to repeat, to kill, and to start twice. What a person must see goes to the error output."""

    def make_job(self, channel: SalesChannel, **options: Any) -> Job:
        """Return the job."""
        raise NotImplementedError

    def show(self, report: Any) -> None:
        """Write what the run did."""
        raise NotImplementedError

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the job; a signal ends it between two orders."""
        try:
            with open_channel() as channel:
                job = self.make_job(channel, **options)
                with stop_on_signals([job]):
                    self.show(job.run())
        except LeaseBusy as busy:
            self.stdout.write(str(busy))
        except CdiscountError as error:
            raise CommandError(str(error)) from error


class TaskCommand(JobCommand):
    """Run a job that sends what is queued."""

    def show(self, report: Any) -> None:
        """Write how many were sent, and which of them a person must check."""
        self.stdout.write(f"{report.sent} sent, {report.confirmed} confirmed, {report.unknown} unknown")
        for problem in report.problems:
            self.stderr.write(f"{problem.order_number} is {problem.state}: {problem.code} {problem.message}")
