"""How a decoded model is made: from the values of all its members, in a fraction of its constructor's time.

The constructor of a frozen class sets each member by a call of `object.__setattr__`. Here an object of a class with the
same slots, that is not frozen, is filled by plain assignments and then handed over to the frozen class. Only decoding
does so: its values are of the right types already.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

import attrs

from cdiscount_marketplace.soap.codec.declare import base


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
    return _by_constructor(kind) if base(kind) else _by_twin(kind)


def _by_constructor(kind: type) -> Assemble:
    """Serve the classes that extend another one, whose slots are laid out differently: an answer has one of them."""
    names = [member.name for member in attrs.fields(kind)]
    return lambda *values: kind(**dict(zip(names, values, strict=True)))


def _by_twin(kind: type) -> Assemble:
    names = [member.name for member in attrs.fields(kind)]
    mutable_class: Any = attrs.make_class(kind.__name__, names, slots=True, weakref_slot=False, eq=False, repr=False)

    def assemble(*values: Any) -> Any:
        made = mutable_class(*values)
        made.__class__ = kind
        return made

    return assemble
