"""The forms of the page: what each asks for, which command it gives, and the lines that do the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from attrs import evolve, frozen
from werkzeug.datastructures import MultiDict

from cdiscount_marketplace.sandbox.commands import COMMANDS, MOST, Command
from cdiscount_marketplace.sandbox.effects import EFFECTS
from cdiscount_marketplace.sandbox.faults import ANY
from cdiscount_marketplace.sandbox.forms import BadForm
from cdiscount_marketplace.sandbox.inputs import (
    CHOICE,
    FLAG,
    INTEGER,
    LIST,
    LONG,
    NUMBER,
    ROWS,
    SEVERAL,
    Form,
    Input,
    make_input,
    make_inputs,
    read_body,
)
from cdiscount_marketplace.sandbox.lines import Python
from cdiscount_marketplace.sandbox.quirks import Quirk
from cdiscount_marketplace.sandbox.states import State
from cdiscount_marketplace.sandbox.world import World

STATES = [(str(state), str(state)) for state in State.values()]
_STEPS = {
    60: "1 minute",
    600: "10 minutes",
    1_500: "25 minutes, until an accepted order is paid",
    3_600: "1 hour",
    21_600: "6 hours",
    86_400: "1 day",
    172_800: "2 days, until orders are cancelled that nobody accepts",
    604_800: "1 week",
    2_592_000: "30 days",
}


@frozen(kw_only=True)
class Sheet:
    """A form: `key` is the order or fault that it is about, `fixed` what its command says besides what is typed.

    `back` is the screen that shows what it did.
    """

    name: str
    command: Command
    button: str
    key: str = ""
    kind: str = ""
    inputs: Sequence[Input] = ()
    fixed: Mapping[str, Any] = MappingProxyType({})
    back: str = ""

    def body(self, form: Form) -> Mapping[str, Any]:
        """Return the body of the command that a form means; raises `BadForm`."""
        return {**self.fixed, **read_body(self.inputs, form)}

    def filled(self, form: Form) -> Sheet:
        """Return the sheet with what was typed into a form."""
        return evolve(self, inputs=[evolve(each, shown=_held(each, form)) for each in self.inputs])

    @property
    def untouched(self) -> Form:
        """The form as it is before a person touches it."""
        form = MultiDict[str, str]()
        for each in self.inputs:
            shown: Any = each.shown
            form.setlist(each.name, list(shown) if each.kind in (SEVERAL, ROWS) else [_typed(shown)])
        return form


@frozen(kw_only=True)
class Lines:
    """The same command in Python and for a shell."""

    python: Python
    shell: str


def write_lines(sheet: Sheet, form: Form, root: str) -> Lines:
    """Return the lines that do what a form does, at the sandbox of this address; raises `BadForm`."""
    body = sheet.body(form)
    return Lines(
        python=sheet.command.python(sheet.key, body),
        shell=sheet.command.shell(root, sheet.key, body),
    )


def find_sheet(world: World, name: str, *, key: str = "", kind: str = "") -> Sheet:
    """Return a form; raises `BadForm` for one that there is not, `Refused` for an order that there is not."""
    if name not in _SHEETS:
        raise BadForm("there is no such form")
    return _SHEETS[name](world, key, kind)


def _held(each: Input, form: Form) -> object:
    if each.kind in (SEVERAL, ROWS):
        return form.getlist(each.name)
    typed = form.get(each.name, "")
    return bool(typed) if each.kind == FLAG else typed


def _typed(shown: object) -> str:
    return {True: "yes", False: ""}.get(shown, str(shown)) if isinstance(shown, bool) else str(shown)


def _place(_world: World, _key: str, _kind: str) -> Sheet:
    usual = str(State.WAITING_ACCEPTANCE)
    inputs = (
        Input(name="state", label="State of the order", kind=CHOICE, usual=usual, shown=usual, choices=STATES),
        Input(name="lines", label="Articles", kind=INTEGER, usual=1, shown=1, lowest=1),
        Input(name="references", label="Your SKUs", kind=LIST, usual=[], hint="With commas between them."),
    )
    return Sheet(name="place", command=COMMANDS["place"], button="Place the order", inputs=inputs)


def _fill(_world: World, _key: str, _kind: str) -> Sheet:
    varied = ("", "varied, from the last week")
    inputs = (
        Input(name="count", label=f"How many, up to {MOST:,}", kind=INTEGER, shown=100, lowest=1, required=True),
        Input(
            name="state", label="State of the orders", kind=CHOICE, usual=None, optional=True, choices=[varied, *STATES]
        ),
    )
    return Sheet(name="fill", command=COMMANDS["fill"], button="Place the orders", inputs=inputs)


def _advance(_world: World, _key: str, _kind: str) -> Sheet:
    choices = [(str(seconds), text) for seconds, text in _STEPS.items()]
    step = Input(name="seconds", label="How far", kind=NUMBER, shown=3_600, choices=choices, required=True)
    return Sheet(name="advance", command=COMMANDS["advance"], button="Move the clock", inputs=[step])


def _plain(name: str, button: str, back: str) -> Callable[[World, str, str], Sheet]:
    return lambda _world, _key, _kind: Sheet(name=name, command=COMMANDS[name], button=button, back=back)


def _of_order(name: str, button: str) -> Callable[[World, str, str], Sheet]:
    def make(world: World, key: str, _kind: str) -> Sheet:
        number = world.order(key).number
        return Sheet(name=name, command=COMMANDS[name], button=button, key=number, back="order")

    return make


def _cancel_lines(world: World, key: str, _kind: str) -> Sheet:
    lines = world.order(key).lines
    choices = [(str(line.row), f"{line.quantity} × {line.reference or line.product_id}") for line in lines]
    chosen = Input(name="rows", label="Articles", kind=ROWS, choices=choices, shown=("0",), required=True)
    return Sheet(
        name="cancel-lines",
        command=COMMANDS["cancel"],
        button="Cancel these articles",
        key=key,
        inputs=[chosen],
        back="order",
    )


def _ask(world: World, key: str, _kind: str) -> Sheet:
    inputs = (
        Input(name="subject", label="Subject", usual="Ma commande", shown="Ma commande"),
        Input(name="body", label="Message", kind=LONG, shown="Où est mon colis ?", required=True),
        Input(name="claim", label="It is a claim", kind=FLAG, usual=False, shown=False),
    )
    number = world.order(key).number
    return Sheet(
        name="ask", command=COMMANDS["ask"], button="Send as the customer", key=number, inputs=inputs, back="order"
    )


def _quirks(world: World, key: str, _kind: str) -> Sheet:
    order = world.order(key)
    choices = [(str(quirk), str(quirk).replace("_", " ")) for quirk in Quirk]
    chosen = Input(
        name="quirks", label="Quirks of its answers", kind=SEVERAL, choices=choices, shown=sorted(order.quirks)
    )
    return Sheet(
        name="quirks", command=COMMANDS["quirks"], button="Set the quirks", key=key, inputs=[chosen], back="order"
    )


def _inject(world: World, _key: str, kind: str) -> Sheet:
    if kind not in EFFECTS:
        raise BadForm(f"kind: give one of {', '.join(EFFECTS)}")
    names = [(name, name) for name in world.faults.reached_by(EFFECTS[kind])]
    targeting = (
        Input(name="on", label="Operation", kind=CHOICE, usual=ANY, shown=ANY, choices=[(ANY, "any"), *names]),
        Input(
            name="times",
            label="How often",
            kind=INTEGER,
            usual=1,
            shown=1,
            lowest=1,
            optional=True,
            hint="Empty means always.",
        ),
        Input(name="skip", label="Calls to let pass first", kind=INTEGER, usual=0, shown=0),
    )
    return Sheet(
        name="inject",
        command=COMMANDS["inject"],
        button="Inject the fault",
        kind=kind,
        inputs=[*targeting, *(each for each in make_inputs(EFFECTS[kind]) if each.name not in ("on", "times", "skip"))],
        fixed={"kind": kind},
        back="faults",
    )


def _remove(_world: World, key: str, _kind: str) -> Sheet:
    return Sheet(name="remove", command=COMMANDS["remove"], button="Remove", key=key, back="faults")


def _change(world: World, _key: str, kind: str) -> Sheet:
    switch = make_input(world.settings, kind)
    if switch is None:
        raise BadForm("there is no such switch on this page")
    return Sheet(
        name="change",
        command=COMMANDS["change"],
        button="Change the switch",
        kind=kind,
        inputs=[switch],
        back="switches",
    )


_SHEETS: Mapping[str, Callable[[World, str, str], Sheet]] = MappingProxyType(
    {
        "place": _place,
        "fill": _fill,
        "advance": _advance,
        "expire": _plain("expire", "Expire every token", "faults"),
        "clear": _plain("clear", "Remove all faults", "faults"),
        "pay": _of_order("pay", "Let the payment succeed"),
        "refuse-payment": _of_order("refuse-payment", "Let the payment fail"),
        "cancel": _of_order("cancel", "Cancel the order"),
        "cancel-lines": _cancel_lines,
        "ask": _ask,
        "quirks": _quirks,
        "inject": _inject,
        "remove": _remove,
        "change": _change,
    }
)
