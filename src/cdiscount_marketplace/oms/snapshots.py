"""Whether a snapshot of an order is news, and what about it: pure functions.

An order's digest holds one short hash per aspect, so that a store keeps one short text and a later snapshot can still
show what changed. It leaves out the channel and its stamps: only the content counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from cdiscount_marketplace.enums import Member, OpenEnum
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
from cdiscount_marketplace.oms.ports import Aspect, StoredOrder

Row = Callable[[Any], tuple[Any, ...]]


class Freshness(OpenEnum):
    """What a snapshot means to a repository."""

    NEW = Member("new")
    STALE = Member("stale")
    UNCHANGED = Member("unchanged")
    CHANGED = Member("changed")


def judge(order: SalesOrder, digest: str, stored: StoredOrder | None) -> Freshness:
    """Compare a merged snapshot with what is stored: overtaken, or by its content."""
    if stored is None:
        return Freshness.NEW
    if is_older(order, stored):
        return Freshness.STALE
    known = digest == stored.digest and set(order.identities) <= set(stored.identities)
    known = known and order.unique_id in (None, stored.unique_id)
    return Freshness.UNCHANGED if known else Freshness.CHANGED


def is_older(order: SalesOrder, known: StoredOrder | SalesOrder) -> bool:
    """Return whether a snapshot was overtaken by what is known.

    A state that can only come later is never overtaken. Otherwise the stamps decide as far as the service's clocks
    allow it; where they do not, the snapshot that was read last counts, unless its state is an earlier one. A snapshot
    without a stamp is taken for the latest.
    """
    if precedes(known.status, order.status):
        return False
    if order.modified_at is None or known.modified_at is None:
        return False
    behind = known.modified_at - order.modified_at
    if _is_doubtful(order.modified_at, known.modified_at):
        return precedes(order.status, known.status)
    return behind > timedelta(0)


def without_future_stamp(order: SalesOrder, now: datetime) -> SalesOrder:
    """Return an order without a modification date that lies ahead: everything after it would count as older."""
    return attrs.evolve(order, modified_at=None) if is_ahead(order.modified_at, now) else order


def is_ahead(stamp: datetime | None, now: datetime) -> bool:
    """Return whether a stamp lies further ahead than clocks and time zones differ."""
    return stamp is not None and stamp - now > _AHEAD


def _is_doubtful(one: datetime, other: datetime) -> bool:
    """Return whether two stamps are too close to say which is the later one.

    SOAP stamps are local times without offset: in the hour that autumn repeats they may be an hour off.
    """
    apart = abs(one - other)
    if apart <= DISORDER:
        return True
    return apart <= DISORDER + timedelta(hours=1) and (_is_repeated(one) or _is_repeated(other))


def _is_repeated(moment: datetime) -> bool:
    # The first and the last year have neighbours in other zones that no calendar holds.
    if moment.year in (MINYEAR, MAXYEAR):
        return False
    local = moment.astimezone(_PARIS)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def precedes(one: OrderStatus, other: OrderStatus) -> bool:
    """Return whether an order can go from the first state to the second, and not back."""
    first, second = _RANKS.get(one), _RANKS.get(other)
    return first is not None and second is not None and first < second


def changed_aspects(before: str, after: str) -> tuple[Aspect, ...]:
    """Name what differs between two digests; everything, where one of them is of another making."""
    old, new = before.split("."), after.split(".")
    if len(old) != len(new):
        return _ASPECTS
    return tuple(aspect for aspect, was, is_ in zip(_ASPECTS, old, new, strict=True) if was != is_)


def digest_of(order: SalesOrder) -> str:
    """Hash each aspect of an order; equal content gives equal text in every process."""
    lines = order.lines
    return ".".join(
        _hash(content)
        for content in (
            (str(order.status), order.channel_status),
            _rows(_line, lines, _parcels, _parts),
            (*_texts(_amounts(order)), *_rows(_fee, order.fees), *_rows(_line_amounts, lines, _taxes)),
            (
                _row(_address, order.billing_address),
                _row(_address, order.shipping_address),
                *(_row(_address, line.shipping_address) for line in lines if line.shipping_address),
            ),
            _row(_customer, order.customer),
            (*_texts(_other(order)), *_rows(_notice, order.notices)),
            _rows(_refund, order.refunds),
        )
    )


# How far apart the service's own clocks may be.
DISORDER: Final = timedelta(minutes=2)
_AHEAD: Final = timedelta(days=1)
_PARIS: Final = ZoneInfo("Europe/Paris")
# States in the order of an order's life. Those of one rank exclude each other; what is not here proves nothing.
_RANKS: Final = {
    OrderStatus.PROCESSING: 0,
    OrderStatus.WAITING_ACCEPTANCE: 1,
    OrderStatus.ACCEPTED: 2,
    OrderStatus.WAITING_SHIPMENT: 3,
    OrderStatus.READY_FOR_PICKUP: 4,
    OrderStatus.SHIPPED: 5,
    OrderStatus.REFUSED: 5,
    OrderStatus.SHIPMENT_REFUSED: 5,
    OrderStatus.CANCELLED: 5,
    OrderStatus.DELIVERED: 6,
}
_ASPECTS: Final = (
    Aspect.STATUS,
    Aspect.LINES,
    Aspect.AMOUNTS,
    Aspect.ADDRESSES,
    Aspect.CUSTOMER,
    Aspect.OTHER,
    Aspect.REFUNDS,
)
_LINE_AMOUNTS: Final = ("line_total", "unit_price", "shipping", "commission")
_LINE_PARTS: Final = ("parcels", "parts", "taxes", "shipping_address")
_LINE_REST: Final = tuple(
    field.name for field in attrs.fields(SalesLine) if field.name not in {*_LINE_AMOUNTS, *_LINE_PARTS}
)
_line: Row = attrgetter(*_LINE_REST)
_line_amounts: Row = attrgetter(*_LINE_AMOUNTS)
_amounts: Row = attrgetter("currency", "total", "shipping_total", "commission", "unexplained")
_other: Row = attrgetter("created_at", "ship_by", "delivery_mode", "business", "fulfilled_by", "dummy", "sales_channel")
_address: Row = attrgetter(*(field.name for field in attrs.fields(Address)))
_customer: Row = attrgetter(*(field.name for field in attrs.fields(Customer)))
_parcel: Row = attrgetter(*(field.name for field in attrs.fields(Parcel)))
_fee: Row = attrgetter(*(field.name for field in attrs.fields(Fee)))
_tax: Row = attrgetter(*(field.name for field in attrs.fields(Tax)))
_refund: Row = attrgetter(*(field.name for field in attrs.fields(Refund)))
_part: Row = attrgetter(*(field.name for field in attrs.fields(BundlePart)))
_notice: Row = attrgetter(*(field.name for field in attrs.fields(Notice)))


def _row(fields: Row, item: object | None) -> tuple[Any, ...] | None:
    return None if item is None else fields(item)


def _rows(fields: Row, items: Collection[Any], *more: Callable[[Any], Any]) -> tuple[Any, ...]:
    # Most orders have no fees, refunds or notices, most lines no parts.
    return tuple([(*_texts(fields(item)), *[part(item) for part in more]) for item in items]) if items else ()


def _parcels(line: SalesLine) -> tuple[Any, ...]:
    return tuple(map(_parcel, line.parcels))


def _parts(line: SalesLine) -> tuple[Any, ...]:
    return _rows(_part, line.parts)


def _taxes(line: SalesLine) -> tuple[Any, ...]:
    return _rows(_tax, line.taxes)


def _texts(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple([_TEXT[type(value)](value) if type(value) in _TEXT else value for value in values])


def _amount_text(amount: Decimal) -> str:
    return str(amount.normalize())


# Equal amounts of different scale are equal content, and the other reprs are slow.
_TEXT: Final[dict[type, Callable[[Any], str]]] = {
    Decimal: _amount_text,
    datetime: datetime.isoformat,
    LineStatus: str,
    Fulfiller: str,
}


def _hash(content: object) -> str:
    return blake2b(repr(content).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
