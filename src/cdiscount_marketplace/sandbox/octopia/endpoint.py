"""Octopia's seller API: routes a request, checks who asks, answers in JSON."""

from __future__ import annotations

from urllib.parse import parse_qsl

from attrs import evolve, frozen
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from cdiscount_marketplace.sandbox.effects import QuotaReached, SnakeCase
from cdiscount_marketplace.sandbox.exchange import Answer, Incoming
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.market import Market
from cdiscount_marketplace.sandbox.octopia.asked import Asked
from cdiscount_marketplace.sandbox.octopia.errors import Problem, json_answer, problem_answer
from cdiscount_marketplace.sandbox.octopia.handlers import HANDLERS, SELLER_ID
from cdiscount_marketplace.sandbox.octopia.invoices import UPLOADS
from cdiscount_marketplace.sandbox.octopia.spelling import in_snake_case
from cdiscount_marketplace.sandbox.quirks import damaged
from cdiscount_marketplace.sandbox.quota import Quota
from cdiscount_marketplace.sandbox.tokens import TokenDenied, TokenRegistry

API_PATH = "/seller/v2"
_GATEWAY_404 = {"message": "no Route matched with those values"}


@frozen(kw_only=True)
class OctopiaEndpoint:
    """Answers the seller API under `/seller/v2`. Thread-safe."""

    market: Market
    tokens: TokenRegistry
    quota: Quota
    protocol: str = "octopia"

    def name(self, request: Incoming) -> str:
        """Name the operation by method and path, such as `POST /orders/{orderId}/shipments`; "?" for none."""
        route = _find(request)
        return "?" if route is None else route[0]

    def answer(self, request: Incoming, effects: Effects) -> Answer:
        """Carry out a request; whatever is wrong with it becomes problem details, as from the service."""
        try:
            return self._answer(request, effects)
        except Problem as problem:
            return problem_answer(problem, request.path)

    def server_fault(self, text: str | None = None) -> Answer:
        """Return an internal error."""
        return problem_answer(Problem(500, text), API_PATH)

    def _answer(self, request: Incoming, effects: Effects) -> Answer:
        route = _find(request)
        if route is None:
            return json_answer(_GATEWAY_404, status=404)
        name, parts = route
        login = self._authorize(request, name)
        if "json" not in request.headers.get("accept", "json") and "*" not in request.headers.get("accept", ""):
            raise Problem(406)
        if request.method in ("POST", "PATCH") and not _has_known_content(request, name):
            raise Problem(415)
        limit = self.market.orders.settings.quota_per_hour
        if self.quota.exceeded(name, self.market.orders.now(), limit) or effects.has(QuotaReached):
            return evolve(problem_answer(Problem(429), request.path), headers=(("Retry-After", self._next_hour()),))
        asked = Asked(
            market=self.market,
            effects=effects,
            path=request.path,
            query=dict(parse_qsl(request.query)),
            parts=parts,
            headers=request.headers,
            body=request.body,
        )
        reply = HANDLERS[name](asked)
        body = in_snake_case(reply.body) if effects.has(SnakeCase) else reply.body
        return evolve(reply, body=damaged(body), login=login, order_numbers=_numbers(asked))

    def _authorize(self, request: Incoming, operation: str) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            owner = self.tokens.check(token.strip() if scheme.lower() == "bearer" else "", at=request.received)
        except TokenDenied:
            raise Problem(401) from None
        if request.headers.get("sellerid") != SELLER_ID or operation in owner.forbidden:
            raise Problem(403, "The seller is not linked to this client.")
        return owner.login

    def _next_hour(self) -> str:
        now = self.market.orders.now()
        return str(3600 - now.minute * 60 - now.second)


def _has_known_content(request: Incoming, operation: str) -> bool:
    kind = request.headers.get("content-type", "")
    return "multipart/form-data" in kind if operation in UPLOADS else "json" in kind


def _rule(operation: str) -> Rule:
    method, _, path = operation.partition(" ")
    return Rule(path.replace("{", "<").replace("}", ">"), methods=[method], endpoint=operation)


_ROUTES = Map(map(_rule, HANDLERS), merge_slashes=False).bind("")


def _find(request: Incoming) -> tuple[str, tuple[str, ...]] | None:
    """Return the name of an operation and the variable parts of its path."""
    try:
        operation, parts = _ROUTES.match(request.path.removeprefix(API_PATH), method=request.method)
    except HTTPException:
        return None
    return operation, tuple(parts.values())


def _numbers(asked: Asked) -> tuple[str, ...]:
    number = asked.book.number_of(asked.parts[0]) if asked.parts else None
    return (number,) if number else ()
