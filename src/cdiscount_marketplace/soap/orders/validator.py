"""Send decisions in chunks; what happens to one chunk never hides what became of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar, cast

from attrs import frozen

from cdiscount_marketplace.errors import (
    CdiscountError,
    ConfigurationError,
    InvalidRequest,
    Problem,
)
from cdiscount_marketplace.failures import is_account_wide, write_outcome
from cdiscount_marketplace.soap.common import ResultStatus
from cdiscount_marketplace.soap.messages import check
from cdiscount_marketplace.soap.orders.reports import (
    OrderResult,
    ValidationReport,
    raise_for_unknown,
    read_results,
    same_for_all,
)
from cdiscount_marketplace.soap.orders.validation import VALIDATE_ORDER_LIST, ValidateOrder, ValidateOrderListMessage
from cdiscount_marketplace.soap.service import Service, failure_of

T = TypeVar("T")

_STATUS = {"not_run": ResultStatus.NOT_RUN, "unknown": ResultStatus.UNKNOWN}


@frozen(kw_only=True)
class Validator:
    """Send decisions about orders, `size` of them in one request. Thread-safe."""

    service: Service
    size: int

    def run(self, orders: Sequence[ValidateOrder]) -> ValidationReport:
        """Send all decisions and return what became of each.

        Raises `OutcomeUnknown`, with the report, if any outcome is unknown; and what kept the first decisions from
        being sent, if provably none of all was.
        """
        _reject_others(orders)
        ensure_matchable(orders)
        check(VALIDATE_ORDER_LIST, ValidateOrderListMessage(orders=tuple(orders)))
        results: list[OrderResult] = []
        failures: list[Exception] = []
        for chunk in chunks(orders, self.size):
            results += self._attempt(chunk, failures, is_first=not results)
        report = ValidationReport(results=tuple(results))
        unsent = report.numbers(ResultStatus.NOT_RUN)
        if failures and isinstance(failures[0], CdiscountError) and len(unsent) == len(orders):
            raise failures[0].about(order_numbers=unsent)
        raise_for_unknown(report, next(filter(_hides, failures), None))
        return report

    def _attempt(
        self, chunk: Sequence[ValidateOrder], failures: list[Exception], *, is_first: bool
    ) -> tuple[OrderResult, ...]:
        if failures and not _lets_go_on(failures[-1]):
            return same_for_all(chunk, ResultStatus.NOT_RUN, f"not sent after {type(failures[-1]).__name__}")
        try:
            return self._send(chunk)
        except CdiscountError as error:
            failures.append(error)
            return same_for_all(chunk, _STATUS[write_outcome(error)], f"{type(error).__name__}: {error.message}")
        # A caller's own session may raise anything; what was answered before must not be lost by it.
        except Exception as error:
            if is_first:
                raise
            failures.append(error)
            return same_for_all(chunk, ResultStatus.UNKNOWN, type(error).__name__)

    def _send(self, chunk: Sequence[ValidateOrder]) -> tuple[OrderResult, ...]:
        message = ValidateOrderListMessage(orders=tuple(chunk))
        result = self.service.write(VALIDATE_ORDER_LIST, message).result
        failure = failure_of(VALIDATE_ORDER_LIST, result, self.service.writes.clock.now())
        # A used-up quota is counted before anything is done; any other failure without results proves nothing. Beside
        # results add nothing to them.
        if failure is not None and not result.validate_order_results:
            raise failure
        return read_results(chunk, result.validate_order_results)


def _lets_go_on(failure: Exception) -> bool:
    return isinstance(failure, CdiscountError) and not (
        is_account_wide(failure) or isinstance(failure, ConfigurationError)
    )


def _hides(failure: Exception) -> bool:
    return not isinstance(failure, CdiscountError) or write_outcome(failure) == "unknown"


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut into pieces of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _reject_others(orders: object) -> None:
    """Raise `InvalidRequest` where something else than a sequence of decisions was given."""
    decisions = cast("Sequence[object]", orders) if isinstance(orders, Sequence) else None
    if decisions is None or not all(isinstance(one, ValidateOrder) for one in decisions):
        problem = Problem("orders", "must be a list of ValidateOrder")
        raise InvalidRequest([problem], operation=VALIDATE_ORDER_LIST.name)


def ensure_matchable(orders: Sequence[ValidateOrder]) -> None:
    """Raise `InvalidRequest` for decisions whose results could not be matched: no number, or one number twice."""
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, order in enumerate(orders):
        if not order.order_number:
            problems.append(Problem(f"orders[{index}].order_number", "is required"))
        elif order.order_number in seen:
            problems.append(Problem(f"orders[{index}].order_number", f"{order.order_number} is listed twice"))
        seen.add(order.order_number or "")
    if problems:
        raise InvalidRequest(problems, operation=VALIDATE_ORDER_LIST.name)
