"""The admin API: JSON over HTTP that does what the methods of `Sandbox` do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from attrs import frozen
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Request, Response

from cdiscount_marketplace.octopia.bodies import is_object
from cdiscount_marketplace.sandbox import forms
from cdiscount_marketplace.sandbox.app import Route
from cdiscount_marketplace.sandbox.commands import COMMANDS, MOST, Command, show_fault
from cdiscount_marketplace.sandbox.forms import BadForm
from cdiscount_marketplace.sandbox.rules import Reason, Refused
from cdiscount_marketplace.sandbox.states import check_states
from cdiscount_marketplace.sandbox.world import World

_View = Callable[..., Any]


def routes(world: World) -> list[Route]:
    """Return the admin API's routing table."""
    admin = _Admin(world)
    table: Sequence[tuple[str, str, _View]] = (
        ("GET", "/admin/orders", admin.list_orders),
        ("GET", "/admin/orders/{key}", admin.show),
        ("GET", "/admin/orders/{key}/applied", admin.applied),
        ("GET", "/admin/orders/{key}/discussions", admin.discussions),
        ("GET", "/admin/clock", admin.clock),
        ("GET", "/admin/faults", admin.faults),
        ("GET", "/admin/faults/log", admin.fault_log),
        ("GET", "/admin/calls", admin.calls),
        ("GET", "/admin/settings", admin.settings),
        *((command.method, command.path, _runner(world, command)) for command in COMMANDS.values()),
    )
    return [Route(path.format(key="<everything:key>"), (method,), _as_json(view)) for method, path, view in table]


def _runner(world: World, command: Command) -> _View:
    def run(request: Request, key: str = "") -> object:
        return command.run(world, key, _body(request))

    return run


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
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST))):
        raise BadForm(f"limit: give 0 to {MOST}")
    return min(int(text), MOST)


def _states(names: Sequence[str]) -> Sequence[str]:
    try:
        check_states(names)
    except ValueError as error:
        raise BadForm(f"state: {error}") from error
    return names


@frozen
class _Admin:
    world: World

    def list_orders(self, request: Request) -> object:
        limit = _limit(request.args.get("limit", "100"))
        orders = self.world.orders(*_states(request.args.getlist("state")))
        return {"total": len(orders), "orders": orders[::-1][:limit]}

    def show(self, _request: Request, key: str) -> object:
        return self.world.order(key)

    def applied(self, _request: Request, key: str) -> object:
        return self.world.applied(key)

    def discussions(self, _request: Request, key: str) -> object:
        number = self.world.order(key).number
        return [each for each in self.world.discussions.all() if each.order == number]

    def clock(self, _request: Request) -> object:
        return {"now": self.world.clock.now(), "live": self.world.clock.live}

    def faults(self, _request: Request) -> object:
        return [show_fault(number, fault) for number, fault in self.world.faults.numbered.items()]

    def fault_log(self, _request: Request) -> object:
        return self.world.faults.log

    def calls(self, request: Request) -> object:
        return self.world.calls(request.args.get("operation"))

    def settings(self, _request: Request) -> object:
        return self.world.settings
