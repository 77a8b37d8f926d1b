"""What each screen of the page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import getdoc
from types import MappingProxyType
from typing import Any

import attrs
from attrs import frozen
from werkzeug.exceptions import NotFound

from cdiscount_marketplace.sandbox import forms
from cdiscount_marketplace.sandbox.bodies import lay_out
from cdiscount_marketplace.sandbox.effects import EFFECTS, kind_of
from cdiscount_marketplace.sandbox.forms import BadForm
from cdiscount_marketplace.sandbox.inputs import make_input
from cdiscount_marketplace.sandbox.notes import Notes
from cdiscount_marketplace.sandbox.sheets import STATES, Sheet, find_sheet
from cdiscount_marketplace.sandbox.states import State, check_states
from cdiscount_marketplace.sandbox.traffic import Call
from cdiscount_marketplace.sandbox.world import World

_ORDERS = 100
_CALLS = 50
_LATEST = 10
_CHARACTERS = 4_000
PROTOCOLS: Mapping[str, tuple[str, ...]] = {
    "soap": ("soap", "token"),
    "octopia": ("octopia", "octopia-token"),
}


@frozen(kw_only=True)
class Asked:
    """What a screen is asked for."""

    world: World
    notes: Notes
    query: Mapping[str, str]

    def get(self, name: str) -> str:
        """Return a part of the query."""
        return self.query.get(name, "")

    def sheet(self, name: str, *, key: str = "", kind: str = "") -> Sheet:
        """Return a form."""
        return find_sheet(self.world, name, key=key, kind=kind)


@frozen(kw_only=True)
class Screen:
    """A template and what it shows."""

    template: str
    shown: Mapping[str, Any]


@frozen(kw_only=True)
class ShownCall:
    """A call, its bodies laid out and cut."""

    call: Call
    request: str
    answer: str
    cut: bool


def _home(asked: Asked) -> Screen:
    state = asked.get("state")
    if state:
        _check_state(state)
    orders = asked.world.orders(*([state] if state else []))
    calls = asked.world.calls()
    shown = {
        "now": asked.world.clock.now(),
        "live": asked.world.clock.live,
        "advance": asked.sheet("advance"),
        "place": asked.sheet("place"),
        "fill": asked.sheet("fill"),
        "state": state,
        "states": [value for value, _ in STATES],
        "orders": orders[: -_ORDERS - 1 : -1],
        "order_count": len(orders),
        "calls": calls[: -_LATEST - 1 : -1],
        "call_count": asked.world.traffic.total,
    }
    return Screen(template="home.html", shown=shown)


def _order(asked: Asked) -> Screen:
    number = asked.get("number")
    order = asked.world.order(number)
    about = [each for each in asked.world.discussions.all() if each.order == number]
    pays = ("pay", "refuse-payment") if order.state in (State.ACCEPTED, State.PAYMENT) else ()
    cancels = ("cancel", "cancel-lines") if len(order.lines) > 1 else ("cancel",)
    shown = {
        "order": order,
        "discussions": about,
        "payments": [asked.sheet(name, key=number) for name in pays],
        "cancels": [asked.sheet(name, key=number) for name in cancels],
        "ask": asked.sheet("ask", key=number),
        "quirks": asked.sheet("quirks", key=number),
        "calls": [call for call in asked.world.calls() if number in call.order_numbers][: -_LATEST - 1 : -1],
    }
    return Screen(template="order.html", shown=shown)


def _calls(asked: Asked) -> Screen:
    protocol, operation = asked.get("protocol"), asked.get("operation")
    all_calls = asked.world.calls()
    wanted = PROTOCOLS.get(protocol, ())
    calls = [
        call for call in all_calls if (not wanted or call.protocol in wanted) and operation in ("", call.operation)
    ]
    shown = {
        "calls": [show_call(call, _CHARACTERS) for call in calls[: -_CALLS - 1 : -1]],
        "call_count": asked.world.traffic.total if len(calls) == len(all_calls) else len(calls),
        "protocol": protocol,
        "operation": operation,
        "operations": sorted({call.operation for call in all_calls}),
    }
    return Screen(template="calls.html", shown=shown)


def _call(asked: Asked) -> Screen:
    number = asked.get("number")
    call = next((call for call in asked.world.calls() if str(call.number) == number), None)
    if call is None:
        raise NotFound("this call is not kept, or there was none")
    return Screen(template="call.html", shown={"each": show_call(call, None)})


def show_call(call: Call, characters: int | None) -> ShownCall:
    """Lay out a call; each body is cut after so many of its characters."""
    # Cut first: the page asks for fifty of them every two seconds.
    request, answer = call.request[:characters], call.response[:characters]
    cut = (request, answer) != (call.request, call.response)
    return ShownCall(call=call, request=lay_out(request), answer=lay_out(answer), cut=cut)


def _faults(asked: Asked) -> Screen:
    kind = asked.get("kind")
    armed = asked.world.faults.numbered.items()
    shown = {
        "kinds": list(EFFECTS),
        "kind": kind,
        "meaning": (getdoc(EFFECTS[kind]) or "") if kind in EFFECTS else "",
        "inject": asked.sheet("inject", kind=kind) if kind else None,
        "armed": [
            (number, fault, kind_of(fault.effect), forms.dump(fault.effect), asked.sheet("remove", key=str(number)))
            for number, fault in armed
        ],
        "clear": asked.sheet("clear"),
        "expire": asked.sheet("expire"),
        "log": asked.world.faults.log[: -_CALLS - 1 : -1],
    }
    return Screen(template="faults.html", shown=shown)


def _switches(asked: Asked) -> Screen:
    settings, name = asked.world.settings, asked.get("name")
    names: Sequence[str] = [each.name for each in attrs.fields(type(settings))]
    dumped = forms.dump(settings)
    shown = {
        "switches": [(each, dumped[each]) for each in names if make_input(settings, each) is not None],
        "change": asked.sheet("change", kind=name) if name else None,
        "name": name,
    }
    return Screen(template="switches.html", shown=shown)


def _script(asked: Asked) -> Screen:
    shown = {"count": len(asked.notes.all()), "python": asked.notes.python(asked.world), "shell": asked.notes.shell()}
    return Screen(template="script.html", shown=shown)


def _check_state(state: str) -> None:
    try:
        check_states([state])
    except ValueError as error:
        raise BadForm(f"state: {error}") from error


SCREENS: Mapping[str, Callable[[Asked], Screen]] = MappingProxyType(
    {
        "": _home,
        "order": _order,
        "calls": _calls,
        "call": _call,
        "faults": _faults,
        "switches": _switches,
        "script": _script,
    }
)
