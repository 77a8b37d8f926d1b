"""Commands that read orders, the login and carriers: `token check`, `orders`, `carriers`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.listing import Listing, Paging, listed
from cdiscount_marketplace.cli.marketplace import channel_of, open_channel
from cdiscount_marketplace.cli.options import Marketplace, OrderNumber, Place, counted, in_order, in_utc, known, named
from cdiscount_marketplace.cli.output import Output, facts, table, tell
from cdiscount_marketplace.cli.progress import progress
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.events.calls import TokenRenewed
from cdiscount_marketplace.events.hooks import Event
from cdiscount_marketplace.models import Address, OrderQuery, OrderStatus, SalesOrder
from cdiscount_marketplace.oms.ports import OrderRecord

token_app: App = App(name="token", help="Check the login.")
orders_app: App = App(name="orders", help="Read orders from the marketplace or the store.")

_WAITING = (OrderStatus.WAITING_ACCEPTANCE, OrderStatus.WAITING_SHIPMENT)
Bound = Annotated[datetime | None, Parameter(help="A date and time; without an offset, UTC.")]


@token_app.command
def check(*, at: Marketplace = Marketplace(), out: Output = Output()) -> None:
    """Log in and make one harmless call."""
    renewed: list[TokenRenewed] = []

    def note(event: Event) -> None:
        if isinstance(event, TokenRenewed):
            renewed.append(event)

    api = channel_of(at)
    with open_channel(at, hooks=[note], fresh_login=True) as channel:
        names = channel.carriers()
    until = renewed[-1].expires_at if renewed else None
    result = {"channel": api, "accepted": True, "new_token_until": until, "carriers": len(names)}
    news = f"a new token lasts until {until:%Y-%m-%d %H:%M} UTC" if until else "the token at hand is still good"
    out.show(result, f"{api}: login accepted; {news}.")


@orders_app.command(name="list")
def list_orders(
    *,
    status: Annotated[list[str] | None, Parameter(negative="", help="Repeat for several; default: what waits.")] = None,
    created_from: Bound = None,
    created_to: Bound = None,
    modified_from: Bound = None,
    modified_to: Bound = None,
    paging: Paging = Paging(),
    at: Marketplace = Marketplace(),
    out: Output = Output(),
) -> None:
    """List orders by status and period."""
    query = OrderQuery(
        statuses=tuple(known("--status", OrderStatus, status)) if status else _WAITING,
        created_from=_bound("--created-from", created_from),
        created_to=_bound("--created-to", created_to),
        modified_from=_bound("--modified-from", modified_from),
        modified_to=_bound("--modified-to", modified_to),
    )
    in_order("created", query.created_from, query.created_to)
    in_order("modified", query.modified_from, query.modified_to)
    with progress("reading") as hook, open_channel(at, [hook]) as channel:
        orders = list(channel.fetch(query))
    listing = order_listing(orders)
    out.show(listing.values(paging), lambda: listing.parts(paging))


@orders_app.command
def show(
    *numbers: OrderNumber,
    stored: Annotated[
        bool, Parameter(negative="", help="As the store has them, and what happened to each; asks no marketplace.")
    ] = False,
    at: Marketplace = Marketplace(),
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """Show whole orders with their customers' data."""
    named(numbers)
    return _show_stored(numbers, place, out) if stored else _show(numbers, at, out)


def _show(numbers: Sequence[str], at: Marketplace, out: Output) -> Exit:
    with open_channel(at) as channel:
        orders = list(channel.get(numbers))
    identities = {identity for order in orders for identity in order.identities}
    out.show(orders, *(part for order in orders for part in _whole(order)))
    return _missed("not known to the marketplace", [number for number in numbers if number not in identities])


def _show_stored(numbers: Sequence[str], place: Place, out: Output) -> Exit:
    with open_store(place) as oms:
        by_number = {number: oms.show_order(place.account, number) for number in numbers}
    records = [record for record in by_number.values() if record is not None]
    out.show(records, *(part for record in records for part in _with_history(record)))
    return _missed("not in the store", [number for number, record in by_number.items() if record is None])


def _missed(why: str, missing: Sequence[str]) -> Exit:
    if missing:
        tell(f"{why}: {', '.join(missing)}")
    return Exit.NEEDS_PERSON if missing else Exit.DONE


def carriers(*, at: Marketplace = Marketplace(), out: Output = Output()) -> None:
    """List the marketplace's carrier names."""
    with open_channel(at) as channel:
        names = list(channel.carriers())
    out.show(names, *names)


def order_listing(orders: Sequence[SalesOrder]) -> Listing[SalesOrder]:
    """List orders without customers' data."""
    columns = ("Order", "Status", "Created", "Ship by", "Lines", "Total", "Shipped by")
    return listed(orders, title=counted(len(orders), "order"), columns=columns, row=_summary)


def _summary(order: SalesOrder) -> Sequence[object]:
    return (
        order.number,
        order.status,
        order.created_at,
        order.ship_by,
        len(order.lines),
        money(order),
        order.fulfilled_by,
    )


def money(order: SalesOrder) -> str | None:
    """Write an order's total with its currency."""
    return None if order.total is None else f"{order.total:.2f} {order.currency}"


def _bound(option: str, moment: datetime | None) -> datetime | None:
    return None if moment is None else in_utc(option, moment)


def _with_history(record: OrderRecord) -> tuple[Table, ...]:
    company = record.company
    about = [
        ("imported", record.imported_at),
        ("saved", record.saved_at),
        ("customer forgotten", record.purged_at),
        ("sold by", company and company.retailer),
        ("fulfilled by", company and company.supplier),
    ]
    columns = ("When", "What", "Happened", "Before", "After", "Answer")
    rows = ((each.at, each.subject, each.event, each.before, each.after, each.detail) for each in record.history)
    history = table("History", columns, rows)
    return *_whole(record.order), facts("In the store", about), history


def _whole(order: SalesOrder) -> tuple[Table, Table]:
    about = [
        ("also known as", order.identities[1:]),
        ("status", f"{order.status} ({order.channel_status})"),
        ("created", order.created_at),
        ("modified", order.modified_at),
        ("ship by", order.ship_by),
        ("total", money(order)),
        ("of which shipping", order.shipping_total or None),
        ("fees", tuple(f"{fee.code} {fee.amount}" for fee in order.fees)),
        ("unexplained", order.unexplained or None),
        ("shipped by", order.fulfilled_by),
        ("deliver to", _address(order.shipping_address)),
        ("bill to", _address(order.billing_address)),
    ]
    columns = ("Line", "SKU", "Title", "Quantity", "Total", "Status", "Tracking")
    lines = (
        (line.line_id, line.sku, line.title, line.quantity, line.line_total, line.status, _tracking(line.parcels))
        for line in order.lines
    )
    return facts(f"Order {order.number}", about), table("Lines", columns, lines)


def _tracking(parcels: Sequence[object]) -> tuple[object, ...]:
    return tuple(getattr(parcel, "tracking_number", None) for parcel in parcels)


def _address(address: Address | None) -> str | None:
    if address is None:
        return None
    if address.masked:
        return "(withheld)"
    name = " ".join(filter(None, (address.first_name, address.last_name)))
    place = " ".join(filter(None, (address.postal_code, address.city)))
    relay = f"pick-up point {address.relay_id}" if address.relay_id else None
    return ", ".join(filter(None, (name, address.company, relay, *address.lines, place, address.country)))
