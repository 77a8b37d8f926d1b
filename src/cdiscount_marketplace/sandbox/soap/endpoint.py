"""The SOAP service: routes a request to its operation, checks its token, and answers in the service's own shapes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from cdiscount_marketplace.sandbox.effects import Contradict, MissingElements, QuotaReached, UnknownElements
from cdiscount_marketplace.sandbox.exchange import Answer, Incoming
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.market import Market
from cdiscount_marketplace.sandbox.quirks import damaged
from cdiscount_marketplace.sandbox.quota import Quota
from cdiscount_marketplace.sandbox.settings import SuccessMessage
from cdiscount_marketplace.sandbox.soap.asked import Asked, Reply
from cdiscount_marketplace.sandbox.soap.envelope import Malformed, Node, parse
from cdiscount_marketplace.sandbox.soap.handlers import HANDLERS
from cdiscount_marketplace.sandbox.soap.listing import Broken
from cdiscount_marketplace.sandbox.soap.render import Style, envelope, fault
from cdiscount_marketplace.sandbox.soap.requests import Undeserializable, Values, read_part
from cdiscount_marketplace.sandbox.tokens import Account, TokenDenied, TokenRegistry, not_authorized
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.declare import CDISCOUNT
from cdiscount_marketplace.soap.common import Error, ErrorType, ServiceBaseMessage
from cdiscount_marketplace.soap.header import HeaderMessage
from cdiscount_marketplace.soap.operations import HEADER_PART, Operation

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_XML_TYPES = ("text/xml", "application/xml")
_BY_NAME: Mapping[str, Operation[Any]] = {operation.name: operation for operation in OPERATIONS}
# The operations whose answers do not say who asked.
_ANONYMOUS = frozenset(
    {
        "GenerateDiscussionMailGuid",
        "GetDiscussionMailList",
        "GetProductListByIdentifier",
        "GetSellerIndicators",
        "GetExternalOrderStatus",
        "GetProductStockList",
    }
)
# The operations whose answers do not repeat the token.
_WITHOUT_TOKEN = _ANONYMOUS | {"GetOfferQuestionList", "GetOrderClaimList", "GetOrderQuestionList"}
# The operations whose answers say nil where others say nothing.
_NIL_MESSAGE = frozenset(
    {"GetOfferListPaginated", "GetOfferPackageSubmissionResult", "SubmitOfferPackage", "GetProductListByIdentifier"}
)
_ACTION = (
    "The message with Action '{action}' cannot be processed at the receiver, due to a ContractFilter mismatch at the "
    "EndpointDispatcher. This may be because of either a contract mismatch (mismatched Actions between sender and "
    "receiver) or a binding/security mismatch between the sender and the receiver.  Check that sender and receiver "
    "have the same contract and the same binding (including security requirements, e.g. Message, Transport, None)."
)
_BODY = (
    "Error in deserializing body of request message for operation '{operation}'. OperationFormatter encountered an "
    "invalid Message body. Expected to find node type 'Element' with name '{operation}' and namespace '{expected}'. "
    "Found node type 'Element' with name '{name}' and namespace '{namespace}'"
)
_INTERNAL = (
    "The server was unable to process the request due to an internal error.  For more information about the error, "
    "either turn on IncludeExceptionDetailInFaults (either from ServiceBehaviorAttribute or from the <serviceDebug> "
    "configuration behavior) on the server in order to send the exception information back to the client, or turn on "
    "tracing as per the Microsoft .NET Framework SDK documentation and inspect the server trace logs."
)
_QUOTA = "Le quota d'appels de la méthode {operation} est dépassé."


class _Rejected(Exception):
    """The request ends in this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@frozen(kw_only=True)
