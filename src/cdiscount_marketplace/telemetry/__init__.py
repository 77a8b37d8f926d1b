"""What the SDK does, as OpenTelemetry traces and metrics (extra `otel`)."""

from __future__ import annotations

from cdiscount_marketplace.lazy import OTEL, lazy

__getattr__ = lazy(__name__, needs=OTEL)
