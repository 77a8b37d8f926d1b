"""What a form on the page asks for: one input for each member of a command's body, made from its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from math import inf, isfinite
from types import UnionType
from typing import Any, Literal, Protocol, Union, cast, get_args, get_origin, get_type_hints

import attrs
from attrs import NOTHING, evolve, frozen

from cdiscount_marketplace.sandbox import forms
from cdiscount_marketplace.sandbox.forms import BadForm
from cdiscount_marketplace.sandbox.lines import usual

FLAG, INTEGER, NUMBER, TEXT, LONG, CHOICE = "flag", "integer", "number", "text", "long", "choice"
# One text with commas; check boxes; check boxes of lines.
LIST, SEVERAL, ROWS = "list", "several", "rows"
_KINDS: Mapping[Any, str] = {bool: FLAG, int: INTEGER, float: NUMBER, timedelta: NUMBER, str: TEXT}
# What is nobody's usual value: a member that always goes into the body.
ALWAYS: object = object()


class Form(Protocol):
    """A form that was sent."""

    def get(self, key: str, default: str, /) -> str:
        """Return a member's first value."""
        ...

    def getlist(self, key: str, /) -> list[str]:
        """Return all values of a member."""
        ...


@frozen(kw_only=True)
class Input:
    """One input: `usual` is left out of the body, `shown` is what stands in it; an empty `optional` one means none."""

    name: str
    label: str
    kind: str = TEXT
    usual: object = ALWAYS
    shown: object = ""
    choices: Sequence[tuple[str, str]] = ()
    optional: bool = False
    required: bool = False
    lowest: int | None = 0
    hint: str = ""

    def read(self, form: Form) -> object:
        """Return the JSON value of what was typed; raises `BadForm`."""
        if self.kind == FLAG:
            return form.get(self.name, "") != ""
        if self.kind in (SEVERAL, ROWS):
            return self._chosen(form.getlist(self.name))
        text = form.get(self.name, "").replace("\r\n", "\n")
        if not text.strip() and self.kind != LIST:
            return None if self.optional else self._missing()
        return self._parse(text)

    def _chosen(self, values: list[str]) -> object:
        if self.required and not values:
            raise BadForm(f"{self.name}: choose at least one")
        return [self._number(value) for value in values] if self.kind == ROWS else values

    def _missing(self) -> object:
        if self.required:
            raise BadForm(f"{self.name}: give one")
        return self.usual

    def _parse(self, text: str) -> object:
        if self.kind == LIST:
            return [part.strip() for part in text.split(",") if part.strip()]
        return self._number(text) if self.kind in (INTEGER, NUMBER) else text

    def _number(self, text: str) -> object:
        try:
            number = float(text)
        except ValueError:
            number = inf
        if not isfinite(number):
            raise BadForm(f"{self.name}: give a number")
        return int(number) if number.is_integer() else number


def read_body(inputs: Iterable[Input], form: Form) -> dict[str, Any]:
    """Return the body that a form means, without what is as usual; raises `BadForm`."""
    values = {each.name: (each.read(form), each.usual) for each in inputs}
    return {name: value for name, (value, others) in values.items() if value is not ALWAYS and value != others}


def make_inputs(kind: type[attrs.AttrsInstance]) -> list[Input]:
    """Return an input for each member of a record; members that are records themselves have none."""
    hints = get_type_hints(kind)
    made = (_make(member, hints[member.name], usual(member)) for member in attrs.fields(kind))
    return [each for each in made if each is not None]


def make_input(record: attrs.AttrsInstance, name: str) -> Input | None:
    """Return the input for one member, with its present value; whatever it says goes into the body.

    There is none where no input of a page holds the value, such as a line break.
    """
    made = next((each for each in make_inputs(type(record)) if each.name == name), None)
    shown = made and _show(getattr(record, name))
    return made and evolve(made, usual=ALWAYS, shown=shown) if str(shown).isprintable() else None


def _make(member: attrs.Attribute[Any], hint: Any, default: object) -> Input | None:
    inner = [each for each in get_args(hint) if each is not type(None)]
    if get_origin(hint) in (Union, UnionType):
        one = _make(member, inner[0], default)
        return one and evolve(one, optional=True, hint="Empty means none.")
    kind, choices = _kind(hint)
    if kind is None:
        return None
    label = member.name.replace("_", " ").capitalize() + (", in seconds" if hint is timedelta else "")
    return Input(
        name=member.name,
        label=label,
        kind=kind,
        usual=ALWAYS if default is NOTHING else forms.dump(default),
        shown=_show(default),
        choices=choices,
        lowest=None,
        required=default is NOTHING,
    )


def _kind(hint: Any) -> tuple[str | None, Sequence[tuple[str, str]]]:
    if get_origin(hint) is Literal:
        return CHOICE, [(str(each), str(each)) for each in get_args(hint)]
    if get_origin(hint) in (tuple, frozenset):
        return LIST, ()
    if hint in _KINDS:
        return _KINDS[hint], ()
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return CHOICE, [(str(each), str(each)) for each in hint]
    return None, ()


def _show(value: object) -> object:
    if value is NOTHING or value is None:
        return ""
    dumped: object = forms.dump(value)
    if isinstance(dumped, list):
        return ", ".join(cast("list[str]", dumped))
    return int(dumped) if isinstance(dumped, float) and dumped.is_integer() else dumped
