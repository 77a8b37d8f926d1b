"""The admin API: JSON over HTTP that does what the methods of `Sandbox` do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any

from attrs import field, frozen
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Request, Response

from cdiscount_marketplace.octopia.bodies import is_object
from cdiscount_marketplace.sandbox import forms
from cdiscount_marketplace.sandbox.app import Route
from cdiscount_marketplace.sandbox.effects import kind_of
from cdiscount_marketplace.sandbox.faults import Fault, read_fault
from cdiscount_marketplace.sandbox.forms import BadForm
from cdiscount_marketplace.sandbox.generator import OrderSpec
from cdiscount_marketplace.sandbox.quirks import Quirk
from cdiscount_marketplace.sandbox.rules import Reason, Refused
from cdiscount_marketplace.sandbox.states import check_states
from cdiscount_marketplace.sandbox.world import World

_MOST = 10_000
_View = Callable[..., Any]


@frozen(kw_only=True)
class _Advance:
    seconds: float = field()

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.seconds <= timedelta(days=3650).total_seconds():
            raise ValueError("seconds: a clock moves forward only, and ten years at most at once")


@frozen(kw_only=True)
class _Fill:
    count: int = field()

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.count <= _MOST:
            raise ValueError(f"count: give 1 to {_MOST}")


@frozen(kw_only=True)
class _Cancel:
    rows: tuple[int, ...] | None = None


@frozen(kw_only=True)
class _Quirks:
    quirks: tuple[Quirk, ...] = ()


def routes(world: World) -> list[Route]:
    """Return the admin API's routing table."""
    admin = _Admin(world)
    table: Sequence[tuple[str, str, _View]] = (
        ("GET", "/admin/orders", admin.list_orders),
        ("POST", "/admin/orders", admin.place),
        ("POST", "/admin/orders/fill", admin.fill),
        ("GET", "/admin/orders/<everything:number>", admin.show),
        ("GET", "/admin/orders/<everything:number>/applied", admin.applied),
        ("POST", "/admin/orders/<everything:number>/pay", admin.pay),
        ("POST", "/admin/orders/<everything:number>/refuse-payment", admin.refuse_payment),
        ("POST", "/admin/orders/<everything:number>/cancel", admin.cancel),
        ("PUT", "/admin/orders/<everything:number>/quirks", admin.set_quirks),
        ("GET", "/admin/clock", admin.clock),
        ("POST", "/admin/clock", admin.advance),
        ("POST", "/admin/tokens/expire", admin.expire_tokens),
        ("GET", "/admin/faults", admin.faults),
        ("POST", "/admin/faults", admin.inject),
        ("DELETE", "/admin/faults", admin.clear_faults),
        ("GET", "/admin/faults/log", admin.fault_log),
        ("GET", "/admin/calls", admin.calls),
        ("GET", "/admin/settings", admin.settings),
        ("PATCH", "/admin/settings", admin.change_settings),
    )
    return [Route(path, (method,), _as_json(view)) for method, path, view in table]


def _as_json(view: _View) -> _View:
    @wraps(view)
    def answer(request: Request, **arguments: str) -> Response:
        try:
            return _json(view(request, **arguments))
        except (BadForm, HTTPException) as error:
            status = error.code or 400 if isinstance(error, HTTPException) else 400
            text = error.description if isinstance(error, HTTPException) else str(error)
            return _json({"error": text}, status)
        except Refused as refused:
            return _json({"error": str(refused)}, 404 if refused.reason == Reason.UNKNOWN_ORDER else 409)

    return answer


def _json(value: object, status: int = 200) -> Response:
    text = json.dumps(forms.dump(value), indent=2)
    return Response(f"{text}\n", status=status, content_type="application/json; charset=utf-8")


def _body(request: Request) -> Mapping[str, Any]:
    data = request.get_data()
    try:
        value: Any = json.loads(data) if data else {}
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is not JSON") from error
    if not is_object(value):
        raise BadRequest("the body is not a JSON object")
    return value


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_MOST))):
        raise BadForm(f"limit: give 0 to {_MOST}")
    return min(int(text), _MOST)


def _states(names: Sequence[str]) -> Sequence[str]:
    try:
        check_states(names)
    except ValueError as error:
        raise BadForm(f"state: {error}") from error
    return names


def _show_fault(fault: Fault) -> Mapping[str, Any]:
    targeting = {"on": fault.on, "skip": fault.skip, "times": fault.times, "chance": fault.chance}
    return {"kind": kind_of(fault.effect), **targeting, **forms.dump(fault.effect)}


@frozen
class _Admin:
    world: World

    def list_orders(self, request: Request) -> object:
        limit = _limit(request.args.get("limit", "100"))
        orders = self.world.orders(*_states(request.args.getlist("state")))
        return {"total": len(orders), "orders": orders[::-1][:limit]}

    def place(self, request: Request) -> object:
        return self.world.place(forms.read(OrderSpec, _body(request)))

    def fill(self, request: Request) -> object:
        placed = self.world.fill(forms.read(_Fill, _body(request)).count)
        return {"numbers": [order.number for order in placed]}

    def show(self, _request: Request, number: str) -> object:
        return self.world.order(number)

    def applied(self, _request: Request, number: str) -> object:
        return self.world.applied(number)

    def pay(self, _request: Request, number: str) -> object:
        return self.world.pay(number)

    def refuse_payment(self, _request: Request, number: str) -> object:
        return self.world.refuse_payment(number)

    def cancel(self, request: Request, number: str) -> object:
        return self.world.cancel_as_customer(number, forms.read(_Cancel, _body(request)).rows)

    def set_quirks(self, request: Request, number: str) -> object:
        return self.world.set_quirks(number, *forms.read(_Quirks, _body(request)).quirks)

    def clock(self, _request: Request) -> object:
        return {"now": self.world.clock.now(), "live": self.world.clock.live}

    def advance(self, request: Request) -> object:
        try:
            self.world.advance(timedelta(seconds=forms.read(_Advance, _body(request)).seconds))
        except ValueError as error:
            raise BadForm(f"seconds: {error}") from error
        return self.clock(request)

    def expire_tokens(self, _request: Request) -> object:
        return {"expired": self.world.expire_tokens()}

    def faults(self, _request: Request) -> object:
        return [_show_fault(fault) for fault in self.world.faults.armed]

    def inject(self, request: Request) -> object:
        fault = read_fault(_body(request))
        try:
            self.world.inject(fault)
        except ValueError as error:
            raise BadForm(str(error)) from error
        return _show_fault(fault)

    def clear_faults(self, _request: Request) -> object:
        self.world.faults.clear()
        return []

    def fault_log(self, _request: Request) -> object:
        return self.world.faults.log

    def calls(self, request: Request) -> object:
        return self.world.calls(request.args.get("operation"))

    def settings(self, _request: Request) -> object:
        return self.world.settings

    def change_settings(self, request: Request) -> object:
        self.world.settings = forms.update(self.world.settings, _body(request))
        return self.world.settings
