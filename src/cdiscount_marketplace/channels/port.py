"""The port through which the OMS side sells: what every sales channel can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Protocol, runtime_checkable

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.models import Decision, OrderQuery, Outcome, SalesOrder, Shipment
from cdiscount_marketplace.refunds import RefundReading, RefundRequest

# How an identity begins that was made from the content of an order without a number: nobody can look it up.
DIGEST: Final = "digest:"


class OutcomeCode(OpenEnum):
    """The values of `Outcome.code` and `LineOutcome.code` that the jobs act on; any other is for people only."""

    UNREADABLE = Member("Unreadable")
    NOT_FOUND = Member("OrderNotFound")
    FORBIDDEN = Member("OrderForbidden")
    MISSING = Member("404")
    CANCELLATION_PENDING = Member("CancellationRequestPending")
    ORDER_STATE = Member("OrderStateIncoherent")
    LINE_STATE = Member("OrderLineIncoherentState")
    LINE_CONFLICT = Member("OrderLineCancelledAcceptedConflict")
    PARTIALLY_CANCELLED = Member("OrderPartiallyCanceled")
    CONFLICT = Member("409")
    BROKE = Member("UnexpectedException")


# Outcomes with these codes may be others at the next attempt: the order that was read does not show what is to be sent,
# or its customer asks to cancel it.
UNREADABLE: Final = OutcomeCode.UNREADABLE
CANCELLATION_PENDING: Final = OutcomeCode.CANCELLATION_PENDING
UNREAD: Final = frozenset({OutcomeCode.UNREADABLE, OutcomeCode.NOT_FOUND, OutcomeCode.FORBIDDEN, OutcomeCode.MISSING})
"""Codes which say that the order could not be read, so that nothing was sent: that takes longer to pass than other
failures.
"""
WRONG_STATE: Final = frozenset(
    {
        OutcomeCode.ORDER_STATE,
        OutcomeCode.LINE_STATE,
        OutcomeCode.LINE_CONFLICT,
        OutcomeCode.PARTIALLY_CANCELLED,
        OutcomeCode.CONFLICT,
    }
)
"""Codes of rejected outcomes which say that the order's state forbids the write. It may have been made before: the jobs
read the order to find out.
"""
DOUBTFUL: Final = frozenset({OutcomeCode.BROKE})
"""Codes for a service that failed on the order, before or after the change: read the order to find out."""


@runtime_checkable
class SalesChannel(Protocol):
    """A marketplace account, in the OMS side's words. Implementations are thread-safe."""

    @property
    def name(self) -> str:
        """Name the channel: "soap" or "octopia"."""
        ...

    @property
    def settle_gap(self) -> timedelta:
        """How long after an unanswered write two readings must lie apart to prove that it did not happen."""
        ...

    @property
    def write_limit(self) -> timedelta:
        """The longest that one `decide` or `ship` of up to `write_chunk` orders can take, its own readings included."""
        ...

    @property
    def write_chunk(self) -> int:
        """How many orders one write request carries; the jobs never hand over more at once."""
        ...

    def fetch(self, query: OrderQuery) -> Sequence[SalesOrder]:
        """Read all orders that match, or raise; never a part of them.

        The answer may be a `Reading`, which also has the time of the answer. Raises `TransportError`,
        `ServiceError` (`QuotaExceeded` among them), `AuthenticationError`, `NotAuthorized`.
        """
        ...

    def get(self, keys: Sequence[str]) -> Sequence[SalesOrder]:
        """Read orders by number; unknown numbers are left out.

        One order never stops the others: what concerns a single order, such as a refusal, leaves that order out. The
        answer may be a `Lookup`, which also has the reasons. Raises what concerns the account or the service.
        """
        ...

    def decide(self, decisions: Sequence[Decision]) -> Sequence[Outcome]:
        """Accept or refuse orders: one outcome per decision, in the same order. An unanswered write is an outcome.

        `OutcomeCode` lists the codes that the jobs act on.

        Raises `InvalidRequest` before any request for what the channel cannot do, and `AuthenticationError`,
        `NotAuthorized`, `QuotaExceeded` or any error marked `retryable` when nothing at all was done.
        """
        ...

    def ship(self, shipments: Sequence[Shipment]) -> Sequence[Outcome]:
        """Report shipments: one outcome per shipment, in the same order. An unanswered write is an outcome.

        Raises `InvalidRequest` before any request for what the channel would refuse, and the errors of `decide`.
        """
        ...

    def carriers(self) -> Sequence[str]:
        """List the carrier names that the marketplace knows, as it writes them."""
        ...


@runtime_checkable
class SplitShipping(Protocol):
    """A sales channel that ships some orders as a whole only; optional: without it, any order may leave in parts."""

    def may_split(self, order: SalesOrder) -> bool:
        """Return whether the lines of an order may be shipped in several parcels."""
        ...


@runtime_checkable
class RefundChannel(Protocol):
    """A sales channel through which money can be given back; optional."""

    def refund(self, request: RefundRequest) -> Outcome:
        """Give money back, once; an unanswered request is an outcome.

        What the order does not allow, such as a refund of what was not shipped or an amount above what may be given
        back, is a rejected outcome. Raises `InvalidRequest` before any request, and the errors of
        `SalesChannel.decide` when nothing at all was done. Takes no longer than `write_limit`.
        """
        ...

    def find_refunds(self, requests: Sequence[RefundRequest]) -> Sequence[RefundReading]:
        """Read what the marketplace shows of requests: one reading each, in the same order.

        An entry is found if it agrees in order, lines, reason and amount, whoever made it. Raises what concerns the
        account or the service; what concerns a single order is its reading's `failure`.
        """
        ...


@runtime_checkable
class UniqueNumbers(Protocol):
    """A sales channel on which every order has a `unique_id`; optional. One that lacks it there is damaged."""

    @property
    def unique_numbers(self) -> bool:
        """Whether every order has a number that no other order has."""
        ...


@runtime_checkable
class PagedChannel(Protocol):
    """A sales channel whose readings take several requests; optional."""

    def fetch_paged(self, query: OrderQuery, between_pages: Callable[[], None]) -> Sequence[SalesOrder]:
        """Read as `fetch` does, calling `between_pages` before each further request; its exceptions end the reading."""
        ...
