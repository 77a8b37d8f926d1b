"""How a class declares once what it looks like on the wire.

A wire model is a frozen attrs class under `@model(...)`. Its annotations and attribute names carry nearly everything:
`order_number: str | None = None` is the element `OrderNumber`, an optional nillable `xsd:string` of the model's
namespace. Exceptions are declared with `element(...)`. References (strings, models, lists) are nillable and values
(numbers, booleans, dates, enums) are not, members are optional, and they come in ordinal order with those of the base
class first: the rules of .NET data contracts, which the service follows.

Decoder, encoder, outgoing checks and contract are all derived from these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Literal,
    TypeGuard,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs
from attrs import frozen

from cdiscount_marketplace.enums import OpenEnum

CDISCOUNT = "http://www.cdiscount.com"
MESSAGES = "http://schemas.datacontract.org/2004/07/Cdiscount.Framework.Core.Communication.Messages"
LOCATION = "http://schemas.datacontract.org/2004/07/System.Device.Location"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
DATA = "http://schemas.datacontract.org/2004/07/Cdiscount.Service.Marketplace.API.External.Contract.Data"
ORDER_DATA = f"{DATA}.Order"
PRODUCT_DATA = f"{DATA}.Product"
FULFILMENT_DATA = f"{DATA}.Fulfilment"
MAIL_DATA = f"{DATA}.Mail"
BY_IDENTIFIER = "http://www.cdiscount.com/ProductByIdentifier"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
NIL = f"{{{INSTANCE}}}nil"

Xsd = Literal["string", "int", "short", "long", "decimal", "double", "float", "boolean", "dateTime"]
Bound = Literal["exact", "floor", "ceil"]
Emptiness = Literal["element", "nil", "absent"]

_SCALARS: dict[type, Xsd] = {
    str: "string",
    int: "int",
    Decimal: "decimal",
    float: "double",
    bool: "boolean",
    datetime: "dateTime",
}

C = TypeVar("C", bound=type)


class WireEnum(OpenEnum):
    """An open enum with a name in the contract.

    `values` are documented values too many to name one by one; `later` are those known only from later versions of
    the service. With `flags` the contract has a list of values in one text, of which the SDK sends one.
    """

    __slots__ = ()
    wire_name: ClassVar[str] = ""
    namespace: ClassVar[str] = CDISCOUNT
    later: ClassVar[frozenset[str]] = frozenset()
    flags: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        *,
        name: str,
        namespace: str = CDISCOUNT,
        values: Iterable[str] = (),
        later: Iterable[str] = (),
        flags: bool = False,
    ) -> None:
        super().__init_subclass__()
        cls._known.update((value, str.__new__(cls, value)) for value in values if value not in cls._known)
        cls.wire_name = name
        cls.namespace = namespace
        cls.later = frozenset(later)
        cls.flags = flags


@frozen(kw_only=True)
class ElementOptions:
    """What `element(...)` sets; the rest follows from name and annotation."""

    name: str | None = None
    xsd: Xsd | None = None
    required: bool = False
    nillable: bool | None = None
    private: bool = False
    since: str | None = None
    bound: Bound = "exact"
    empty: Emptiness = "element"


@frozen(kw_only=True)
class Declaration:
    """What `@model(...)` sets. `dropped` are string elements that are never kept, such as the echoed token; an `inline`
    model has no name in the contract, which spells it out in the list that holds it.
    """

    name: str
    namespace: str
    private: bool
    dropped: tuple[str, ...]
    inline: bool = False


@frozen(kw_only=True)
class Element:
    """One member as it is on the wire.

    `type` is an xsd name, an enum or a model; with `many` it is the item's type. `attribute` is None for an element
    that is never kept. `keeps_nil` means that a list distinguishes nil or absent (None) from empty.
    """

    owner: type
    attribute: str | None
    name: str
    namespace: str
    type: Xsd | type
    many: bool = False
    keeps_nil: bool = False
    options: ElementOptions

    @cached_property
    def required(self) -> bool:
        """Whether the contract has minOccurs=1."""
        return self.options.required

    @cached_property
    def nillable(self) -> bool:
        """Whether the element may be nil."""
        reference = self.many or self.type == "string" or is_model(self.type)
        return reference if self.options.nillable is None else self.options.nillable

    @cached_property
    def tag(self) -> str:
        """The qualified element name."""
        return f"{{{self.namespace}}}{self.name}"

    @cached_property
    def path(self) -> str:
        """Where the element is, for reports: type and element name."""
        return f"{declaration(self.owner).name}/{self.name}"

    @cached_property
    def item_name(self) -> str:
        """The name of a list's item elements."""
        return type_name(self.type)[1]

    @cached_property
    def item_namespace(self) -> str:
        """The namespace of a list's item elements."""
        namespace = type_name(self.type)[0]
        return ARRAYS if namespace == SCHEMA else namespace

    @cached_property
    def item_tag(self) -> str:
        """The qualified name of a list's item elements."""
        return f"{{{self.item_namespace}}}{self.item_name}"


