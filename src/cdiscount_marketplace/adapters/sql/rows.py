"""Orders as rows and back: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeVar

from attrs import fields

from cdiscount_marketplace.models import (
    Address,
    BundlePart,
    Customer,
    Fee,
    Fulfiller,
    LineStatus,
    Notice,
    OrderStatus,
    Parcel,
    Refund,
    SalesLine,
    SalesOrder,
    Tax,
)
from cdiscount_marketplace.oms.payloads import parts_from_plain, parts_to_plain
from cdiscount_marketplace.oms.ports import line_addresses

Row = Mapping[str, Any]
T = TypeVar("T")

_PLAIN_ORDER = (
    "channel",
    "unique_id",
    "channel_status",
    "created_at",
    "modified_at",
    "ship_by",
    "currency",
    "total",
    "shipping_total",
    "commission",
    "unexplained",
    "delivery_mode",
    "business",
    "dummy",
    "sales_channel",
)
_PLAIN_LINE = (
    "line_id",
    "sku",
    "product_id",
    "ean",
    "title",
    "condition",
    "quantity",
    "line_total",
    "unit_price",
    "shipping",
    "commission",
    "channel_status",
    "ship_by",
    "bundle",
)

_order_values = attrgetter(*_PLAIN_ORDER)
_line_values = attrgetter(*_PLAIN_LINE)
_NAMES = {cls: tuple(item.name for item in fields(cls)) for cls in (Address, Customer, Parcel)}
_VALUES = {cls: attrgetter(*names) for cls, names in _NAMES.items()}


def pack(part: Address | Customer | Parcel | None) -> dict[str, Any] | None:
    """Return what is known of a part of an order, ready for JSON."""
    if part is None:
        return None
    kind = type(part)
    named = zip(_NAMES[kind], _VALUES[kind](part), strict=True)
    return {name: value for name, value in named if value is not None and value != ()}


def unpack(kind: type[T], packed: Mapping[str, Any] | None) -> T | None:
    """Return a part as it was before `pack`."""
    if packed is None:
        return None
    # Of these parts' members, only the street lines are a list.
    return kind(**{name: tuple(value) if name == "lines" else value for name, value in packed.items()})


def order_row(order: SalesOrder) -> dict[str, Any]:
    """Return the columns that an order fills by itself."""
    row: dict[str, Any] = dict(zip(_PLAIN_ORDER, _order_values(order), strict=True))
    row["status"] = str(order.status)
    row["fulfilled_by"] = str(order.fulfilled_by)
    row["fees"] = [[fee.code, None if fee.amount is None else str(fee.amount)] for fee in order.fees] or None
    row["customer"] = pack(order.customer)
    row["billing_address"] = pack(order.billing_address)
    row["shipping_address"] = pack(order.shipping_address)
    row["line_addresses"] = {line_id: pack(address) for line_id, address in line_addresses(order)} or None
    row["refunds"] = parts_to_plain(order.refunds)
    row["notices"] = parts_to_plain(order.notices)
    return row


def line_rows(order_id: int, lines: Sequence[SalesLine]) -> list[dict[str, Any]]:
    """Return the columns of an order's lines."""
    return [_line_row(order_id, position, line) for position, line in enumerate(lines)]


def _line_row(order_id: int, position: int, line: SalesLine) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(_PLAIN_LINE, _line_values(line), strict=True))
    row["order_id"] = order_id
    row["position"] = position
    row["status"] = str(line.status)
    row["parcels"] = [pack(parcel) for parcel in line.parcels] or None
    row["fulfilled_by"] = str(line.fulfilled_by)
    row["taxes"] = parts_to_plain(line.taxes)
    row["parts"] = parts_to_plain(line.parts)
    return row


def sales_order(row: Row, identities: Sequence[str], lines: Sequence[Row]) -> SalesOrder:
    """Return the order that was stored; its `source` was not."""
    addresses = dict(unpack_addresses(row["line_addresses"]))
    return SalesOrder(
        **{name: row[name] for name in _PLAIN_ORDER},
        identities=tuple(identities),
        status=OrderStatus(row["status"]),
        fulfilled_by=Fulfiller(row["fulfilled_by"]),
        lines=tuple(_sales_line(line, addresses.get(line["line_id"])) for line in lines),
        fees=tuple(_fee(*fee) for fee in row["fees"] or ()),
        customer=unpack(Customer, row["customer"]),
        billing_address=unpack(Address, row["billing_address"]),
        shipping_address=unpack(Address, row["shipping_address"]),
        refunds=parts_from_plain(Refund, row["refunds"]),
        notices=parts_from_plain(Notice, row["notices"]),
    )


def unpack_addresses(packed: Mapping[str, Any] | None) -> tuple[tuple[str, Address], ...]:
    """Return the addresses of single lines, by line id."""
    addresses = ((line_id, unpack(Address, address)) for line_id, address in (packed or {}).items())
    return tuple((line_id, address) for line_id, address in addresses if address is not None)


def _sales_line(row: Row, shipping_address: Address | None) -> SalesLine:
    return SalesLine(
        **{name: row[name] for name in _PLAIN_LINE},
        status=LineStatus(row["status"]),
        fulfilled_by=Fulfiller(row["fulfilled_by"]),
        shipping_address=shipping_address,
        taxes=parts_from_plain(Tax, row["taxes"]),
        parts=parts_from_plain(BundlePart, row["parts"]),
        parcels=tuple(Parcel(**packed) for packed in row["parcels"] or ()),
    )


def _fee(code: str, amount: str | None) -> Fee:
    return Fee(code=code, amount=None if amount is None else Decimal(amount))
