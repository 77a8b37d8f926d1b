"""What the seller asked for and the marketplace keeps a list of: cancellations, refunds and commercial gestures."""

from __future__ import annotations

import threading
from datetime import datetime
from decimal import Decimal

from attrs import evolve, frozen

TAKEN, APPLIED, TURNED_DOWN = "Pending", "Accepted", "Refused"


@frozen(kw_only=True)
class MoneyRequest:
    """One request for money to go back: of the order, of the `lines` with these rows, or of an `amount` (a gesture)."""

    id: str
    number: str
    reason: str
    created_at: datetime
    updated_at: datetime
    status: str = TAKEN
    lines: tuple[int, ...] | None = None
    shipping: bool = False
    amount: Decimal | None = None


class RequestList:
    """All requests, in their order. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[str, MoneyRequest] = {}

    def add(
        self,
        number: str,
        reason: str,
        at: datetime,
        *,
        lines: tuple[int, ...] | None = None,
        shipping: bool = False,
        amount: Decimal | None = None,
    ) -> MoneyRequest:
        """Take a request; it waits to be applied."""
        with self._lock:
            prefix = "C" if amount is None else "G"
            request = MoneyRequest(
                id=f"{prefix}-{number}-{len(self._requests) + 1}",
                number=number,
                reason=reason,
                created_at=at,
                updated_at=at,
                lines=lines,
                shipping=shipping,
                amount=amount,
            )
            self._requests[request.id] = request
            return request

    def close(self, request: MoneyRequest, at: datetime, *, applied: bool) -> None:
        """Say what became of a request."""
        with self._lock:
            status = APPLIED if applied else TURNED_DOWN
            self._requests[request.id] = evolve(request, status=status, updated_at=at)

    def of(self, number: str | None = None) -> tuple[MoneyRequest, ...]:
        """Return the requests about an order, or all of them, oldest first."""
        with self._lock:
            return tuple(request for request in self._requests.values() if number in (None, request.number))
