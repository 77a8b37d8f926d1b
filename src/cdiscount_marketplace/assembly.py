"""How a decoded model is made: from the values of all its members, in a fraction of its constructor's time.

The constructor of a frozen class sets each member by a call of `object.__setattr__`. Here an object of a class with the
same slots, that is not frozen, is filled by plain assignments and then handed over to the frozen class. Only decoding
does so: its values are of the right types already.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

import attrs


class Assemble(Protocol):
    """Make a model of the values of all its members, in the order of its class."""

    def __call__(self, *values: Any) -> Any: ...


@cache
def defaults(kind: type) -> tuple[Any, ...]:
    """Return the defaults of a model's members, in the order of its class."""
    return tuple(member.default for member in attrs.fields(kind))


@cache
def assembler(kind: type) -> Assemble:
    """Return what makes models of a class."""
    # The slots of a class that extends another one, or can be referenced weakly, are laid out differently.
    other = any(map(attrs.has, kind.__mro__[1:])) or "__weakref__" in vars(kind)
    return _by_constructor(kind) if other else _by_mutable_class(kind)


def _by_constructor(kind: type) -> Assemble:
    names = [member.name for member in attrs.fields(kind)]
    return lambda *values: kind(**dict(zip(names, values, strict=True)))


def _by_mutable_class(kind: type) -> Assemble:
    names = [member.name for member in attrs.fields(kind)]
    mutable_class: Any = attrs.make_class(kind.__name__, names, slots=True, weakref_slot=False, eq=False, repr=False)

    def assemble(*values: Any) -> Any:
        made = mutable_class(*values)
        made.__class__ = kind
        return made

    return assemble
