"""The metrics, by name and unit: what the dashboard and the alert rules read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from cdiscount_marketplace.lazy import OTEL

with OTEL.needed_by(__name__):
    from opentelemetry.metrics import Counter, Histogram, Meter

# What the semantic conventions advise for HTTP requests, and longer ones for jobs.
_REQUEST_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_SLOW_BUCKETS: Final = (*_REQUEST_BUCKETS, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)


class Gauge(Protocol):
    """An instrument of the last value; the library keeps its class private."""

    def set(self, amount: float, attributes: Mapping[str, str | int | float | bool] | None = None) -> None:
        """Take a value."""
        ...


class Instruments:
    """The instruments of one meter."""

    def __init__(self, meter: Meter) -> None:
        self.request_duration: Histogram = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_SLOW_BUCKETS,
        )
        self.job_duration: Histogram = meter.create_histogram(
            "cdiscount.job.duration",
            unit="s",
            description="Duration of runs of jobs, by outcome.",
            explicit_bucket_boundaries_advisory=_SLOW_BUCKETS,
        )
        self.last_success: Gauge = meter.create_gauge(
            "cdiscount.job.last_success", unit="s", description="When a run last succeeded, as a Unix time."
        )
        self.orders: Counter = meter.create_counter(
            "cdiscount.orders", unit="{order}", description="Orders that the importer handled, by result."
        )
        self.quarantine: Gauge = meter.create_gauge(
            "cdiscount.quarantine", unit="{order}", description="Orders that the last import could not store."
        )
        self.tasks: Counter = meter.create_counter(
            "cdiscount.tasks", unit="{task}", description="Decisions, shipments and refunds that came into a state."
        )
        self.offers: Counter = meter.create_counter(
            "cdiscount.offers", unit="{offer}", description="Offers that came into a state."
        )
        self.packages: Counter = meter.create_counter(
            "cdiscount.offers.packages", unit="{package}", description="Packages of offers that came into a state."
        )
        self.unknown: Gauge = meter.create_gauge(
            "cdiscount.tasks.unknown", unit="{task}", description="Tasks whose outcome is unknown after a run."
        )
        self.unknown_since: Gauge = meter.create_gauge(
            "cdiscount.tasks.unknown_since",
            unit="s",
            description="When the oldest task of unknown outcome was sent, as a Unix time; 0 if there is none.",
        )
        self.retries: Counter = meter.create_counter(
            "cdiscount.call.retries", unit="{retry}", description="Calls that were repeated, by reason."
        )
        self.drift: Counter = meter.create_counter(
            "cdiscount.drift", unit="{member}", description="What the service sent and this version does not know."
        )
        self.logins_blocked: Counter = meter.create_counter(
            "cdiscount.logins.blocked", unit="{login}", description="Logins that were refused and are paused."
        )
