"""What became of each order and line of a validation, whatever the flags of the answer are."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from cdiscount_marketplace.errors import DecisionsRefused, OutcomeUnknown
from cdiscount_marketplace.soap.common import Error, ResultStatus
from cdiscount_marketplace.soap.orders.validation import ValidateOrder, ValidateOrderResult


@frozen(kw_only=True)
class LineResult:
    """What became of the decision about one line."""

    reference: str | None
    updated: bool
    errors: tuple[Error, ...] = ()


@frozen(kw_only=True)
class OrderResult:
    """What became of the decision about one order; `reason` is what hid the outcome, or why it did not run."""

    order_number: str
    status: ResultStatus
    errors: tuple[Error, ...] = ()
    warnings: tuple[Error, ...] = ()
    lines: tuple[LineResult, ...] = ()
    reason: str | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The service's error types, those of the order before those of its lines."""
        errors = (*self.errors, *(error for line in self.lines for error in line.errors))
        return tuple(dict.fromkeys(str(error.error_type) for error in errors if error.error_type))

    @property
    def message(self) -> str | None:
        """The first error or message about it."""
        errors = (*self.errors, *(error for line in self.lines for error in line.errors))
        return next((error.message for error in errors if error.message), self.reason)


@frozen(kw_only=True)
class ValidationReport:
    """One result per decision, in the order in which they were given."""

    results: tuple[OrderResult, ...] = ()

    def of(self, order_number: str) -> OrderResult:
        """Return the result of one order; raises `KeyError` for an order that was not asked for."""
        for result in self.results:
            if result.order_number == order_number:
                return result
        raise KeyError(order_number)

    def numbers(self, status: ResultStatus) -> tuple[str, ...]:
        """Return the order numbers with this status."""
        return tuple(result.order_number for result in self.results if result.status == status)

    @property
    def ok(self) -> bool:
        """Whether every decision was confirmed."""
        return all(result.status == ResultStatus.CONFIRMED for result in self.results)

    def raise_for_failures(self) -> None:
        """Raise `OutcomeUnknown` if an outcome is unknown, else `DecisionsRefused` if one failed in another way."""
        raise_for_unknown(self, None)
        refused = [result for result in self.results if result.status != ResultStatus.CONFIRMED]
        if refused:
            raise DecisionsRefused(
                "not changed as asked",
                report=self,
                order_numbers=[result.order_number for result in refused],
                codes=list(dict.fromkeys(code for result in refused for code in result.codes)),
                retryable=all(result.status == ResultStatus.NOT_RUN for result in refused),
            )


def raise_for_unknown(report: ValidationReport, cause: Exception | None) -> None:
    """Raise `OutcomeUnknown` with exactly the orders whose outcome is unknown, because of `cause`."""
    unknown = report.numbers(ResultStatus.UNKNOWN)
    if unknown:
        raise OutcomeUnknown(
            "these orders may or may not have been changed",
            report=report,
            operation="ValidateOrderList",
            order_numbers=unknown,
        ) from cause


def read_results(sent: Sequence[ValidateOrder], answered: Sequence[ValidateOrderResult]) -> tuple[OrderResult, ...]:
    """Find the result of each order that was sent, by number and never by position."""
    by_number: dict[str, list[ValidateOrderResult]] = {}
    for result in answered:
        by_number.setdefault((result.order_number or "").strip(), []).append(result)
    return tuple(_result(order, by_number.get(str(order.order_number), [])) for order in sent)


def same_for_all(sent: Sequence[ValidateOrder], status: ResultStatus, reason: str) -> tuple[OrderResult, ...]:
    """Return the same result for all orders of a call that had no answer."""
    return tuple(OrderResult(order_number=str(order.order_number), status=status, reason=reason) for order in sent)


def _result(order: ValidateOrder, answered: list[ValidateOrderResult]) -> OrderResult:
    if not answered:
        reason = "the answer does not mention the order"
        return OrderResult(order_number=str(order.order_number), status=ResultStatus.UNKNOWN, reason=reason)
    results = [_single(order, result) for result in answered]
    if len({result.status for result in results}) == 1:
        return results[0]
    return evolve(results[0], status=ResultStatus.UNKNOWN, reason="the answer contradicts itself about the order")


def _single(order: ValidateOrder, answered: ValidateOrderResult) -> OrderResult:
    lines = tuple(
        LineResult(reference=line.seller_product_id, updated=line.updated is True, errors=line.errors)
        for line in answered.validate_order_line_results
    )
    status, reason = _verdict(answered, lines, complete=_says_all(order, lines))
    if status == ResultStatus.REJECTED and any(line.updated for line in lines):
        status, reason = ResultStatus.UNKNOWN, "the answer has Validated=false, but an updated line"
    return OrderResult(
        order_number=str(order.order_number),
        status=status,
        errors=answered.errors,
        warnings=answered.warnings,
        lines=lines,
        reason=reason,
    )


def _says_all(order: ValidateOrder, lines: tuple[LineResult, ...]) -> bool:
    """Return whether every line that was sent is marked as updated; an answer without lines covers all of them."""
    named = {line.reference for line in lines}
    sent = {line.seller_product_id for line in order.order_lines}
    return all(line.updated for line in lines) and (not named or None in named or sent <= named)


def _verdict(
    answered: ValidateOrderResult, lines: tuple[LineResult, ...], *, complete: bool
) -> tuple[ResultStatus, str | None]:
    failed = bool(answered.errors) or any(line.errors for line in lines)
    match answered.validated is True, failed, complete:
        case True, False, True:
            return ResultStatus.CONFIRMED, None
        case False, True, _:
            return ResultStatus.REJECTED, None
        case True, True, _:
            return ResultStatus.UNKNOWN, "the answer has Validated=true, but errors"
        case True, False, False:
            return ResultStatus.UNKNOWN, "the answer has Validated=true, but a line that is not updated"
        case _:
            return ResultStatus.UNKNOWN, "the answer has Validated=false without a reason"
