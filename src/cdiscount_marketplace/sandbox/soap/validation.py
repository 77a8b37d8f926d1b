"""ValidateOrderList: what a seller asks for each order, carried out one by one, and the service's verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from attrs import evolve, frozen

from cdiscount_marketplace.sandbox.book import OrderBook
from cdiscount_marketplace.sandbox.carriers import is_listed, tracking_problem
from cdiscount_marketplace.sandbox.effects import KeepStamps, LeaveLine, OmitResult, RejectOrder
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.generator import FEE_CODES
from cdiscount_marketplace.sandbox.orders import Line, Order, Tracking
from cdiscount_marketplace.sandbox.rules import LineRefusal, Reason, Refused, Wish, check_target, line_refusals
from cdiscount_marketplace.sandbox.settings import LineErrors, Settings, UnlistedLine
from cdiscount_marketplace.sandbox.soap.requests import Values
from cdiscount_marketplace.sandbox.states import LineState, State
from cdiscount_marketplace.soap.common import Error, ErrorType
from cdiscount_marketplace.soap.orders.validation import ValidateOrderLineResult, ValidateOrderResult

_TYPES: Mapping[Reason, ErrorType] = MappingProxyType(
    {
        Reason.UNKNOWN_ORDER: ErrorType.ORDER_NOT_FOUND,
        Reason.HIDDEN_ORDER: ErrorType.ORDER_UPDATE_NOT_AUTHORIZED,
        Reason.FORBIDDEN_STATE: ErrorType.ORDER_STATE_INCOHERENT,
        Reason.NOT_SHIPPED_BY_SELLER: ErrorType.ORDER_UPDATE_NOT_AUTHORIZED,
        Reason.UNKNOWN_LINE: ErrorType.ORDER_LINE_NOT_FOUND,
        Reason.LINE_STATE: ErrorType.ORDER_LINE_INCOHERENT_STATE,
        Reason.LINE_CANCELLED: ErrorType.ORDER_LINE_CANCELLED_ACCEPTED_CONFLICT,
        Reason.LINE_MISSING: ErrorType.ORDER_LINE_INCOHERENT_STATE,
        Reason.NOTHING_LEFT: ErrorType.ORDER_LINE_ERROR,
        Reason.TRACKING: ErrorType.ORDER_TRACKING_INFORMATION_ERROR,
    }
)
_TEXTS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.UNKNOWN_ORDER: 'La commande "{number}" n\'a pas été trouvée.',
        Reason.FORBIDDEN_STATE: 'Le passage à l\'état {target} est impossible à ce stade de la commande "{number}".',
        Reason.HIDDEN_ORDER: 'La mise à jour de la commande "{number}" n\'est pas autorisée.',
        Reason.NOT_SHIPPED_BY_SELLER: 'La mise à jour de la commande "{number}" n\'est pas autorisée.',
        Reason.NOTHING_LEFT: 'Aucune ligne de la commande "{number}" ne permet le passage à l\'état {target}.',
        Reason.UNKNOWN_LINE: 'La ligne "{reference}" n\'existe pas dans la commande "{number}".',
        Reason.LINE_STATE: 'L\'état demandé pour la ligne "{reference}" est incohérent.',
        Reason.LINE_CANCELLED: 'La ligne "{reference}" est annulée, ou son annulation est demandée.',
        Reason.LINE_MISSING: 'La ligne "{reference}" de la commande "{number}" est absente de la demande.',
    }
)
_UNLISTED_CARRIER = "Le transporteur n'est pas référencé."


@frozen(kw_only=True)
class LineRequest:
    """What is asked for one line."""

    reference: str
    sku: str
    state: LineState


@frozen(kw_only=True)
class Request:
    """What is asked for one order."""

    number: str
    target: State
    lines: tuple[LineRequest, ...]
    tracking: Tracking | None


@frozen(kw_only=True)
class OrderProcessor:
    """Carries out the requests of one call, order by order: one that is refused stops no other."""

    book: OrderBook
    settings: Settings
    effects: Effects

    def validate(self, values: Values) -> tuple[ValidateOrderResult, ...]:
        """Carry out a whole call and return a verdict on each order."""
        requests = read_requests(values)
        results = tuple(self._validate_one(request, position) for position, request in enumerate(requests))
        return results[1:] if self.effects.has(OmitResult) else results

    def _validate_one(self, request: Request, position: int) -> ValidateOrderResult:
        reject = self.effects.find(RejectOrder)
        if reject and request.number == (reject.number or request.number) and (reject.number or position == 0):
            return _verdict(request, Error(error_type=ErrorType(reject.error_type), message=reject.message))
        settings = self.settings.quietly() if self.effects.has(KeepStamps) else self.settings
        try:
            if self.effects.has(LeaveLine) and position == 0:
                return self._leave_first_line(request, settings)
            return self._carry_out(request, settings)
        except Refused as refused:
            return _refused(request, refused)

    def _carry_out(self, request: Request, settings: Settings) -> ValidateOrderResult:
        order = self.book.reach(request.number)
        move = check_target(order, request.target)
        _check_tracking(request, settings)
        wish = Wish(target=move.target, lines=_by_row(order, request), tracking=request.tracking)
        refusals = (*_unknown_lines(order, request), *line_refusals(order, move, wish, settings))
        if refusals and settings.line_errors is LineErrors.REJECT_ORDER:
            raise Refused(refusals[0].reason, lines=refusals)
        self._apply(request, _without(wish, refusals), settings if not refusals else _tolerant(settings))
        return _success(request, refusals)

    def _leave_first_line(self, request: Request, settings: Settings) -> ValidateOrderResult:
        order = self.book.reach(request.number)
        check_target(order, request.target)
        wish = Wish(target=request.target, lines=_by_row(order, request), tracking=request.tracking)
        if not wish.lines:
            return self._carry_out(request, settings)
        left = next(line for line in order.lines if line.row in wish.lines)
        first = LineRefusal(reference=left.reference or left.product_id, reason=Reason.LINE_STATE, row=left.row)
        if len(wish.lines) > 1:
            self._apply(request, _without(wish, (first,)), _tolerant(settings))
        return _success(request, (first,))

    def _apply(self, request: Request, wish: Wish, settings: Settings) -> None:
        self.book.apply(request.number, wish, settings=settings)


def read_requests(values: Values) -> tuple[Request, ...]:
    """Return what a call asks, order by order."""
    return tuple(_read(item) for item in values.many("OrderList"))


def message(results: Sequence[ValidateOrderResult], join: str) -> str:
    """Return the answer's ErrorMessage: the refused orders' errors, each after its order's number."""
    return join.join(f"{result.order_number} error: {error.message}" for result in results for error in result.errors)


