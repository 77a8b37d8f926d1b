"""How a run ends: the ways that are no failure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import frozen

from cdiscount_marketplace.errors import CheckpointConflict, QuotaExceeded
from cdiscount_marketplace.oms.reports import Ending


class StopRequested(Exception):
    """The run was asked to stop; raised between orders and before requests, and never leaves a job."""


class LimitReached(Exception):
    """The run has made as many requests as one run may; raised before the next one, and never leaves a job."""


@frozen
class StopReason:
    """How a run ended, and when an exhausted quota resets."""

    by: Ending
    retry_at: datetime | None = None


def run_to_end(work: Callable[[], None]) -> StopReason:
    """Do the work and return how it ended; failures are raised."""
    try:
        work()
    except QuotaExceeded as error:
        return StopReason(Ending.QUOTA, error.retry_at)
    except StopRequested:
        return StopReason(Ending.STOPPED)
    except LimitReached:
        return StopReason(Ending.LIMIT)
    except CheckpointConflict:
        return StopReason(Ending.CHECKPOINT_MOVED)
    return StopReason(Ending.DONE)
