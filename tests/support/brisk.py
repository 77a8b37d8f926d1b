"""A SOAP marketplace next door: limits of seconds, so that what a killed worker left open is soon resolved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import frozen

from cdiscount_marketplace.calls.http import TimeLimits
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.channels import SoapChannel

LIMITS: dict[str, Any] = {
    "timeout": TimeLimits(connect=1, read=1, write=0.5, token=0.5),
    "retry": RetryPolicy(total=0.5),
}
# Longer than the marketplace takes to apply a write, late ones included.
SETTLE_GAP = timedelta(seconds=3)
# The longest that reading and then writing through SOAP can take under these limits, a replaced token included.
WRITE_LIMIT = timedelta(seconds=8)


@frozen
class Brisk:
    """A SOAP channel under `LIMITS`."""

    inner: SoapChannel
    settle_gap: timedelta = SETTLE_GAP
    write_limit: timedelta = WRITE_LIMIT

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