class SoapEndpoint:
    """Answers SOAP 1.1 requests. Thread-safe."""

    market: Market
    tokens: TokenRegistry
    quota: Quota
    protocol: str = "soap"

    def name(self, request: Incoming) -> str:
        """Name the operation by SOAPAction, else by the element in the body; "?" if both are unknown."""
        named = _action(request).rpartition("/")[2]
        if named in _BY_NAME:
            return named
        try:
            return _body_element(parse(request.body)).local
        except (Malformed, _Rejected):
            return "?"

    def answer(self, request: Incoming, effects: Effects) -> Answer:
        """Carry out a request; whatever is wrong with it becomes a fault or an HTTP error, as from the service."""
        try:
            return self._answer(request, effects)
        except _Rejected as rejected:
            return rejected.answer
        except Broken as broken:
            return self.server_fault(broken.text)

    def server_fault(self, text: str | None = None) -> Answer:
        """Return an InternalServiceFault."""
        return _fault("a:InternalServiceFault", _INTERNAL if text is None else text)

    def _answer(self, request: Incoming, effects: Effects) -> Answer:
        root = _parse(request)
        body = _body_element(root)
        operation = _route(_action(request), body)
        if self.market.orders.settings.token_before_body:
            self._authorize(_token_of(body), operation, request.received)
        header, parts = _read(operation, body)
        token = header.one("Security").text("TokenId")
        account = self._authorize(token, operation, request.received)
        reply = self._handle(operation, Asked(market=self.market, effects=effects, account=account, parts=parts))
        style = self._style(operation, effects, token)
        result = self._with_head(reply, operation, account, effects)
        return Answer(
            body=damaged(envelope(operation.name, result, style)),
            ran=True,
            login=account.login,
            order_numbers=reply.order_numbers,
        )

    def _authorize(self, token: str, operation: Operation[Any], at: datetime | None) -> Account:
        try:
            account = self.tokens.check(token, at=at)
        except TokenDenied as denied:
            raise _Rejected(_fault("s:RequestTokenValidationError", str(denied))) from denied
        if operation.name in account.forbidden:
            raise _Rejected(_fault("s:RequestTokenValidationError", not_authorized(token, operation.action)))
        return account

    def _handle(self, operation: Operation[Any], asked: Asked) -> Reply:
        limit = self.market.orders.settings.quota_per_hour
        over = self.quota.exceeded(operation.name, self.market.orders.now(), limit) or asked.effects.has(QuotaReached)
        if not over:
            return HANDLERS[operation.name](asked)
        text = _QUOTA.format(operation=operation.name)
        error = Error(error_type=ErrorType.QUOTA, message=text)
        # One result has no list of errors.
        listed: dict[str, Any] = {"errors": (error,)} if issubclass(operation.result, ServiceBaseMessage) else {}
        return Reply(operation.result(**listed), message=text, success=False)

    def _with_head(self, reply: Reply, operation: Operation[Any], account: Account, effects: Effects) -> Any:
        contradict = effects.find(Contradict)
        nil = operation.name in _NIL_MESSAGE or self.market.orders.settings.success_message is SuccessMessage.NIL
        nothing = None if nil else ""
        result: Any = evolve(
            reply.result,
            error_message=contradict.message if contradict else reply.message or nothing,
            operation_success=contradict.success if contradict else reply.success,
        )
        if not issubclass(operation.result, ServiceBaseMessage):
            return result
        errors = (Error(error_type=ErrorType(reply.code), message=reply.message),) if reply.code else result.errors
        return evolve(result, errors=errors, seller_login=None if operation.name in _ANONYMOUS else account.login)

    def _style(self, operation: Operation[Any], effects: Effects, token: str) -> Style:
        return Style(
            zone=ZoneInfo(self.market.orders.settings.zone),
            unknown_elements=effects.has(UnknownElements),
            omit_nil=effects.has(MissingElements),
            dropped={"TokenId": None if operation.name in _WITHOUT_TOKEN else token},
        )


def _action(request: Incoming) -> str:
    return request.headers.get("soapaction", "").strip().strip('"')


def _parse(request: Incoming) -> Node:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type and content_type not in _XML_TYPES:
        raise _Rejected(Answer(status=415, content_type="text/plain", body=b"Unsupported Media Type"))
    try:
        return parse(request.body)
    except Malformed as error:
        raise _Rejected(Answer(status=400, content_type="text/plain", body=b"Bad Request")) from error


def _body_element(root: Node) -> Node:
    body = root.child("Body")
    if root.name != f"{{{_SOAP}}}Envelope" or body is None or not body.children:
        raise _Rejected(Answer(status=400, content_type="text/plain", body=b"Bad Request"))
    return body.children[0]


def _route(action: str, body: Node) -> Operation[Any]:
    named = next((operation for operation in OPERATIONS if operation.action == action), None)
    operation = named or (None if action else _BY_NAME.get(body.local))
    if operation is None:
        raise _Rejected(_fault("a:ActionNotSupported", _ACTION.format(action=action)))
    if body.name != operation.tag:
        names = {"expected": CDISCOUNT, "name": body.local, "namespace": body.namespace}
        raise _Rejected(_fault("a:DeserializationFailed", _BODY.format(operation=operation.name, **names)))
    return operation


def _read(operation: Operation[Any], body: Node) -> tuple[Values, Mapping[str, Values]]:
    try:
        header = read_part(HeaderMessage, HEADER_PART, body.child(HEADER_PART))
        parts = {part.name: read_part(part.type, part.name, body.child(part.name)) for part in operation.parts}
    except Undeserializable as error:
        raise _Rejected(_fault("a:DeserializationFailed", str(error))) from error
    return header, parts


def _token_of(body: Node) -> str:
    token = body.walk(HEADER_PART, "Security", "TokenId")
    return token.text if token is not None else ""


def _fault(code: str, text: str) -> Answer:
    return Answer(status=500, body=fault(code, text))