def _read(item: Values) -> Request:
    tracking = Tracking(carrier=item.get("CarrierName"), number=item.get("TrackingNumber"), url=item.get("TrackingUrl"))
    # An absent enumeration is its first member, as in .NET.
    target = State(item.text("OrderState") or State.CANCELLED)
    return Request(
        number=item.text("OrderNumber"),
        target=target,
        lines=tuple(_read_line(line) for line in item.many("OrderLineList")),
        tracking=tracking if target == State.SHIPPED else None,
    )


def _read_line(line: Values) -> LineRequest:
    state = LineState(line.text("AcceptationState") or LineState.NONE)
    return LineRequest(reference=line.text("SellerProductId"), sku=line.text("Sku"), state=state)


def _lines_of(order: Order, line: LineRequest) -> tuple[Line, ...]:
    candidates = order.find_lines(line.reference or line.sku)
    exact = tuple(candidate for candidate in candidates if candidate.product_id == line.sku)
    return exact or candidates


def _by_row(order: Order, request: Request) -> Mapping[int, LineState]:
    """Give each line its state: a reference that comes as often as it is shared means the lines one by one."""
    rows: dict[int, LineState] = {}
    for line in request.lines:
        meant = _lines_of(order, line)
        fresh = [candidate.row for candidate in meant if candidate.row not in rows]
        several = sum(other.reference == line.reference and other.sku == line.sku for other in request.lines) > 1
        rows.update(dict.fromkeys(fresh[:1] if several else fresh, line.state))
    return rows


def _unknown_lines(order: Order, request: Request) -> tuple[LineRefusal, ...]:
    unknown = (line for line in request.lines if not _lines_of(order, line) and line.reference not in FEE_CODES)
    return tuple(LineRefusal(reference=line.reference or line.sku, reason=Reason.UNKNOWN_LINE) for line in unknown)


def _check_tracking(request: Request, settings: Settings) -> None:
    problem = request.tracking and tracking_problem(request.tracking, strict=settings.strict_tracking)
    if problem:
        raise Refused(Reason.TRACKING, problem)


def _without(wish: Wish, refusals: Sequence[LineRefusal]) -> Wish:
    rows = {refusal.row for refusal in refusals}
    return evolve(wish, lines={row: state for row, state in wish.lines.items() if row not in rows})


def _tolerant(settings: Settings) -> Settings:
    return evolve(settings, unlisted_line=UnlistedLine.IGNORE)


def _refused(request: Request, refused: Refused) -> ValidateOrderResult:
    first = refused.lines[0].reference if refused.lines else ""
    error = _error(request, refused.reason, first)
    if refused.reason == Reason.TRACKING:
        error = Error(error_type=_TYPES[refused.reason], message=refused.message)
    lines = _line_results(request, refused.lines, applied=False) if refused.lines else ()
    return _verdict(request, error, lines)


def _verdict(request: Request, error: Error, lines: tuple[ValidateOrderLineResult, ...] = ()) -> ValidateOrderResult:
    return ValidateOrderResult(
        errors=(error,), order_number=request.number, validate_order_line_results=lines, validated=False
    )


def _success(request: Request, refusals: Sequence[LineRefusal]) -> ValidateOrderResult:
    listed = request.tracking is None or is_listed(request.tracking)
    warning = Error(error_type=ErrorType.ORDER_TRACKING_INFORMATION_ERROR, message=_UNLISTED_CARRIER)
    return ValidateOrderResult(
        order_number=request.number,
        validate_order_line_results=_line_results(request, refusals, applied=True),
        validated=True,
        warnings=() if listed else (warning,),
    )


def _line_results(
    request: Request, refusals: Sequence[LineRefusal], *, applied: bool
) -> tuple[ValidateOrderLineResult, ...]:
    reasons = {refusal.reference: refusal.reason for refusal in refusals}
    references = (line.reference or line.sku for line in request.lines)
    return tuple(
        ValidateOrderLineResult(
            errors=(_error(request, reasons[reference], reference),) if reference in reasons else (),
            seller_product_id=reference,
            updated=applied and reference not in reasons,
        )
        for reference in references
    )


def _error(request: Request, reason: Reason, reference: str) -> Error:
    text = _TEXTS.get(reason, "").format(number=request.number, target=request.target, reference=reference)
    return Error(error_type=_TYPES[reason], message=text)
