"""Every member of an order is carried: through its digest, JSON and the tables, or it is named here with the reason."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from attrs import evolve

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.enums import OpenEnum
from cdiscount_marketplace.models import (
    Address,
    BundlePart,
    Customer,
    Fee,
    Notice,
    Parcel,
    Refund,
    SalesLine,
    SalesOrder,
    Tax,
)
from cdiscount_marketplace.oms import Change, ChangeKind, order_from_json, order_to_json
from cdiscount_marketplace.oms.snapshots import digest_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
# What an order says does not change with these: where it was read, when, and under which numbers.
NOT_IN_DIGEST = {"channel", "identities", "unique_id", "modified_at", "source"}
# The channel's own order is not stored.
NOT_STORED = {"source"}

ADDRESS = Address(last_name="Durand", city="Pau")
LINE = SalesLine(
    line_id="A",
    quantity=1,
    parcels=(Parcel(tracking_number="6A1"),),
    shipping_address=ADDRESS,
    taxes=(Tax(code="VAT"),),
    parts=(BundlePart(sku="P"),),
)
ORDER = SalesOrder(
    channel="soap",
    identities=("one",),
    status="waiting_shipment",  # type: ignore[arg-type]
    lines=(LINE,),
    fees=(Fee(code="FEE"),),
    customer=Customer(last_name="Durand"),
    billing_address=ADDRESS,
    shipping_address=ADDRESS,
    refunds=(Refund(reason="132"),),
    notices=(Notice("claim", "text"),),
)
PARTS: list[tuple[Any, Any]] = [
    (SalesOrder, lambda order: order),
    (SalesLine, lambda line: evolve(ORDER, lines=(line,))),
    (Address, lambda part: evolve(ORDER, billing_address=part)),
    (Address, lambda part: evolve(ORDER, shipping_address=part)),
    (Address, lambda part: evolve(ORDER, lines=(evolve(LINE, shipping_address=part),))),
    (Customer, lambda part: evolve(ORDER, customer=part)),
    (Parcel, lambda part: evolve(ORDER, lines=(evolve(LINE, parcels=(part,)),))),
    (Tax, lambda part: evolve(ORDER, lines=(evolve(LINE, taxes=(part,)),))),
    (BundlePart, lambda part: evolve(ORDER, lines=(evolve(LINE, parts=(part,)),))),
    (Fee, lambda part: evolve(ORDER, fees=(part,))),
    (Refund, lambda part: evolve(ORDER, refunds=(part,))),
    (Notice, lambda part: evolve(ORDER, notices=(part,))),
]
BEFORE = {
    SalesOrder: ORDER, SalesLine: LINE, Address: ADDRESS, Customer: ORDER.customer, Parcel: LINE.parcels[0],
    Tax: LINE.taxes[0], BundlePart: LINE.parts[0], Fee: ORDER.fees[0], Refund: ORDER.refunds[0],
    Notice: ORDER.notices[0],
}  # fmt: skip
MEMBERS = [
    pytest.param(kind, place, field.name, id=f"{number}-{kind.__name__}.{field.name}")
    for number, (kind, place) in enumerate(PARTS)
    for field in attrs.fields(kind)
]


def another(kind: type, name: str) -> Any:
    """Return a value of a member's type that is not the one it has."""
    hint = get_type_hints(kind)[name]
    options = [option for option in (get_args(hint) or (hint,)) if option is not type(None)]
    wanted = options[0]
    before = getattr(BEFORE[kind], name)
    if isinstance(before, tuple):
        return ("one", "two") if name in {"identities", "lines"} and kind is not SalesOrder else before[:0] or ("new",)
    if attrs.has(wanted):
        return None
    if isinstance(wanted, type) and issubclass(wanted, OpenEnum):
        return next(value for value in wanted.values() if value != before)
    return {str: "another", int: 7, bool: not before, Decimal: Decimal("7.25"), datetime: NOON, object: "source"}[
        wanted
    ]


def changed(kind: type, place: Any, name: str) -> SalesOrder:
    value = another(kind, name)
    if name in {"lines", "fees", "refunds", "notices"} and kind is SalesOrder:
        value = ()
    if kind is SalesOrder and name == "identities":
        value = ("one", "two")
    if kind is SalesLine and isinstance(value, tuple):
        value = ()
    order: SalesOrder = place(evolve(BEFORE[kind], **{name: value}))
    return order


@pytest.mark.parametrize(("kind", "place", "name"), MEMBERS)
def test_a_member_that_changes_changes_the_digest(kind: type, place: Any, name: str) -> None:
    if kind is SalesOrder and name in NOT_IN_DIGEST:
        assert digest_of(changed(kind, place, name)) == digest_of(ORDER)
    else:
        assert digest_of(changed(kind, place, name)) != digest_of(ORDER)


@pytest.mark.parametrize(("kind", "place", "name"), MEMBERS)
def test_a_member_survives_json(kind: type, place: Any, name: str) -> None:
    order = changed(kind, place, name)
    assert order_from_json(order_to_json(order)) == evolve(order, source=None)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("members")
    with SqlOms(f"sqlite:///{folder / 'oms.db'}") as oms:
        yield oms


@pytest.mark.parametrize(("kind", "place", "name"), MEMBERS)
def test_a_member_survives_the_tables(sqlite: SqlOms, kind: type, place: Any, name: str) -> None:
    order, account = changed(kind, place, name), f"{kind.__name__}.{name}.{id(place)}"
    sqlite.save(account, order, order, Change(kind=ChangeKind.IMPORTED, at=NOON, digest="d"))
    record = sqlite.show_order(account, "one")
    assert record is not None
    wanted = evolve(order, source=None)
    if wanted.unique_id is not None:
        record = evolve(record, order=evolve(record.order, identities=wanted.identities))
    assert record.order == wanted