def element(**options: Any) -> Any:
    """Say what is irregular about a member.

    `default` is the attribute's default; `name` the element's name; `xsd` its type where the annotation is not enough;
    `required` means minOccurs=1; `nillable` overrides the rule; `private` marks personal data, kept out of every repr;
    `since` names the source of a member that the recorded contract has not got; `bound` rounds a time outwards;
    `empty` is how an empty list is written.
    """
    default = options.pop("default", attrs.NOTHING)
    chosen = ElementOptions(**options)
    return attrs.field(default=default, repr=not chosen.private, metadata={ElementOptions: chosen})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(element,))
def model(
    *,
    name: str | None = None,
    namespace: str = CDISCOUNT,
    private: bool = False,
    dropped: tuple[str, ...] = (),
    inline: bool = False,
) -> Callable[[C], C]:
    """Make a frozen, slotted, keyword-only class of a declaration; `private` hides all its members in its repr."""

    def make(cls: C) -> C:
        # No slot for weak references: the layout must equal that of `assembly`'s mutable class.
        made: Any = attrs.frozen(cls, kw_only=True, weakref_slot=False, field_transformer=_hide if private else _freeze)
        made.__wire__ = Declaration(
            name=name or cls.__name__, namespace=namespace, private=private, dropped=dropped, inline=inline
        )
        return made  # type: ignore[no-any-return]  # attrs rebuilds the class, which hides its type

    return make


def _hide(_cls: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    return [field.evolve(repr=False) for field in fields]


def _freeze(_cls: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Turn what callers give for a `Sequence` into a tuple."""
    return [field.evolve(converter=_to_tuple) if str(field.type).startswith("Sequence[") else field for field in fields]


def _to_tuple(items: Any) -> Any:
    # What is no list, a lone string too, is left as it is, for the outgoing check to refuse.
    return items if isinstance(items, (str, bytes)) or not hasattr(items, "__iter__") else tuple(items)


def is_model(candidate: object) -> bool:
    """Whether this is a class under `@model`."""
    return isinstance(candidate, type) and "__wire__" in vars(candidate)


def is_enum(candidate: Any) -> TypeGuard[type[WireEnum]]:
    """Whether this is an enum of the contract."""
    return isinstance(candidate, type) and issubclass(candidate, WireEnum)


def declaration(cls: type) -> Declaration:
    """Return what `@model` sets for a class."""
    declared: Declaration = vars(cls)["__wire__"]
    return declared


def type_name(kind: Xsd | type) -> tuple[str, str]:
    """Return namespace and name of a type in the contract."""
    if isinstance(kind, str):
        return SCHEMA, kind
    if is_enum(kind):
        return kind.namespace, kind.wire_name
    return declaration(kind).namespace, declaration(kind).name


def base(cls: type) -> type | None:
    """Return the model that a model extends."""
    return next((parent for parent in cls.__mro__[1:] if is_model(parent)), None)


@cache
def own_elements(cls: type) -> tuple[Element, ...]:
    """Return the members that a model adds to its base, in the order of the contract."""
    parent = base(cls)
    inherited = {field.name for field in attrs.fields(parent)} if parent else set[str]()
    hints = get_type_hints(cls)
    kept = [_element(cls, field, hints[field.name]) for field in attrs.fields(cls) if field.name not in inherited]
    declared = declaration(cls)
    dropped = [
        Element(
            owner=cls,
            attribute=None,
            name=name,
            namespace=declared.namespace,
            type="string",
            options=ElementOptions(private=True),
        )
        for name in declared.dropped
    ]
    return tuple(sorted([*kept, *dropped], key=lambda member: member.name))


def elements(cls: type) -> tuple[Element, ...]:
    """Return all members of a model in the order of the wire: those of its base first."""
    return _all_elements(cls)


@cache
def _all_elements(cls: type) -> tuple[Element, ...]:
    parent = base(cls)
    return (*(elements(parent) if parent else ()), *own_elements(cls))


def _element(cls: type, field: attrs.Attribute[Any], hint: Any) -> Element:
    declared = declaration(cls)
    options: ElementOptions = field.metadata.get(ElementOptions) or ElementOptions()
    choices = [choice for choice in _choices(hint) if choice is not NoneType]
    many = get_origin(choices[0]) in (tuple, Sequence)
    item = get_args(choices[0])[0] if many else choices[0]
    return Element(
        owner=cls,
        attribute=field.name,
        name=options.name or "".join(part.capitalize() for part in field.name.split("_")),
        namespace=declared.namespace,
        type=options.xsd or _SCALARS.get(item) or item,
        many=many,
        keeps_nil=many and NoneType in _choices(hint),
        options=attrs.evolve(options, private=options.private or declared.private),
    )


def _choices(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
