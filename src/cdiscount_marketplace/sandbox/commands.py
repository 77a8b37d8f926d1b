"""What a person may have the marketplace do: each command by Python, by the admin API, and by the page alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import quote

from attrs import field, frozen

from cdiscount_marketplace.sandbox import forms
from cdiscount_marketplace.sandbox.effects import kind_of
from cdiscount_marketplace.sandbox.faults import Fault, read_fault
from cdiscount_marketplace.sandbox.forms import BadForm
from cdiscount_marketplace.sandbox.generator import OrderSpec
from cdiscount_marketplace.sandbox.lines import Code, Python, Writer, write_shell
from cdiscount_marketplace.sandbox.quirks import Quirk
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.states import check_states
from cdiscount_marketplace.sandbox.world import World

MOST = 10_000
LONGEST_TEXT = 10_000
Body = Mapping[str, Any]
# The number of an order or of a fault, or the name that a program has for it.
Key: TypeAlias = str | Code
_ORDER = "/admin/orders/{key}"


@frozen(kw_only=True)
class _Advance:
    seconds: float = field()

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.seconds <= timedelta(days=3650).total_seconds():
            raise ValueError("seconds: a clock moves forward only, and ten years at most at once")


@frozen(kw_only=True)
class _Fill:
    count: int = field()
    state: str | None = None

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.count <= MOST:
            raise ValueError(f"count: give 1 to {MOST}")
        check_states([] if self.state is None else [self.state])


@frozen(kw_only=True)
class _Cancel:
    rows: tuple[int, ...] | None = None


@frozen(kw_only=True)
class _Ask:
    body: str = field()
    subject: str = "Ma commande"
    claim: bool = False

    def __attrs_post_init__(self) -> None:
        if not self.body.strip():
            raise ValueError("body: write something")
        if max(len(self.body), len(self.subject)) > LONGEST_TEXT:
            raise ValueError(f"body: write {LONGEST_TEXT} characters at most")


@frozen(kw_only=True)
class _Quirks:
    quirks: tuple[Quirk, ...] = ()


@frozen(kw_only=True)
class Command:
    """One command: the request to the admin API, what it does, and the same in Python.

    `key` in `path` is the number of an order or of a fault. `run` returns what the admin API answers.
    """

    method: str
    path: str
    run: Callable[[World, str, Body], object]
    write: Callable[[Key, Body], Python]
    did: str

    @property
    def is_about_order(self) -> bool:
        """Return whether its key is the number of an order."""
        return self.path.startswith(_ORDER)

    def python(self, key: Key, body: Body) -> Python:
        """Write the command in Python; raises `BadForm` as running it does."""
        return self.write(key, body)

    def shell(self, root: str, key: str, body: Body) -> str:
        """Write the command for a shell, to the sandbox at `root`."""
        path = self.path.format(key=quote(key, safe="", errors="surrogatepass"))
        return write_shell(self.method, root + path, body)


# --- what each does


def _fill(world: World, _key: str, body: Body) -> object:
    wanted = forms.read(_Fill, body)
    return {"numbers": [order.number for order in world.fill(wanted.count, state=wanted.state)]}


def _ask(world: World, key: str, body: Body) -> object:
    said = forms.read(_Ask, body)
    return world.ask_as_customer(key, said.body, subject=said.subject, claim=said.claim)


def _advance(world: World, _key: str, body: Body) -> object:
    by = timedelta(seconds=forms.read(_Advance, body).seconds)
    try:
        now = world.advance(by)
    except ValueError as error:
        raise BadForm(f"seconds: {error}") from error
    return {"now": now, "live": world.clock.live}


def _inject(world: World, _key: str, body: Body) -> object:
    fault = read_fault(body)
    try:
        number = world.inject(fault)
    except ValueError as error:
        raise BadForm(str(error)) from error
    return show_fault(number, fault)


def _remove(world: World, key: str, _body: Body) -> object:
    return {"removed": world.faults.remove(_fault_number(key))}


def _clear(world: World, _key: str, _body: Body) -> object:
    world.faults.clear()
    return []


def _change(world: World, _key: str, body: Body) -> object:
    world.settings = forms.update(world.settings, body)
    return world.settings


def _fault_number(key: str) -> int:
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        raise BadForm("give the number of a fault")
    return int(key)


def show_fault(number: int, fault: Fault) -> Mapping[str, Any]:
    """Return what the admin API answers about a fault."""
    targeting = {"on": fault.on, "skip": fault.skip, "times": fault.times, "chance": fault.chance}
    return {"number": number, "kind": kind_of(fault.effect), **targeting, **forms.dump(fault.effect)}


# --- the same in Python


def _write_place(_key: Key, body: Body) -> Python:
    spec = forms.read(OrderSpec, body)
    return Writer().call("sandbox.place", **{name: getattr(spec, name) for name in body})


def _write_fill(_key: Key, body: Body) -> Python:
    wanted = forms.read(_Fill, body)
    state = {} if wanted.state is None else {"state": wanted.state}
    return Writer().call("sandbox.fill", wanted.count, **state)


def _write_cancel(key: Key, body: Body) -> Python:
    rows = forms.read(_Cancel, body).rows
    return Writer().call("sandbox.cancel_as_customer", key, *([] if rows is None else [rows]))


def _write_ask(key: Key, body: Body) -> Python:
    said = forms.read(_Ask, body)
    options = {name: getattr(said, name) for name in ("subject", "claim") if name in body}
    return Writer().call("sandbox.ask_as_customer", key, said.body, **options)


def _write_quirks(key: Key, body: Body) -> Python:
    return Writer().call("sandbox.set_quirks", key, *forms.read(_Quirks, body).quirks)


def _write_advance(_key: Key, body: Body) -> Python:
    return Writer().call("sandbox.advance", timedelta(seconds=forms.read(_Advance, body).seconds))


def _write_inject(_key: Key, body: Body) -> Python:
    writer = Writer()
    return writer.line(f"sandbox.inject({writer.fault(read_fault(body))})")


def _write_remove(key: Key, _body: Body) -> Python:
    return Writer().call("sandbox.faults.remove", _fault_number(str(key)))


def _write_change(_key: Key, body: Body) -> Python:
    changed = forms.update(Settings(), body)
    writer = Writer("from attrs import evolve")
    options = "".join(f", {name}={writer.write(getattr(changed, name))}" for name in body)
    return writer.line(f"sandbox.settings = evolve(sandbox.settings{options})")


def _about_order(name: str) -> Callable[[Key, Body], Python]:
    return lambda key, _body: Writer().call(name, key)


def _about_all(name: str) -> Callable[[Key, Body], Python]:
    return lambda _key, _body: Writer().call(name)


COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "place": Command(
            method="POST",
            path="/admin/orders",
            run=lambda world, _key, body: world.place(forms.read(OrderSpec, body)),
            write=_write_place,
            did="The order was placed.",
        ),
        "fill": Command(
            method="POST", path="/admin/orders/fill", run=_fill, write=_write_fill, did="The orders were placed."
        ),
        "pay": Command(
            method="POST",
            path=f"{_ORDER}/pay",
            run=lambda world, key, _body: world.pay(key),
            write=_about_order("sandbox.pay"),
            did="The payment succeeded.",
        ),
        "refuse-payment": Command(
            method="POST",
            path=f"{_ORDER}/refuse-payment",
            run=lambda world, key, _body: world.refuse_payment(key),
            write=_about_order("sandbox.refuse_payment"),
            did="The payment failed.",
        ),
        "cancel": Command(
            method="POST",
            path=f"{_ORDER}/cancel",
            run=lambda world, key, body: world.cancel_as_customer(key, forms.read(_Cancel, body).rows),
            write=_write_cancel,
            did="The customer cancelled, or asked to.",
        ),
        "ask": Command(
            method="POST", path=f"{_ORDER}/discussions", run=_ask, write=_write_ask, did="The customer wrote to you."
        ),
        "quirks": Command(
            method="PUT",
            path=f"{_ORDER}/quirks",
            run=lambda world, key, body: world.set_quirks(key, *forms.read(_Quirks, body).quirks),
            write=_write_quirks,
            did="The order's quirks were set.",
        ),
        "advance": Command(
            method="POST", path="/admin/clock", run=_advance, write=_write_advance, did="The clock was moved."
        ),
        "expire": Command(
            method="POST",
            path="/admin/tokens/expire",
            run=lambda world, _key, _body: {"expired": world.expire_tokens()},
            write=_about_all("sandbox.expire_tokens"),
            did="Every token has expired.",
        ),
        "inject": Command(
            method="POST", path="/admin/faults", run=_inject, write=_write_inject, did="The fault waits for its calls."
        ),
        "remove": Command(
            method="DELETE",
            path="/admin/faults/{key}",
            run=_remove,
            write=_write_remove,
            did="The fault was removed.",
        ),
        "clear": Command(
            method="DELETE",
            path="/admin/faults",
            run=_clear,
            write=_about_all("sandbox.faults.clear"),
            did="All faults were removed.",
        ),
        "change": Command(
            method="PATCH", path="/admin/settings", run=_change, write=_write_change, did="The switch was changed."
        ),
    }
)
